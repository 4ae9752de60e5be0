"""A chat template is code from a stranger."""

from __future__ import annotations

import pytest

from vgpt_probe.engine.messages import Turn
from vgpt_probe.engine.template import ChatTemplate
from vgpt_probe.errors import ModelError

TURNS = [Turn("user", "Is {{ 7 * 7 }} there?")]


def test_a_conversation_is_rendered_to_where_the_assistant_speaks():
    template = ChatTemplate(
        "{{ bos_token }}{% for m in messages %}[{{ m['role'] }}]{{ m['content'] }}{{ eos_token }}{% endfor %}"
        "{% if add_generation_prompt %}[assistant]{% endif %}",
        bos="<s>",
        eos="</s>",
    )
    assert template.render(TURNS) == "<s>[user]Is {{ 7 * 7 }} there?</s>[assistant]"


def test_an_answer_is_completed_with_the_mark_that_ends_its_turn():
    plain = ChatTemplate(
        "{% for m in messages %}[{{ m.role }}]{{ m.content }}{{ eos_token }}{% endfor %}"
        "{% if add_generation_prompt %}[assistant]{% endif %}",
        eos="</s>",
    )
    assert plain.completion(TURNS, "Yes.") == "Yes.</s>"
    thinks = ChatTemplate(
        "{% for m in messages %}[{{ m.role }}]{{ m.content }}{{ eos_token }}{% endfor %}"
        "{% if add_generation_prompt %}[assistant]<think></think>{% endif %}",
        eos="</s>",
    )
    assert thinks.completion(TURNS, "Yes.") == "Yes.</s>"
    silent = ChatTemplate("{{ messages[0].content }}{% if add_generation_prompt %}>{% endif %}", eos="</s>")
    assert silent.completion(TURNS, "Yes.") == "Yes.</s>"


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "{% for x in ().__class__.__base__.__subclasses__() %}{{ x }}{% endfor %}",
        "{{ messages.append(1) }}",
        "{{ raise_exception('no') }}",
        "{% include '/etc/passwd' %}",
    ],
)
def test_an_escape_is_refused(source):
    template = ChatTemplate(source)
    with pytest.raises(ModelError, match="the chat template failed"):
        print(template.render(TURNS))


def test_what_a_function_holds_is_not_to_be_seen():
    assert ChatTemplate("{{ raise_exception.__globals__ }}").render(TURNS) == ""


def test_a_broken_template_is_named():
    with pytest.raises(ModelError, match="not valid Jinja"):
        ChatTemplate("{% for %}")

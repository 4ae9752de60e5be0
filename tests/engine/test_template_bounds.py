"""A chat template can reach nothing and change nothing, and what never ends or grows without end is stopped."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vgpt_probe.engine.messages import Turn
from vgpt_probe.engine.template import LONGEST, ChatTemplate
from vgpt_probe.errors import ModelError

TURNS = [Turn("system", "Be brief."), Turn("user", "Is there a table named APTH?")]
OWNED = "owned-by-a-template"

#: Ways out of a sandbox as they were published, each with a harmless deed that would show: a file, or a word.
ESCAPES = {
    "CVE-2024-34359": "{% for x in ().__class__.__base__.__subclasses__() %}{% if 'warning' in x.__name__ %}"
    "{{ x()._module.__builtins__['__import__']('os').popen('touch FILE').read() }}{% endif %}{% endfor %}",
    "CVE-2024-56326, format kept for later": "{% set f = '{0.__class__.__base__.__subclasses__}'.format %}{{ f(messages) }}",
    "CVE-2024-56326, format through a filter": "{{ ['{0.__class__}']|map('format', messages)|join }}{{ ('{0.__class__}'.format)(messages) }}",
    "CVE-2024-56201, the file name": "{% extends 'x' %}{{ 1 }}",
    "CVE-2025-27516, attr gives format": "{{ ('{0.__class__.__base__}'|attr('format'))(messages) }}",
    "CVE-2025-27516, attr in map": "{{ ['{0.__class__}']|map(attribute='format')|first }}{{ (['{0.__class__}']|map(attribute='format')|first)(1) }}",
    "format_map": "{{ '{x.__class__.__mro__}'.format_map({'x': messages}) }}",
    "attr of a class": "{{ messages|attr('__class__')|attr('__mro__') }}",
    "items by brackets": "{{ messages['__class__']['__mro__'][1]['__subclasses__']() }}",
    "the globals of a function": "{{ raise_exception.__globals__['__builtins__'].open('FILE', 'w') }}",
    "the globals of range": "{{ range.__init__.__globals__ }}{{ range.__self__ }}",
    "the globals of namespace": "{{ namespace.__init__.__globals__.sys.modules.os.system('touch FILE') }}",
    "self": "{{ self._TemplateReference__context.environment.globals }}",
    "self's blocks": "{{ self.__init__.__globals__.__builtins__.__import__('os').system('touch FILE') }}",
    "a macro's code": "{% macro m() %}{% endmacro %}{{ m.__call__.__func__.__globals__ }}",
    "a generator's frame": "{% set g = messages|map('upper') %}{{ g.gi_frame.f_globals }}",
    "caller": "{% macro m() %}{{ caller.__globals__ }}{{ caller._environment }}{% endmacro %}{% call m() %}{% endcall %}",
    "undefined": "{{ nothing.__class__ }}{{ nothing.__init__.__globals__ }}",
    "the loop": "{% for x in [1] %}{{ loop.__init__.__globals__ }}{{ loop._iterator.gi_frame.f_builtins }}{% endfor %}",
    "the bounds themselves": "{{ messages|_joined }}{{ ''|_turns|attr('gi_frame') }}{{ environment }}",
    "import": "{% import 'os' as os %}{{ os.system('touch FILE') }}",
    "include": "{% include '/etc/passwd' %}",
    "changing the conversation": "{{ messages.append({'role': 'user', 'content': 'x'}) }}",
    "changing a message": "{{ messages[0].update(content='x') }}{{ messages[0].__setitem__('content', 'x') }}",
    "changing a message with do": "{% do messages.pop() %}",
    "setting an attribute": "{% set messages.x = 1 %}",
    "str subclass": "{{ ''.__class__.__mro__[1].__subclasses__()|string }}",
    "unicode escapes": "{{ ''['\\x5f\\x5fclass\\x5f\\x5f'] }}{{ ''|attr('_' ~ '_class_' ~ '_') }}",
}  # fmt: skip


@pytest.mark.parametrize("name", ESCAPES)
def test_a_published_escape_reaches_nothing(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = ""
    turns = list(TURNS)
    try:
        said = ChatTemplate(ESCAPES[name].replace("FILE", OWNED)).render(turns)
    except ModelError as fault:
        assert "the chat template" in str(fault)
    assert not list(tmp_path.iterdir())
    assert turns == TURNS
    for word in ("<class", "<module", "root:", "__builtins__", "<frame", "<bound", "Warning", "<built-in"):
        assert word not in said


ENDLESS = {
    "nested loops": "{% for a in range(99999) %}{% for b in range(99999) %}{% for c in range(99999) %}{% endfor %}{% endfor %}{% endfor %}",
    "a recursive macro": "{% macro m(n) %}{{ m(n + 1) }}{{ m(n + 1) }}{% endmacro %}{{ m(0) }}",
    "macros without depth": "{% macro a(n) %}{% if n %}{{ a(n - 1) }}{{ a(n - 1) }}{% endif %}{% endmacro %}{{ a(60) }}",
    "a recursive loop": "{% set l = [[[[1]]]] %}{% for x in range(9999) recursive %}{{ loop(range(9999)) }}{% endfor %}",
    "a long range": "{% for x in range(10**9) %}{% endfor %}",
    "a filter of a filter": "{% for x in range(99999) %}{% set y = range(9999)|map('string')|list %}{% endfor %}",
    "a sum": "{% for x in range(99999) %}{{ range(9999)|sum }}{% endfor %}",
}  # fmt: skip
HUGE = {
    "a product": "{{ 'x' * 10**9 }}",
    "a product the other way": "{{ 10**9 * 'x' }}",
    "a list": "{{ ([0] * 10**9)|length }}",
    "a tuple of lists": "{{ (([0] * 99999,) * 99999)|length }}",
    "doubling by +": "{% set n = namespace(s='x') %}{% for i in range(60) %}{% set n.s = n.s + n.s %}{% endfor %}{{ n.s|length }}",
    "doubling by ~": "{% set n = namespace(s='x') %}{% for i in range(60) %}{% set n.s = n.s ~ n.s %}{% endfor %}{{ n.s|length }}",
    "doubling by a block": "{% set n = namespace(s='x') %}{% for i in range(60) %}{% set n.s %}{{ n.s }}{{ n.s }}{% endset %}{% endfor %}",
    "doubling a list": "{% set n = namespace(s=[1]) %}{% for i in range(60) %}{% set n.s = n.s + n.s %}{% endfor %}{{ n.s|length }}",
    "doubling by replace": "{% set n = namespace(s='x') %}{% for i in range(60) %}{% set n.s = n.s.replace('x', 'xx') %}{% endfor %}",
    "doubling by join": "{% set n = namespace(s='x') %}{% for i in range(60) %}{% set n.s = [n.s, n.s]|join %}{% endfor %}",
    "doubling by format": "{% set n = namespace(s='x') %}{% for i in range(60) %}{% set n.s = '{0}{0}'.format(n.s) %}{% endfor %}",
    "doubling by %": "{% set n = namespace(s='x') %}{% for i in range(60) %}{% set n.s = '%s%s' % (n.s, n.s) %}{% endfor %}",
    "doubling by a macro": "{% macro d(s) %}{{ s }}{{ s }}{% endmacro %}{% set n = namespace(s='x') %}{% for i in range(60) %}{% set n.s = d(n.s) %}{% endfor %}",
    "a billion laughs": "{% set n = namespace(s=['ha']) %}{% for i in range(30) %}{% set n.s = [n.s, n.s, n.s] %}{% endfor %}{{ n.s }}",
    "a billion laughs as JSON": "{% set n = namespace(s=['ha']) %}{% for i in range(30) %}{% set n.s = [n.s, n.s, n.s] %}{% endfor %}{{ n.s|tojson }}",
    "center": "{{ 'x'|center(10**9) }}",
    "center as a method": "{{ 'x'.center(10**9) }}",
    "ljust": "{{ 'x'.ljust(10**9) }}",
    "zfill": "{{ 'x'.zfill(10**9) }}",
    "expandtabs": "{{ '\\t'.expandtabs(10**9) }}",
    "indent": "{{ ('x\\n' * 9999)|indent(10**8) }}",
    "join": "{{ range(99999)|join('x' * 99999) }}",
    "join as a method": "{{ ('x' * 99999).join(['y'] * 99999) }}",
    "replace": "{{ ('x' * 99999)|replace('x', 'y' * 99999) }}",
    "translate": "{{ ('x' * 99999).translate({120: 'y' * 99999}) }}",
    "wide %": "{{ '%1000000000d' % 1 }}",
    "wide % by a star": "{{ '%*d' % (10**9, 1) }}",
    "wide format": "{{ '{:1000000000}'.format(1) }}",
    "wide format in the field": "{{ '{:{w}}'.format(1, w=10**9) }}",
    "wide filter format": "{{ '%1000000000d'|format(1) }}",
    "wide format through map": "{{ ['%1000000000d']|map('format', 1)|join }}",
    "batch": "{{ [1]|batch(10**9, 'x')|list|length }}",
    "slice": "{{ [1]|slice(10**9)|list|length }}",
    "JSON": "{{ [[[1]]]|tojson(indent=10**9) }}",
    "lipsum": "{{ lipsum(10**6) }}",
    "a power": "{{ 10**(10**10) }}",
    "powers": "{% set n = namespace(i=10) %}{% for x in range(99) %}{% set n.i = n.i * n.i %}{% endfor %}{{ n.i > 0 }}",
    "round": "{{ 1.5|round(10**9, 'ceil') }}",
    "bytes of a number": "{{ (1).to_bytes(10**9, 'big') }}",
    "center through map": "{{ ['x']|map('center', 10**9)|join }}",
    "wordwrap": "{{ ('x ' * 99999)|wordwrap(1, wrapstring='y' * 99999) }}",
    "a split": "{{ ('x ' * 999999).split() }}",
    "a split by nothing much": "{{ ('x' * 999999).split('x') }}",
    "lines": "{{ ('\n' * 999999).splitlines() }}",
    "lines of another kind": "{{ ('\u2028' * 999999).splitlines() }}",
    "replace of nothing": "{{ ('x' * 9999).replace('', 'y' * 9999) }}",
    "replace by name": "{{ ('x' * 9999)|replace(old='x', new='y' * 9999) }}",
    "a generator joined": "{{ ('x' * 9999).join(range(9999)|map('string')) }}",
    "join by name": "{{ range(9999)|join(d='x' * 9999) }}",
    "a search backwards": "{% for i in range(9) %}{{ ('x' * 2000000).rfind('y' ~ 'x' * 1000000) }}{% endfor %}",
    "a strip": "{{ ('x' * 2000000).strip('abcdefgh' * 200000) }}",
    "output": "{% for a in range(99999) %}{{ 'x' * 9999 }}{% endfor %}",
    "output without a word": "{% for a in range(999) %}{% for a in range(999) %}" + "x" * 400 + "{% endfor %}{% endfor %}",
}  # fmt: skip


@pytest.mark.parametrize("name", ENDLESS)
def test_what_has_no_end_is_stopped(name):
    template = ChatTemplate(ENDLESS[name])
    with pytest.raises(ModelError, match="the chat template failed"):
        print(template.render(TURNS))


@pytest.mark.parametrize("name", HUGE)
def test_what_grows_without_end_is_stopped(name):
    template = ChatTemplate(HUGE[name])
    with pytest.raises(ModelError, match="the chat template failed"):
        print(len(template.render(TURNS)))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no peak of memory of this kind")
def test_it_is_stopped_before_it_is_large():
    script = (
        "import resource\nfrom tests.engine.test_template_bounds import *\n"
        "ChatTemplate('x').render(TURNS)\nbefore = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "for source in [one for name, one in HUGE.items() if 'laughs' not in name]:\n"
        "    try: ChatTemplate(source).render(TURNS)\n"
        "    except ModelError: pass\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    grown = subprocess.run([sys.executable, "-c", script], capture_output=True, encoding="utf-8", check=True, timeout=300)
    # macOS gives bytes where Linux gives kilobytes.
    assert int(grown.stdout) * (1 if sys.platform == "darwin" else 1024) < 200_000_000


def test_the_bounds_leave_room_for_honest_templates_and_long_conversations():
    source = (
        "{%- set ns = namespace(found=false, last=-1) -%}{{ bos_token }}"
        "{%- for m in messages if m['role'] != 'nobody' -%}"
        "{%- set content = m.content.split('</think>')[-1].lstrip('\n').replace('<x>', '') | trim -%}"
        "{{ '<|' ~ m['role'] ~ '|>\n' + content + ('' if loop.last else '\n') }}"
        "{%- if loop.first %}{{ strftime_now('%d %b %Y')|length }}{% endif -%}"
        "{%- if m.tools is defined %}{{ m.tools|tojson(indent=4) }}{% endif -%}"
        "{{ eos_token if not loop.last else '' }}{%- endfor -%}"
        "{%- if add_generation_prompt %}{{ '<|assistant|>' }}{% endif -%}"
    )
    turns = [Turn("user" if n % 2 else "assistant", f"{n} " + "word " * 400) for n in range(100)]
    said = ChatTemplate(source, bos="<s>", eos="</s>").render(turns)
    assert said.startswith("<s><|assistant|>\n0 word") and said.endswith("<|assistant|>") and len(said) > 200_000


LONG = "word " * 199_999 + "ends."
#: What templates of the field do to a message, and what comes out of a very long one.
HONEST = {
    "{{ m.content if m.content.startswith('<tool_response>') or m.content.endswith('</tool_response>') else m.content }}": LONG,
    "{{ m.content.split('</think>')[-1].lstrip('\n').rstrip() }}": LONG,
    "{{ m.content.split('</think>')[0].rstrip('\n').split('<think>')[-1].lstrip('\n') }}": LONG,
    "{{ m.content.replace('<|eot_id|>', '').replace('<|im_end|>', '') }}": LONG,
    "{{ m.content | replace('<|eot_id|>', '') | trim }}": LONG,
    "{{ (messages | selectattr('role', 'equalto', 'user') | list)[0].content }}": LONG,
    "{{ messages | rejectattr('role', 'in', ['system', 'tool']) | map(attribute='content') | join('\n') }}": LONG,
    "{{ m.content.find('</think>') }}{{ m.content.rfind('</think>') }}": "-1-1",
    "{{ '\n\n'.join([m.content, 'x']) }}": LONG + "\n\nx",
    "{{ m.content.strip().partition('</think>')[0] }}": LONG,
    "{{ m.content | string | length }} {{ m.content | upper | length }}": "1000000 1000000",
    "{{ m.content.count('<think>') }}{{ (m.content ~ m.role) | length }}": "01000004",
    "{{ m.content | tojson | length }}": "1000002",
    "{{ m.content | truncate(9, true, '') }}": "word word",
    "{{ m.content.splitlines() | length }}": "1",
}  # fmt: skip


@pytest.mark.parametrize("source", HONEST)
def test_a_message_of_a_million_characters_is_no_attack(source):
    said = ChatTemplate("{% for m in messages %}" + source + "{% endfor %}").render([Turn("user", LONG)])
    assert said == HONEST[source]


def test_the_count_begins_anew_with_each_rendering():
    template = ChatTemplate("{% for a in range(50000) %}{% endfor %}x")
    assert [template.render(TURNS) for _ in range(4)] == ["x"] * 4


@pytest.mark.parametrize(
    "source",
    ["{% if 1 %}" * 5000, "{{ " + "(" * 100_000, "{{ " + "-" * 100_000 + "1 }}", "{{ " + "[" * 5000 + "]" * 5000 + " }}", "{#" * 9999,
     "x" * (LONGEST + 1), "{{ 'x' * ", "{% macro %}", "\0{{", "{{ '\ud800' }}{% endfor %}"],
)  # fmt: skip
def test_what_cannot_be_compiled_is_named(source):
    with pytest.raises(ModelError, match=r"the chat template (is not valid Jinja|has)"):
        print(ChatTemplate(source).render(TURNS))


def test_what_the_sandbox_cannot_see_ends_the_process_in_time(tmp_path):
    # Two equal lists of lists that share their parts are compared inside of Python, part by part, for ever.
    twins = "{% set n = namespace(a=[0], b=[0]) %}{% for i in range(64) %}{% set n.a = [n.a, n.a] %}{% set n.b = [n.b, n.b] %}{% endfor %}{{ n.a == n.b }}"
    script = (
        "import vgpt_probe.engine.template as t\nt.LIMIT = 1\n"
        f"t.ChatTemplate({twins!r}, guarded=True).render([t.Turn('user', 'x')])\nprint('came back')"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, encoding="utf-8", timeout=120, check=False)
    assert ended.returncode != 0 and "came back" not in ended.stdout
    (tmp_path / "log").write_text(ended.stderr, encoding="utf-8")
    from vgpt_probe.engine.ended import how_it_ended

    assert how_it_ended(ended.returncode, tmp_path / "log") == "its chat template took longer than 1 s and was stopped"


PARTS = st.sampled_from(
    ["{{", "}}", "{%", "%}", "for", "in", "if", "set", "endfor", "endif", "x", "messages", "'a'", "*", "**", "~", "|", "join", "map", "(", ")", "[", "]",
     ".", "__class__", "range", "9999", "format", "loop", "macro", "m", "=", ",", "-", " ", "namespace", "tojson", "attr", "center", ":", "\n", "is", "not"]
)  # fmt: skip


@settings(max_examples=100)
@given(st.lists(PARTS, max_size=25).map(" ".join) | st.text(max_size=60))
def test_any_template_renders_or_is_named(source):
    try:
        assert isinstance(ChatTemplate(source).render(TURNS), str)
    except ModelError as fault:
        assert str(fault).startswith("the chat template")

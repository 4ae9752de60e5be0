"""Rendering a model's chat template: code from a stranger, so in Jinja's immutable sandbox."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vgpt_probe.engine.messages import Turn
from vgpt_probe.errors import ModelError


class ChatTemplate:
    """A chat template, compiled once.

    Raises ``ModelError`` when the template is not valid Jinja or refuses a conversation.
    """

    def __init__(self, source: str, *, bos: str = "", eos: str = "") -> None:
        from jinja2 import TemplateError
        from jinja2.ext import loopcontrols
        from jinja2.sandbox import ImmutableSandboxedEnvironment

        environment = ImmutableSandboxedEnvironment(
            trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols], autoescape=False
        )
        environment.globals["raise_exception"] = _refuse
        environment.globals["strftime_now"] = _strftime_now
        self._marks = {"bos_token": bos, "eos_token": eos}
        try:
            self._template = environment.from_string(source)
        except TemplateError as fault:
            raise ModelError(f"the chat template is not valid Jinja: {fault}") from None

    def render(self, turns: Sequence[Turn]) -> str:
        """Render a conversation, ending where the assistant speaks next."""
        return self._render(turns, prompt=True)

    def completion(self, turns: Sequence[Turn], answer: str) -> str:
        """Render an answer as it follows ``render(turns)`` in training: with the mark that ends the turn.

        A template that renders the question otherwise once it is answered gives the answer and its own end mark.
        """
        prompt = self.render(turns)
        whole = self._render([*turns, Turn("assistant", answer)], prompt=False)
        if whole.startswith(prompt):
            return whole[len(prompt) :]
        _, found, after = whole.rpartition(answer)
        return answer + after if found else answer + self._marks["eos_token"]

    def _render(self, turns: Sequence[Turn], *, prompt: bool) -> str:
        messages = [{"role": turn.role, "content": turn.content} for turn in turns]
        try:
            return self._template.render(messages=messages, add_generation_prompt=prompt, **self._marks)
        except Exception as fault:
            raise ModelError(f"the chat template failed: {fault}") from None


def _refuse(message: str) -> Any:
    raise ValueError(message)


def _strftime_now(shape: str) -> str:
    from datetime import datetime

    return datetime.now().strftime(shape)

"""Rendering a model's chat template: code from a stranger, so in a sandbox, with a bound on its work and its time."""

from __future__ import annotations

import contextlib
import faulthandler
from collections.abc import Iterator, Sequence
from typing import Any

from vgpt_probe.engine.messages import Turn
from vgpt_probe.errors import ModelError
from vgpt_probe.text import one_line

#: Characters of the longest template; those of well-known models have at most some 20,000.
LONGEST = 500_000
#: Seconds after which a rendering that the sandbox did not stop is ended with its process.
LIMIT = 20


class ChatTemplate:
    """A chat template, compiled once.

    ``guarded``: a rendering that takes too long ends this process, which must be a worker's. The sandbox stops what
    goes on for ever at once; this is for what it cannot see, as a comparison inside of Python.

    Raises ``ModelError`` when the template is not valid Jinja, refuses a conversation, or does too much.
    """

    def __init__(self, source: str, *, bos: str = "", eos: str = "", guarded: bool = False) -> None:
        from vgpt_probe.engine.sandbox import BoundedSandbox

        if len(source) > LONGEST:
            raise ModelError(f"the chat template has {len(source):,} characters, {LONGEST:,} at most")
        self._environment = BoundedSandbox()
        self._environment.globals["raise_exception"] = _refuse
        self._environment.globals["strftime_now"] = _strftime_now
        self._marks = {"bos_token": bos, "eos_token": eos}
        self._guarded = guarded
        try:
            with self._guard():
                self._template = self._environment.from_string(source)
        except Exception as fault:
            # Not TemplateError alone: Python's own compiler refuses what is nested too deeply.
            raise ModelError(f"the chat template is not valid Jinja: {_said(fault)}") from None

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
        self._environment.begin()
        try:
            with self._guard():
                return self._template.render(messages=messages, add_generation_prompt=prompt, **self._marks)
        except Exception as fault:
            raise ModelError(f"the chat template failed: {_said(fault)}") from None

    @contextlib.contextmanager
    def _guard(self) -> Iterator[None]:
        if not self._guarded:
            yield
            return
        # Its watch is a thread without Python: it also ends what never lets another thread of Python run.
        faulthandler.dump_traceback_later(LIMIT, exit=True)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()


def _said(fault: Exception) -> str:
    """What a template's fault says of itself, cut to a line's length: the template may have written it."""
    from jinja2 import TemplateSyntaxError

    if isinstance(fault, RecursionError | MemoryError):
        return "it is nested too deeply"
    text = f"line {fault.lineno}: {fault.message}" if isinstance(fault, TemplateSyntaxError) else str(fault)
    return one_line(text[:1000])[:300] or type(fault).__name__


def _refuse(message: object) -> Any:
    raise ValueError(str(message)[:1000])


def _strftime_now(shape: str) -> str:
    from datetime import datetime

    # A shape can ask for a field of any width.
    return datetime.now().strftime(str(shape)[:100])[:1000]

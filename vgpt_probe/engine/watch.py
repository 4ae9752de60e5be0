"""When an answer may end early: the reader is asked at the end of a sentence or line what has been said so far."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from vgpt_probe.engine.messages import ReadWith, Request

if TYPE_CHECKING:
    from vgpt_probe.grading import Stance

#: Where an answer may be cut: behind a sentence, or behind a line; not where a colon promises more.
_END = re.compile(r"(?<=[^\d\s][.!?])[\"')*`]*(?=\s)|(?<=[^:\s])[ \t]*\n")
_FENCE = "```"


class Watch:
    """One answer in the making; ``read`` gives the stance of a text.

    An affirmation that stands in a whole sentence, or in a line of SQL, is enough. A denial has to hold through one
    more sentence, line or SQL block: that is where an answer takes it back, or uses the table all the same. SQL that
    follows is always read.
    """

    def __init__(self, read: Callable[[str], Stance]) -> None:
        self._read = read
        self._seen = 0
        self._before: Stance = "silent"
        self._denied: int | None = None

    def cut(self, text: str) -> int | None:
        """Where the answer may end, as an offset into what it has said so far; None: read on."""
        while True:
            if self._denied is not None:
                follows = text[self._denied :].lstrip()[: len(_FENCE)]
                if follows != _FENCE and _FENCE.startswith(follows):
                    # It has not begun yet, or may become SQL.
                    return None
                point, self._denied = self._denied, None
                if follows != _FENCE:
                    return point
            end = _END.search(text, self._seen)
            if end is None:
                return None
            point = end.end()
            self._seen = max(point, end.start() + 1)
            coded = text.count(_FENCE, 0, point) % 2 == 1
            stance = self._read(text[:point])
            line = end.group().endswith("\n")
            if stance == "contradicts":
                return point
            if stance == "affirms" and (coded or not line or self._before == "affirms"):
                return point
            if stance == "denies" and not coded and self._before == "denies":
                self._denied = point
            self._before = stance


def watcher(context: ReadWith) -> Callable[[Request], Watch]:
    """Make what watches the answers to requests, by the catalog and the phrases that also judge them in the end."""
    from pathlib import Path

    from vgpt_probe.catalog import Catalog
    from vgpt_probe.grading import load_phrases, read_answer

    catalog = Catalog(
        context.relations,
        case_sensitive=context.case_sensitive,
        default_schema=context.default_schema,
        dialect=context.dialect,
    )
    phrases = load_phrases(Path(context.phrases)) if context.phrases else None

    def watch(request: Request) -> Watch:
        question = request.turns[-1].content
        return Watch(
            lambda text: read_answer(question, text, request.subject, catalog, phrases=phrases).stance
        )

    return watch

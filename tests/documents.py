"""The commands of the README and of docs/: found in the text, with the page and line where each stands."""

from __future__ import annotations

import re
import shlex
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import ROOT

#: In this order one page's commands find what an earlier one's made; a page that is not named here comes last.
ORDER = ("README", "tutorial", "pairs", "chat", "reports", "batteries", "models", "grading", "audit", "catalog")
SHELLS = ("console", "bash", "sh", "powershell")


@dataclass(frozen=True)
class Line:
    """A command line of a page, as a shell would split it."""

    where: str
    words: tuple[str, ...]

    @property
    def ours(self) -> tuple[str, ...] | None:
        """The arguments of ``vgpt-probe``, where that is what the line calls."""
        return self.words[1:] if re.split(r"[\\/]", self.words[0])[-1] == "vgpt-probe" else None

    def __str__(self) -> str:
        return f"{self.where}: {shlex.join(self.words)}"


def pages() -> list[Path]:
    """README, CONTRIBUTING, docs/ and the demo models' page, in the order in which their commands are run."""
    found = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "models" / "demo" / "README.md"]
    return sorted(found, key=lambda page: (ORDER.index(page.stem) if page.stem in ORDER else len(ORDER), page.stem))


def fenced(page: Path, *languages: str) -> Iterator[tuple[int, str]]:
    """The fenced blocks in these languages: the number of the first line within, and the text."""
    language, start, block = None, 0, []
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        fence = re.match(r"\s*```(\w*)", line)
        if fence and language is None:
            language, start, block = fence[1], number + 1, []
        elif fence:
            if language in languages:
                yield start, textwrap.dedent("\n".join(block))
            language = None
        else:
            block.append(line)


def command_lines(page: Path) -> Iterator[Line]:
    """Each command of the page's shell blocks; what ``&&``, ``||`` and a line's end part are commands of their own."""
    for start, block in fenced(page, *SHELLS):
        number, pending = start, ""
        for at, text in enumerate(block.splitlines(), start):
            number = number if pending else at
            pending += text.strip().removesuffix("\\") + " "
            if not text.rstrip().endswith("\\"):
                yield from split(pending, f"{page.relative_to(ROOT).as_posix()}:{number}")
                pending = ""


def split(text: str, where: str) -> Iterator[Line]:
    """The commands of one line of shell, without their redirections and the variables set before them."""
    lexer = shlex.shlex(text, posix=True, punctuation_chars="&|;")
    lexer.whitespace_split, lexer.commenters, lexer.escape = True, "#", ""
    words: list[str] = []
    for word in [*lexer, "&&"]:
        if set(word) <= set("&|;"):
            while words and re.match(r"\w+=", words[0]):
                words.pop(0)
            if words:
                yield Line(where, tuple(words))
            words = []
        else:
            words.append(word)


def tabled(page: Path) -> Iterator[Line]:
    """Each command of the table "What it does": the code in its first column, short forms made whole."""
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        if not line.startswith("| `vgpt-probe"):
            continue
        last: tuple[str, ...] = ()
        for code in re.findall(r"`(.*?)`", line.replace(r"\|", "\0").split("|")[1]):
            words = tuple(shlex.split(code))
            if words[0].startswith("--"):  # `ask … --chat latest`, `--keep`
                words = last + words
            elif words[0] != "vgpt-probe":
                words = ("vgpt-probe", *words)
            last = words
            yield Line(f"{page.relative_to(ROOT).as_posix()}:{number}", words)


def mentioned(page: Path) -> Iterator[Line]:
    """Each ``vgpt-probe …`` in the running text."""
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        for code in re.findall(r"`(vgpt-probe [^`]*)`", line):
            yield Line(f"{page.relative_to(ROOT).as_posix()}:{number}", tuple(shlex.split(code.replace("…", ""))))

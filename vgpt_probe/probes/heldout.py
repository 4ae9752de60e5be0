"""What is held out: subjects and wordings that no exported pair may contain, frozen in battery files.

A battery file with the key ``frozen`` is held out. The key's value is the hash of what the file asks, so that a
held-out set that was changed after it was drawn is noticed.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from vgpt_probe.catalog import Catalog, plain_name
from vgpt_probe.errors import BatteryError, at
from vgpt_probe.files import read_toml
from vgpt_probe.toml_schema import line_of

if TYPE_CHECKING:
    from vgpt_probe.probes.battery import BatteryFile

#: Two normal forms of a question are near-duplicates from here on (rapidfuzz's ratio, 0 to 100).
NEAR = 90.0

_WORD = re.compile(r"\w+(?:-\w+)*")
_CAMEL = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_SPOKEN = re.compile(r"[A-Z]?[a-z]+")
#: Words that change nothing about what is asked: "the APTH table" is asked as "APTH" is.
_FILLERS = frozenset(
    [
        "a",
        "an",
        "the",
        "this",
        "that",
        "table",
        "tables",
        "view",
        "views",
        "please",
        "could",
        "can",
        "you",
        "me",
    ]
)
_BEFORE = frozenset(["from", "join", "into", "update", "table", "view", "tables", "views", "named", "called"])
_AFTER = frozenset(["table", "view", "tables", "views"])
_QUOTES = "[\"'`“”‘’«»"
_SUBJECT = "§"


def content_hash(written: BatteryFile) -> str:
    """Hash what a battery asks: its wordings, its subjects and its own probes; 64 hexadecimal digits.

    Name, description, comments and layout of the file do not matter.
    """
    real, fake = written.subjects.real, written.subjects.fake
    asked = {
        "wordings": sorted([wording.act, wording.text] for wording in written.wordings),
        "real": sorted(real.names) if real else [],
        "fake": sorted(fake.names) if fake else [],
        "probes": sorted([probe.question, probe.subject] for probe in written.probes),
    }
    return hashlib.sha256(json.dumps(asked, ensure_ascii=True).encode("ascii")).hexdigest()


class HeldOut:
    """The held-out subjects and wordings of a workspace; ``why`` says whether a prompt touches them.

    With a catalog, the base table of a held-out view, and the view over a held-out table, are held out as well.
    """

    def __init__(
        self,
        subjects: Iterable[str] = (),
        wordings: Iterable[str] = (),
        questions: Iterable[str] = (),
        *,
        catalog: Catalog | None = None,
    ) -> None:
        self._columns = catalog.column_names if catalog else frozenset()
        self._forms: dict[str, str] = {}
        for subject in _with_partners(subjects, catalog):
            for form in _forms(subject):
                self._forms.setdefault(form, subject)
        self._longest = max((len(_CAMEL.findall(name)) for name in self._forms.values()), default=1)
        self._wordings = {
            _normal(text.replace("{subject}", f" {_SUBJECT} ").split()): text for text in wordings
        }
        self._questions = {_normal(_WORD.findall(text)): text for text in questions}

    def __bool__(self) -> bool:
        return bool(self._forms or self._wordings or self._questions)

    def why(self, prompt: str, *, subject: str = "", answers: Iterable[str] = ()) -> str | None:
        """Say why a pair is held out, or None when it is not.

        ``prompt`` is what is asked, ``subject`` what it is about when that is known, ``answers`` the chosen and
        the rejected text: a held-out name there would be learnt as well. A name counts in any letter case, in
        brackets or quotes, with a schema, with other separators and in the plural.
        """
        if subject and (held := self._named(subject)):
            return f"its subject '{held}' is held out"
        for text, where in [(prompt, "prompt"), *((answer, "answer") for answer in answers)]:
            if held := self._mentioned(text, asked=where == "prompt", subject=subject):
                return f"its {where} names '{held}', which is held out"
        words = _WORD.findall(prompt)
        if held := self._worded(words, subject):
            return f"its wording '{held}' is held out"
        if held := _nearest(_normal(words), self._questions):
            return f"its prompt is (nearly) the held-out question '{held}'"
        return None

    def subject(self, name: str) -> bool:
        """Say whether a subject is held out, however it is written."""
        return self._named(name) is not None

    def _named(self, name: str) -> str | None:
        parts = [part for part in plain_name(name).split(".") if part]
        # `schema.relation`, `relation.column`: a held-out relation is one in either place.
        return next((held for part in reversed(parts) if (held := self._forms.get(_fold(part)))), None)

    def _mentioned(self, text: str, *, asked: bool, subject: str) -> str | None:
        """Find the held-out subject that a text names.

        An everyday word (Customers) is a name where it stands as one; in a question a capital is enough, but not
        in an answer, which gives descriptions (AR Customer Master).
        """
        if not self._forms:
            return None
        found = list(_WORD.finditer(text))
        for position, word in enumerate(found):
            held = self._forms.get(_fold(word[0]))
            if held and word[0] != held and word[0] in self._columns:
                # INCo is a column; INCO, a table, is something else.
                if _beside(found, position, position):
                    return held
                continue
            if held and (not _SPOKEN.fullmatch(held) or _as_name(text, found, position)):
                return held
            if held and asked and (not subject or word[0] == held) and _capital(text, word):
                return held
            # "the change orders table" names ChangeOrders; "change orders" alone is plain English.
            for length in range(2, self._longest + 1):
                last = position + length - 1
                if last >= len(found):
                    break
                held = self._forms.get("".join(_fold(one[0]) for one in found[position : last + 1]))
                if held and _as_name(text, found, position, last):
                    return held
        return None

    def _worded(self, words: list[str], subject: str) -> str | None:
        """Find the held-out wording that makes (nearly) this prompt, whatever its subject is."""
        longest = max((len(form.split()) for form in self._wordings), default=0)
        if not longest or len(words) > 3 * longest + 8:
            return None
        known = {form for part in plain_name(subject).split(".") if part for form in _forms(part)}
        named = [position for position, word in enumerate(words) if _fold(word) in known]
        # A subject that the prompt does not name may stand in it under another spelling: any word may be it.
        for position in named or range(len(words)):
            # A schema before the name goes with it.
            before = (
                words[: position - 1]
                if position and words[position - 1].lower() == "dbo"
                else words[:position]
            )
            form = _normal([*before, _SUBJECT, *words[position + 1 :]])
            if held := _nearest(form, self._wordings):
                return held
        return None


def load_heldout(folder: Path, catalog: Catalog | None = None) -> HeldOut:
    """Read the held-out sets of a folder of batteries: the files that have the key ``frozen``.

    Raises ``BatteryError`` when such a file is malformed, or was changed after it was frozen.
    """
    from vgpt_probe.probes.battery import read_battery

    subjects: list[str] = []
    wordings: list[str] = []
    questions: list[str] = []
    for path in sorted(folder.glob("*.toml")):
        if "frozen" not in path.read_text(encoding="utf-8", errors="replace"):
            continue
        data, _ = read_toml(path, BatteryError)
        if "frozen" not in data:
            continue
        written = read_battery(path)
        real, fake = written.subjects.real, written.subjects.fake
        subjects += [*(real.names if real else []), *(fake.names if fake else [])]
        subjects += [probe.subject for probe in written.probes]
        wordings += [wording.text for wording in written.wordings]
        questions += [probe.question for probe in written.probes]
    return HeldOut(subjects, wordings, questions, catalog=catalog)


def check_frozen(written: BatteryFile, path: Path, text: str) -> None:
    """Raise ``BatteryError`` when a held-out battery draws what it asks, or is not what was frozen."""
    if not written.frozen:
        return
    real, fake = written.subjects.real, written.subjects.fake
    if written.wordings_of or written.subjects.columns or (real and not real.names) or (fake and fake.kinds):
        raise BatteryError(
            "a held-out set lists its wordings and names, it draws none",
            where=at(path, line_of(text, ["frozen"])),
            mend="'vgpt-probe batteries hold-out' draws one and writes it out",
        )
    if written.frozen == content_hash(written):
        return
    raise BatteryError(
        "this held-out set was changed after it was frozen",
        where=at(path, line_of(text, ["frozen"])),
        mend=f'take the change back, or, if you mean it, freeze it anew: frozen = "{content_hash(written)}"',
    )


def _fold(name: str) -> str:
    return name.casefold().replace("_", "").replace("-", "")


def _forms(name: str) -> list[str]:
    """A name as it may be written: folded, and in the other number."""
    plain = plain_name(name).rsplit(".", 1)[-1]
    folded = _fold(plain)
    forms = [folded, f"{folded}s", f"{folded}es"]
    if folded.endswith("y"):
        forms.append(f"{folded[:-1]}ies")
    # Only a small s is a plural's: GLAS is no plural of GLA.
    if plain.endswith("ies") and len(plain) > 4:
        forms.append(f"{folded[:-3]}y")
    elif plain.endswith("s") and not plain.endswith("ss") and len(plain) > 3:
        forms.append(folded[:-1])
        if plain.endswith(("ses", "xes", "ches", "shes")):
            forms.append(folded[:-2])
    return [form for form in forms if form]


def _with_partners(subjects: Iterable[str], catalog: Catalog | None) -> list[str]:
    names = list(dict.fromkeys(subjects))
    if catalog is None:
        return names
    held = {relation.name for name in names if (relation := catalog.get(name))}
    bases = {relation.base for relation in catalog.relations if relation.name in held and relation.base}
    over = {relation.name for relation in catalog.relations if relation.base in held}
    return names + sorted((bases | over) - held)


def _capital(text: str, word: re.Match[str]) -> bool:
    """Say whether a word has a capital that is not merely the beginning of a sentence."""
    return word[0][0].isupper() and text[: word.start()].rstrip(" *_#>-")[-1:] not in (*".!?:\n", "")


def _as_name(text: str, found: list[re.Match[str]], first: int, last: int | None = None) -> bool:
    """Say whether an everyday word stands where a table's name stands: quoted, dotted, or beside such a word."""
    last = first if last is None else last
    start, end = found[first].start(), found[last].end()
    if start and text[start - 1] in _QUOTES:
        return True
    dotted = (
        re.match(r"[\])\"`']?\.\w", text[end : end + 3]) is not None or text[max(0, start - 1) : start] == "."
    )
    return dotted or _beside(found, first, last)


def _beside(found: list[re.Match[str]], first: int, last: int) -> bool:
    before = found[first - 1][0].lower() if first else ""
    after = found[last + 1][0].lower() if last + 1 < len(found) else ""
    return before in _BEFORE or after in _AFTER


def _normal(words: Iterable[str]) -> str:
    stripped = (word.casefold().strip("?!.,;:'\"`[]()") for word in words)
    return " ".join(word for word in stripped if word and word not in _FILLERS)


def _nearest(form: str, known: dict[str, str]) -> str | None:
    if not form or not known:
        return None
    if form in known:
        return known[form]
    from rapidfuzz import fuzz, process

    hit = process.extractOne(form, list(known), scorer=fuzz.ratio, score_cutoff=NEAR)
    return known[hit[0]] if hit else None

"""Reads what an answer says about one subject."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .clauses import Claim, Sight, collapse, look
from .lexer import KEYWORDS, Scan, extents
from .model import Reading, Span, Stance, StyleRules
from .names import Target, is_shaped, make_namer, target_of
from .phrases import NAME, SQL, SUBJECT, Phrases, default_phrases
from .sentences import Sentence, Token, sentences, tokens
from .sql import check_sql, scan_cached
from .text import clean, cut

if TYPE_CHECKING:
    from vgpt_probe.catalog.model import Catalog

__all__ = ["read_answer", "stance_is_settled"]


@dataclass
class _Statement:
    """SQL found in the answer, with its place in the cleaned text and whether it stands in a fence of its own."""

    start: int
    end: int
    text: str
    scan: Scan
    block: bool
    offered: bool = True
    imagined: bool = False


@dataclass
class _Evidence:
    """A claim with its place in the cleaned text."""

    kind: str
    start: int
    end: int
    order: int


@dataclass
class _State:
    """What pronouns may point to while the sentences go by."""

    last: str
    group: bool
    mode: str | None = None
    names: list[str] = field(default_factory=list)


def read_answer(
    question: str,
    answer: str,
    subject: str,
    catalog: Catalog | None,
    *,
    phrases: Phrases | None = None,
    rules: StyleRules | None = None,
) -> Reading:
    """What `answer` says about `subject` (a table, view, or `table.column`) that `question` asked about.

    Pure and deterministic; any text is accepted. Spans are code points of `answer`.
    """
    phrases = phrases or default_phrases()
    target = target_of(subject, catalog)
    text, offsets = clean(answer)
    return _Reader(question, text, offsets, target, catalog, phrases, rules or StyleRules()).read()


class _Reader:
    """One reading in the making."""

    def __init__(
        self,
        question: str,
        text: str,
        offsets: list[int] | None,
        target: Target,
        catalog: Catalog | None,
        phrases: Phrases,
        rules: StyleRules,
    ) -> None:
        self.question, self.text, self.offsets = question, text, offsets
        self.target, self.catalog, self.phrases, self.rules = target, catalog, phrases, rules
        self.column = target.column is not None
        self.statements: list[_Statement] = []
        letters = [char for char in text[:2000] if char.isalpha()]
        shouted = len(letters) > 20 and sum(char.isupper() for char in letters) > 0.7 * len(letters)
        self.namer = make_namer(target, catalog, phrases, shouted)
        self.wordlike = not is_shaped(target.meant)
        self.found: list[_Evidence] = []
        self.suggested: list[str] = []

    def read(self) -> Reading:
        rows = sentences(self.stream())
        if self.foreign(rows):
            return self.done("silent", None, "the answer is in a language that the reader does not know")
        self.prose(rows)
        self.sql_claims()
        return self.decide(rows)

    # ------------------------------------------------------------------ the text in order

    def stream(self) -> Iterator[Token]:
        """Tokens of the whole answer; each SQL statement is one token, its comments follow as prose."""
        filler = self.phrases.words("filler")
        for piece in cut(self.text):
            if piece.kind == "code":
                yield Token("\n", piece.start, piece.start)
                yield from self.code(piece.text, piece.start, filler)
                end = piece.start + len(piece.text)
                yield Token("\n", end, end)
                continue
            if piece.kind == "inline":
                if extents(piece.text) or piece.text[:7].upper() in ("SELECT ", "UPDATE ", "INSERT "):
                    yield from self.statement(piece.text, piece.start, False, filler)
                else:
                    # Room for the quotes, so that a name in back-ticks counts as quoted.
                    for token in tokens(f"'{piece.text}'", piece.start - 1, self.namer, filler):
                        yield token
                continue
            last = 0
            for start, end in extents(piece.text):
                yield from tokens(piece.text[last:start], piece.start + last, self.namer, filler)
                yield from self.statement(piece.text[start:end], piece.start + start, False, filler)
                last = end
            yield from tokens(piece.text[last:], piece.start + last, self.namer, filler)

    def code(self, text: str, start: int, filler: frozenset[str]) -> Iterator[Token]:
        scan = scan_cached(text)
        if scan.verbs & {"select", "insert", "update", "delete", "create", "merge", "exec", "print", "alter", "drop", "truncate", "declare", "if"} and (
            scan.tables or scan.verbs - {"if", "print", "select"} or re.match(r"\s*(?:--[^\n]*\n\s*)*(?:select|print|if)\b", text, re.IGNORECASE)
        ) or scan.comments and not re.sub(r"--[^\n]*|/\*.*?(?:\*/|\Z)", "", text, flags=re.DOTALL).strip():
            yield from self.statement(text, start, True, filler)
        else:
            yield from tokens(text, start, self.namer, filler)

    def statement(self, text: str, start: int, block: bool, filler: frozenset[str]) -> Iterator[Token]:
        scan = scan_cached(text)
        found = _Statement(start, start + len(text), text, scan, block)
        self.statements.append(found)
        yield Token(SQL, start, start + len(text), str(len(self.statements) - 1))
        prose = list(scan.comments)
        if not scan.tables:
            prose += [span for span in scan.strings if " " in text[span[0] + 1 : span[1] - 1].strip()]
        for low, high in sorted(prose):
            inside = text[low:high]
            lead = 2 if inside.startswith(("--", "/*")) else 1
            trail = 2 if inside.endswith("*/") else 1 if inside.endswith("'") else 0
            yield Token("\n", start + low, start + low)
            yield from tokens(inside[lead : len(inside) - trail], start + low + lead, self.namer, filler)
            yield Token("\n", start + high, start + high)

    def foreign(self, rows: list[Sentence]) -> bool:
        known, foreign = self.phrases.words("known"), self.phrases.words("foreign")
        ours = theirs = strange = total = 0
        for row in rows:
            for token in row.tokens:
                word = token.word
                if token.name is None and word[0].isalpha():
                    total += 1
                    if word in known:
                        ours += 1
                    elif word in foreign:
                        theirs += 1
                    if ord(max(word)) > 0x24F:
                        strange += 1
        return theirs > ours or strange * 3 > total or (theirs >= 2 and theirs * 3 > ours * 2)

    # ------------------------------------------------------------------ prose

    def prose(self, rows: list[Sentence]) -> None:
        state = _State("S" if self.alone() else "?", True)
        header: str | None = None
        for order, row in enumerate(rows):
            self.row(row, order, state, header, rows[order + 1] if order + 1 < len(rows) else None)
            if not row.item:
                header = self.header(row, rows[order + 1] if order + 1 < len(rows) else None)

    def alone(self) -> bool:
        """Whether the question names no other table, so that "that table" can only be the subject."""
        from .subjects import find_subjects

        others = {found.table for found in find_subjects(self.question, self.catalog)} - {self.target.name, self.target.text}
        return not {name for name in others if name.lower() not in (self.target.name.lower(), self.target.text.lower())}

    def header(self, row: Sentence, following: Sentence | None) -> str | None:
        """What a line like "These tables do not exist:" says of the list below it."""
        if following is None or not following.item and row.end != ":":
            return None
        if row.end and row.end != ":":
            return None
        text = row.text
        head = _GROUP.sub(" § ", text, count=1) if SUBJECT not in text else text
        if SUBJECT not in head:
            head = _bare_predicate(head)
        collapsed, _ = collapse(head, self.phrases, self.column)
        sight = look(collapsed, self.phrases, self.column, True)
        kinds = {claim.kind for claim in sight.claims}
        if "denies" in kinds:
            # "X does not exist. You may want:" has denied X itself, not the list.
            return "denies" if SUBJECT not in text else "offers" if sight.offers_names >= 0 else None
        if sight.offers_names >= 0:
            return "offers"
        if "affirms" in kinds and SUBJECT not in text:
            return "affirms"
        if kinds & {"reports", "imagines", "hedges"} and SUBJECT not in text:
            return "reports"
        return None

    def row(self, row: Sentence, order: int, state: _State, header: str | None, following: Sentence | None) -> None:
        spans = row.tokens
        text = row.text
        resolved, extra = self.pronouns(text, state)
        collapsed, ranges = collapse(resolved, self.phrases, self.column)
        collapsed, ranges = self.inline_list(collapsed, ranges)
        named = self.named(row) or extra
        sight = look(collapsed, self.phrases, self.column, named)
        starts = _starts(collapsed)
        own = False
        if header is not None and row.item and not any(claim.kind in ("denies", "affirms", "hedges") for claim in sight.claims):
            if any(token.word == SUBJECT for token in spans):
                kind = "offers" if header == "offers" else header
                self.keep(kind, spans, 0, len(spans), order)
                own = True
        if not own:
            for claim in sight.claims:
                low, high = _token_range(claim, starts, ranges)
                self.keep(claim.kind, spans, min(low, len(spans) - 1), min(high, len(spans)), order)
        self.offers(row, header, sight, ranges, starts)
        self.follow(row, state, sight)

    def keep(self, kind: str, spans: list[Token], low: int, high: int, order: int) -> None:
        high = max(high, low + 1)
        end = spans[min(high, len(spans)) - 1]
        if end.word in ".!?:," and high - 1 > low:
            end = spans[high - 2]
        self.found.append(_Evidence(kind, spans[low].start, end.end, order))

    def named(self, row: Sentence) -> bool:
        """Whether the subject stands there as a name, not as an everyday word."""
        if not self.wordlike:
            return True
        words = row.tokens
        nouns = (self.phrases.columns if self.column else self.phrases.tables).nouns
        for i, token in enumerate(words):
            if token.word == SUBJECT:
                if token.sure:
                    return True
                if any(0 <= j < len(words) and words[j].word in nouns for j in (i - 1, i + 1)):
                    return True
        return False

    def pronouns(self, text: str, state: _State) -> tuple[str, bool]:
        """Puts the stand-in of the subject where "it", "that table", "neither of them" mean it."""
        changed = text
        if state.last == "S":
            changed = _IT.sub(_keep_length, changed)
        if state.group:
            changed = _BOTH.sub(_keep_length, changed)
        if state.last == "S" and SUBJECT not in changed:
            changed = _bare_predicate(changed)
        return changed, changed != text

    def inline_list(self, collapsed: str, ranges: list[tuple[int, int]]) -> tuple[str, list[tuple[int, int]]]:
        return collapsed, ranges

    def follow(self, row: Sentence, state: _State, sight: Sight) -> None:
        names = [token.word for token in row.tokens if token.word in (SUBJECT, NAME)]
        if not names:
            return
        state.group = SUBJECT in names
        if names[0] == SUBJECT and not (sight.offers_names >= 0 and NAME in names):
            state.last = "S"
        else:
            state.last = "N"

    def offers(
        self, row: Sentence, header: str | None, sight: Sight, ranges: list[tuple[int, int]], starts: list[int]
    ) -> None:
        if header == "offers" and row.item:
            first = next((token for token in row.tokens if token.name is not None and token.word in (NAME, SUBJECT)), None)
            if first is not None and first.word == NAME:
                self.suggest(first.name or "")
        if sight.offers_names >= 0:
            at = bisect_right(starts, sight.offers_names) - 1
            low = ranges[at][0] if at < len(ranges) else 0
            for token in row.tokens[low:]:
                if token.word == NAME and token.name:
                    self.suggest(token.name)

    def suggest(self, name: str) -> None:
        name = name.rsplit(".", 1)[-1] if self.catalog is None or self.catalog.get(name) is None else name
        if name.lower() != self.target.name.lower() and name not in self.suggested:
            self.suggested.append(name)

    # ------------------------------------------------------------------ SQL and the decision

    def sql_claims(self) -> None:
        pass

    def decide(self, rows: list[Sentence]) -> Reading:
        order = {kind: [e for e in self.found if e.kind == kind] for kind in ("denies", "affirms", "mentions", "offers", "hedges", "unread")}
        sql = self.offered_sql(rows)
        denies, affirms, offers = order["denies"], order["affirms"], order["offers"]
        if denies:
            first = denies[0]
            if offers:
                return self.done("contradicts", first, "denies the subject, then offers it as an alternative")
            if sql:
                return self.done("contradicts", first, "denies the subject, then selects from it")
            if affirms:
                return self.done("contradicts", first, "denies the subject and describes it as existing")
            return self.done("denies", first, "says that the subject is not there")
        if affirms:
            return self.done("affirms", affirms[0], "speaks of the subject as existing")
        if order["hedges"]:
            return self.done("hedges", order["hedges"][0], "leaves open whether the subject is there")
        if sql:
            return self.done("affirms", sql[0], "uses the subject in SQL")
        if order["unread"]:
            return self.done("silent", None, "a negation near the subject that the reader can't resolve")
        weak = order["mentions"] + offers
        if weak:
            return self.done("affirms", weak[0], "speaks of the subject as existing")
        answer = self.yes_no(rows)
        if answer is not None:
            return answer
        return self.done("silent", None, "says nothing of the subject")

    def yes_no(self, rows: list[Sentence]) -> Reading | None:
        return None

    def offered_sql(self, rows: list[Sentence]) -> list[_Evidence]:
        out = []
        for statement in self.statements:
            for table in statement.scan.tables:
                if table.name == self.target.name and statement.offered:
                    out.append(_Evidence("sql", statement.start + table.start, statement.start + table.end, 0))
        return out

    def done(self, stance: Stance, evidence: _Evidence | None, reason: str) -> Reading:
        span = None if evidence is None else self.original(evidence.start, evidence.end)
        checked = check_sql([(s.text, s.start) for s in self.statements], self.catalog, self.rules)
        unknown = tuple(name for name in self.suggested if self.catalog is not None and self.catalog.get(name) is None)
        return Reading(
            stance,
            span,
            reason,
            tuple(self.suggested),
            unknown,
            checked.tables,
            checked.unknown_tables,
            checked.unknown_columns,
            checked.style,
        )

    def original(self, start: int, end: int) -> Span:
        if self.offsets is None:
            return start, end
        return self.offsets[start], self.offsets[max(start, end - 1)] + 1


def _starts(text: str) -> list[int]:
    out = []
    position = 1
    for word in text.split():
        out.append(position)
        position += len(word) + 1
    return out


def _token_range(claim: Claim, starts: list[int], ranges: list[tuple[int, int]]) -> tuple[int, int]:
    first = bisect_right(starts, claim.start) - 1
    last = max(first, bisect_right(starts, claim.end - 1) - 1)
    return ranges[first][0], ranges[last][1]


_TN = r"(?:table|view|object|relation|entity|name)"
_IT = re.compile(
    rf"(?<= )(?:(?:this|that|the|said|such|diese|die|esa|esta|la|dicha) (?:requested |specified |given |particular |named )?(?:{_TN}|tabelle|tabla)(?: (?:you (?:asked|are asking|mentioned|requested|named)(?: (?:about|for))?|in question))?"
    rf"(?= (?:is|are|was|does|do|did|has|have|can|could|contains|stores|holds|tracks|will|would|exists|not|, |\.|!|anywhere|in ⌂|existiert|gibt|ist|enthält|no|existe|contiene|almacena|$))"
    rf"|it(?= (?:does|is|has|contains|stores|holds|tracks|exists|was|can|could|will|includes|records|consists|lists) (?!(?:not )?(?:true|possible|likely|unlikely|clear|unclear|important|recommended|best|worth|necessary|correct|incorrect|wrong|safe|false|a myth|appear that|seem that|depends?)))"
    rf"|sie(?= (?:existiert|enthält|ist|gibt|speichert) ))(?= )"
)
_BOTH = re.compile(
    rf"(?<= )(?:both|neither|none|all|either|each)(?: (?:of )?(?:them|these|those|the (?:two|three|tables)|{_TN}s?|two|three|(?:these|those) (?:tables|views)))?(?= (?:exist|exists|is|are|was|contain|contains|hold|have|belong|existieren|existen) )"
)
_GROUP = re.compile(
    rf"(?<= )(?:the following|these|those|following|they)(?: (?:tables|views|objects|names|ones|table|items|columns))? |(?<= )(?:tables|views|objects|names|ones|columns) (?=(?:that|which|not|missing|in|available)) "
)
_BARE = re.compile(r"^ (?=(?:does not (?:exist|appear)|do not exist|not (?:found|a|in|present|part|available|real|valid|existing)|no longer exists|nonexistent|existiert nicht|no existe \.) )")


def _bare_predicate(text: str) -> str:
    return _BARE.sub(" § ", text, count=1)


def _keep_length(match: re.Match[str]) -> str:
    # As many tokens as before, so that places in the text hold: the subject stands for the last of them.
    words = match.group().split()
    if words[0] in ("neither", "none"):
        return " ".join(["neither", *["the"] * (len(words) - 2), SUBJECT]) if len(words) > 1 else "neither"
    return " ".join(["the"] * (len(words) - 1) + [SUBJECT])


def stance_is_settled(question: str, partial_answer: str, subject: str, catalog: Catalog | None) -> bool:
    """Whether more text could no longer change the stance: only a contradiction in whole sentences is final."""
    whole = re.search(r"\A.*[.!?\n]", partial_answer, re.DOTALL)
    if whole is None:
        return False
    return read_answer(question, whole.group(), subject, catalog).stance == "contradicts"

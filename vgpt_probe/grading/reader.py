"""Reads what an answer says about one subject."""

# Patterns and tables read better unbroken.
# ruff: noqa: E501

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from .clauses import Claim, Sight, collapse, look
from .lexer import Scan, extents
from .model import Reading, Span, Stance, StyleRules
from .names import Target, column_names, is_shaped, make_namer, target_of
from .phrases import Phrases, default_phrases
from .sentences import Sentence, Token, sentences, tokens
from .standins import NAME, PRONOUN, SQL, SUBJECT
from .sql import check_sql, scan_cached
from .subjects import subjects_asked
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
        small = len(_SMALL.sub("", text[:600]))
        shouted = small < 0.3 * len(_LETTERS.sub("", text[:600])) and len(text) > 20
        self.namer = make_namer(target, catalog, phrases, shouted, self.asked, self.both_cases)
        self.wordlike = not is_shaped(target.meant)
        self.found: list[_Evidence] = []
        self.suggested: list[str] = []
        self.before = ""
        self.quoted = False

    def read(self) -> Reading:
        rows = sentences(self.stream())
        if self.foreign(rows):
            return self.done("silent", None, "the answer is in a language that the reader does not know")
        self.prose(rows)
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
                    yield from tokens(f"'{piece.text}'", piece.start - 1, self.namer, filler)
                continue
            last = 0
            for start, end in extents(piece.text):
                yield from tokens(piece.text[last:start], piece.start + last, self.namer, filler)
                yield from self.statement(piece.text[start:end], piece.start + start, False, filler)
                last = end
            yield from tokens(piece.text[last:], piece.start + last, self.namer, filler)

    def code(self, text: str, start: int, filler: frozenset[str]) -> Iterator[Token]:
        scan = scan_cached(text)
        if (
            scan.verbs
            & {
                "select",
                "insert",
                "update",
                "delete",
                "create",
                "merge",
                "exec",
                "print",
                "alter",
                "drop",
                "truncate",
                "declare",
                "if",
            }
            and (
                scan.tables
                or scan.verbs - {"if", "print", "select"}
                or re.match(r"\s*(?:--[^\n]*\n\s*)*(?:select|print|if)\b", text, re.IGNORECASE)
            )
        ) or (scan.comments and not re.sub(r"--[^\n]*|/\*.*?(?:\*/|\Z)", "", text, flags=re.DOTALL).strip()):
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
        """Whether the prose is in none of the languages that the phrases cover."""
        english = german = spanish = theirs = strange = total = 0
        tongues = self.phrases.tongues
        for row in rows:
            for token in row.tokens:
                word = token.word
                if token.name is not None or not word[0].isalpha():
                    continue
                total += 1
                tells = tongues.get(word)
                if tells is not None:
                    english += tells[0]
                    german += tells[1]
                    spanish += tells[2]
                    theirs += tells[3]
                if not word.isascii():
                    strange += max(word) > "\u024f"
                    theirs += not _FOREIGN_LETTERS.isdisjoint(word)
        ours = max(english, german, spanish)
        return theirs > ours or (theirs > 1 and theirs == ours) or strange * 3 > total or strange > 3

    # ------------------------------------------------------------------ prose

    def prose(self, rows: list[Sentence]) -> None:
        state = _State("S" if self.alone else "?", True)
        header: str | None = None
        for order, row in enumerate(rows):
            following = rows[order + 1] if order + 1 < len(rows) else None
            below = header is not None and (row.item or rows[order - 1].end == ":")
            self.row(row, order, state, header if below else None)
            if any(token.word == SQL for token in row.tokens):
                self.judge_sql(rows, order)
            if not row.item:
                header = self.header(row, following)

    def judge_sql(self, rows: list[Sentence], order: int) -> None:
        """Decides whether the statements of a sentence are offered, or quoted to be criticised, or only imagined."""
        row = rows[order]
        for at, token in enumerate(row.tokens):
            if token.word != SQL or token.name is None:
                continue
            statement = self.statements[int(token.name)]
            left, right = row.tokens[:at], row.tokens[at + 1 :]
            if not any(word.word[0].isalnum() for word in left) and order and not _has_sql(rows[order - 1]):
                left = rows[order - 1].tokens
            if (
                not any(word.word[0].isalnum() for word in right)
                and order + 1 < len(rows)
                and not _has_sql(rows[order + 1])
            ):
                after = rows[order + 1].tokens
                right = after if after[0].word in _POINTERS else []
            if order + 1 < len(rows) and _BUT_NOT_THERE.match(rows[order + 1].text):
                statement.offered = False
            before = _last_clause(left)
            behind = _first_clause(right)
            if _UNREAL.match(whole := " " + "".join([token.word + " " for token in left])):
                before = whole
            if _RIGHT_QUERY.search(whole):
                continue
            for text in (before, behind):
                words = frozenset(text.split())
                if "without" in words:
                    # "Never read it without a company: …" recommends what follows.
                    continue
                quoting = self.phrases.tables.role("quotes_sql").possible(words)
                if any(phrase.regex.search(text) for phrase in quoting):
                    statement.offered = False
            if "if" in statement.scan.verbs or any(
                e.kind in ("imagines", "hedges") and e.order in (order, order - 1) for e in self.found
            ):
                statement.offered = False

    @property
    def both_cases(self) -> bool:
        """Whether case matters and the answer has the subject as the catalog writes it: then "apth" is not APTH."""
        return (
            self.catalog is not None
            and self.catalog.case_sensitive
            and not self.column
            and self.target.name in self.catalog
            and self.target.name in self.text
        )

    @cached_property
    def asked(self) -> tuple[str, ...]:
        """The tables that the question names, in order."""
        found = subjects_asked(self.question, self.catalog)
        name = self.target.name
        at = self.question.find(name)
        if name in found or at < 0:
            return found
        earlier = sum(0 <= self.question.find(other) < at for other in found)
        return (*found[:earlier], name, *found[earlier:])

    @cached_property
    def existence(self) -> bool:
        """Whether the question asks if something exists, so that "A does, B does not" speaks of being there."""
        return bool(_EXISTENCE.search(self.question))

    @cached_property
    def alone(self) -> bool:
        """Whether the question names no other table, so that "that table" can only be the subject."""
        mine = (self.target.name.lower(), self.target.text.lower())
        return all(name.lower() in mine for name in self.asked)

    def header(self, row: Sentence, following: Sentence | None) -> str | None:
        """What a line like "These tables do not exist:" says of the list below it."""
        if following is None or not (following.item or row.end == ":"):
            return None
        if row.end == "?" and self.head(row.text, False) == "offers":
            return "offers"
        if row.end and row.end != ":":
            return None
        return self.head(row.text, SUBJECT not in row.text)

    def head(self, text: str, group: bool) -> str | None:
        """What the words before a list say of its items; `group` is false if they speak of the subject itself."""
        if group:
            text = _bare_predicate(_GROUP.sub(" § ", text, count=1))
        collapsed, _ = collapse(text, self.phrases, self.column)
        sight = look(collapsed, self.phrases, self.column, True)
        kinds = {claim.kind for claim in sight.claims}
        if group and "denies" in kinds:
            return "denies"
        if sight.offers_names >= 0 and "affirms" not in kinds:
            return "offers"
        if not group:
            return None
        if "affirms" in kinds or _FOUND.search(collapsed):
            return "affirms"
        if not kinds & {"reports", "imagines", "hedges", "asks", "unread"} and _LISTS.search(collapsed):
            return "offers"
        return "reports" if kinds & {"reports", "imagines", "hedges", "asks", "unread"} else None

    def row(self, row: Sentence, order: int, state: _State, header: str | None) -> None:
        if self.wordlike:
            self.shy_mentions(row)
        spans = row.tokens
        text = row.text
        if _DULL.isdisjoint(text) and not _POINTS.search(text):
            # No name in it, and nothing that could point to one.
            self.before = ""
            self.quoted = bool(self.statements) and self.quotes_subject(spans)
            return
        if self.before == " § ? ":
            text = _THAT_IS.sub(f" {PRONOUN} ", text, count=1)
        resolved, added = self.pronouns(text, state)
        collapsed, ranges = collapse(resolved, self.phrases, self.column)
        if added:
            ranges = [(max(0, low - added), max(1, high - added)) for low, high in ranges]
        if header is None:
            header = self.inline_header(collapsed)
        sight = look(collapsed, self.phrases, self.column, self.named(row) or resolved != text)
        starts = _starts(collapsed)
        settled = any(claim.kind in ("denies", "affirms", "describes", "hedges") for claim in sight.claims)
        if header is not None and not settled and any(token.word == SUBJECT for token in spans):
            first = next(i for i, token in enumerate(spans) if token.word == SUBJECT)
            self.keep(header, spans, first, first + 1, order)
        else:
            for claim in sight.claims:
                low, high = _token_range(claim, starts, ranges)
                if claim.kind == "reports" and any(token.word == "base" for token in spans[low:high]):
                    # "instead of the base table §" leaves the table where it is.
                    claim = replace(claim, kind="mentions")
                if (
                    (
                        claim.kind in ("mentions", "offers", "proposes")
                        or (claim.kind == "presumes" and self.small(spans, low, high))
                    )
                    and self.wordlike
                    and not self.sure(spans, low, high, resolved != text)
                ):
                    continue
                if claim.kind == "describes":
                    if self.wordlike and not (
                        collapsed[claim.end - 2] == "s" or self.sure(spans, low, high, resolved != text)
                    ):
                        # "Deliveries contain …" speaks of deliveries, "Deliveries contains …" of a table.
                        continue
                    claim = replace(claim, kind="affirms")
                self.keep(claim.kind, spans, min(low, len(spans) - 1), min(high, len(spans)), order)
        mine = self.target.name in self.asked or self.target.text in self.asked
        if mine and not self.alone and SUBJECT not in collapsed and _ONLY.search(collapsed):
            self.keep("denies", spans, 0, len(spans), order)
        if (
            self.quoted
            and SUBJECT not in collapsed
            and NAME not in collapsed
            and _READS.match(collapsed)
            and _NOT_THERE.search(collapsed)
        ):
            # The statement stands in lines of its own before this.
            self.keep("denies", spans, 0, len(spans), order)
        self.quoted = bool(self.statements) and self.quotes_subject(spans)
        if self.existence and _SHORT_NO.search(collapsed):
            self.keep("denies", spans, 0, len(spans), order)
        self.ellipsis(collapsed, spans, order)
        if _NONE.search(collapsed) and (SUBJECT in collapsed or state.last == "S"):
            self.keep("denies", spans, 0, len(spans), order)
        if (
            any(token.word == SQL for token in spans)
            and SUBJECT not in collapsed
            and (_NOT_THERE.search(collapsed) or _INVALID.search(collapsed))
            and self.quotes_subject(spans)
        ):
            # "The SQL you posted, ¶, refers to a table that doesn't exist."
            self.keep("denies", spans, 0, len(spans), order)
        self.offers(row, header, sight, ranges, starts)
        self.before = collapsed
        self.follow(row, state, sight)

    def quotes_subject(self, spans: list[Token]) -> bool:
        """Whether a statement among these tokens reads the subject and nothing else."""
        found = [
            self.statements[int(token.name)]
            for token in spans
            if token.word == SQL and token.name is not None
        ]
        return any(
            {table.name for table in statement.scan.tables} == {self.target.name} for statement in found
        )

    def ellipsis(self, collapsed: str, spans: list[Token], order: int) -> None:
        """ "APTH exists. Invoice doesn't." takes its verb from the sentence before."""
        if _PLACE_LACKS.match(collapsed) and _PLACE_HAS.search(self.before):
            self.keep("denies", spans, 0, len(spans), order)
        if not _ELLIPSIS.match(collapsed) or not self.before:
            return
        sight = look(self.before.replace(NAME, SUBJECT), self.phrases, self.column, True)
        if "affirms" in {claim.kind for claim in sight.claims} and _THERE.search(self.before):
            self.keep("denies", spans, 0, len(spans), order)

    def shy_mentions(self, row: Sentence) -> None:
        """ "no vendor table" means Vendor, although the word is in small letters."""
        lower = self.target.meant.lower()
        if not self.wordlike or not any(token.word == lower for token in row.tokens):
            return
        nouns = (self.phrases.columns if self.column else self.phrases.tables).nouns
        for i, token in enumerate(row.tokens):
            if token.word == lower and token.name is None and i + 1 < len(row.tokens):
                if not i and row.tokens[1].word in ("does", "exists"):
                    row.tokens[0] = Token(SUBJECT, token.start, token.end, self.target.meant)
                elif (
                    i
                    and row.tokens[i - 1].word in ("no", "any", "keine", "ninguna")
                    and row.tokens[i + 1].word in nouns
                ):
                    row.tokens[i] = Token(SUBJECT, token.start, token.end, self.target.meant)

    def inline_header(self, collapsed: str) -> str | None:
        """The same for "These do not exist: A, B" in one line."""
        head, colon, tail = collapsed.partition(" : ")
        if not colon or SUBJECT in head or SUBJECT not in tail or NAME in head:
            return None
        return self.head(head + " : ", True)

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

    def small(self, spans: list[Token], low: int, high: int) -> bool:
        """Whether the subject stands there in small letters, as any word would."""
        return all(
            self.text[token.start : token.end].islower() for token in spans[low:high] if token.word == SUBJECT
        )

    def sure(self, spans: list[Token], low: int, high: int, pronoun: bool) -> bool:
        """Whether an everyday word in that range is meant as a name: quoted, beside "table", or where only a name stands."""
        nouns = (self.phrases.columns if self.column else self.phrases.tables).nouns
        for i in range(low, min(high, len(spans))):
            if spans[i].word == SUBJECT:
                around = {spans[j].word for j in (i - 1, i + 1) if 0 <= j < len(spans)}
                if (
                    spans[i].sure
                    or around & nouns
                    or (i and spans[i - 1].word in _TAKES_NAME)
                    or (i and spans[i - 1].word in _BEFORE_NAME and self.text[spans[i].start].isupper())
                    or (i + 1 < len(spans) and spans[i + 1].word == "(")
                ):
                    return True
        return pronoun

    def pronouns(self, text: str, state: _State) -> tuple[str, int]:
        """Puts a stand-in where "it", "that table", "neither of them" mean the subject; and how many words it put in front."""
        changed = text
        if state.last == "S":
            changed = _ONE.sub(_keep_first, _IT.sub(_keep_length, changed))
            if " its " in changed:
                changed = _ITS.sub(_keep_its, changed)
        elif SUBJECT in changed:
            # Not said of the subject so far, but this sentence names it.
            changed = _IT.sub(_keep_near, changed)
        if state.group:
            changed = _BOTH.sub(_keep_length, changed)
            if not self.alone:
                changed = _THEY.sub(_keep_length, changed)
        if len(self.asked) == 2 and self.target.name in self.asked:
            mine = _FIRST if self.asked[0] == self.target.name else _SECOND
            named = [word for word in text.split() if word in (SUBJECT, NAME)]
            if len(named) == 2 and len(set(named)) == 2 and _LATTER.search(text):
                # The sentence has an order of its own.
                mine = _FIRST if named[0] == SUBJECT else _SECOND
            changed = mine.sub(_keep_length, changed)
            changed = changed.replace(f"{PRONOUN} , {SUBJECT} , ", f"same , {SUBJECT} , ")
        elif len(self.asked) > 2 and self.target.name in self.asked:
            changed = self.ordinals(changed)
        if state.last == "S" and SUBJECT not in changed and PRONOUN not in changed:
            with_subject = _bare_predicate(changed)
            return with_subject, with_subject.count(" ") - changed.count(" ")
        return changed, 0

    def ordinals(self, text: str) -> str:
        """The first, the second, the others: of three or more names in the question."""
        at = self.asked.index(self.target.name)
        mine = {_ORDINALS[at]} if at < len(_ORDINALS) else set()
        if at == len(self.asked) - 1:
            mine.add("last")
        named = set(_ORDINAL.findall(text))
        if named and not named & mine:
            return _OTHERS.sub(_keep_length, text)
        return _ORDINAL.sub(
            lambda match: _keep_length(match) if match.group(1) in mine else match.group(), text
        )

    def follow(self, row: Sentence, state: _State, sight: Sight) -> None:
        names = [token.word for token in row.tokens if token.word in (SUBJECT, NAME)]
        if not names:
            return
        state.group = SUBJECT in names
        cut = max((i for i, token in enumerate(row.tokens) if token.word in _TURNS), default=-1)
        final = [token.word for token in row.tokens[cut + 1 :] if token.word in (SUBJECT, NAME)] or names
        if final[0] == SUBJECT and not (sight.offers_names >= 0 and NAME in names):
            state.last = "S"
        else:
            state.last = "N"

    def offers(
        self,
        row: Sentence,
        header: str | None,
        sight: Sight,
        ranges: list[tuple[int, int]],
        starts: list[int],
    ) -> None:
        if header == "offers" and row.item:
            first = next(
                (token for token in row.tokens if token.name is not None and token.word in (NAME, SUBJECT)),
                None,
            )
            if first is not None and first.word == NAME:
                self.suggest(first.name or "", row)
        if sight.offers_names >= 0:
            at = bisect_right(starts, sight.offers_names) - 1
            low = ranges[at][0] if at < len(ranges) else 0
            for token in row.tokens[low:]:
                if token.word == NAME and token.name:
                    self.suggest(token.name, row)

    def suggest(self, name: str, row: Sentence) -> None:
        """Remembers an offered relation; a name that can only be a column is none."""
        known = self.catalog is not None and self.catalog.get(name) is not None
        if not known and "." in name:
            name = name.rsplit(".", 1)[-1]
        if name.lower() == self.target.name.lower() or name in self.suggested:
            return
        if not known and self.catalog is not None:
            nouns = self.phrases.columns.nouns
            about = (
                self.column
                or any(token.word in nouns for token in row.tokens)
                or not nouns.isdisjoint(self.before.split())
            )
            if about or name in column_names(self.catalog):
                return
        self.suggested.append(name)

    # ------------------------------------------------------------------ SQL and the decision

    def decide(self, rows: list[Sentence]) -> Reading:
        """Weighs the claims: words before mentions, and a denial against all that goes on as if it had not been said."""
        by: dict[str, list[_Evidence]] = {}
        for evidence in self.found:
            by.setdefault(evidence.kind, []).append(evidence)
        sql = self.offered_sql()
        reading = [e for e in sql if e.kind != "create"]
        if "denies" in by:
            first = by["denies"][0]
            offers = by.get("offers", []) + by.get("proposes", [])
            if "affirms" in by and self.other_kind(by["denies"], by["affirms"] + by.get("mentions", [])):
                return self.done("affirms", by["affirms"][0], "says what kind of relation the subject is")
            if offers:
                return self.done("contradicts", first, "denies the subject, then offers it as an alternative")
            if reading:
                return self.done("contradicts", first, "denies the subject, then uses it in SQL")
            described = any(
                self.text[e.start : e.start + 4].lower() == "its " for e in by.get("presumes", [])
            )
            if "affirms" in by or described:
                return self.done("contradicts", first, "denies the subject and speaks of it as existing")
            return self.done("denies", first, "says that the subject is not there")
        if "affirms" in by:
            return self.done("affirms", by["affirms"][0], "speaks of the subject as existing")
        bare = self.yes_no(rows)
        if bare is not None and "hedges" not in by:
            return bare
        if "presumes" in by:
            return self.done("affirms", by["presumes"][0], "takes the subject for granted")
        if "hedges" in by:
            return self.done("hedges", by["hedges"][0], "leaves open whether the subject is there")
        if sql:
            return self.done("affirms", sql[0], "uses the subject in SQL")
        if "imagines" in by:
            return self.done("hedges", by["imagines"][0], "speaks of the subject only as a possibility")
        if "unread" in by:
            return self.done("silent", None, "a negation near the subject that the reader can't resolve")
        if len(rows) == 1 and rows[0].text.strip(" .,:;!") == SUBJECT:
            return self.done("silent", None, "only repeats the name")
        weak = by.get("presumes", []) + by.get("mentions", []) + by.get("offers", [])
        if weak:
            return self.done("affirms", weak[0], "speaks of the subject as existing")
        if self.column:
            return self.from_table()
        if self.target.variants:
            used = self.variant_used()
            if used is not None:
                return self.done("affirms", used, "uses the name that exists, in its own letter case")
        if self.alone and len(rows) <= 3:
            unsure = self.phrases.tables.role("unsure")
            for row in rows:
                words = frozenset(row.text.split())
                if any(phrase.regex.search(row.text) for phrase in unsure.possible(words)):
                    found = _Evidence("hedges", row.tokens[0].start, row.tokens[-1].end, 0)
                    return self.done("hedges", found, "is not sure, without naming the subject")
        return self.done("silent", None, "says nothing of the subject")

    def other_kind(self, denials: list[_Evidence], affirmations: list[_Evidence]) -> bool:
        """Whether only "table" is denied where "view" is affirmed, or the other way round."""
        nouns = [_kinds(self.text[e.start : e.end + 12]) for e in denials]
        if any(kinds == {"table"} for kinds in nouns) and all(kinds == {"table"} for kinds in nouns):
            other = "view"
        elif nouns and all(kinds == {"view"} for kinds in nouns):
            other = "table"
        else:
            return False
        return any(other in _kinds(self.text[max(0, e.start - 4) : e.end + 24]) for e in affirmations)

    def from_table(self) -> Reading:
        """A column falls with its table."""
        table = _Reader(
            self.question,
            self.text,
            self.offsets,
            target_of(self.target.name, self.catalog),
            self.catalog,
            self.phrases,
            self.rules,
        )
        found = table.read()
        if found.stance == "denies":
            return replace(found, reason="says that the column's table is not there")
        return self.done("silent", None, "says nothing of the column")

    def variant_used(self) -> _Evidence | None:
        for name in self.target.variants:
            match = re.search(rf"(?<!\w){re.escape(name)}(?!\w)", self.text)
            if match:
                return _Evidence("variant", match.start(), match.end(), 0)
        return None

    def corrected(self) -> str | None:
        """The real name that the answer uses where the subject has another letter case."""
        for name in self.target.variants:
            tables = {table.name for statement in self.statements for table in statement.scan.tables}
            if self.target.name in tables:
                return None
            if name in tables or re.search(rf"(?<!\w){re.escape(name)}(?!\w)", self.text):
                return name
        return None

    def yes_no(self, rows: list[Sentence]) -> Reading | None:
        """A bare yes or no to a question that asks whether the subject exists."""
        match = _FIRST_WORD.match(self.text)
        if match is None or not rows:
            return None
        word = match.group(1).lower()
        short = _ANSWER.match(rows[0].text)
        flat = _FLAT_NO.match(self.text)
        yes = (word in self.phrases.words("yes") or bool(short and not short.group(1))) and not flat
        if not (yes or flat or short or word in self.phrases.words("no")):
            return None
        short = short or flat
        asked, _ = clean(self.question)
        questions = sentences(tokens(asked, 0, self.namer, self.phrases.words("filler")))
        if any(token.word == NAME for token in rows[0].tokens):
            other, _ = collapse(rows[0].text.replace(NAME, SUBJECT), self.phrases, self.column)
            if any(claim.kind == "denies" for claim in look(other, self.phrases, self.column, True).claims):
                # "No, APTX does not exist" when asked for another.
                return None
        polar = None
        for question in questions:
            text, _ = collapse(question.text, self.phrases, self.column)
            if SUBJECT in text and _POLAR.search(text):
                polar = "denies" if _POLAR_NOT.search(text) else "affirms"
            elif self.alone and _POLAR_THAT.search(text):
                polar = "affirms"
        if polar is None or not (short or _SHORT.match(rows[0].text)):
            return None
        found = _Evidence("bare", match.start(1), match.end(1), 0)
        if yes == (polar == "affirms"):
            return self.done("affirms", found, "answers the question whether it exists with yes")
        return self.done("denies", found, "answers the question whether it exists with no")

    def offered_sql(self) -> list[_Evidence]:
        """Where the offered SQL uses the subject."""
        out = []
        for statement in self.statements:
            if not statement.offered:
                continue
            if self.column:
                out += [
                    _Evidence("column", statement.start + column.start, statement.start + column.end, 0)
                    for column in statement.scan.columns
                    if column.name == self.target.column
                    and any(t.name == self.target.name for t in statement.scan.tables)
                ]
                continue
            for table in statement.scan.tables:
                if table.name == self.target.name or (
                    table.name.lower() == self.target.name.lower() and not self.target.variants
                ):
                    out.append(
                        _Evidence(table.verb, statement.start + table.start, statement.start + table.end, 0)
                    )
        return out

    def done(self, stance: Stance, evidence: _Evidence | None, reason: str) -> Reading:
        span = None if evidence is None else self.original(evidence.start, evidence.end)
        checked = check_sql(
            [(s.text, s.start) for s in self.statements], self.catalog, self.rules, self.original
        )
        unknown = tuple(
            name for name in self.suggested if self.catalog is not None and self.catalog.get(name) is None
        )
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
            self.corrected() if stance in ("affirms", "silent", "hedges") else None,
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


_TAKES_NAME = frozenset(
    [
        "use",
        "try",
        "query",
        "from",
        "join",
        "see",
        "describe",
        "called",
        "named",
        "select",
        "namens",
        "llamada",
    ]
)
# With a capital behind one of these, an everyday word is a name; German writes all its nouns so.
_BEFORE_NAME = frozenset(("in", "mean", "is", "be", "are", "to", "with"))
_TN = r"(?:table|view|object|relation|entity|name|column|field|thing|tabelle|tabla|spalte|columna|sicht)"
_VERBS = r"(?:is|are|was|does|do|did|has|have|can|could|contains|stores|holds|tracks|will|would|exists|not|anywhere|existiert|gibt|ist|enthält|hat|speichert|no|existe|contiene|almacena|tiene|es|está)"
_IT = re.compile(
    rf"(?<= )(?:(?:this|that|the|said|your|diese|die|esa|esta|la|dicha) (?:requested |specified |given |particular |named |mentioned |angefragte |gesuchte |genannte |gewünschte |angegebene )?(?:{_TN} )?{_TN}(?: (?:solicitada|indicada|mencionada))?(?: (?:you (?:asked|are asking|mentioned|requested|named|want|provided|gave|supplied|typed|entered|used|specified|wrote|are looking)(?: (?:about|for))?|in question))?"
    rf"(?= (?:(?:itself )?{_VERBS}|in ⌂|in vista|in viewpoint|im|in ihrer|en vista|in the|in this|, |[.!,;?]|$))"
    rf"|(?:called|named) (?:that|this|so)(?= [.,!;])"
    rf"|(?:eine |die )?{_TN} (?:dieses|des|jenes) namens"
    rf"|(?:so eine|solche|tal|solch eine) (?:tabelle|view|sicht|tabla|vista)"
    rf"|such (?:an? )?{_TN}s?(?! (?:as|named|called|§|¤))"
    rf"|(?:with|by|of|under|mit|con) (?:that|this|the given|that exact|exactly that|that very|that particular|that specific|such a|this exact|diesem|dem|ese|este) (?:name|namen|nombre)(?! (?:§|¤|of))"
    rf"|(?<!what )it(?! (?:is|was) (?:not )?(?:¤|in [§¤]) )(?= (?:does|is|has|contains|stores|holds|tracks|exists|was|can|could|may|might|will|includes|records|consists|lists) (?!(?:not )?(?:an? (?:\S+ )?(?:misconception|myth|mistake|error|fallacy|misunderstanding|pity|shame|fact)|true|possible|likely|unlikely|clear|unclear|important|recommended|best|worth|necessary|correct|incorrect|right|wrong|safe|false|a myth|appear that|seem that|depends?|that) ))"
    rf"|(?:that|this)(?= (?:is|was)(?: not)? (?:an? |one |the name )(?:\S+ ){{0,3}}(?:table|view|name|object|column))"
    rf"|(?:that|this)(?= (?:is|was) not (?:available|part of (?:vista|viewpoint|the)|in (?:vista|viewpoint|the)|present|found|included|defined|something|one of|listed|known|recogni[sz]ed|supported|among) )"
    rf"|(?<=have )the name(?= wrong )|(?<=got )the name(?= wrong )|(?<=with )(?:the|that) name(?= [.,;])"
    rf"|so(?= heißt )|(?:that|this) one(?= (?:is|does|was) not )"
    rf"|sie(?= (?:existiert|enthält|ist|gibt|speichert) ))(?= )"
)
_ONE = re.compile(
    r"(?<= )(without|not|have|find|locate|include|contain|see|has|no|know of|spot|ship with|come with|ships with|comes with|defines|define|carries|carry|knows|know|mentions|lists) (one|it|such a (?:table|thing)|that|that table)(?= (?:[.!,;?:]|in |here|there|anywhere|under|$))"
)
_BOTH = re.compile(
    rf"(?<= )(?:both|neither|none|all|either|each)(?: (?:of )?(?:them|these|those|one|the (?:two|three|tables)|{_TN}s?|two|three|(?:these|those|the two|the) (?:two )?(?:tables|views|names)))?(?= (?:exist|exists|is|are|was|were|do|does|did|has|can|could|contain|contains|hold|have|belong|existieren|existen) )"
)
_THEY = re.compile(
    r"(?<=\A )they(?= (?:are|both|do not exist|exist|are not|aren't) (?:both )?(?:views|tables|real|standard|not|in ⌂|part|there|valid|exist|$|[.,;]))"
)
_GROUP = re.compile(
    r"(?<= )(?:the following|these|those|following|they)(?: (?:tables|views|objects|names|ones|table|items|columns))? |(?<= )(?:tables|views|objects|names|ones|columns|a table|a view|a name|an object) (?=(?:that|which|not|missing|in|available) )"
)
_BARE = re.compile(
    r"^ (?=(?:(?:does|do) not (?:exist|appear)|(not) (?:found|an?|in|present|part|available|real|valid|existing|listed|defined|recognized|known)|no longer exists|nonexistent|(missing|(?:in)?valid|unknown|exists?|found)(?= [.!:,])|existiert nicht|gibt es nicht|no existe \.|no existe :) )"
)
_FOUND = re.compile(
    r"^ (?:(?:here|these) are )?(?:exists?|found|real|existing|valid|available|present|vorhanden|existen) (?:tables |views |names |objects )?: "
)
_FIRST = re.compile(r"(?<= )the (?:first|former)(?: (?:one|table|view|name))?(?= )")
_SECOND = re.compile(r"(?<= )the (?:second|latter|other)(?: (?:one|table|view|name))?(?= )")
_EXISTENCE = re.compile(
    r"\b(?:exists?|real|valid|which is (?:right|correct)|right name|(?:are|is) there|part of|in (?:the )?(?:vista|viewpoint|schema|database)\b.{0,10}\?|existieren|existiert|gibt es|existen?|hay)\b",
    re.IGNORECASE,
)
_SHORT_NO = re.compile(
    r" ¤ (?:and ¤ |, ¤ )*(?:do|does|is|are|exists?|yes)(?: ,| ;| \.)? (?:and |but |while |whereas )?§ (?:does|do|is|are) not [.,;!]| no for § [.,;!]"
    r"|^ (?:they )?(?:all|everything|every one|each|all of them) (?:of them |do |exist |are )?(?:, )?(?:but|except|except for|apart from|besides|other than|save|bar) § [.,;!]"
)
_READS = re.compile(
    r"^ (?:it |this |that |which |this query |the query )?(?:reads|uses|refers|references|selects|queries|names|asks) "
)
_THAT_IS = re.compile(r" that (?=is (?:the|an?|where|what|your|our) )")
_LATTER = re.compile(r" [§¤] .*[§¤] .* the (?:latter|former) ")
_ITS = re.compile(
    r" its (?=(?:primary key|key|key columns|columns|fields|structure|rows|primary keys) (?:is|are|:|includes?|consists?|has|have) )"
)
_ORDINALS = ("first", "second", "third", "fourth")
_ORDINAL = re.compile(
    r"(?<= )the (first|second|third|fourth|last)(?: one| table| view| name)?(?= (?:is|are|does|do|has|was) )"
)
_OTHERS = re.compile(
    r"(?<= )the (?:other (?:two|three|ones|tables|views)|others|rest)(?= (?:is|are|does|do|has|have|exist) )"
)
_SMALL = re.compile(r"[^a-z]+")
_LETTERS = re.compile(r"[^A-Za-z]+")
_DULL = frozenset((SUBJECT, NAME))
_POINTS = re.compile(
    r" (?:it|this|that|such|one|both|neither|none|all|either|each|diese|die|sie|diesem|esa|esta|la|dicha|ese|este|not|no|nonexistent|missing|existiert|gibt|the|valid|invalid|unknown|found|nothing|exists|exist|heißt|its) "
)
_TURNS = frozenset((";", "but", "however", "—", "–", "aber", "pero", "sondern", "instead"))
_ELLIPSIS = re.compile(r"^ (?:but |and |however , |, )?§ (?:does|do|is|are|did|was) not [.!;]")
_PARTS = re.compile(r" (?:[,;:—–-]|but|and) ")
_LISTS = re.compile(
    r" (?:tables|views|names|alternatives|options|ones|candidates|matches|suggestions|tabellen|tablas|alternativas|alternativen) : $"
)
_NOT_THERE = re.compile(
    r" (?:table|view|object|name|relation|thing) (?:that |which )(?:does|is|can|could) not (?:exist|found|available|be found|in ⌂|part of|defined|present) "
)
_INVALID = re.compile(
    r" (?:invalid object(?: name)?|unknown table|no such table|table not found|unknown object) (?:[.,;!)]|error) "
)
_PLACE_LACKS = re.compile(r"^ (?:but |however , |here , )?(?:⌂|it|we) (?:does|do|is|has|have) not [.!;]")
_PLACE_HAS = re.compile(
    r" (?:have|has|include|includes|contain|contains|offer|offers|use|uses|know|provide|provides) § "
)
_NONE = re.compile(
    r"^ (?:nothing|no (?:results?|match(?:es)?)) (?:was |were )?found | there (?:is|are) none | (?:⌂|we|it) (?:has|have) none "
)
_THERE = re.compile(
    r" (?:exists?|real|valid|in ⌂|there) | (?:is|are) (?:an? )?(?:\S+ )?(?:table|tables|view|views) "
)
_FOREIGN_LETTERS = frozenset("èêëàùœçãõåøæłńśźżőűăâîșțşğıěřůčšžýďťňœìòđươ")
_ONLY = re.compile(
    r"(?<= )only ¤ (?:exists?|(?:is|are) (?:real|valid|there|in ⌂|a |available|part|known|present))"
)
_RIGHT_QUERY = re.compile(
    r" (?:correct|right|proper|working|valid|appropriate|recommended|corrected|suggested) (?:query|statement|sql|syntax|version|way)(?: [^ .]+){0,4} (?:is|would be|could be|might be|looks like|would look like)(?: this)? : ¶? ?$"
    r"| your (?:query|statement|sql) (?:lacks|needs|is missing|should|misses) [^.]*: $"
    r"| (?:correct|right|proper|working|valid|appropriate|recommended|corrected|suggested) (?:query|statement|sql|syntax|version|way)(?: [^ .]+){0,4} (?:is|would be|could be|might be)(?: this)?(?: :)? $"
)
_BUT_NOT_THERE = re.compile(
    r" (?:but|however|although|except|yet|only) (?:, )?(?:that )?(?:there is no § |§ (?:table )?(?:does|is|can|could) not )"
)
_UNREAL = re.compile(
    r" (?:if|wenn|falls|si|had|were|should) (?:it|there|such|that|this|the|vista|⌂|§|ſ|es|sie) (?:table |a table )?(?:did|existed|existierte|gäbe|existiera|were |exist|to exist|had )"
)
_POINTERS = frozenset(
    ["this", "that", "it", "such", "the", "which", "will", "would", "fails", "both", "neither"]
)
_FIRST_WORD = re.compile(
    r"[\s*_#>\"'`-]*(?:(?:short |my )?(?:answer|antwort|respuesta|a)\s*:[\s*_]*)?([^\W\d_]+)", re.IGNORECASE
)
_FLAT_NO = re.compile(
    r"[\s*_#>\"'`-]*(?:(?:definitely|certainly|absolutely|surely|sadly|unfortunately|probably|of course|sure|clearly|obviously),?\s+not\b|not\s+(?:at\s+all|that\s+i\s+know|to\s+my\s+knowledge)|no\s+way)",
    re.IGNORECASE,
)
_SHORT = re.compile(
    r" (?:answer : |antwort : |respuesta : |a : )\S+ | \S+ (?:[,.!:;—–-] |$)| \S+ (?:it|there|§|i|that|this|¤|the) "
)
_ANSWER = re.compile(
    r" (?:(?:it|they|that|vista|viewpoint|we|there) )?(?:sure )?(?:does|do|is|are|has|have) (not )?[.!,]| you (?:can|could) [.!,]"
)
_POLAR = re.compile(
    r" (?:is it|it is|am i|are we) (?:true|right|correct|so|the case|wrong)(?: in saying)?(?: that)? (?:\S+ ){0,5}?§ | (?:does|do|did|does not|do not) (?:the )?§ (?:even )?exist | (?:is|are|was|were)(?: not)? there (?:\S+ ){0,4}?§ | (?:is|are|was)(?: not)? § (?:a |an |one |real|valid|part|in |among|there|available|present|known|defined|the (?:correct|right|real|name)|existing|something|from |to be found)"
    r"| (?:does|do|has|have|did|can|is)(?: not)? (?:⌂|you|we|it|there|one|i|they|users) (?:\S+ ){0,3}?(?:have|contain|include|ship|know|see|use|find|recognize|offer|provide|come|got|query|exist) (?:\S+ ){0,2}?§ "
    r"| (?:gibt es|existiert|existieren|ist|hat|kennt) (?:\S+ ){0,4}?§ | (?:existe|existen|hay|es|está|tiene) (?:\S+ ){0,4}?§ | § (?:exists?|existiert|existe|real|valid|gibt es) | § (?:not )?(?:exists? )?\? "
)
_POLAR_THAT = re.compile(
    r"^ (?:is|does) (?:that|this|it|the) (?:an? |the )?(?:name |table |view |object )?(?:an? |the )?(?:right|correct|valid|real|exist|spelled|there|available|known|real|a real|part)"
)
_POLAR_NOT = re.compile(r" that (?:\S+ ){0,5}?(?:not|no) | § (?:does|do|is) not | there is no § | no § ")


def _bare_predicate(text: str) -> str:
    return _BARE.sub(
        lambda match: f" {SUBJECT} is " if match.group(1) or match.group(2) else f" {SUBJECT} ", text, count=1
    )


def _keep_length(match: re.Match[str]) -> str:
    if match.group() in ("it", "this", "that", "sie") or match.group().startswith("such "):
        # "Don't use APTX, it does not exist": the pronoun means the name of the nearest clause that has one.
        for part in reversed(_PARTS.split(match.string[: match.start()])):
            if SUBJECT in part:
                break
            if NAME in part:
                return match.group()
    # As many tokens as before, so that places in the text hold: the subject stands for the last of them.
    words = match.group().split()
    if words[0] in ("neither", "none"):
        return " ".join(["neither", *["the"] * (len(words) - 2), PRONOUN]) if len(words) > 1 else "neither"
    return " ".join(["the"] * (len(words) - 1) + [PRONOUN])


def _keep_near(match: re.Match[str]) -> str:
    if match.group() not in ("it", "this", "that", "sie") and not match.group().startswith("such "):
        return match.group()
    for part in reversed(_PARTS.split(match.string[: match.start()])):
        if SUBJECT in part or NAME in part:
            return _keep_length(match) if NAME not in part else match.group()
    return match.group()


def _keep_its(match: re.Match[str]) -> str:
    for part in reversed(_PARTS.split(match.string[: match.start() + 1])):
        if SUBJECT in part or PRONOUN in part:
            break
        if NAME in part:
            return match.group()
    return f" {PRONOUN} "


def _keep_first(match: re.Match[str]) -> str:
    rest = match.group(2).split()
    return " ".join([match.group(1), *["the"] * (len(rest) - 1), PRONOUN])


def _kinds(text: str) -> set[str]:
    found = {word.lower() for word in _KIND.findall(text)}
    return {"view" if word.startswith(("view", "sicht", "ansicht", "vista")) else "table" for word in found}


_KIND = re.compile(r"\b(?:tables?|views?|tabellen?|ansicht|sicht|tablas?|(?<=una )vista)\b", re.IGNORECASE)


def _has_sql(row: Sentence) -> bool:
    return any(token.word == SQL for token in row.tokens)


def _last_clause(words: list[Token]) -> str:
    end = len(words)
    start = 0
    for i in range(end - 2, -1, -1):
        if words[i].word in _CUTS:
            start = i + 1
            break
    return " " + "".join([token.word + " " for token in words[start:end]])


def _first_clause(words: list[Token]) -> str:
    end = next((i for i, token in enumerate(words) if i and token.word in _CUTS), len(words))
    return " " + "".join([token.word + " " for token in words[:end]])


_CUTS = frozenset((",", ";", "but", "however", "so", "aber", "pero", "—", "–"))


def stance_is_settled(question: str, partial_answer: str, subject: str, catalog: Catalog | None) -> bool:
    """Whether more text could no longer change the stance.

    Anything said can still be taken back, so only a contradiction within whole sentences is final.
    """
    whole = re.search(r"\A.*[.!?\n]", partial_answer, re.DOTALL)
    if whole is None:
        return False
    return read_answer(question, whole.group(), subject, catalog).stance == "contradicts"

"""What each sentence of an answer claims of the subject, kept with its place."""

# Patterns read better unbroken.
# ruff: noqa: E501

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property

from .answer import Answer
from .clauses import Claim, Sight, clause_of, look
from .lexicon import word_set
from .listing import inline_header
from .nouns import collapse
from .reference import Pointers
from .sentences import Sentence, Token
from .standins import NAME, PLACE, PRONOUN, SUBJECT
from .yesno import asks

__all__ = ["Prose"]


class Prose:
    """Reads the sentences of an answer in order: pronouns resolved, noun phrases shrunk, clauses read, claims kept."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.phrases = answer.phrases
        self.pointers = Pointers("S" if answer.alone else "?")
        # Whether the sentence before ended in a statement that reads the subject.
        self.quoted = False
        # What the sentence before asked or reported, and so left to be confirmed.
        self.pending = ""

    @cached_property
    def existence(self) -> bool:
        """Whether the question asks if something exists, so that "A does, B does not" speaks of being there."""
        return self.answer.existence or asks(self.answer) in ("affirms", "denies")

    def read(self, row: Sentence, order: int, header: str | None) -> None:
        """One sentence; `header` is what the line above a list says of its items."""
        answer, spans = self.answer, row.tokens
        if answer.wordlike:
            self.shy_mentions(row)
        text = row.text
        pending, self.pending = self.pending, ""
        if pending and SUBJECT not in text and NAME not in text:
            confirmed = self.confirmed(text, pending)
            if confirmed:
                answer.keep(confirmed, spans, 0, len(spans), order)
                return
        if _NO_SUCH.search(text) and _DULL.isdisjoint(text):
            answer.unresolved = True
        if _DULL.isdisjoint(text) and not _POINTS.search(text):
            # No name in it, and nothing that could point to one.
            self.pointers.before = ""
            self.quoted = bool(answer.statements) and answer.quotes_subject(spans)
            return
        if self.pointers.before == " § ? ":
            text = _THAT_IS.sub(f" {PRONOUN} ", text, count=1)
        if row.item and SUBJECT not in text and _LABELLED.match(text):
            # "- Budgets: no such object" speaks of its own label.
            return
        resolved, added = self.pointers.resolve(answer, text)
        resolved = _BE_IT.sub(_blot, _SET_APART.sub(r"\1; ", resolved))
        collapsed, ranges = collapse(resolved, self.phrases, answer.column)
        if added:
            ranges = [(max(0, low - added), max(1, high - added)) for low, high in ranges]
        if header is None:
            header = inline_header(answer, collapsed)
        sight = look(collapsed, self.phrases, answer.column, self.named(row) or resolved != text)
        starts = _starts(collapsed)
        settled = any(claim.kind in _SETTLING for claim in sight.claims)
        at = next((i for i, token in enumerate(spans) if token.word == SUBJECT), -1)
        if header is not None and not settled and at >= 0:
            answer.keep(header, spans, at, at + 1, order)
        else:
            for claim in sight.claims:
                low, high = _token_range(claim, starts, ranges)
                kind = self.kind(claim, collapsed, spans, low, high, resolved != text)
                if kind is not None:
                    answer.keep(kind, spans, low, high, order)
        if _IS_NOT.match(collapsed) and not self.existence and asks(answer) == "advises":
            # "Does § hold payments?" "It does not."
            answer.keep("presumes", spans, 0, len(spans), order)
        if _DETAILS.match(collapsed) and (self.pointers.last == "S" or SUBJECT in collapsed):
            answer.keep("details", spans, 0, len(spans), order)
        if _ROW.match(collapsed) and not sight.claims[1:] and _DULL_CELL.search(collapsed) is None:
            # "| APTH | invoice headers |" describes it.
            answer.keep("details", spans, 0, len(spans), order)
        if not answer.unresolved and SUBJECT in collapsed and _NO_SUCH.search(collapsed):
            answer.unresolved = all(claim.kind in _WEAK for claim in sight.claims)
        if self.denied_by_the_way(collapsed, spans):
            answer.keep("denies", spans, 0, len(spans), order)
        self.quoted = bool(answer.statements) and answer.quotes_subject(spans)
        self.offers(row, header, sight, ranges, starts)
        self.pending = next(
            (c.said for c in reversed(sight.claims) if c.kind in _LEFT_OPEN and c.said in _SETTLING), ""
        )
        self.pointers.before = collapsed
        self.pointers.follow(answer, row, sight)

    def confirmed(self, text: str, pending: str) -> str | None:
        """What a sentence without a name makes of what the one before asked or reported."""
        there = _THERE_IS.match(text)
        if there:
            return "denies" if there.group(1) else "affirms"
        agrees = _AGREES.match(text)
        if agrees:
            same = agrees.group(1) is not None
            return (
                {"denies": "affirms", "hedges": "hedges"}.get(pending, "denies")
                if not same
                else pending.replace("describes", "affirms")
            )
        words = frozenset(text.split())
        unsure = self.phrases.tables.role("unsure")
        if len(words) < 16 and any(phrase.regex.search(text) for phrase in unsure.possible(words)):
            return "hedges"
        return None

    def kind(
        self, claim: Claim, collapsed: str, spans: list[Token], low: int, high: int, pronoun: bool
    ) -> str | None:
        """What a claim is worth where the subject may be an everyday word; None if it is none."""
        kind = claim.kind
        if kind == "unread" and _IN_ITS_PLACE.match(collapsed):
            return "offers"
        if (
            self.answer.column
            and kind not in ("asks", "hedges")
            and not (kind == "denies" and PLACE in collapsed[claim.start : claim.end])
            and _OTHER_TABLE.search(clause_of(collapsed, claim))
        ):
            # The column of another table.
            return "reports"
        if kind == "reports" and any(token.word == "base" for token in spans[low:high]):
            # "instead of the base table §" leaves the table where it is.
            kind = "mentions"
        if not self.answer.wordlike:
            return {"describes": "affirms", "owns": "presumes"}.get(kind, kind)
        weak = (
            kind in ("mentions", "offers", "proposes", "owns")
            or (kind == "presumes" and self.small(spans, low, high))
            # "Jobs are the heart of any company" speaks of jobs.
            or (kind == "affirms" and _ARE.match(collapsed, claim.start - 1) is not None)
        )
        if kind == "describes":
            # "Deliveries contain …" speaks of deliveries, "Deliveries contains …" of a table.
            verb = collapsed[: claim.end - 1].rpartition(" ")[2]
            weak = not verb.endswith("s") and verb not in _SINGULAR
            kind = "affirms"
        kind = "presumes" if kind == "owns" else kind
        return None if weak and not self.sure(spans, low, high, pronoun) else kind

    def denied_by_the_way(self, collapsed: str, spans: list[Token]) -> bool:
        """Denials that do not name the subject: "only ¤ exists", "¤ does, § does not", "nothing was found"."""
        answer, before = self.answer, self.pointers.before
        if answer.alone and self.prefix_unused(collapsed, spans):
            return True
        if answer.alone and self.pointers.last == "S" and _ONLY_OTHER.search(collapsed):
            return True
        rest = _OF_THESE.sub(" ", collapsed)
        both = rest != collapsed or (answer.is_asked and not answer.alone)
        if SUBJECT not in rest and both and _ONLY.search(rest):
            return True
        if SUBJECT not in collapsed:
            if (
                answer.alone
                and self.pointers.last == "S"
                and _YOU_ASK.match(collapsed)
                and _NOT_THERE.search(collapsed)
            ):
                return True
            reads = answer.quotes_subject(spans)
            # The statement may stand in lines of its own before this.
            reads_above = self.quoted and NAME not in collapsed and _READS.match(collapsed)
            if (reads or reads_above) and _NOT_THERE.search(collapsed):
                return True
            if reads and _INVALID.search(collapsed):
                return True
        if _SHORT_NO.search(collapsed) and self.existence:
            return True
        if answer.is_asked and not answer.alone and _NAME_ONLY.fullmatch(answer.text) and self.existence:
            # Only the other name, for an answer.
            return SUBJECT not in collapsed and NAME in collapsed
        if _ELLIPSIS.match(collapsed) and self.existence:
            # "Do they exist?" "APTH does. Invoice doesn't."
            return True
        if _PLACE_LACKS.match(collapsed) and _PLACE_HAS.search(before):
            return True
        if _IS_NOT.match(collapsed) and _EXPECTS.match(before):
            # "You'd think it would be called §. It isn't."
            return True
        if _ELLIPSIS.match(collapsed) and _THERE.search(before):
            # "APTH exists. Invoice doesn't." takes its verb from the sentence before.
            sight = look(before.replace(NAME, SUBJECT), self.phrases, answer.column, True)
            if "affirms" in {claim.kind for claim in sight.claims}:
                return True
        return bool(_NONE.search(collapsed)) and (SUBJECT in collapsed or self.pointers.last == "S")

    def prefix_unused(self, collapsed: str, spans: list[Token]) -> bool:
        """ "Vista doesn't use 'tbl_' prefixes", said of a name that begins so."""
        if not _NO_PREFIX.match(collapsed):
            return False
        raw = self.answer.text[spans[0].start : spans[-1].end]
        name = self.answer.target.meant.lower()
        return any(name.startswith(word.lower()) for word in _PREFIX.findall(raw))

    def shy_mentions(self, row: Sentence) -> None:
        """ "no vendor table" means Vendor, although the word is in small letters."""
        lower = self.answer.target.meant.lower()
        if not self.answer.wordlike or not any(token.word == lower for token in row.tokens):
            return
        nouns = self.answer.grammar.nouns
        for i, token in enumerate(row.tokens):
            if token.word == lower and token.name is None and i + 1 < len(row.tokens):
                if not i and row.tokens[1].word in ("does", "exists"):
                    row.tokens[0] = Token(SUBJECT, token.start, token.end, self.answer.target.meant)
                elif (
                    i
                    and row.tokens[i - 1].word in (_ARTICLES if self.answer.column else _NONE_OF)
                    and row.tokens[i + 1].word in nouns
                ):
                    row.tokens[i] = Token(SUBJECT, token.start, token.end, self.answer.target.meant)

    def named(self, row: Sentence) -> bool:
        """Whether the subject stands there as a name, not as an everyday word."""
        if not self.answer.wordlike:
            return True
        words = row.tokens
        nouns = self.answer.grammar.nouns
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
            self.answer.text[token.start : token.end].islower()
            for token in spans[low:high]
            if token.word == SUBJECT
        )

    def sure(self, spans: list[Token], low: int, high: int, pronoun: bool) -> bool:
        """Whether an everyday word in that range is meant as a name: quoted, beside "table", or where only a name stands."""
        nouns = self.answer.grammar.nouns
        for i in range(low, min(high, len(spans))):
            if spans[i].word == SUBJECT:
                around = {spans[j].word for j in (i - 1, i + 1) if 0 <= j < len(spans)}
                if (
                    spans[i].sure
                    or around & nouns
                    or (i and spans[i - 1].word in _TAKES_NAME)
                    or (
                        i and spans[i - 1].word in _BEFORE_NAME and self.answer.text[spans[i].start].isupper()
                    )
                    or (i + 1 < len(spans) and spans[i + 1].word == "(")
                ):
                    return True
        return pronoun

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
                self.answer.suggest(first.name or "", row, self.pointers.before)
        if sight.offers_names >= 0:
            at = bisect_right(starts, sight.offers_names) - 1
            low = ranges[at][0] if at < len(ranges) else 0
            for token in row.tokens[low:]:
                if token.word == NAME and token.name:
                    self.answer.suggest(token.name, row, self.pointers.before)


def _blot(aside: re.Match[str]) -> str:
    """As many words that say nothing."""
    return "also " * aside.group().count(" ")


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


_TAKES_NAME = word_set("use try query from join see describe called named select namens llamada")
_BEFORE_NAME = frozenset(("in", "mean", "is", "be", "are", "to", "with"))
_ARE = re.compile(r" § (?:are|were) (?!not |real |valid )")
_IS_NOT = re.compile(
    r"^ (?:but |alas , |well , |no , )?(?:it|§|that) (?:is|does|was|will|would) not [.!;,:—–-]"
)
_EXPECTS = re.compile(
    r"^ (?:you|one|people|anybody|anyone) (?:would|might|may|could|will) (?:think|expect|assume|guess|believe|suppose|hope) [^.]*§ "
)
# "Unlike A, B …" is no list of A and B.
_SET_APART = re.compile(
    r"(?:(?<=\A )|(?<=[;:.] )|(?<=but ))((?:unlike|besides|contrary to|in contrast to|as opposed to|compared to|apart from|aside from) (?:[^ §¤,;:.?!]+ ){0,3}[§¤] (?:[^ §¤,;:.?!]+ ){0,2}), "
)
_BE_IT = re.compile(
    r"(?<= ), (?:(?:be it|be they|whether) [^,§¤.;:?!]*|(?:and|nor|or) (?:has|have|had|was|were|is|will|never) (?:[a-z]+ ){1,3}), "
)
_ONLY_OTHER = re.compile(
    r"(?:^|[:;,] )(?:alas , |sadly , |but )?(?:there (?:is|are)|⌂ (?:has|knows|offers|contains)) only ¤ [.!]"
)
_WEAK = frozenset(("mentions", "presumes", "owns", "describes", "reports", "unread", "offers"))
# A negation of being there in a clause that names nothing.
_NO_SUCH = re.compile(
    r"\A(?!.* (?:if|unless|wenn|falls|si) ).*?(?:(?:\A|[,;:(—–.-]|but|however|although|whereas|because|since|so|yet|while|and) "
    r"(?:⌂ |it |this |that |there |i |we |you |such (?:a |an )?(?:table |view |object |name |thing )|the (?:table |view |object |name ))|\A )(?:sadly |simply )?"
    r"(?:(?:is|was|does|do|has|have|can|could|will|are) (?:not|never|no longer) (?:be |been |a |an |the |one of |know |have )?(?:exist|exists|existed|found|there|valid|real|available|present|defined|recognized|part of ⌂|in ⌂|existing|such|this|it) (?:[.,;:!?)—–-]|in ⌂|in any|here|at all|anywhere|because|since|so|and|but|as|under) "
    r"|(?:(?:is|are|has|have|finds?|knows?|contains?) )?(?:no|not any) (?:such )?(?:table|view|object|relation|thing|match|result|hit|tables|views|objects|one|name) (?:[.,;:!)—–-]|by that|of that|with that|under that|like that|in ⌂ [.,;]|exists?) "
    r"|(?:is |was )?(?:nonexistent|non-existent|fictional|fictitious|imaginary|bogus|hallucinated|nowhere) |comes? (?:back|up) empty )"
)
_NONE_OF = frozenset(("no", "any", "keine", "ninguna"))
_ARTICLES = _NONE_OF | frozenset(("a", "an", "the", "its", "eine", "die", "una", "la"))
_SHORT_NO = re.compile(
    r"^ (?:no , )?neither § (?:does|do|is|are|exists?) [.!,;]|^ § (?:does|is|do|are) not [,;] (?:but |while |whereas )?¤ (?:does|is|do|are)(?: exist)? [.!;]|"
    r" ¤ (?:and ¤ |, ¤ )*(?:do|does|is|are|exists?|yes)(?: ,| ;| \.)? (?:and |but |while |whereas )?§ (?:does|do|is|are) not [.,;!]| no for § [.,;!]"
    r"|^ (?:they )?(?:all|everything|every one|each|all of them) (?:of them |do |exist |are )?(?:, )?(?:but|except|except for|apart from|besides|other than|save|bar) § [.,;!]"
)
_READS = re.compile(
    r"^ (?:it |this |that |which |this query |the query )?(?:reads|uses|refers|references|selects|queries|names|asks) "
)
_THAT_IS = re.compile(r" that (?=is )")
_DULL = frozenset((SUBJECT, NAME))
_POINTS = re.compile(
    r" (?:it|this|that|such|one|both|neither|none|all|either|each|diese|die|sie|diesem|esa|esta|la|dicha|ese|este|keine|kein|ninguna|ningún|something|not|no|nonexistent|missing|existiert|gibt|the|columns|fields|key|structure|valid|invalid|unknown|found|nothing|exists|exist|heißt|its|solche|solch|so|fehlanzeige|nada|dice|luck|nowhere|zero|0|only|status|dreams|dream|wish|wrong|view|table) "
)
_ELLIPSIS = re.compile(r"^ (?:but |and |however , |, )?§ (?:does|do|is|are|did|was) not [.!;]")
_NOT_THERE = re.compile(
    r" (?:table|view|object|name|relation|thing|something) (?:that |which )(?:does|is|can|could) not (?:exist|found|available|be found|in ⌂|part of|defined|present) | (?:table|view|object|name|relation|thing|something) (?:that |which )?⌂ (?:does|do) not (?:have|know|contain) "
)
_INVALID = re.compile(
    r" (?:invalid object(?: name)?|unknown table|no such table|table not found|unknown object) (?:[.,;!)]|error) "
)
_PLACE_LACKS = re.compile(r"^ (?:but |however , |here , )?(?:⌂|it|we) (?:does|do|is|has|have) not [.!;]")
_PLACE_HAS = re.compile(
    r" (?:have|has|include|includes|contain|contains|offer|offers|use|uses|know|provide|provides) § "
)
_NONE = re.compile(
    r"^ (?:in your dreams|dream on|you wish|wrong name|fehlanzeige|no dice|no such luck|nada|nothing|nowhere|no (?:match|matches|results?|hits?|luck)|0 (?:matches|results|hits)|zero (?:matches|results|hits)) [.!]|^ no such \w+ (?:in|under|within) ⌂ [.!]|^ § \? (?:fehlanzeige|no dice|no such luck|nada|nothing|never) |^ (?:nothing|no (?:results?|match(?:es)?)) (?:was |were )?found | there (?:is|are) none | (?:⌂|we|it) (?:has|have) none "
)
_THERE = re.compile(
    r" (?:exists?|real|valid|in ⌂|there) | (?:is|are) (?:an? )?(?:\S+ )?(?:table|tables|view|views) "
)
_ONLY = re.compile(
    r"(?<= )only ¤ (?:exists?|(?:is|are) (?:real|valid|there|in ⌂|a |available|part|known|present|genuine))"
    r"|^ (?:(?:no|yes) [,.] )?(?:only|just|merely) ¤ (?:does |is |exists )?[.!]"
    r"|¤ is the only (?:one|table|view)(?: of [^.§]{1,20})? (?:that |which )?(?:exists|is (?:real|there|valid|in ⌂))"
    r"|only one of (?:them|these|those|the two) (?:is|does|exists)[^.¤]*[,:;—–-] (?:and )?(?:that|it|this) is ¤ [.!]"
    r"|^ (?:no , )?there is only ¤ [.!]"
    r"|^ (?:only )?one of (?:them|these|those|the two) (?:(?:does|is|exists|is real|is there|is valid)(?: exist)? )?[:,—–-] ¤ [.!]"
)
_OF_THESE = re.compile(r"^ of § , ")
_OTHER_TABLE = re.compile(
    r" § (?:[^ ¤§,;:.?!]+ ){0,5}?(?:in|of|on|from|to) ¤ | ¤ (?:does |do )?(?:has|have|contains?|stores?|holds?|includes?|carries) (?:[^ ¤§,;:.?!]+ ){0,3}?§ "
)
_NO_PREFIX = re.compile(
    r"^ (?:⌂|we|it|they|¤ tables|its tables|tables in ⌂|no tables? in ⌂) (?:(?:does|do|did) not (?:use|have|follow|know)|never (?:uses?|used)|uses? no|has no|have no|starts? with|begins? with) (?:[^§.;,]+ )?(?:prefix|prefixes|naming|convention) [.,;(]"
)
# Three letters at least: "b" and "v" are prefixes of real tables.
_PREFIX = re.compile(
    r"\b(?!(?:uses?|used|the|any|such|that|this)\b)([^\W\d]\w{2,})['\"`*’”]*[- ](?:style |type |as (?:an? )?)?(?:prefix|naming|convention)"
)
_IN_ITS_PLACE = re.compile(
    r"^ (?:en su lugar|en lugar de eso|stattdessen|instead) (?:, )?(?:use|usa|utilice|utiliza|consulte|pruebe|try|query) § [.!:]"
)
_SETTLING = frozenset(("denies", "affirms", "describes", "hedges"))
_NAME_ONLY = re.compile(r"[\s*_`'\"]*(?:just |only )?\w+[\s*_`'\".!]*", re.IGNORECASE)
_LABELLED = re.compile(r" (?:[^ ¤§⌂¶:]+ ){1,3}: ")
# "Columns: …" goes on about the table that was named.
_DETAILS = re.compile(
    r"^ § (?:key )?(?:columns|fields|spalten|columnas) : (?!none|no |n/a|not |unknown)|^ (?:the |key |primary |main |its )*(?:columns|fields|key|structure|spalten|columnas) (?:(?:of|in|for|von|de) § )?(?:are |include )?: (?!none|no |n/a|not |unknown)"
)
_ROW = re.compile(r"^ (?:\| )?§ \|(?: [^ ¤§⌂|?]+){2,}(?: \|)? $")
_DULL_CELL = re.compile(
    r" (?:not|no|none|never|use|see|try|instead|replaced|n/a|unknown|invalid|missing|wrong) "
)
_LEFT_OPEN = frozenset(("reports", "asks", "imagines"))
_THERE_IS = re.compile(
    r"^ (?:but |yet |in fact , |and )?(?:there|it|they|that one) (?:does|do|is|are|exists)( not)?(?: exist)? [.!,:;—–-]"
)
_AGREES = re.compile(
    r"^ (?:but |and |well , |so )?(?:(?:the |my )?(?:short |simple )?answer (?:here |to that |to this )?(?:is |: )(?:a |an )?)?"
    r"(?:(?:clear |plain |simple |sure )?(yes|ja|sí|it does|it is|they do|(?:that|this|it|he|she|they|you) (?:is|are) (?:right|correct|true|so))"
    r"|(?:clear |plain |simple |sure )?(?:no|nein|it does not|it is not|they do not|(?:that|this|it|he|she|they|you) (?:is|are) (?:wrong|mistaken|incorrect|false|nonsense|a myth|untrue|not (?:right|correct|true|so|the case)))) [.!,;:—–-]"
)
_SINGULAR = word_set("enthält hat führt kennt besitzt bietet beinhaltet contiene tiene incluye")
# "You're asking about a table that …"
_YOU_ASK = re.compile(
    r"^ (?:sorry , |because |since )?(?:you are|you|your question|the question|this|your query) (?:asking|asked|ask|asks|is|refers|refer|looking|selecting|reading|querying)(?: about| for| to| from)? (?:an? |(?=something ))"
)

"""What each sentence of an answer claims of the subject, kept with its place."""

# Patterns read better unbroken.
# ruff: noqa: E501

from __future__ import annotations

import re
from bisect import bisect_right

from .answer import Answer
from .byway import IS_NOT, denied_by_the_way
from .clauses import Claim, Sight, clause_of, look
from .lexicon import word_set
from .listing import inline_header
from .nouns import collapse
from .reference import Pointers
from .sentences import Sentence, Token
from .shy import named, shy_mentions, worth
from .standins import NAME, PLACE, PRONOUN, SUBJECT
from .yesno import asks, asks_existence

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

    def read(self, row: Sentence, order: int, header: str | None) -> None:
        """One sentence; `header` is what the line above a list says of its items."""
        answer, spans = self.answer, row.tokens
        if answer.wordlike:
            shy_mentions(answer, row)
        text = row.text
        pending, self.pending = self.pending, ""
        if pending and SUBJECT not in text and (NAME not in text or _THERE_IS.match(text)):
            confirmed = self.confirmed(text, pending)
            if confirmed:
                answer.keep(confirmed, spans, 0, len(spans), order)
                return
        words = row.words
        nameless = SUBJECT not in words and NAME not in words
        if nameless and not answer.unresolved and not words.isdisjoint(_NEGATING) and _NO_SUCH.search(text):
            answer.unresolved = True
        if nameless and words.isdisjoint(_POINTING):
            # No name in it, and nothing that could point to one.
            self.pointers.before = ""
            self.quoted = bool(answer.statements) and answer.quotes_subject(spans)
            return
        if nameless and self.pointers.last == "S" and _AFTER_ALL.search(text):
            # "Sorry, I was wrong: it does exist."
            answer.keep("affirms", spans, 0, len(spans), order)
            return
        bare = _BARE.match(text) if self.pointers.before == " § ? " else None
        if bare and asks_existence(answer):
            # "GLChart? No. GLAC? Yes."
            answer.keep("denies" if bare.group(1) else "affirms", spans, 0, len(spans), order)
        if self.pointers.before == " § ? ":
            text = _THAT_IS.sub(f" {PRONOUN} ", text, count=1)
        if row.item and SUBJECT not in text and _LABELLED.match(text):
            # "- Budgets: no such object" speaks of its own label.
            return
        if "it" in words and NAME in words:
            text = _of_database(answer, text, spans)
        resolved, added = self.pointers.resolve(answer, text, words)
        if "," in words:
            resolved = _BE_IT.sub(_blot, _SET_APART.sub(r"\1; ", resolved))
        collapsed, ranges = collapse(resolved, self.phrases, answer.column)
        if added:
            ranges = [(max(0, low - added), max(1, high - added)) for low, high in ranges]
        if header is None:
            header = inline_header(answer, collapsed)
        answer.lines[order] = collapsed
        sight = look(collapsed, self.phrases, answer.column, named(answer, row) or resolved != text)
        starts = _starts(collapsed) if sight.claims or sight.offers_names >= 0 else []
        settled = any(claim.kind in _SETTLING for claim in sight.claims)
        if header is not None and not settled and SUBJECT in words:
            at = next(i for i, token in enumerate(spans) if token.word == SUBJECT)
            answer.keep(header, spans, at, at + 1, order)
        else:
            for claim in sight.claims:
                low, high = _token_range(claim, starts, ranges)
                kind = self.kind(claim, collapsed, spans, low, high, resolved != text)
                if kind is not None:
                    answer.keep(kind, spans, low, high, order)
        if IS_NOT.match(collapsed) and not asks_existence(answer) and asks(answer) == "advises":
            # "Does § hold payments?" "It does not."
            answer.keep("presumes", spans, 0, len(spans), order)
        if _DETAILS.match(collapsed) and (self.pointers.last == "S" or SUBJECT in collapsed):
            answer.keep("details", spans, 0, len(spans), order)
        if _ROW.match(collapsed) and not sight.claims[1:] and _DULL_CELL.search(collapsed) is None:
            # "| APTH | invoice headers |" describes it.
            answer.keep("details", spans, 0, len(spans), order)
        denying = not words.isdisjoint(_NEGATING)
        if denying and not answer.unresolved and SUBJECT in collapsed and _NO_SUCH.search(collapsed):
            answer.unresolved = all(claim.kind in _WEAK for claim in sight.claims)
        if (denying or "rather" in words or "instead" in words) and _IN_A.search(resolved):
            # "It doesn't keep invoices in an Invoices table."
            answer.keep("denies", spans, 0, len(spans), order)
        if denied_by_the_way(answer, self.pointers, self.quoted, collapsed, spans):
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
        if _HALF_YES.match(collapsed) and kind in ("denies", "affirms", "describes", "presumes"):
            return "hedges"
        if kind == "unread" and self.answer.target.variants and _MISSPELLED.search(collapsed):
            return "denies"
        if kind == "unread" and _IN_ITS_PLACE.match(collapsed):
            return "offers"
        if (
            self.answer.column
            and kind not in ("asks", "hedges")
            and not (kind == "denies" and PLACE in collapsed[claim.start : claim.end])
            and _OTHER_TABLE.search(clause_of(collapsed, claim))
        ):
            # The column of another table: there alone, or there too.
            only = kind != "denies" and _ONLY_THERE.search(clause_of(collapsed, claim))
            return "denies" if only else "reports"
        if kind == "reports" and any(token.word == "base" for token in spans[low:high]):
            # "instead of the base table §" leaves the table where it is.
            kind = "mentions"
        if not self.answer.wordlike:
            return {"describes": "affirms", "owns": "presumes"}.get(kind, kind)
        return worth(self.answer, kind, claim, collapsed, spans, low, high, pronoun)

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


def _of_database(answer: Answer, text: str, spans: list[Token]) -> str:
    """ "It has PRTH": what has a relation is the database."""
    catalog = answer.catalog
    words = text.split()
    for at in range(len(spans) - 2):
        if words[at] != "it" or catalog is None:
            continue
        verb = at + 1
        while verb < len(words) - 2 and words[verb] in _BEFORE_HAVING:
            verb += 1
        if words[verb] in _HAVING and words[verb + 1] == NAME:
            name = spans[verb + 1].name
            if name is not None and (catalog.get(name) is not None or _CODE.fullmatch(name)):
                words[at] = PLACE
    return " " + " ".join(words) + " "


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


_HAVING = frozenset(("has", "uses", "offers", "knows", "provides", "have", "use", "offer", "know", "provide"))
_BEFORE_HAVING = frozenset(("does", "did", "also", "only", "instead"))
# A name as Vista's tables have them; columns have small letters.
_CODE = re.compile(r"[A-Z]{4,6}")
_IN_A = re.compile(
    r" ¤ (?:[^ .;?!§¤]+ ){0,6}?(?:rather than|instead of|and not|, not|not) (?:in|to|from|into) (?:an?|any) (?:[a-z-]+ ){0,3}(?:called |named )§ "
    r"| (?:⌂|vista|viewpoint|we|it|they|schema|database|system|module|erp) (?:uses? |has |have |there )?(?:(?:does|do|did|has|have|will|would|is|are) (?:not|never)|never|no) "
    r"(?:[^ ,;:.?!§¤]+ ){0,5}(?:in|into|under|as|with|through|via) (?:an?|any|one|such an?) (?:[a-z-]+ ){0,3}§ (?:table|view|object|relation|entity)?"
    r"| (?:is|are|was) (?:not|never) (?:called|named|spelled|titled|labell?ed|known as|referred to as) (?:an? |the )?§ (?=[.,;!:—–-]|but |in ⌂|however|rather)"
)
# "Unlike A, B …" is no list of A and B.
_SET_APART = re.compile(
    r"(?:(?<=\A )|(?<=[;:.] )|(?<=but ))((?:unlike|besides|contrary to|in contrast to|as opposed to|compared to|apart from|aside from) (?:[^ §¤,;:.?!]+ ){0,3}[§¤] (?:[^ §¤,;:.?!]+ ){0,2}), "
)
_BE_IT = re.compile(
    r"(?<= ), (?:(?:be it|be they|whether) [^,§¤.;:?!]*|(?:and|nor|or) (?:has|have|had|was|were|is|will|never) (?:[a-z]+ ){1,3}), "
)
_WEAK = frozenset(("mentions", "presumes", "owns", "describes", "reports", "unread", "offers"))
# A negation of being there in a clause that names nothing.
_NO_SUCH = re.compile(
    r"\A(?!.* (?:if|unless|wenn|falls|si) ).*?(?:(?:\A|[,;:(—–.-]|but|however|although|whereas|because|since|so|yet|while|and) "
    r"(?:⌂ |it |this |that |there |i |we |you |such (?:a |an )?(?:table |view |object |name |thing )|the (?:table |view |object |name ))|\A )(?:sadly |simply )?"
    r"(?:(?:is|was|does|do|has|have|can|could|will|are) (?:not|never|no longer) (?:be |been |a |an |the |one of |know |have )?(?:exist|exists|existed|found|there|valid|real|available|present|defined|recognized|part of ⌂|in ⌂|existing|such|this|it) (?:[.,;:!?)—–-]|in ⌂|in any|here|at all|anywhere|because|since|so|and|but|as|under) "
    r"|(?:(?:is|are|has|have|finds?|knows?|contains?) )?(?:no|not any) (?:such )?(?:table|view|object|relation|thing|match|result|hit|tables|views|objects|one|name) (?:[.,;:!)—–-]|by that|of that|with that|under that|like that|in ⌂ [.,;]|exists?) "
    r"|no longer exists? |(?:is |was )?(?:nonexistent|non-existent|fictional|fictitious|imaginary|bogus|hallucinated|nowhere) |comes? (?:back|up) empty )"
)
_BARE = re.compile(r" (?:(no|nope|nein|nö|nah)|yes|yep|ja|sí|sure) [.!,]")
_THAT_IS = re.compile(r" that (?=is )")
_NEGATING = word_set(
    "not never no nonexistent non-existent fictional fictitious imaginary bogus hallucinated nowhere empty"
)
# Without a name and without one of these a sentence can't speak of the subject.
_POINTING = word_set(
    "it this that such one both neither none all either each diese die sie diesem esa esta la dicha ese este keine kein ninguna ningún something not no nonexistent missing existiert gibt the columns fields key structure valid invalid unknown found nothing exists exist heißt its dieses namens nombre solche solch so fehlanzeige nada dice luck nowhere never existed zero 0 what only status dreams dream wish wrong view table"
)
_OTHER_TABLE = re.compile(
    r" § (?:[^ ¤§,;:.?!]+ ){0,5}?(?:in|of|on|from|to) ¤ | ¤ (?:does |do )?(?:has|have|contains?|stores?|holds?|includes?|carries) (?:[^ ¤§,;:.?!]+ ){0,3}?§ "
)
# "Supposedly, yes, but …": whatever follows, it is left open.
_HALF_YES = re.compile(
    r"^ (?:supposedly|allegedly|apparently|perhaps|maybe|possibly|probably|presumably|vielleicht|angeblich|quizás|tal vez) ,? ?(?:yes|no|ja|nein|sí|so)(?: [,.;!]|,) "
)
_ONLY_THERE = re.compile(
    r" § (?:exists?|is|lives?|sits?|stands?|appears?|can be found|is found|is stored|is kept)?(?: |$)(?:exist )?(?:only|exclusively|solely) (?:in|on|as part of) (?:the )?¤ "
    r"| only ¤ (?:has|contains|holds|includes|carries) (?:an? |the )?§ "
)
# Where the catalog has it in another letter case.
_MISSPELLED = re.compile(r" § is not (?:quite |the )?(?:right|correct)(?: name| spelling| one)? [.,;:]")
_IN_ITS_PLACE = re.compile(
    r"^ (?:en su lugar|en lugar de eso|stattdessen|instead) (?:, )?(?:use|usa|utilice|utiliza|consulte|pruebe|try|query) § [.!:]"
)
_SETTLING = frozenset(("denies", "affirms", "describes", "hedges"))
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
_AFTER_ALL = re.compile(
    r" (?:sí (?:que )?(?:(?:la|lo|las|los) )?(?:hay|existe|existen|está) |(?:es gibt|gibt es) (?:sie |ihn |es )?(?:doch|sehr wohl) |(?:sie|er|es) existiert (?:doch|sehr wohl) |(?:it|that table|this table|the table) (?:does exist|is there after all|exists after all) |there is one after all )"
)
_THERE_IS = re.compile(
    r"^ (?:but |yet |in fact , |and )?(?:there|it|they|that one|⌂) (?:does|do|is|are|exists|has|have)( not)?(?: exist)? [.!,:;—–-]"
)
_AGREES = re.compile(
    r"^ (?:but |and |well , |so )?(?:(?:the |my )?(?:short |simple )?answer (?:here |to that |to this )?(?:is |: )(?:a |an )?)?"
    r"(?:(?:clear |plain |simple |sure )?(yes|ja|sí|it does|it is|they do|(?:that|this|it|he|she|they|you) (?:is|are) (?:right|correct|true|so))"
    r"|(?:clear |plain |simple |sure )?(?:no|nein|it does not|it is not|they do not|(?:that|this|it|he|she|they|you|(?:that|this|the) (?:claim|statement|rumou?r|note|information|article|paper|story|document)) (?:is|are) (?:wrong|outdated|out of date|mistaken|incorrect|false|nonsense|a myth|untrue|not (?:right|correct|true|so|the case)))) [.!,;:—–-]"
)

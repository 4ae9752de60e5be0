"""What "it", "that table", "neither of them", "the former" point to: the subject, or not."""

# Patterns read better unbroken.
# ruff: noqa: E501

from __future__ import annotations

import re
from dataclasses import dataclass

from .answer import Answer
from .clauses import Sight
from .lexicon import word_set
from .sentences import Sentence
from .standins import NAME, PRONOUN, SUBJECT

__all__ = ["Pointers", "bare_predicate"]


@dataclass
class Pointers:
    """What pronouns may point to while the sentences go by.

    `last` is S if the subject was named last, N for another name, ? before any; `group`: whether the last names had the
    subject among them; `before`: the sentence before, as it was written in stand-ins.
    """

    last: str
    group: bool = True
    before: str = ""

    def resolve(self, answer: Answer, text: str, words: frozenset[str]) -> tuple[str, int]:
        """Puts a stand-in where a pronoun means the subject; and how many words it put in front."""
        changed = text
        if "name" in words:
            changed = _SPELLING.sub(_of_spelling, changed)
        if "what" in words and answer.alone:
            changed = _ASKED_FOR.sub(_keep_length, changed)
        if not words.isdisjoint(_POINTERS):
            it = _IT_COLUMN if answer.column else _IT
            if "it" in words:
                changed = _IT_LACKS.sub("⌂", changed)
                if _IT_HAS_NONE.match(changed) and _PLACE_HAD.search(self.before):
                    # "Had Vista a § …. It has none."
                    changed = changed.replace(" it ", " ⌂ ", 1)
            if self.last == "S":
                changed = _NOT_SO_NAMED.sub(_keep_denied, changed)
                changed = _CALLED.sub(PRONOUN, changed)
                changed = _ONE.sub(_keep_first, it.sub(_keep_length, changed))
                changed = _ITS.sub(_keep_its, changed)
            elif SUBJECT in words:
                # Not said of the subject so far, but this sentence names it.
                changed = _ONE.sub(_keep_object, it.sub(_keep_near, changed))
        if self.group:
            if "such" in words:
                changed = _SUCH.sub(_keep_length, changed)
            if not words.isdisjoint(_QUANTIFIERS):
                changed = _BOTH.sub(_keep_length, changed)
            if not answer.alone:
                changed = _THEY.sub(_keep_length, changed)
        if not words.isdisjoint(_ORDERED) and answer.target.name in answer.asked:
            changed = self._ordinals(answer, changed, text)
        if (
            self.last == "S"
            and SUBJECT not in changed
            and PRONOUN not in changed
            and not _LABEL.match(changed)
        ):
            with_subject = bare_predicate(changed)
            return with_subject, with_subject.count(" ") - changed.count(" ")
        return changed, 0

    def _ordinals(self, answer: Answer, changed: str, text: str) -> str:
        """The first, the second, the others: of the names in this sentence, the one before, or the question."""
        asked = answer.asked
        if len(asked) > 2:
            return _many(asked, answer.target.name, changed)
        order = _order(text) if _LATTER.search(text) else None
        if order is None and "the other" in text and (SUBJECT in text) != (NAME in text):
            # "¤ is genuine, whereas the other one is not."
            order = (SUBJECT, NAME) if SUBJECT in text else (NAME, SUBJECT)
        if (
            order is None
            and len(asked) == 2
            and "the other" in text
            and (SUBJECT in self.before) != (NAME in self.before)
        ):
            # "You need ¤. The other one does not exist."
            order = (SUBJECT, NAME) if SUBJECT in self.before else (NAME, SUBJECT)
        order = order or _order(self.before)
        if order is None and len(asked) == 2:
            order = (SUBJECT, NAME) if asked[0] == answer.target.name else (NAME, SUBJECT)
        if order is None:
            return changed
        mine, other = (_FIRST, _SECOND) if order[0] == SUBJECT else (_SECOND, _FIRST)
        changed = other.sub(_other_name, mine.sub(_keep_length, changed))
        return changed.replace(f"{PRONOUN} , {SUBJECT} , ", f"same , {SUBJECT} , ")

    def follow(self, answer: Answer, row: Sentence, sight: Sight) -> None:
        """Goes on to the next sentence."""
        if SUBJECT not in row.words and NAME not in row.words:
            return
        names = [token.word for token in row.tokens if token.word in (SUBJECT, NAME)]
        self.group = SUBJECT in names
        cut = max((i for i, token in enumerate(row.tokens) if token.word in _TURNS), default=-1)
        final = [token.word for token in row.tokens[cut + 1 :] if token.word in (SUBJECT, NAME)] or names
        self.last = "S" if final[0] == SUBJECT and not (sight.offers_names >= 0 and NAME in names) else "N"


def _order(text: str) -> tuple[str, str] | None:
    named = [word for word in text.split() if word in (SUBJECT, NAME)]
    return (named[0], named[1]) if len(named) == 2 and len(set(named)) == 2 else None


def _many(asked: tuple[str, ...], name: str, text: str) -> str:
    at = asked.index(name)
    mine = {_ORDINALS[at]} if at < len(_ORDINALS) else set()
    if at == len(asked) - 1:
        mine.add("last")
    named = set(_ORDINAL.findall(text))
    if named and not named & mine:
        return _OTHERS.sub(_keep_length, text)
    return _ORDINAL.sub(lambda match: _keep_length(match) if match.group(1) in mine else match.group(), text)


def bare_predicate(text: str) -> str:
    """ "Does not exist." without a subject: it is put in front."""
    return _BARE.sub(
        lambda match: f" {SUBJECT} is " if any(match.groups()) else f" {SUBJECT} ", text, count=1
    )


def _of_spelling(match: re.Match[str]) -> str:
    """ "Check the name": how it is written, not what it names."""
    return match.group()[: -len("name")] + "spelling"


def _keep_length(match: re.Match[str]) -> str:
    if match.group() in ("it", "this", "that", "sie") or match.group().startswith("such "):
        # "Don't use APTX, it does not exist": the pronoun means the name of the nearest clause that has one.
        for part in reversed(_PARTS.split(match.string[: match.start()])):
            if SUBJECT in part:
                if _INDEFINITE.match(part):
                    # "If a company is missing from §, it …" speaks of the company.
                    return match.group()
                break
            if NAME in part or _INDEFINITE.match(part):
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
        if SUBJECT in part and NAME in part:
            # "§ can't be joined to ¤ because it …": the clause goes on about its own subject.
            first = part.index(SUBJECT) < part.index(NAME) and (_REASON.search(part) or _HEADS_IT.match(part))
            return f"{PRONOUN}" if first and match.group() == "it" else match.group()
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


def _keep_object(match: re.Match[str]) -> str:
    """ "… Project, yet the vendor never shipped it": the subject, if no other name stands nearer."""
    before = match.string[: match.start()]
    return _keep_first(match) if before.rfind(SUBJECT) > before.rfind(NAME) else match.group()


def _keep_denied(match: re.Match[str]) -> str:
    """ "… just not in a table with that name"."""
    return " ".join(["there", "is", "no", *["the"] * (match.group().count(" ") - 3), PRONOUN])


def _it(noun: str) -> re.Pattern[str]:
    """Pronouns and the like ("that table", "such a view") for a subject that is called by these nouns."""
    return re.compile(
        rf"(?<= )(?:(?:this|that|the|said|your|diese|die|esa|esta|la|dicha) (?:requested |specified |given |particular |named |mentioned |angefragte |gesuchte |genannte |gewünschte |angegebene )?(?:{noun} )?{noun}(?: (?:solicitada|indicada|mencionada))?(?: (?:(?:that |which )?you (?:asked|are asking|mentioned|requested|named|want|provided|gave|supplied|typed|entered|used|specified|wrote|are looking)(?: (?:about|for))?|in question))?"
        rf"(?= (?:(?:itself )?{_VERBS}|in ⌂|in vista|in viewpoint|im|in ihrer|en vista|in the|in this|, |[.!,;?]|$))"
        rf"|(?:called|named) (?:that|this|so)(?= [.,!;])"
        rf"|(?:eine |die )?{noun} (?:dieses|des|jenes) namens"
        rf"|(?:so eine|solche|tal|solch eine) (?:tabelle|view|sicht|tabla|vista)"
        rf"|such (?:an? )?{noun}s?(?! (?:as|named|called|§|¤))"
        rf"|(?:with|by|of|under|mit|con) (?:that|this|the given|that exact|exactly that|that very|that particular|that specific|such a|this exact|diesem|dem|ese|este) (?:name|namen|nombre)(?! (?:§|¤|of))"
        rf"|(?:with|by|of|under) the name (?:that |which )?you (?:gave|mentioned|asked about|asked for|used|typed|entered|provided|named)(?= [.,;!])"
        rf"|(?<!§ )(?<!what )(?<!how )(?<!why )(?<!when )(?<!where )it(?! is (?:called|named) ¤ )(?! (?:is|was) (?:not )?(?:¤|in [§¤]) )(?= (?:no longer|never|does|is|has|contains|stores|holds|tracks|exists|existed|was|can|could|may|might|will|includes|records|consists|lists|belongs|sits|resides|lives|keeps|gives|shows|serves|maps|corresponds|refers|joins|links|comes) (?!(?:not )?(?:an? (?:\S+ )?(?:misconception|myth|mistake|error|fallacy|misunderstanding|pity|shame|fact)|true|possible|likely|unlikely|clear|unclear|important|recommended|best|worth|necessary|correct|incorrect|right|wrong|safe|false|a myth|appear that|seem that|depends?|that|the case|the truth|to say|as if|as §|as there|like|said|claimed|stated|reported|suggested|mentioned) ))"
        rf"|(?:that|this)(?= (?:is|was)(?: not)? (?:an? |one |the name |none of |not one of |not any of )(?:\S+ ){{0,3}}(?:table|view|name|object|column))"
        rf"|(?:that|this)(?= (?:is|was) not (?:available|part of (?:vista|viewpoint|the)|in (?:vista|viewpoint|the)|present|found|included|defined|something|one of|listed|known|recogni[sz]ed|supported|among) )"
        rf"|(?<=have )the name(?= wrong )|(?<=got )the name(?= wrong )|(?<=with )(?:the|that) name(?= [.,;])"
        rf"|so(?= heißt )|(?:that|this) one(?= (?:is|was|does|has|exists|holds|stores|contains) )"
        rf"|sie(?= (?:existiert|enthält|ist|gibt|speichert) ))(?= )"
    )


def _other_name(match: re.Match[str]) -> str:
    return " ".join(["the"] * match.group().count(" ") + [NAME])


_TABLE_NOUN = r"(?:table|view|object|relation|entity|name|thing|tabelle|tabla|sicht)"
_COLUMN_NOUN = r"(?:column|field|name|thing|object|spalte|columna)"
_TN = r"(?:table|view|object|relation|entity|name|column|field|thing|tabelle|tabla|spalte|columna|sicht)"
_VERBS = r"(?:is|are|was|does|do|did|has|have|can|could|contains|stores|holds|tracks|will|would|exists|belongs|sits|resides|lives|keeps|gives|shows|serves|maps|corresponds|refers|yields|returns|produces|matches|appears|occurs|resolves|sounds|not|nicht|anywhere|existiert|gibt|ist|enthält|hat|speichert|no|existe|contiene|almacena|tiene|es|está)"
_IT, _IT_COLUMN = _it(_TABLE_NOUN), _it(_COLUMN_NOUN)
_ONE = re.compile(
    r"(?<= )(without|not|have|had|find|found|locate|include|included|contain|contained|see|has|no|know of|knows of|heard of|spot|shipped|ships|provided|created|creates|defined|ship with|come with|ships with|comes with|came with|defines|define|carries|carry|knows|know|knew|mentions|lists|offers|offered|introduced|delivered|removed|dropped|retired) (one|it|such a (?:table|thing)|that one|this one|that|that table)(?= (?:[.!,;?:]|in |here|there|anywhere|under|$))"
)
_BOTH = re.compile(
    rf"(?<= )(?<!¤ )(?:both|neither|none|all|either|each)(?: (?:two|three|four)(?= of ))?(?: (?:of )?(?:them|these|those|one|the (?:two|three|tables)|{_TN}s?|two|three|(?:these|those|the two|the) (?:two )?(?:tables|views|names)))?(?= (?:exist|exists|is|are|was|were|do|does|did|has|can|could|contain|contains|hold|have|belong|existieren|existen) (?!(?:called |named |titled |known as )?§))"
)
_SUCH = re.compile(r"(?<= )such (?:tables|views|objects|names|relations)(?= [.,;!:]| in ⌂| exist)")
_THEY = re.compile(
    r"(?<=\A )they(?= (?:are|both|do not exist|exist|are not|aren't) (?:both )?(?:views|tables|real|standard|not|in ⌂|part|there|valid|exist|$|[.,;]))"
)
_BARE = re.compile(
    r"^ (?:(?:status|result|state|verdict|outcome) : |(?:no|nope|nah|well|sadly) (?:, )?)?(?=(?:(?:does|do) not (?:exist|appear)|(not) (?:found|an?|in|present|part|available|real|valid|existing|listed|defined|recognized|known)|no longer exists|never existed|nonexistent|(missing|(?:in)?valid|unknown|exists?|found)(?= [.!:,])|(?:existiert|gibt es) (?:[^ §¤,;:.?!]+ ){0,3}nicht|no existe (?:en ⌂ )?[.:]|(an? (?:base )?(?:view|table|synonym))(?= [.,;!])) )"
)
# "Not real: ¤" is the label of another name.
_LABEL = re.compile(r" [^§¤:]{1,40} : ¤ ")
_FIRST = re.compile(r"(?<= )the (?:first|former)(?: (?:one|table|view|name))?(?= )")
_SECOND = re.compile(
    r"(?<= )the (?:(?:second|latter)(?: (?:one|table|view|name))?|other (?:one|table|view|name))(?= )"
    r"|(?<= )the other(?= (?:is|are|does|do|has|was|exists) )"
)
_LATTER = re.compile(r" [§¤] .*[§¤] .* the (?:latter|former|second|first|other) ")
_ITS = re.compile(
    r" its (?!(?:purpose|job|role|task) is (?:played|served|fulfilled|filled|taken|done) )(?=(?:purpose|job|role|primary key|key|key columns|columns|fields|structure|rows|primary keys) (?:is|are|:|includes?|consists?|has|have) )"
)
_ORDINALS = ("first", "second", "third", "fourth")
_ORDINAL = re.compile(
    r"(?<= )the (first|second|third|fourth|last)(?: one| table| view| name)?(?= (?:is|are|does|do|has|was) )"
)
_OTHERS = re.compile(
    r"(?<= )the (?:other (?:two|three|ones|tables|views)|others|rest)(?= (?:is|are|does|do|has|have|exist) )"
)
_HEADS_IT = re.compile(r" ?(?:the |a |an )?§ (?:is|was|are) ")
_REASON = re.compile(r" (?:because|since|as|although|though|while|for) $")
# "What you asked for does not exist."
_ASKED_FOR = re.compile(
    r"(?<= )what you (?:asked (?:for|about)|mentioned|named|requested|typed|wrote|entered|are asking (?:for|about))(?= (?:does|is|do|can|could) )"
)
_TURNS = word_set("; but however — – aber pero sondern instead")
_PARTS = re.compile(r" (?:[,;:—–-]|but|and) ")
_NOT_SO_NAMED = re.compile(
    rf"(?<= )not (?:in|under|as|with) (?:an? |any )?{_TN} (?:with|by|of|under) (?:that|this|the given) name(?= )"
)
_SPELLING = re.compile(
    r"(?<= )(?:(?:check|recheck|double-check|verify|review|mistyped|misspelled|misspelt)(?: the| that| this| your| its)?|(?:confirm|correct|compare|mind|fix|change|adjust|look at) (?:the|that|this|your|its)) (?:exact |correct |right )?(?:table |view |object |column )?name(?= (?:[.,;:!?]|again|and |or |first|in ⌂|against |with |once |before |for |you |of the |carefully|$))"
)
# "Vista calls it ¤": another name for the subject.
_CALLED = re.compile(r"(?<= (?:calls|names) )(?:it|this|that)(?= ¤ )")
# Words without which a sentence points to nothing.
_POINTERS = word_set(
    "it its this that such sie so the said your diese die esa esta la dicha diesem dem ese este dieses des jenes tal solch "
    "solche eine tabelle tabla one mit con"
)
_QUANTIFIERS = frozenset(("both", "neither", "none", "all", "either", "each"))
_ORDERED = word_set("first former second latter third fourth last other others rest")
_IT_LACKS = re.compile(
    r"(?<= )it(?= (?:(?:does|did) (?:not )?|never |also )?(?:has|have|had|contains?|knows?|holds?|includes?|offers?|lists?|provides?|uses?|ships? with|comes? with) (?:no such (?:table|view|relation|object|name) |(?:no |a |an |any |the )?(?:table |view )?§ ))"
)
_IT_HAS_NONE = re.compile(
    r" (?:but |however , |alas , )?it (?:has (?:none|no such)|does not|has not|did not) "
)
_PLACE_HAD = re.compile(
    r" (?:⌂ (?:had|has|have|did have|knew|came with|contained|included) (?:an? )?§|had ⌂ (?:an? )?§) "
)
_INDEFINITE = re.compile(r" ?(?:if|when|whenever|unless) (?:an?|any|no|some|the) ")

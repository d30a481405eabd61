"""“He”, “the bank”, “het land”: followed to a target only where no other can be meant; rather none than wrong."""

import datetime as dt
import functools
import re
from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from service.sentiment.catalogue import Catalogue, Target
from service.sentiment.roles import holds_office
from service.sentiment.score import Mention, MentionForm, TargetKind
from service.sentiment.strangers import names_other, names_person

Span = tuple[int, int]
_REACH: Final = 600  # code points looked back
_LONGEST: Final = 1_200  # code points of a sentence followed into: longer ones are lists and tables, not prose
_SINGULAR_VERBS: Final = (
    "is|was|heeft|had|wil|wilde|kan|kon|zal|zou|mag|moet|moest|werd|wordt|zegt|zei|vindt|vond|denkt|dacht|verwacht|"
    "waarschuwt|waarschuwde|noemt|noemde|staat|stond|gaat|ging|komt|kwam|krijgt|kreeg|blijft|bleef|pleit|pleitte|stelt|stelde"
)
_HE: Final = {"en": "he|him|his", "nl": "hij|hem"}
_SHE: Final = {"en": "she|her", "nl": rf"(?:zij|ze)(?=\s+(?:{_SINGULAR_VERBS})\b)"}
_POINTING: Final = {  # “op de beurs” is a market place, “naar de bank” any bank
    "en": "(?:the|this|that)",
    "nl": r"(?<!\bop )(?<!\bnaar )(?<!\baan )(?:de|het|deze|dit|die|dat)",
}
# A noun stands for a target only if what follows cannot make it half of another noun (“the cryptocurrency market”).
_GOES_ON: Final = {
    "en": (
        r"(?=['’]s?\b|[^\w\s-]|\s+(?:\w+ed\b|is|was|has|had|will|would|could|can|may|might|should|must|does|did|says|said|"
        r"also|now|still|then|already|again|once|later|last|never|soon|recently|in|on|at|to|as|by|from|with|but|that|which|who|when|while|where|after|before|"
        r"since|during|over|under|through|into|because|if|though|although|than|without|until|about|against|amid|between|its|"
        r"saw|made|took|got|gave|held|kept|lost|won|fell|rose|bought|sold|sees|keeps|holds|faces|plans|expects|remains|"
        r"continues|wants|needs|makes|takes|gets|gives|offers|shows|buys|sells|owns|rises|falls|uses|warns|argues|hopes|"
        r"trades|becomes|began|begins|went|goes|spoke|left|met|wrote|manages|cites|told|tells|thinks|knows|believes)\b|\s*$)"
    ),
    "nl": r"(?!\s+(?:van|voor|en|of)\b)(?!-)",
}
_CLAUSE_END: Final = re.compile(r"[:–—\"“”„]")
_MARKS: Final = re.compile(r"[\"“”„«»]")


@dataclass(frozen=True, slots=True)
class _Followers:
    """The words of a language that can stand for a target: one pattern, and which groups each noun stands for."""

    pattern: re.Pattern[str]
    groups: dict[str, frozenset[str]]


@functools.lru_cache(maxsize=16)
def _followers(catalogue: Catalogue, language: str) -> _Followers | None:
    if language not in _HE:
        return None
    groups: dict[str, set[str]] = {}
    for group, nouns in catalogue.nouns:
        for noun in nouns.of(language):
            groups.setdefault(noun.lower(), set()).add(group)
    listed = "|".join(re.escape(noun) for noun in sorted(groups, key=len, reverse=True)) or r"(?!)"
    pattern = (
        rf"\b(?:(?P<he>{_HE[language]})\b|(?P<she>{_SHE[language]})\b(?!\s+or\b)"
        rf"|{_POINTING[language]}\s(?P<noun>{listed})\b{_GOES_ON[language]})"
    )
    return _Followers(re.compile(pattern, re.IGNORECASE), {noun: frozenset(found) for noun, found in groups.items()})


def has_followers(text: str, language: str, catalogue: Catalogue) -> bool:
    """Whether any word of the text could stand for a target."""
    followers = _followers(catalogue, language)
    return followers is not None and followers.pattern.search(text) is not None


def follow(
    text: str,
    named: Sequence[Mention],
    *,
    language: str,
    catalogue: Catalogue,
    sentences: Sequence[Span],
    at: dt.datetime | None,
) -> list[Mention]:
    """`named` and what refers to them, sorted.

    A pronoun or noun is followed if exactly one target that fits was spoken of before it in its own clause, or else in
    the sentence right before, and nobody outside the catalogue is near who could be meant.
    """
    followers = _followers(catalogue, language)
    if followers is None:
        return list(named)
    walk = _Walk(text, named, catalogue, followers, at)
    previous: Span | None = None
    for sentence in sentences:
        if previous is not None and text[previous[1] : sentence[0]].strip():
            previous = None
        walk.read(sentence, previous)
        previous = sentence
    return sorted(walk.mentions, key=_start)


class _Walk:
    """Reads the sentences in order; `mentions` grows by those followed."""

    def __init__(
        self,
        text: str,
        named: Sequence[Mention],
        catalogue: Catalogue,
        followers: _Followers,
        at: dt.datetime | None,
    ) -> None:
        self.text, self.named, self.catalogue, self.followers, self.at = text, named, catalogue, followers, at
        self.mentions = list(named)
        self.before: list[Mention] = []  # of the sentence before

    def read(self, sentence: Span, previous: Span | None) -> None:
        """Follow what the sentence holds, in order, so that one followed word can lead to the next."""
        first = bisect_left(self.named, sentence[0], key=_start)
        here = list(self.named[first : bisect_left(self.named, sentence[1], key=_start)])
        if previous is None:
            self.before = []
        if (here or self.before) and sentence[1] - sentence[0] <= _LONGEST:
            for match in self.followers.pattern.finditer(self.text, *sentence):
                found = self._follow(match, sentence, here, previous)
                if found is not None:
                    self.mentions.append(found)
                    insort(here, found, key=_start)
        self.before = here

    def _follow(
        self, match: re.Match[str], sentence: Span, here: Sequence[Mention], previous: Span | None
    ) -> Mention | None:
        start, end = match.span()
        upto = bisect_left(here, start, key=_start)
        if (upto and here[upto - 1].end > start) or (upto < len(here) and here[upto].start < end):
            return None  # part of a name or title
        opening = max(sentence[0], start - _REACH)
        if match["noun"] is None and len(_MARKS.findall(self.text, opening, start)) % 2:
            return None  # in a quotation “he” is whoever the speaker speaks of
        earlier = here[bisect_left(here, opening, key=_start) : upto]
        target = None if self._is_object(match) else self._choose(match, earlier, opening, (opening,))
        if target is None and not self._fitting(match, earlier) and previous is not None:
            back = max(previous[0], start - _REACH)
            nearby = [mention for mention in self.before if mention.start >= back] + list(earlier)
            target = self._choose(match, nearby, back, (previous[0], sentence[0]))
        elif target is not None and _CLAUSE_END.search(self.text, earlier[-1].end, start):
            target = None
        return Mention(target.key, start, end, MentionForm.PRONOUN) if target else None

    def _is_object(self, match: re.Match[str]) -> bool:
        """Whether the pronoun is what its clause does something to: that is never the clause's own subject."""
        word = match[0].lower()
        return word in ("him", "hem") or (
            word == "her" and not self.text[match.end() : match.end() + 2].strip().isalpha()
        )

    def _choose(
        self, match: re.Match[str], mentions: Sequence[Mention], opening: int, starts: tuple[int, ...]
    ) -> Target | None:
        """The only target of `mentions` that fits, if no stranger stands between `opening` and the word."""
        fitting = self._fitting(match, mentions)
        if len(fitting) != 1:
            return None
        target = fitting.popitem()[1]
        if target.kind is TargetKind.PERSON:
            spare = (match["noun"] or "").lower()
            if names_person(self.text, opening, match.start(), mentions, spare=spare):
                return None
        return None if names_other(self.text, opening, match.start(), starts, mentions) else target

    def _fitting(self, match: re.Match[str], mentions: Sequence[Mention]) -> dict[str, Target]:
        """The targets of `mentions` that the word could stand for, by key."""
        fitting: dict[str, Target] = {}
        for key in {mention.target for mention in mentions}:
            target = self.catalogue.get(key)
            if target is not None and self._fits(match, target):
                fitting[key] = target
        return fitting

    def _fits(self, match: re.Match[str], target: Target) -> bool:
        if match["noun"] is None:
            return target.kind is TargetKind.PERSON and target.pronoun == match.lastgroup
        groups = self.followers.groups[match["noun"].lower()]
        return (target.group or target.kind.value) in groups and holds_office(target, self.at)


def _start(mention: Mention) -> int:
    return mention.start

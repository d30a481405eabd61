"""Who says what, and of whom: direct and indirect speech in English and Dutch, a speaker → target edge for each.

“…” with speaker and verb beside → direct; `speaker verb that …`, `…, verb speaker`, `according to speaker` → indirect
"""

import functools
import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from service.sentiment.catalogue import Catalogue
from service.sentiment.lexicons import content_hash, read_rows
from service.sentiment.score import Mention, TargetKind

Span = tuple[int, int]
_LONGEST: Final = 1_200  # code points of a sentence or quotation read
_ABOUT: Final = re.compile(r",\s(?:who|whose|die|wiens|an?|een)\b")  # “according to X, who …”: what follows is of X
_BESIDE: Final = 160  # code points from the marks within which their speaker is named
_SHORTEST: Final = 3  # words: less between marks is a name or a “so-called” something
_CODE: Final = 1  # raised whenever this module finds other quotes by the same words: part of the version
LANGUAGES: Final = frozenset({"en", "nl"})
_NAME: Final = re.compile(
    r"\b(?!(?:The|De|Het)\s)(?:[A-Z][\w’'-]+)(?:\s(?:(?:van|de|der|den|von|bin|al|da)\s){0,2}[A-Z][\w’'-]+){1,3}"
)
_MARKED: Final = re.compile(r"“([^“”]{2,1200})”|„([^„”“]{2,1200})[”“]|\"([^\"]{2,1200})\"|‘([^‘’]{8,1200})’(?!\w)")
_GAP: Final = {  # between verb and what is said, or speaker and verb: adverbs, days, whom it is told
    "en": r"(?:\s(?:on|in|at|to|also|later|earlier|again|recently|today|yesterday|\w+day|the|\w+ly|\w+s)){0,4}",
    "nl": r"(?:\s(?:op|in|ook|later|eerder|weer|onlangs|vandaag|gisteren|\w+dag|de|het|tegen|aan)){0,4}",
}
_THAT: Final = {"en": "that", "nl": "dat"}
_SAY: Final = {"en": "said|says", "nl": "(?!)"}  # verbs that need no “that” before what is said
_NOT_SAID: Final = re.compile(r"\s*(?:goodbye|nothing|no\b|yes\b|so\b|to\b|by\b|hello|on\b|in\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Quote:
    """Words reported of a speaker: `text[start:end]` (code points, marks left out), introduced by `verb`.

    `speaker` is a catalogue key if `is_target`, else the name as it stands there; `targets` are the keys of who is
    spoken of in the words, in order, each once.
    """

    speaker: str
    is_target: bool
    verb: str
    start: int
    end: int
    targets: tuple[str, ...]
    is_direct: bool


@dataclass(frozen=True, slots=True)
class _Grammar:
    """What stands between a speaker and the words said."""

    verb: re.Pattern[str]
    gap: str
    source: re.Pattern[str]
    before: re.Pattern[str]  # verb … that
    say: re.Pattern[str]


@functools.cache
def version() -> str:
    """Changes whenever other quotes could be found: `code-words`, the latter 12 hex digits of the word lists."""
    return f"{_CODE}-{content_hash(('en_grammar.tsv', 'nl_grammar.tsv', 'quoting.tsv'))}"


def find(
    text: str,
    mentions: Sequence[Mention],
    *,
    language: str,
    catalogue: Catalogue,
    spans: Sequence[Span],
    sentences: Iterable[Span],
) -> tuple[Quote, ...]:
    """The quotes within `spans` ([start, end) in code points, sorted: title and body passages), sorted and apart.

    None in a language other than `LANGUAGES`. `mentions` (sorted) are those of the spans by `catalogue`, whose assets
    do not speak; `sentences` those of the spans, in order. Direct speech may run over several sentences but not over
    the border of a span, indirect speech stays in one sentence; what “he” says is left out where nobody knows who he
    is.
    """
    if language not in LANGUAGES:
        return ()
    reader = _Reader(text, mentions, catalogue, _grammar(language), spans)
    direct = [quote for span in spans for quote in reader.direct(*span)]
    marked = [match.span() for span in spans for match in _MARKED.finditer(text, *span)]
    indirect = [
        quote
        for start, end in sentences
        if end - start <= _LONGEST and not _meets(marked, start, end)
        for quote in reader.indirect(start, end)
    ]
    said = (quote for quote in (*direct, *indirect) if quote.start < quote.end)
    return tuple(sorted(said, key=lambda quote: quote.start))


class _Reader:
    def __init__(
        self, text: str, mentions: Sequence[Mention], catalogue: Catalogue, grammar: _Grammar, spans: Sequence[Span]
    ) -> None:
        self.text, self.grammar = text, grammar
        self.mentions = mentions
        taken = [(one.start, one.end) for one in mentions]
        named = [(one.start, one.end, one.target, True) for one in mentions if _speaks(one, catalogue)]
        names = [match.span() for span in spans for match in _NAME.finditer(text, *span)]
        strangers = [(start, end, text[start:end], False) for start, end in names if not _meets(taken, start, end)]
        self.speakers = sorted((*named, *strangers))

    def _speakers(self, start: int, end: int) -> list[tuple[int, int, str, bool]]:
        """Who is named wholly within text[start:end]."""
        found = self.speakers[bisect_left(self.speakers, (start,)) : bisect_left(self.speakers, (end,))]
        return [one for one in found if one[1] <= end]

    def direct(self, first: int, behind: int) -> Iterable[Quote]:
        """Words of text[first:behind] between marks, with their speaker right behind or right before them."""
        last: tuple[int, tuple[str, bool, str]] | None = None
        for match in _MARKED.finditer(self.text, first, behind):
            start, end = next(match.span(group) for group in range(1, 5) if match[group] is not None)
            if len(self.text[start:end].split()) < _SHORTEST:
                continue
            found = self._behind(match.end(), behind) or self._ahead(match.start(), first)
            if found is None and last is not None and self._is_split(last[0], match.start()):
                found = last[1]
            if found is not None:
                last = match.end(), found
                yield self._quote(found, start, end, is_direct=True)

    def indirect(self, start: int, end: int) -> Iterable[Quote]:
        """What one sentence reports without marks: at most one quote."""
        for low, high, who, is_target in self._speakers(start, end):
            opening = self.text[start:low]
            source = self.grammar.source.search(opening)
            if source is not None:
                if not opening[: source.start()].strip() and not _ABOUT.match(self.text, high):
                    yield self._said((who, is_target, source[1]), high, end)
                    return
                comma = self.text[start : start + source.start()].rstrip()
                if comma.endswith(",") and not self.text[high:end].strip(" .!"):
                    yield self._said((who, is_target, source[1]), start, start + len(comma) - 1)
                    return
                continue
            verb = self.grammar.before.match(self.text, high, end) or self.grammar.say.match(self.text, high, end)
            if verb is not None and not _NOT_SAID.match(self.text, verb.end()):
                yield self._said((who, is_target, verb[1]), verb.end(), end)
                return
            closing = self._closing(start, low, high, end)
            if closing is not None:
                yield self._said((who, is_target, closing[0]), start, closing[1])
                return

    def _closing(self, start: int, low: int, high: int, end: int) -> tuple[str, int] | None:
        """The verb and the end of what is said where the speaker closes the sentence: “…, said X”, “…, X said”."""
        comma = self.text.rfind(",", start, low)
        if comma < 0:
            return None
        between, rest = self.text[comma + 1 : low], self.text[high:end]
        inverted = re.fullmatch(rf"\s*({self.grammar.verb.pattern})\s(?:(?:the|de|het)\s)?", between)
        if inverted is not None:
            return inverted[1], comma
        after = re.match(rf"\s({self.grammar.verb.pattern}){self.grammar.gap}\s*[.!]?\s*$", rest)
        return (after[1], comma) if after is not None and between.strip() in ("", "the", "de", "het") else None

    def _behind(self, place: int, limit: int) -> tuple[str, bool, str] | None:
        """Speaker and verb that follow the closing mark: `, said X` or `, X said`."""
        inverted = re.compile(rf",?\s({self.grammar.verb.pattern})\s(?:(?:the|de|het)\s)?")
        verb = inverted.match(self.text, place, limit)
        for low, high, who, is_target in self._speakers(place, min(place + _BESIDE, limit)):
            if verb is not None and low == verb.end():
                return who, is_target, verb[1]
            if re.fullmatch(r",?\s(?:(?:[Tt]he|[Dd]e|[Hh]et)\s)?", self.text[place:low]):
                after = re.compile(rf"\s({self.grammar.verb.pattern})\b").match(self.text, high, limit)
                return (who, is_target, after[1]) if after is not None else None
        return None

    def _ahead(self, place: int, limit: int) -> tuple[str, bool, str] | None:
        """Speaker and verb that lead up to the opening mark: `X said: `, `X told them, `."""
        lead = re.compile(rf"\s({self.grammar.verb.pattern})\b[^.:;\"“”]{{0,60}}[:,]\s$")
        for _, high, who, is_target in reversed(self._speakers(max(place - _BESIDE, limit), place)):
            match = lead.match(self.text, high, place)
            if match is not None:
                return who, is_target, match[1]
        return None

    def _is_split(self, closed: int, opens: int) -> bool:
        """Whether only who speaks stands between two quotations: “…,” X said, “…”."""
        between = self.text[closed:opens]
        return len(between) <= 100 and between.rstrip().endswith(",") and "." not in between

    def _said(self, found: tuple[str, bool, str], start: int, end: int) -> Quote:
        return self._quote(found, start, end, is_direct=False)

    def _quote(self, found: tuple[str, bool, str], start: int, end: int, *, is_direct: bool) -> Quote:
        while start < end and self.text[start] in " ,:\n":
            start += 1
        while end > start and self.text[end - 1] in " .,\n":
            end -= 1
        inside = dict.fromkeys(one.target for one in self.mentions if start <= one.start and one.end <= end)
        return Quote(*found, start, end, tuple(inside), is_direct)


@functools.lru_cache(maxsize=4)
def _grammar(language: str) -> _Grammar:
    """From the words the scorers damp speakers by, and the few that only quoting needs."""
    listed = dict(read_rows(f"{language}_grammar.tsv"))
    more = dict(read_rows("quoting.tsv"))[language].split()
    sources = set(listed["source"].split()) - {"said_by", "told_by", "per"}
    verbs = {*listed["speech"].split(), *more} - {"say", "vinden", *(sources - {"aldus"})}
    verb = rf"(?:{_either(verbs)})"
    aside = r"(?:,[^,.;]{2,60},)?"
    gap = _GAP[language]
    return _Grammar(
        re.compile(verb),
        gap,
        re.compile(rf"\b({_either(sources)})\s(?:(?:the|de|het)\s)?$", re.IGNORECASE),
        re.compile(rf"{aside}\s({verb}){gap}\s{_THAT[language]}\s"),
        re.compile(rf"{aside}\s({_SAY[language]})\s"),
    )


def _speaks(mention: Mention, catalogue: Catalogue) -> bool:
    target = catalogue.get(mention.target)
    return target is None or target.kind is not TargetKind.ASSET


def _meets(marked: Sequence[Span], start: int, end: int) -> bool:
    """Whether one of `marked` (sorted, apart) reaches into [start, end)."""
    before = bisect_left(marked, (end,))
    return before > 0 and marked[before - 1][1] > start


def _either(words: Iterable[str]) -> str:
    return "|".join(re.escape(word).replace("_", r"\s") for word in sorted(words, key=len, reverse=True))

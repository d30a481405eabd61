"""Which article an item of a feed is: one already held, told again or edited, or a story of its own.

Evidence in this order: its address, its GUID, its words. A source that edits a headline may give a new address and a
new GUID with it, and one that is careless gives another story an old GUID: names alone decide neither. Precision goes
before recall: two stories made one cannot be told apart again, one story made two is still found as near-duplicates.
"""

import datetime as dt
import enum
import re
import zlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from service.news.article import Article, key_of

NEAR = dt.timedelta(days=3)
"""Items told further apart than this are not one story by their words alone."""
READ_WORDS = 300
"""How many words of a body are compared."""
_DAILY = dt.timedelta(hours=12)
"""And if their texts are short: a daily column may have the same teaser every day."""
_LONG = 40  # words
LEAST_WORDS = 8
"""Of a text with fewer nothing can be told."""
BESIDE = 0.5
"""Two items that a feed tells side by side under one address are one story from this resemblance on."""
_APART = 0.2  # and at different times
_STEM = 4  # letters of a word that inflection leaves alone
_SKETCH = 8
_MOST_CANDIDATES = 24  # of a boilerplate text, the latest
_WORD = re.compile(r"\w[\w'’.,-]*\w|\w")


class Ruling(enum.Enum):
    """What an item is, and by what it was told."""

    NEW = "new"
    SAME = "same"  # the same address
    GUID_CHANGED = "guid_changed"  # the same address under another GUID
    PERMALINK_CHANGED = "permalink_changed"  # the same GUID at another address
    SAME_STORY = "same_story"  # other address, other GUID, the same words
    GUID_REUSED = "guid_reused"  # an old GUID, another story
    ADDRESS_REUSED = "address_reused"  # an old address, another story
    ELSEWHERE = "elsewhere"  # the article of another source


@dataclass(frozen=True, slots=True)
class Said:
    """What an item says: headline, and the first `READ_WORDS` words of its text without the headline, as written."""

    title: str
    words: tuple[str, ...]
    shingles: frozenset[int] = field(repr=False, compare=False)  # hashes of each three words in a row

    @property
    def sketch(self) -> tuple[int, ...]:
        """The least few of the shingles: two texts that are nearly one share at least one of them."""
        return tuple(sorted(self.shingles)[:_SKETCH])

    @property
    def facts(self) -> frozenset[str]:
        """Names and numbers of the text: what a template leaves open."""
        return frozenset(word for word in self.words if word[0].isupper() or word[0].isdigit())


def read_said(title: str, text: str) -> Said:
    """What is said by a headline and a text that may begin with it."""
    words = tuple(_WORD.findall(text.removeprefix(title)[: READ_WORDS * 12]))[:READ_WORDS]
    folded = [word.casefold() for word in words]
    three = zip(folded, folded[1:], folded[2:], strict=False)
    return Said(title, words, frozenset(zlib.crc32(" ".join(run).encode("utf-8", "replace")) for run in three))


@dataclass(frozen=True, slots=True)
class Likeness:
    """What an item is told by. `url` is the article's identity (an address, `guid:…` or `text:…`); instants are UTC."""

    url: str
    source: str
    guid: str
    said: Said
    published: dt.datetime | None
    seen_at: dt.datetime


def likeness_of(article: Article) -> Likeness:
    """The likeness of an article."""
    said = read_said(article.title, article.text)
    return Likeness(article.url, article.source, article.guid, said, article.published.instant, article.first_seen_at)


@dataclass(frozen=True, slots=True)
class Decision:
    """The identity of the article an item belongs to, and why."""

    url: str
    ruling: Ruling

    @property
    def is_held(self) -> bool:
        """Whether the item belongs to an article that was known before."""
        return self.ruling not in (Ruling.NEW, Ruling.GUID_REUSED, Ruling.ADDRESS_REUSED)


def decide(found: Likeness, known: Sequence[Likeness], *, is_beside: bool = False) -> Decision:
    """Which of the `known` (or none) `found` is; the order of `known` does not matter.

    Several of `known` may be of one article. `is_beside`: its feed tells another item of the same address with it,
    which asks for more resemblance before the two are one.
    """
    ranked = sorted(known, key=lambda one: _rank(found, one))
    of_address = [one for one in ranked if one.url == found.url]
    if of_address and of_address[0].source != found.source:
        return Decision(found.url, Ruling.ELSEWHERE)
    own = [one for one in ranked if one.source == found.source]
    is_reused = bool(of_address) and all(_is_other_at_address(found, one, is_beside=is_beside) for one in of_address)
    if of_address and not is_reused:
        is_same_guid = not found.guid or any(one.guid in ("", found.guid) for one in of_address)
        return Decision(found.url, Ruling.SAME if is_same_guid else Ruling.GUID_CHANGED)
    of_guid = [one for one in own if found.guid and one.guid == found.guid]
    for one in of_guid:
        if one.url != found.url and _is_story_of_guid(found, one):
            return Decision(one.url, Ruling.PERMALINK_CHANGED)
    for one in own:
        if one.url != found.url and _is_rewritten(found, one):
            return Decision(one.url, Ruling.SAME_STORY)
    if is_reused:
        name = _name_apart(found, {one.url for one in known})
        return Decision(name, Ruling.ADDRESS_REUSED if _has_address(found) else Ruling.GUID_REUSED)
    return Decision(found.url, Ruling.GUID_REUSED if of_guid else Ruling.NEW)


def _rank(found: Likeness, one: Likeness) -> tuple[object, ...]:
    """Order of the known: the most alike first, then the first seen; no two that differ are equal in it."""
    published = one.published.timestamp() if one.published else -1.0
    alike = measure_resemblance(found.said, one.said)
    return -alike, one.seen_at, one.url, one.source, one.guid, published, one.said.title, one.said.words


def _has_address(found: Likeness) -> bool:
    return found.url.startswith(("http://", "https://"))


def _name_by_guid(found: Likeness) -> str:
    """The identity of a story that is known by its GUID; "" where it has none beside its address."""
    return f"guid:{found.source}:{found.guid}" if _has_address(found) and found.guid else ""


def _name_apart(found: Likeness, held: Collection[str]) -> str:
    """An identity for a story whose address (or GUID, where it has no address) is another's already, not one `held`."""
    by_guid = _name_by_guid(found)
    if by_guid and by_guid not in held:
        return by_guid
    told = "\x00".join((found.said.title, *found.said.words))
    return f"{found.url}#{key_of(told)}"


def _is_blank(one: Likeness) -> bool:
    """Whether nothing is left to compare with: title and text of an old article were taken out of the store."""
    return not one.said.title and not one.said.words


def _is_other_at_address(found: Likeness, one: Likeness, *, is_beside: bool) -> bool:
    if _is_blank(one):
        return False
    if found.url.startswith("guid:"):  # known by its GUID only
        return not _is_story_of_guid(found, one)
    if not _has_address(found) or (found.guid and found.guid == one.guid):
        return False
    if not (found.guid and one.guid) and not (is_beside and _count_words(found, one) >= LEAST_WORDS):
        return False
    return measure_resemblance(found.said, one.said) < (BESIDE if is_beside else _APART)


def _is_story_of_guid(found: Likeness, one: Likeness) -> bool:
    titles, texts = _compare_titles(found.said, one.said), _contain(found.said, one.said)
    if found.said == one.said or _is_blank(one):
        return True
    if texts is None:
        return titles >= 0.5 or (titles >= 0.3 and _path(found.url) == _path(one.url))
    if _is_template(found.said, one.said) and not _is_near(found, one, _DAILY):
        return False
    return texts >= 0.3 or (titles >= 0.5 and texts >= 0.1)


def _is_rewritten(found: Likeness, one: Likeness) -> bool:
    """Whether two items without a name in common are one story told twice within days."""
    shortest = _count_words(found, one)
    if not _is_near(found, one, NEAR if shortest >= _LONG else _DAILY):
        return False
    title = fold_title(found.said.title)
    is_same_title = title == fold_title(one.said.title)
    if shortest < LEAST_WORDS:  # next to no text: only the very same headline, of some length, and the very same words
        return is_same_title and len(title.split()) >= 6 and found.said.words == one.said.words
    if _is_template(found.said, one.said):
        return False
    alike = _jaccard(found.said.shingles, one.said.shingles)
    if is_same_title and len(title.split()) >= 4:
        return alike >= 0.5
    is_about_it = min(_support_title(found.said), _support_title(one.said)) >= 0.5
    return is_about_it and alike >= (0.7 if shortest >= _LONG else 0.9)


def _support_title(said: Said) -> float:
    """Share of the headline's longer words that the text has: next to none where a wall stands in the text's place."""
    stems = {word[:_STEM] for word in fold_title(said.title).split() if len(word) >= 4}
    told = {word.casefold()[:_STEM] for word in said.words}
    return len(stems & told) / len(stems) if stems else 0.0


def _is_template(found: Said, one: Said) -> bool:
    """Whether each tells names or numbers the other does not: a form filled in twice, rather than an edit."""
    facts, others = found.facts, one.facts
    return min(len(facts - others), len(others - facts)) > len(facts | others) // 10


def _is_near(found: Likeness, one: Likeness, within: dt.timedelta) -> bool:
    if found.published is not None and one.published is not None:
        return abs(found.published - one.published) <= within
    return abs(found.seen_at - one.seen_at) <= within


def _count_words(found: Likeness, one: Likeness) -> int:
    return min(len(found.said.words), len(one.said.words))


def measure_resemblance(found: Said, one: Said) -> float:
    """0–1: how much of the shorter text is in the other, or of the headlines in common, whichever is more."""
    return 1.0 if found == one else max(_compare_titles(found, one), _contain(found, one) or 0.0)


def _compare_titles(found: Said, one: Said) -> float:
    return _jaccard(frozenset(fold_title(found.title).split()), frozenset(fold_title(one.title).split()))


def _contain(found: Said, one: Said) -> float | None:
    """Share of the shorter text's shingles in the other's; None where one is too short to tell."""
    if min(len(found.words), len(one.words)) < LEAST_WORDS:
        return None
    return len(found.shingles & one.shingles) / min(len(found.shingles), len(one.shingles))


def _jaccard(one: frozenset[int] | frozenset[str], other: frozenset[int] | frozenset[str]) -> float:
    union = len(one | other)
    return len(one & other) / union if union else 0.0


def fold_title(title: str) -> str:
    """The words of a headline in lower case."""
    return " ".join(_WORD.findall(title)).casefold()


def _path(url: str) -> str:
    return urlsplit(url).path or url


class Register:
    """The likenesses one source's items are held against, found by address, GUID, headline or words."""

    def __init__(self, known: Iterable[Likeness] = ()) -> None:
        self._found: dict[tuple[str, object], list[Likeness]] = defaultdict(list)
        for one in known:
            self.add(one)

    def add(self, one: Likeness) -> None:
        """Take in what is held from now on."""
        for trace in _traces(one):
            if one not in self._found[trace]:
                self._found[trace].append(one)

    def decide(self, found: Likeness, *, is_beside: bool = False) -> Decision:
        """As the function `decide`, against all that is held."""
        traces = [*_traces(found), ("url", _name_by_guid(found))]
        met = {one: None for trace in traces for one in self._found.get(trace, ())[-_MOST_CANDIDATES:]}
        return decide(found, list(met), is_beside=is_beside)


def _traces(one: Likeness) -> list[tuple[str, object]]:
    named: list[tuple[str, object]] = [("url", one.url), ("title", fold_title(one.said.title))]
    if one.guid:
        named.append(("guid", one.guid))
    return named + [("words", shingle) for shingle in one.said.sketch]

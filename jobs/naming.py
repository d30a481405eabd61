"""Under which name each entry of a feed is remembered, so that it is known when the feed tells it again.

Its canonical address, else its GUID, else its headline. Where two entries of one feed share that name and are not one
story, the lower one is remembered by its GUID, or by all it says.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from service.errors import BadInput
from service.news import identity, urls
from service.news.article import FeedEntry
from service.news.text.markup import to_text
from storage.entries import SeenEntry


@dataclass(frozen=True, slots=True)
class Named:
    """An entry, the key and fingerprint it is remembered by, its canonical address, and what is held of it.

    `is_beside`: its feed tells another entry of the same address beside it. The address of a front page is none.
    """

    entry: FeedEntry
    key: str
    fingerprint: str
    address: str
    seen: SeenEntry | None
    is_beside: bool = False

    def is_fresh(self, source: str) -> bool:
        """Whether it is new, or this source's own and edited."""
        return self.seen is None or (self.seen.source == source and self.seen.fingerprint != self.fingerprint)


Recall = Callable[[Collection[str]], Mapping[str, SeenEntry]]


def name_entries(entries: Sequence[FeedEntry], source: str, recall: Recall) -> list[Named]:
    """The entries with their names, in the feed's order; what a feed repeats is named once, the upper one."""
    known = recall({key for entry in entries for key in _keys(entry, source)})
    by_key: dict[str, FeedEntry] = {}
    for entry in entries:
        key = _choose_key(entry, source, known)
        if key in by_key and is_other_story(by_key[key], entry):
            key = _name_apart(entry, source)
        by_key.setdefault(key, entry)
    known = {**known, **recall(by_key.keys() - known.keys())}
    addresses = [address_of(entry) for entry in by_key.values()]
    times = Counter(addresses)
    return [
        Named(
            entry,
            key,
            fingerprint(entry),
            address,
            known.get(key),
            is_beside=bool(address) and times[address] > 1,
        )
        for (key, entry), address in zip(by_key.items(), addresses, strict=True)
    ]


def address_of(entry: FeedEntry) -> str:
    """The canonical address of an entry's story, or "" where it has none or names a front page only."""
    try:
        address = urls.canonical(entry.url)
    except BadInput:
        return ""
    return "" if address.endswith("/") else address


def entry_key(entry: FeedEntry, source: str) -> str:
    """What an entry is remembered under: its canonical address, else its GUID, else its title."""
    return _keys(entry, source)[0]


def fingerprint(entry: FeedEntry) -> str:
    """A hash of what the feed says of the entry; changes with any edit of title, summary or content."""
    said = "\x00".join((entry.title, entry.summary, entry.content_html))
    return _hash(said)


def is_other_story(one: FeedEntry, other: FeedEntry) -> bool:
    """Whether two entries that one feed tells under one name are two stories: other words in headline and text."""
    if one.guid and one.guid == other.guid:
        return False
    first, second = (identity.read_said(entry.title, _text(entry)) for entry in (one, other))
    if not (one.guid and other.guid) and min(len(first.words), len(second.words)) < identity.LEAST_WORDS:
        return False  # too little to tell, and no second name
    return identity.measure_resemblance(first, second) < identity.BESIDE


def _text(entry: FeedEntry) -> str:
    return max(entry.summary, to_text(entry.content_html), key=len)


def _keys(entry: FeedEntry, source: str) -> tuple[str, ...]:
    """Every name the entry may be remembered under, the foremost first."""
    names = [name for name in (address_of(entry), f"guid:{source}:{entry.guid}" if entry.guid else "") if name]
    return tuple(_hash(name) for name in names or [f"title:{source}:{entry.title}"])


def _choose_key(entry: FeedEntry, source: str, known: Mapping[str, SeenEntry]) -> str:
    keys = _keys(entry, source)
    return next((key for key in reversed(keys) if key in known), keys[0])


def _name_apart(entry: FeedEntry, source: str) -> str:
    return _keys(entry, source)[-1] if entry.guid else _hash(f"told:{source}:{fingerprint(entry)}")


def _hash(name: str) -> str:
    return hashlib.sha256(name.encode(errors="replace")).hexdigest()[:32]

"""Stories: texts not placed yet → the earlier texts they may tell again → store, a batch a transaction.

    stories.load_unplaced ─▶ prints ─▶ keys ─ store ─▶ members and texts found under them ─▶ Shelf.place ─▶ stories.save

Texts are placed in the order in which they could be known. One that arrives late, after others that could be known
later were placed, is placed among what came before it; those others stay where they are.
"""

from collections import Counter
from collections.abc import Collection, Sequence

import sqlalchemy as sa

from jobs.console import Advance
from jobs.house import House
from jobs.record import Outcome
from service.news.stories.clusters import Placed
from service.news.stories.matching import FindTargets, Kind
from service.news.stories.prints import Print, StoryText, take
from service.news.stories.shelf import Order, Shelf
from service.sentiment.catalogue import Catalogue
from service.sentiment.naming import find_names
from storage import database, stories

BATCH = 500
KEPT = 3000
"""Prints that are kept from batch to batch, so that texts of one time are read once."""


def tell_stories(house: House, advance: Advance, batch_size: int = BATCH) -> Outcome:
    """Place every text that is in no story yet, `batch_size` a transaction; counts texts by what they are to it."""
    counts: Counter[str] = Counter({"texts": 0, **{f"{kind.value}s": 0 for kind in Kind if kind is not Kind.COPY}})
    counts["copies"] = 0
    kept: dict[int, Print] = {}
    after: Order | None = None
    while batch := _load(house, after, batch_size):
        taken = [take(one) for one in batch]
        with database.begin(house.engine) as connection:
            placed = _place(connection, taken, kept, find_targets_with(house.catalogue))
            keyed = [(one, its.keys) for one, its in zip(placed, taken, strict=True)]
            stories.save(connection, keyed, recorded_at=house.clock())
        counts.update(_count(placed))
        after = batch[-1].order
        advance(len(batch))
    return Outcome(counts)


def _load(house: House, after: Order | None, most: int) -> list[StoryText]:
    with database.read(house.engine) as connection:
        return stories.load_unplaced(connection, limit=most, after=after)


def _place(
    connection: sa.Connection, taken: Sequence[Print], kept: dict[int, Print], find_targets: FindTargets
) -> list[Placed]:
    shelf = Shelf(find_targets, prints=kept)
    _fill(connection, shelf, taken)
    wanted = {text for one in taken for text in shelf.choose(one)} - kept.keys()
    kept |= {told.revision: take(told) for told in stories.load_texts(connection, wanted)} if wanted else {}
    placed = [shelf.place(one) for one in taken]
    for old in list(kept)[: max(0, len(kept) - KEPT)]:
        del kept[old]
    return placed


def _fill(connection: sa.Connection, shelf: Shelf, taken: Sequence[Print]) -> None:
    """What the store holds of texts that share a key with one of the batch, or are of one of its articles."""
    wanted = {key for one in taken for key in one.wanted}
    keys: dict[int, list[int]] = {}
    for key, text in stories.find_texts(connection, wanted):
        keys.setdefault(text, []).append(key)
    members = stories.load_members(connection, keys.keys())
    members |= stories.load_members_of(connection, {one.told.article for one in taken})
    for text, member in members.items():
        shelf.add(text, member, keys.get(text, ()))
    shelf.orders |= stories.load_orders(connection, {member.story for member in members.values()})


def _count(placed: Collection[Placed]) -> Counter[str]:
    names = {Kind.COPY: "copies"}
    counted = Counter(names.get(one.kind, f"{one.kind.value}s") for one in placed)
    counted["texts"] = len(placed)
    return counted


def find_targets_with(catalogue: Catalogue) -> FindTargets:
    """Who is named in a text by the names of a catalogue, each text read once."""
    held: dict[int, frozenset[str]] = {}

    def find_targets(told: StoryText) -> frozenset[str]:
        if told.revision not in held:
            spans = [(0, len(told.text))]
            found = find_names(
                told.text, language=told.language, catalogue=catalogue, spans=spans, at=told.available_at
            )
            held[told.revision] = frozenset(f"@{one.target}" for one in found)
        return held[told.revision]

    return find_targets

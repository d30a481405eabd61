"""Taking out of the store what a policy no longer wants there, a batch a transaction: killed, it is taken up again.

    texts     text and passages of a revision go, a row of `pruned_text` says so; hash, title, instants, scores stay
    skipped   rows go, what they counted is added to `folded`, by day
    slot, run likewise; of each job and outcome the newest row stays
    entry     rows go

What is sealed is sealed again in the same transaction (`seals.resealing`); a range that is not what was sealed is left
as it is, for the doctor to tell. Only what was read and placed loses its text: nothing is lost unread.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from service.slots import RUNNING, WAITING
from storage import seals
from storage.instant_column import to_micros
from storage.pruned import RUN_MICROS, Count, fold, is_pruned
from storage.schema import entry, passage, pruned_text, revision, run, skipped, slot, story_member, tone
from storage.upsert import among

OPENING: Final = 1_000
"""So many code points stay of a text without a title: reports show its opening words in the title's place."""

_DAY: Final = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Step:
    """What one batch did: rows changed or gone, code points that went with them, ranges left because of their seal.

    `next_id`: where the next batch begins; None after the last.
    """

    next_id: int | None
    rows: int = 0
    characters: int = 0
    left: int = 0


@dataclass(frozen=True, slots=True)
class Batch:
    """From which row id on, of what is older than `before`; `at` is now. `titles`: they stay when their texts go.

    `width`: row ids of one batch. As many as one seal takes in, so that each is reckoned twice a batch and no more.
    """

    first_id: int
    before: dt.datetime
    at: dt.datetime
    titles: bool = True
    width: int = 2_000


def _where_texts(before: dt.datetime) -> tuple[sa.ColumnElement[bool], ...]:
    """Texts that could be known, and came, before then, that some scorer read and that stand in a story."""
    was_read = sa.select(tone.c.revision_id).where(tone.c.revision_id == revision.c.id).exists()
    is_placed = sa.select(story_member.c.revision_id).where(story_member.c.revision_id == revision.c.id).exists()
    return revision.c.available_at < before, revision.c.recorded_at < before, was_read, is_placed, ~is_pruned()


def _where_skipped(before: dt.datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return (skipped.c.last_recorded_at < before,)


def _where_entries(before: dt.datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return (entry.c.recorded_at < before,)


def _where_slots(before: dt.datetime) -> tuple[sa.ColumnElement[bool], ...]:
    newest = sa.select(sa.func.max(slot.c.id)).group_by(slot.c.job, slot.c.outcome)
    return slot.c.due_at < before, slot.c.outcome.not_in((WAITING, RUNNING)), slot.c.id.not_in(newest)


def _where_runs(before: dt.datetime) -> tuple[sa.ColumnElement[bool], ...]:
    newest = sa.select(sa.func.max(run.c.id)).group_by(run.c.job, run.c.outcome)
    return run.c.started_at < before, run.c.id.not_in(newest)


def count(connection: sa.Connection, what: str, before: dt.datetime) -> tuple[int, int]:
    """How many rows of `what` (a key of `ACTS`) would go, or lose their text, and the code points of those texts."""
    table, where = _CHOSEN[what]
    size = sa.func.sum(sa.func.length(revision.c.text)) if table is revision else sa.literal_column("0")
    rows, characters = connection.execute(
        sa.select(sa.func.count(), size).select_from(table).where(*where(before))
    ).one()
    return int(rows), int(characters or 0)


def prune_texts(connection: sa.Connection, batch: Batch) -> Step:
    """Take out the texts of one range of row ids."""
    found = _find_range(connection, revision, batch, _where_texts)
    if found is None:
        return Step(None)
    ids, following = found
    chosen = among(connection, revision.c.id, ids)
    with seals.resealing(connection, {"revision": ids}, reason="pruned", at=batch.at) as broken:
        if broken:
            return Step(following, left=1)
        is_untitled = sa.and_(sa.true() if batch.titles else sa.false(), sa.func.trim(revision.c.title) == "")
        kept = sa.case((is_untitled, sa.func.substr(revision.c.text, 1, OPENING)), else_="")
        gone = sa.func.length(revision.c.text) - sa.func.length(kept)
        at = sa.literal(to_micros(batch.at), sa.BigInteger)
        told = sa.select(revision.c.id, gone, at).where(chosen)
        connection.execute(sa.insert(pruned_text).from_select(["revision_id", "characters", "pruned_at"], told))
        titles = {} if batch.titles else {"title": ""}
        connection.execute(sa.update(revision).where(chosen).values(text=kept, **titles))
        connection.execute(sa.delete(passage).where(among(connection, passage.c.revision_id, ids)))
    mine = among(connection, pruned_text.c.revision_id, ids)
    characters = connection.scalar(sa.select(sa.func.sum(pruned_text.c.characters)).where(mine))
    return Step(following, len(ids), int(characters or 0))


def prune_skipped(connection: sa.Connection, batch: Batch) -> Step:
    """Take away what was skipped, of one range of row ids, and keep its counts."""
    found = _find_range(connection, skipped, batch, _where_skipped)
    if found is None:
        return Step(None)
    ids, following = found
    with seals.resealing(connection, {"skipped": ids}, reason="pruned", at=batch.at) as broken:
        if broken:
            return Step(following, left=1)
        met = (skipped.c.last_recorded_at, skipped.c.stage, skipped.c.reason, skipped.c.count)
        _fold_and_delete(connection, skipped, ids, met)
    return Step(following, len(ids))


def prune_slots(connection: sa.Connection, batch: Batch) -> Step:
    """Take away slots that are over, of one range of row ids, and keep their counts."""
    found = _find_range(connection, slot, batch, _where_slots)
    if found is None:
        return Step(None)
    _fold_and_delete(connection, slot, found[0], (slot.c.due_at, slot.c.job, slot.c.outcome, slot.c.slots))
    return Step(found[1], len(found[0]))


def prune_runs(connection: sa.Connection, batch: Batch) -> Step:
    """Take away runs, of one range of row ids, and keep their counts."""
    found = _find_range(connection, run, batch, _where_runs)
    if found is None:
        return Step(None)
    one = sa.literal_column("1", sa.Integer)
    took = sa.type_coerce(run.c.finished_at, sa.BigInteger) - sa.type_coerce(run.c.started_at, sa.BigInteger)
    took = sa.case((took > 0, took), else_=sa.literal_column("0", sa.BigInteger))
    _fold(connection, RUN_MICROS, found[0], run, (run.c.started_at, run.c.job, run.c.outcome, took))
    _fold_and_delete(connection, run, found[0], (run.c.started_at, run.c.job, run.c.outcome, one))
    return Step(found[1], len(found[0]))


def prune_entries(connection: sa.Connection, batch: Batch) -> Step:
    """Forget entries of feeds, a batch of them."""
    keys = list(connection.scalars(sa.select(entry.c.key).where(*_where_entries(batch.before)).limit(batch.width)))
    if keys:
        connection.execute(sa.delete(entry).where(among(connection, entry.c.key, keys)))
    return Step(0 if len(keys) == batch.width else None, len(keys))


def _find_range(
    connection: sa.Connection, table: sa.Table, batch: Batch, where: "Where"
) -> tuple[list[int], int] | None:
    """The row ids to be changed of the next range that has any, and where the one after it begins."""
    chosen = where(batch.before)
    first = connection.scalar(
        sa.select(table.c.id).where(table.c.id >= batch.first_id, *chosen).order_by(table.c.id).limit(1)
    )
    if first is None:
        return None
    following = (first // batch.width + 1) * batch.width
    ids = sa.select(table.c.id).where(table.c.id >= first, table.c.id < following, *chosen)
    return list(connection.scalars(ids)), following


def _fold_and_delete(
    connection: sa.Connection, table: sa.Table, ids: list[int], told: tuple[sa.ColumnElement[Any], ...]
) -> None:
    """Add up, by day, what `told` (instant, subject, outcome, number) says of these rows, and delete them."""
    _fold(connection, table.name, ids, table, told)
    connection.execute(sa.delete(table).where(among(connection, table.c.id, ids)))


def _fold(
    connection: sa.Connection, kind: str, ids: list[int], table: sa.Table, told: tuple[sa.ColumnElement[Any], ...]
) -> None:
    instant, subject, outcome, number = told
    day = (sa.type_coerce(instant, sa.BigInteger) // sa.literal_column(str(_DAY), sa.BigInteger)).label("day")
    chosen = among(connection, table.c.id, ids)
    summed = sa.select(day, subject, outcome, sa.func.sum(number)).where(chosen).group_by(day, subject, outcome)
    counts: list[Count] = [(int(row[0]), row[1], row[2], int(row[3])) for row in connection.execute(summed)]
    fold(connection, kind, counts)


def measure_free(connection: sa.Connection) -> int | None:
    """Bytes inside a SQLite file that hold nothing, for the next rows or `VACUUM`; None on PostgreSQL."""
    if connection.dialect.name != "sqlite":
        return None
    asked = sa.text("SELECT freelist_count * page_size FROM pragma_freelist_count(), pragma_page_size()")
    return int(connection.scalar(asked) or 0)


Where = Callable[[dt.datetime], tuple[sa.ColumnElement[bool], ...]]
_CHOSEN: Final[dict[str, tuple[sa.Table, Where]]] = {
    "texts": (revision, _where_texts),
    "skipped": (skipped, _where_skipped),
    "slots": (slot, _where_slots),
    "runs": (run, _where_runs),
    "entries": (entry, _where_entries),
}
ACTS: Final[dict[str, Callable[[sa.Connection, Batch], Step]]] = {
    "texts": prune_texts,
    "skipped": prune_skipped,
    "slots": prune_slots,
    "runs": prune_runs,
    "entries": prune_entries,
}
"""What is taken out, by the name its setting begins with."""

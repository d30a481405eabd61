"""What was taken out of the store: which texts, and the counts of rows that are gone."""

import datetime as dt
from collections.abc import Collection, Sequence

import sqlalchemy as sa

from storage.schema import folded, pruned_text, revision
from storage.upsert import among, insert_into

Count = tuple[int, str, str, int]
"""UTC day since 1970, subject and outcome of `folded`, and how many."""


RUN_MICROS = "run_us"
"""The kind under which the microseconds that runs took are kept."""


def is_pruned() -> sa.ColumnElement[bool]:
    """Whether the text of `revision` was taken out: it is there to be counted, not to be read."""
    return sa.select(pruned_text.c.revision_id).where(pruned_text.c.revision_id == revision.c.id).exists()


def find_pruned(connection: sa.Connection, revision_ids: Collection[int]) -> dict[int, dt.datetime]:
    """Those of these revisions (row ids) whose text was taken out, and when."""
    chosen = sa.select(pruned_text.c.revision_id, pruned_text.c.pruned_at)
    rows = connection.execute(chosen.where(among(connection, pruned_text.c.revision_id, list(revision_ids))))
    return {row.revision_id: row.pruned_at for row in rows}


def fold(connection: sa.Connection, kind: str, counts: Sequence[Count]) -> None:
    """Add what rows of `kind` (skipped, slot, run, or `RUN_MICROS`) counted, before they are taken away."""
    if not counts:
        return
    rows = [
        {"kind": kind, "day": day, "subject": subject, "outcome": outcome, "count": count}
        for day, subject, outcome, count in counts
    ]
    insert = insert_into(connection, folded)
    more = folded.c.count + insert.excluded["count"]
    keys = ["kind", "day", "subject", "outcome"]
    connection.execute(insert.on_conflict_do_update(index_elements=keys, set_={"count": more}), rows)


def count_folded(connection: sa.Connection, kind: str) -> dict[tuple[str, str], int]:
    """How many there were of `kind` that are gone, by subject and outcome."""
    chosen = sa.select(folded.c.subject, folded.c.outcome, sa.func.sum(folded.c.count)).where(folded.c.kind == kind)
    rows = connection.execute(chosen.group_by(folded.c.subject, folded.c.outcome))
    return {(subject, outcome): int(count) for subject, outcome, count in rows}

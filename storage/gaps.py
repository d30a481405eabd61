"""The gap ledger: every hole in the prices, when it was first noticed, and when it was found filled.

An open hole has no `filled_at`. A hole whose borders or reason change is closed and written anew with its new borders;
the new row keeps the instant the hole was first noticed.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import sqlalchemy as sa

from service.instants import Interval, Window
from service.market.candle import Gap
from storage.instant_column import to_micros
from storage.markets import find_market, find_or_add_markets
from storage.schema import gap
from storage.upsert import Saved, insert_new


class _Hole(NamedTuple):
    start: dt.datetime
    end: dt.datetime
    reason: str


def replace_gaps(
    connection: sa.Connection,
    *,
    venue: str,
    symbol: str,
    interval: Interval,
    window: Window,
    gaps: Sequence[Gap],
    noticed_at: dt.datetime,
) -> Saved:
    """Let `gaps` be all the holes there are in `window`; what is known outside it stays as it is.

    new: holes nobody had noticed · revised: open holes found filled, or with other borders or another reason ·
    unchanged: holes still there as they were.
    """
    market_id = find_or_add_markets(connection, [(venue, symbol, interval)])[(venue, symbol, interval)]
    held = {
        _Hole(row.start_at, row.end_at, row.reason): (row.id, row.noticed_at)
        for row in connection.execute(
            sa.select(gap).where(
                gap.c.market_id == market_id,
                gap.c.filled_at.is_(None),
                gap.c.start_at <= window.end,
                gap.c.end_at >= window.start,
            )
        )
    }
    wanted = _merge([*_outside(held, window), *_clip(gaps, window)])
    closed = [row_id for hole, (row_id, _) in held.items() if hole not in wanted]
    opened = [hole for hole in wanted if hole not in held]
    if closed:
        connection.execute(
            sa.update(gap).where(gap.c.id == sa.bindparam("row")).values(filled_at=noticed_at),
            [{"row": row_id} for row_id in closed],
        )
    stamped = to_micros(noticed_at, "noticed_at")
    rows = []
    new = 0
    for hole in opened:
        before = [noticed for other, (_, noticed) in held.items() if other.start < hole.end and hole.start < other.end]
        new += not before
        first = to_micros(min(before)) if before else stamped
        rows.append((market_id, to_micros(hole.start), to_micros(hole.end), hole.reason, first, stamped))
    # the same hole may have been opened and closed at this very instant: then it is opened again
    columns = ("market_id", "start_at", "end_at", "reason", "noticed_at", "recorded_at")
    insert_new(connection, gap, columns, rows)
    for hole in opened:
        connection.execute(
            sa.update(gap)
            .where(gap.c.market_id == market_id, gap.c.start_at == hole.start, gap.c.end_at == hole.end)
            .where(gap.c.reason == hole.reason, gap.c.recorded_at == noticed_at)
            .values(filled_at=None)
        )
    return Saved(new=new, revised=len(closed), unchanged=len(held) - len(closed))


def _outside(holes: Iterable[_Hole], window: Window) -> list[_Hole]:
    pieces = []
    for hole in holes:
        if hole.start < window.start:
            pieces.append(hole._replace(end=min(hole.end, window.start)))
        if hole.end > window.end:
            pieces.append(hole._replace(start=max(hole.start, window.end)))
    return pieces


def _clip(gaps: Sequence[Gap], window: Window) -> list[_Hole]:
    clipped = (_Hole(max(one.start, window.start), min(one.end, window.end), one.reason) for one in gaps)
    return [hole for hole in clipped if hole.start < hole.end]


def _merge(holes: Iterable[_Hole]) -> list[_Hole]:
    """Holes that touch and have the same reason become one."""
    merged: dict[str, list[_Hole]] = {}
    for hole in sorted(holes):
        same = merged.setdefault(hole.reason, [])
        if same and hole.start <= same[-1].end:
            same[-1] = same[-1]._replace(end=max(hole.end, same[-1].end))
        else:
            same.append(hole)
    return sorted(hole for same in merged.values() for hole in same)


def load_gaps(
    connection: sa.Connection,
    *,
    venue: str,
    symbol: str,
    interval: Interval,
    window: Window | None = None,
    as_of: dt.datetime | None = None,
) -> list[Gap]:
    """The open holes that reach into `window`, whole, by start; with `as_of`, those that were open and known then."""
    is_open: sa.ColumnElement[bool] = gap.c.filled_at.is_(None)
    if as_of is not None:
        is_open = sa.and_(gap.c.recorded_at <= as_of, sa.or_(is_open, gap.c.filled_at > as_of))
    chosen = (
        sa.select(gap.c.start_at, gap.c.end_at, gap.c.reason)
        .where(gap.c.market_id == find_market(connection, venue, symbol, interval), is_open)
        .order_by(gap.c.start_at, gap.c.end_at, gap.c.reason)
    )
    if window is not None:
        chosen = chosen.where(gap.c.start_at < window.end, gap.c.end_at > window.start)
    return [Gap(venue, symbol, interval, start, end, reason) for start, end, reason in connection.execute(chosen)]

"""The gap ledger: every hole in the prices, when it was first noticed, asked for again, and found filled.

An open hole has no `filled_at`. A hole whose borders or reason change is closed and written anew with its new borders;
the new row keeps the instant the hole was first noticed. How often it was asked for again is kept current in place, and
holes that touch are one row only where it is the same of both.
"""

import datetime as dt
import functools
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import sqlalchemy as sa

from service.instants import Interval, Window
from service.market.candle import Gap
from service.market.retries import OpenHole
from storage.instant_column import UtcDateTime, to_micros
from storage.markets import THE_MARKET, find_market, find_or_add_markets, name_market
from storage.schema import gap, market
from storage.upsert import Saved, insert_new


class _Span(NamedTuple):
    start: dt.datetime
    end: dt.datetime
    reason: str


class _Asked(NamedTuple):
    retried: int
    last_at: dt.datetime | None


class _Row(NamedTuple):
    id: int
    noticed_at: dt.datetime
    asked: _Asked


_NEVER = _Asked(0, None)


def replace_gaps(
    connection: sa.Connection,
    *,
    venue: str,
    symbol: str,
    interval: Interval,
    window: Window,
    gaps: Sequence[Gap],
    noticed_at: dt.datetime,
    retried_at: dt.datetime | None = None,
) -> Saved:
    """Let `gaps` be all the holes there are in `window`; what is known outside it stays as it is.

    With `retried_at`, the window was asked for again then for its holes' sake: those known before count one more time.
    new: holes nobody had noticed · revised: open holes found filled, or with other borders or another reason ·
    unchanged: holes still there as they were.
    """
    market_id = find_or_add_markets(connection, [(venue, symbol, interval)])[(venue, symbol, interval)]
    held = _load_held(connection, market_id, window)
    told = [piece for span in _clip(gaps, window) for piece in _inherit(span, held)]
    if retried_at is not None:
        told = [(span, asked and _Asked(asked.retried + 1, retried_at)) for span, asked in told]
    wanted = _merge([*_outside(held, window), *((span, asked or _NEVER) for span, asked in told)])
    closed = [row.id for span, row in held.items() if span not in wanted]
    opened = [span for span in wanted if span not in held]
    if closed:
        connection.execute(
            sa.update(gap).where(gap.c.id == sa.bindparam("row")).values(filled_at=noticed_at),
            [{"row": row_id} for row_id in closed],
        )
    for span, row in held.items():
        if span in wanted and wanted[span] != row.asked:
            connection.execute(sa.update(gap).where(gap.c.id == row.id).values(_count(wanted[span])))
    stamped = to_micros(noticed_at, "noticed_at")
    rows = []
    new = 0
    for span in opened:
        before = [row.noticed_at for other, row in held.items() if other.start < span.end and span.start < other.end]
        new += not before
        first = to_micros(min(before)) if before else stamped
        rows.append((market_id, to_micros(span.start), to_micros(span.end), span.reason, first, stamped))
    # the same hole may have been opened and closed at this very instant: then it is opened again
    columns = ("market_id", "start_at", "end_at", "reason", "noticed_at", "recorded_at")
    insert_new(connection, gap, columns, rows)
    for span in opened:
        connection.execute(
            sa.update(gap)
            .where(gap.c.market_id == market_id, gap.c.start_at == span.start, gap.c.end_at == span.end)
            .where(gap.c.reason == span.reason, gap.c.recorded_at == noticed_at)
            .values({"filled_at": None, **_count(wanted[span])})
        )
    return Saved(new=new, revised=len(closed), unchanged=len(held) - len(closed))


def _load_held(connection: sa.Connection, market_id: int, window: Window) -> dict[_Span, _Row]:
    """The open holes that reach into `window` or touch it."""
    return {
        _Span(row.start_at, row.end_at, row.reason): _Row(
            row.id, row.noticed_at, _Asked(row.retried or 0, row.last_retried_at)
        )
        for row in connection.execute(
            sa.select(gap).where(
                gap.c.market_id == market_id,
                gap.c.filled_at.is_(None),
                gap.c.start_at <= window.end,
                gap.c.end_at >= window.start,
            )
        )
    }


def _count(asked: _Asked) -> dict[str, object]:
    return {"retried": asked.retried or None, "last_retried_at": asked.last_at}


def _inherit(span: _Span, held: Mapping[_Span, _Row]) -> list[tuple[_Span, _Asked | None]]:
    """`span` in pieces, each as often asked for as what was held there; None: nothing was."""
    if span in held:
        return [(span, held[span].asked)]
    within = [(other, row.asked) for other, row in held.items() if other.start < span.end and span.start < other.end]
    edges = {edge for other, _ in within for edge in (other.start, other.end)}
    borders = {span.start, span.end, *(edge for edge in edges if span.start < edge < span.end)}
    pieces: list[tuple[_Span, _Asked | None]] = []
    for start, end in pairwise(sorted(borders)):
        over = [asked for other, asked in within if other.start <= start and end <= other.end]
        most = max(over, key=lambda asked: asked.retried, default=None)
        pieces.append((_Span(start, end, span.reason), most))
    return pieces


def _outside(holes: Mapping[_Span, _Row], window: Window) -> list[tuple[_Span, _Asked]]:
    pieces = []
    for span, row in holes.items():
        if span.start < window.start:
            pieces.append((span._replace(end=min(span.end, window.start)), row.asked))
        if span.end > window.end:
            pieces.append((span._replace(start=max(span.start, window.end)), row.asked))
    return pieces


def _clip(gaps: Sequence[Gap], window: Window) -> list[_Span]:
    clipped = (_Span(max(one.start, window.start), min(one.end, window.end), one.reason) for one in gaps)
    return sorted({span for span in clipped if span.start < span.end})


def _merge(holes: Iterable[tuple[_Span, _Asked]]) -> dict[_Span, _Asked]:
    """Holes that touch, have the same reason and were asked for as often become one; the earliest ask counts."""
    merged: dict[tuple[str, int], list[tuple[_Span, _Asked]]] = {}
    for span, asked in sorted(holes, key=lambda hole: hole[0]):
        same = merged.setdefault((span.reason, asked.retried), [])
        if same and span.start <= same[-1][0].end:
            last, earlier = same[-1]
            first_at = min((at for at in (asked.last_at, earlier.last_at) if at is not None), default=None)
            same[-1] = (last._replace(end=max(span.end, last.end)), _Asked(asked.retried, first_at))
        else:
            same.append((span, asked))
    return dict(sorted((hole for same in merged.values() for hole in same), key=lambda hole: hole[0]))


def load_gaps(
    connection: sa.Connection,
    *,
    venue: str,
    symbol: str,
    interval: Interval,
    window: Window | None = None,
    as_of: dt.datetime | None = None,
) -> list[Gap]:
    """The open holes that reach into `window`, whole, by start; with `as_of`, those that were open and known then.

    Holes that touch and have the same reason are one here, however often each was asked for again.
    """
    asked = name_market(venue, symbol, interval) | {"as_of": as_of}
    found = connection.execute(_select_open(is_past=as_of is not None), asked)
    spans = _merge((_Span(*row), _NEVER) for row in found)
    return [
        Gap(venue, symbol, interval, span.start, span.end, span.reason)
        for span in spans
        if window is None or (span.start < window.end and span.end > window.start)
    ]


@functools.cache
def _select_open(*, is_past: bool) -> sa.Select[Any]:
    """The holes open by `:as_of`, or still open."""
    is_open: sa.ColumnElement[bool] = gap.c.filled_at.is_(None)
    if is_past:
        as_of = sa.bindparam("as_of", type_=UtcDateTime())
        is_open = sa.and_(gap.c.recorded_at <= as_of, sa.or_(is_open, gap.c.filled_at > as_of))
    return sa.select(gap.c.start_at, gap.c.end_at, gap.c.reason).where(gap.c.market_id == THE_MARKET, is_open)


def load_open(connection: sa.Connection, *, venue: str, symbol: str, interval: Interval) -> list[OpenHole]:
    """Every open hole of a market with its history, by start."""
    chosen = (
        sa.select(gap)
        .where(gap.c.market_id == find_market(connection, venue, symbol, interval), gap.c.filled_at.is_(None))
        .order_by(gap.c.start_at, gap.c.end_at, gap.c.reason)
    )
    return [
        OpenHole(
            Gap(venue, symbol, interval, row.start_at, row.end_at, row.reason),
            row.noticed_at,
            row.retried or 0,
            row.last_retried_at,
        )
        for row in connection.execute(chosen)
    ]


def load_all_open(connection: sa.Connection) -> list[Gap]:
    """The open holes of every market, by venue, symbol, length of bar and start."""
    chosen = (
        sa.select(market.c.venue, market.c.symbol, market.c.interval, gap.c.start_at, gap.c.end_at, gap.c.reason)
        .join(market, market.c.id == gap.c.market_id)
        .where(gap.c.filled_at.is_(None))
    )
    found = [Gap(venue, symbol, Interval(code), *rest) for venue, symbol, code, *rest in connection.execute(chosen)]
    return sorted(found, key=lambda one: (one.venue, one.symbol, one.interval.duration, one.start, one.end))

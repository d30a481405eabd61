"""How fresh everything is: last instants of sources, markets, series and jobs. Each is looked up in an index.

What has to be counted is dear, and is in `counts.py`.
"""

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from service.correlation.aggregation import read_declaration
from service.errors import StoreFailed
from service.health.facts import Market, Series, Unread
from service.instants import Interval
from service.news.manners.polling import SourceState
from service.slots import ABANDONED, CAUGHT_UP, DONE, FAILED, LATE, PARTIAL, RUNNING, WAITING
from storage.address import describe
from storage.instant_column import UtcDateTime
from storage.schema import candle, market, revision, run, scoring, series, series_point, slot, source_state, tone
from storage.schema import source_yield as brought

WELL = (DONE, LATE, CAUGHT_UP, PARTIAL)
ILL = (FAILED, ABANDONED)
_RAN_WELL = ("ok", "partial")
_NEWEST = 40
"""So many slots of a job are looked through: more failures in a row than that are told as so many."""
_KEPT = tuple(name for name in SourceState.__dataclass_fields__ if name not in ("moves", "owed"))


@dataclass(frozen=True, slots=True)
class Marks:
    """The instants of a job's slots and runs, as `service.health.facts.Job` has them."""

    first_due_at: dt.datetime | None
    last_ended_at: dt.datetime | None
    last_success_at: dt.datetime | None
    running_since: dt.datetime | None
    waiting: int
    failures_in_row: int
    last_reason: str


def load_states(connection: sa.Connection) -> dict[str, SourceState]:
    """How each source stands, by name; without what is only of use when it is asked (moves, the feed it owes)."""
    rows = connection.execute(sa.select(*(source_state.c[name] for name in _KEPT)))
    told = [{name: value for name, value in row._mapping.items() if value is not None} for row in rows]  # noqa: SLF001
    return {one["source"]: SourceState(**one) for one in told}


def load_newest_news(connection: sa.Connection) -> dict[str, dt.datetime]:
    """When each source last brought an article not held before."""
    newest = sa.func.max(brought.c.read_at, type_=UtcDateTime())
    chosen = sa.select(brought.c.source, newest).where(brought.c.new > 0).group_by(brought.c.source)
    return {row[0]: row[1] for row in connection.execute(chosen)}


def load_news_instants(connection: sa.Connection) -> dict[str, list[dt.datetime]]:
    """When each source brought an article not held before, in order, as far back as its readings are remembered."""
    chosen = (
        sa.select(brought.c.source, brought.c.read_at)
        .where(brought.c.new > 0)
        .order_by(brought.c.source, brought.c.read_at)
    )
    found: dict[str, list[dt.datetime]] = {}
    for source, read_at in connection.execute(chosen):
        found.setdefault(source, []).append(read_at)
    return found


def load_markets(connection: sa.Connection) -> list[Market]:
    """The markets of which a candle is held, with where the newest ends."""
    newest = sa.select(sa.func.max(candle.c.open_at, type_=UtcDateTime())).where(candle.c.market_id == market.c.id)
    chosen = sa.select(market.c.venue, market.c.symbol, market.c.interval, newest.scalar_subquery())
    found = [
        Market(venue, symbol, Interval(code), open_at + Interval(code).duration)
        for venue, symbol, code, open_at in connection.execute(chosen)
        if open_at is not None
    ]
    return sorted(found, key=lambda one: one.subject)


def load_series(
    connection: sa.Connection, now: dt.datetime, *, targets: Collection[str], intervals: Collection[Interval]
) -> list[Series]:
    """Of each target, interval and scorer (by name, whatever its version) the series that reaches furthest.

    A bar counts once it is over by `now`: before that it may be there, of part of its candles.
    """
    declared = connection.execute(sa.select(series).where(series.c.target.in_(targets))).all()
    found: dict[tuple[str, Interval, str], Series] = {}
    for interval in intervals:
        theirs = [row for row in declared if read_declaration(row.declaration).interval is interval]
        ends = _load_ends(connection, [row.id for row in theirs], now - interval.duration)
        for row in theirs:
            open_at = ends[row.id]
            end = None if open_at is None else open_at + interval.duration
            one = Series(row.target, interval, row.scorer, row.venue, row.symbol, end)
            key = (one.target, interval, one.scorer.partition("/")[0])
            held = found.get(key)
            if held is None or (held.last_bar_at is None or (end is not None and end >= held.last_bar_at)):
                found[key] = one
    return list(found.values())


def _load_ends(connection: sa.Connection, ids: Collection[int], until: dt.datetime) -> dict[int, dt.datetime | None]:
    newest = sa.select(sa.func.max(series_point.c.open_at, type_=UtcDateTime())).where(
        series_point.c.series_id == series.c.id, series_point.c.open_at <= until
    )
    chosen = sa.select(series.c.id, newest.scalar_subquery()).where(series.c.id.in_(ids)).order_by(series.c.id)
    return {row[0]: row[1] for row in connection.execute(chosen)}


def load_marks(connection: sa.Connection, jobs: Iterable[str]) -> dict[str, Marks]:
    """The marks of each of these jobs."""
    begun = sa.select(slot.c.job, slot.c.started_at).where(slot.c.outcome == RUNNING)
    running = {row.job: row.started_at for row in connection.execute(begun)}
    counted = sa.select(slot.c.job, sa.func.count()).where(slot.c.outcome == WAITING).group_by(slot.c.job)
    waiting = {row[0]: row[1] for row in connection.execute(counted)}
    return {job: _load_marks(connection, job, running.get(job), waiting.get(job, 0)) for job in jobs}


def _load_marks(connection: sa.Connection, job: str, running_since: dt.datetime | None, waiting: int) -> Marks:
    first = connection.scalar(sa.select(sa.func.min(slot.c.due_at, type_=UtcDateTime())).where(slot.c.job == job))
    ended = _load_ended(connection, job)
    well = max((row.due_at for row in ended if row.outcome in WELL), default=None)
    failed = [row for row in ended if row.outcome in ILL and (well is None or row.due_at > well)]
    success: dt.datetime | None = connection.scalar(
        sa.select(run.c.finished_at)
        .where(run.c.job == job, run.c.outcome.in_(_RAN_WELL))
        .order_by(run.c.started_at.desc())
        .limit(1)
    )
    return Marks(
        first_due_at=first,
        last_ended_at=max((row.finished_at for row in ended), default=None),
        last_success_at=success,
        running_since=running_since,
        waiting=waiting,
        failures_in_row=len(failed),
        last_reason=max(failed, key=lambda row: row.due_at).reason if failed else "",
    )


def _load_ended(connection: sa.Connection, job: str) -> list[sa.Row[Any, Any, Any, Any]]:
    """The slots that ended well or ill, of the newest; where none of those ended well, also the last that did."""
    columns = (slot.c.due_at, slot.c.finished_at, slot.c.reason, slot.c.outcome)
    newest = sa.select(*columns).where(slot.c.job == job).order_by(slot.c.due_at.desc()).limit(_NEWEST)
    ended = [row for row in connection.execute(newest) if row.outcome in (*WELL, *ILL)]
    if any(row.outcome in WELL for row in ended):
        return ended
    for outcome in (*WELL, *ILL):
        chosen = sa.select(*columns).where(slot.c.outcome == outcome, slot.c.job == job)
        ended += connection.execute(chosen.order_by(slot.c.due_at.desc()).limit(_NEWEST)).all()
    return list({row.due_at: row for row in ended}.values())


def find_leading(connection: sa.Connection, name: str) -> str:
    """The name/version of the scorer of this `name` that has read furthest; of any, where none is called so (another
    may stand in for it); the name itself where nothing was ever read.
    """
    return _find_furthest(connection, name)[1]


def load_unread(connection: sa.Connection, name: str) -> Unread | None:
    """What was taken in after the last text that the leading scorer read; None where there is nothing.

    What it failed on before that does not count: it is recorded, and tried again at each run.
    """
    last, scorer = _find_furthest(connection, name)
    unread = revision.c.id > last
    count = connection.scalar(sa.select(sa.func.count(revision.c.id)).where(unread)) or 0
    oldest: dt.datetime | None = connection.scalar(
        sa.select(revision.c.recorded_at).where(unread).order_by(revision.c.id).limit(1)
    )
    return None if oldest is None else Unread(scorer, count, oldest)


def _find_furthest(connection: sa.Connection, name: str) -> tuple[int, str]:
    furthest = sa.select(sa.func.max(tone.c.revision_id)).where(tone.c.scoring_id == scoring.c.id).scalar_subquery()
    read = [(row[1] or 0, row[0]) for row in connection.execute(sa.select(scoring.c.scorer, furthest))]
    return max([one for one in read if one[1].partition("/")[0] == name] or read, default=(0, name))


def require_there(engine: sa.Engine) -> None:
    """Raise `StoreFailed` where a SQLite file is not there: asking for it would make an empty one."""
    if engine.dialect.name == "sqlite" and not Path(engine.url.database or "").is_file():
        raise StoreFailed("unreachable", f"{describe(engine.url)}: there is no such file")

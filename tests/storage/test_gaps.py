"""The gap ledger: holes keep their history, over new borders, new reasons and asks, and are never told twice."""

import datetime as dt

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.instants import Interval, Window
from service.market.candle import Gap
from storage import candles, database, digest, schema
from storage.gaps import load_open
from storage.upsert import Saved
from tests.storage.builders import at

MARKET = {"venue": "coinbase", "symbol": "BTC/USD", "interval": Interval.H1}


def hole(start: float, end: float, reason: str = "unfetched") -> Gap:
    return Gap("coinbase", "BTC/USD", Interval.H1, at(start), at(end), reason)


def replace_gaps(engine: sa.Engine, start: float, end: float, *gaps: Gap, hours: float) -> Saved:
    with database.begin(engine) as connection:
        return candles.replace_gaps(
            connection, **MARKET, window=Window(at(start), at(end)), gaps=gaps, noticed_at=at(hours)
        )  # type: ignore[arg-type]


def open_gaps(engine: sa.Engine, **asked: object) -> list[Gap]:
    with database.read(engine) as connection:
        return candles.load_gaps(connection, **(MARKET | asked))  # type: ignore[arg-type]


def noticed(engine: sa.Engine) -> list[tuple[object, ...]]:
    table = schema.gap
    with database.read(engine) as connection:
        rows = connection.execute(sa.select(table).order_by(table.c.recorded_at, table.c.start_at))
        return [(row.start_at, row.end_at, row.noticed_at, row.filled_at) for row in rows]


def test_a_gap_still_there_keeps_its_first_notice_and_a_filled_one_is_closed(engine: sa.Engine) -> None:
    assert replace_gaps(engine, 0, 100, hole(1, 3), hole(7, 9), hours=200) == Saved(new=2)
    assert replace_gaps(engine, 0, 100, hole(1, 3), hours=300) == Saved(revised=1, unchanged=1)
    assert open_gaps(engine) == [hole(1, 3)]
    assert noticed(engine) == [(at(1), at(3), at(200), None), (at(7), at(9), at(200), at(300))]
    assert open_gaps(engine, as_of=at(299)) == [hole(1, 3), hole(7, 9)]
    assert open_gaps(engine, as_of=at(199)) == []


def test_a_gap_half_filled_or_renamed_keeps_its_first_notice(engine: sa.Engine) -> None:
    replace_gaps(engine, 0, 100, hole(1, 9), hours=200)
    replace_gaps(engine, 0, 100, hole(5, 9), hours=300)
    assert replace_gaps(engine, 0, 100, hole(5, 9, "outage"), hours=400) == Saved(revised=1)
    assert open_gaps(engine) == [hole(5, 9, "outage")]
    assert noticed(engine)[-1] == (at(5), at(9), at(200), None)


def test_what_lies_outside_the_window_stays(engine: sa.Engine) -> None:
    replace_gaps(engine, 0, 100, hole(1, 9), hole(20, 22), hours=200)
    replace_gaps(engine, 4, 6, hours=300)
    assert open_gaps(engine) == [hole(1, 4), hole(6, 9), hole(20, 22)]
    assert open_gaps(engine, window=Window(at(3), at(6))) == [hole(1, 4)]
    replace_gaps(engine, 4, 6, hole(0, 50), hours=400)
    assert open_gaps(engine) == [hole(1, 9), hole(20, 22)]


def test_a_gap_opened_closed_and_opened_at_one_instant_is_open(engine: sa.Engine) -> None:
    for gaps in ((hole(1, 2),), (), (hole(1, 2),)):
        replace_gaps(engine, 0, 10, *gaps, hours=200)
    assert open_gaps(engine) == [hole(1, 2)]


def retry_gaps(engine: sa.Engine, start: float, end: float, *gaps: Gap, hours: float) -> None:
    window = Window(at(start), at(end))
    with database.begin(engine) as connection:
        candles.replace_gaps(connection, **MARKET, window=window, gaps=gaps, noticed_at=at(hours), retried_at=at(hours))  # type: ignore[arg-type]


def retried(engine: sa.Engine) -> list[tuple[float, float, str, int, float | None]]:
    """Open holes as (first hour, last hour, reason, how often asked for again, when last)."""
    with database.read(engine) as connection:
        found = load_open(connection, **MARKET)  # type: ignore[arg-type]
    hour = dt.timedelta(hours=1)

    def hours(instant: dt.datetime | None) -> float | None:
        return None if instant is None else (instant - at(0)) / hour

    return [
        (hours(one.gap.start), hours(one.gap.end), one.gap.reason, one.retried, hours(one.last_retried_at))
        for one in found
    ]  # type: ignore[return-value]


def digest_of(engine: sa.Engine) -> str:
    with database.read(engine) as connection:
        return digest.digest(connection)["gap"]


def test_a_hole_asked_for_again_counts_it_and_keeps_its_row(engine: sa.Engine) -> None:
    """In place where nothing else changed; under another reason, and in each piece, it goes on counting."""
    replace_gaps(engine, 0, 100, hole(1, 9), hours=200)
    retry_gaps(engine, 1, 9, hole(1, 9), hours=300)
    assert retried(engine) == [(1, 9, "unfetched", 1, 300)]
    assert noticed(engine) == [(at(1), at(9), at(200), None)]
    retry_gaps(engine, 1, 9, hole(1, 3, "outage"), hole(5, 9, "outage"), hours=400)
    assert retried(engine) == [(1, 3, "outage", 2, 400), (5, 9, "outage", 2, 400)]
    replace_gaps(engine, 0, 100, hole(1, 3, "outage"), hole(5, 9), hours=500)
    assert retried(engine) == [(1, 3, "outage", 2, 400), (5, 9, "unfetched", 2, 400)]


def test_a_part_asked_for_again_counts_alone_and_is_one_hole_to_readers(engine: sa.Engine) -> None:
    replace_gaps(engine, 0, 100, hole(1, 9), hours=200)
    before = digest_of(engine)
    retry_gaps(engine, 0, 4, hole(1, 4), hours=300)
    assert retried(engine) == [(1, 4, "unfetched", 1, 300), (4, 9, "unfetched", 0, None)]
    assert open_gaps(engine) == [hole(1, 9)]
    assert digest_of(engine) == before
    retry_gaps(engine, 4, 9, hole(4, 9), hours=400)
    assert retried(engine) == [(1, 9, "unfetched", 1, 300)], "asked as often: one row, and the earlier ask counts"


def test_a_bar_newly_missing_beside_an_old_hole_starts_at_none(engine: sa.Engine) -> None:
    replace_gaps(engine, 0, 9, hole(5, 9), hours=200)
    retry_gaps(engine, 4, 12, hole(5, 12), hours=300)
    assert retried(engine) == [(5, 9, "unfetched", 1, 300), (9, 12, "unfetched", 0, None)]
    replace_gaps(engine, 8, 12, hole(8, 12), hours=400)
    assert retried(engine) == [(5, 9, "unfetched", 1, 300), (9, 12, "unfetched", 0, None)]


_SPAN = st.tuples(st.integers(0, 30), st.integers(1, 30)).map(lambda pair: (pair[0], pair[0] + pair[1]))
_STEP = st.tuples(_SPAN, st.lists(st.tuples(_SPAN, st.sampled_from(["unfetched", "outage"])), max_size=4))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(_STEP, min_size=1, max_size=6))
def test_the_ledger_equals_a_set_of_missing_bars(on_both, steps) -> None:  # type: ignore[no-untyped-def]
    """Against an oracle of one entry per bar: what is open is what the newest look at each bar said."""
    oracle: set[tuple[int, str]] = set()
    for hours, ((start, end), spans) in enumerate(steps):
        oracle = {(bar, reason) for bar, reason in oracle if not start <= bar < end}
        for (first, last), reason in spans:
            oracle |= {(bar, reason) for bar in range(max(first, start), min(last, end))}
        steps[hours] = ((start, end), [hole(first, last, reason) for (first, last), reason in spans])
    for engine in on_both():
        for hours, ((start, end), gaps) in enumerate(steps):
            if hours % 2:  # asked for again or looked at: what is open is the same
                retry_gaps(engine, start, end, *gaps, hours=200 + hours)
            else:
                replace_gaps(engine, start, end, *gaps, hours=200 + hours)
        found = open_gaps(engine)
        hour = dt.timedelta(hours=1)
        bars = [((one.start - at(0)) // hour + step, one.reason) for one in found for step in range(one.bars)]
        assert sorted(bars) == sorted(oracle)
        assert all(one.start < one.end for one in found)

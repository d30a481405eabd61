"""Candles: every distinct statement of a bar is kept, the newest counts, and holes keep their history."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.correlation.aligned import CandleColumns
from service.errors import BadInput
from service.instants import Interval, Window, to_millis
from service.market.candle import Gap, Quarantined
from storage import candles, database, schema
from storage.upsert import Saved
from tests.storage.builders import a_candle, at

MARKET = {"venue": "coinbase", "symbol": "BTC/USD", "interval": Interval.H1}
WHOLE = Window(at(-10_000), at(10_000))


def save(engine: sa.Engine, *some: object) -> Saved:
    with database.begin(engine) as connection:
        return candles.save(connection, some)  # type: ignore[arg-type]


def columns(engine: sa.Engine, window: Window = WHOLE, as_of: dt.datetime | None = None) -> CandleColumns:
    with database.read(engine) as connection:
        return candles.load_columns(connection, **MARKET, window=window, as_of=as_of)  # type: ignore[arg-type]


def test_candles_come_out_as_columns_in_order_whatever_the_order_in(engine: sa.Engine) -> None:
    some = [a_candle(hour, close=9.5 + hour / 8) for hour in (3, 0, 1)]
    assert save(engine, *some, *some) == Saved(new=3, unchanged=3)
    assert save(engine, *some) == Saved(unchanged=3)
    found = columns(engine)
    assert found.open_at.tolist() == [to_millis(at(hour)) for hour in (0, 1, 3)]
    assert found.close.tolist() == [9.5, 9.625, 9.875]
    assert (found.open[0], found.high[0], found.low[0], found.volume[0]) == (10.0, 12.0, 9.0, 3.25)
    assert columns(engine, Window(at(1), at(3))).open_at.tolist() == [to_millis(at(1))]


def test_figures_are_exact(engine: sa.Engine) -> None:
    """A float comes back bit for bit, from a satoshi's fraction to a year's volume."""
    figures = [0.1 + 0.2, 1e-12, 123456789.12345678, 5e-324, 1.7976931348623157e308]
    save(engine, *(a_candle(hour, volume=value) for hour, value in enumerate(figures)))
    assert columns(engine).volume.tolist() == figures


def test_a_restated_candle_is_a_further_statement_and_the_first_stays(engine: sa.Engine) -> None:
    save(engine, a_candle(0, close=10.5), a_candle(1))
    assert save(engine, a_candle(0, close=11.0, fetched_at=at(2000)), a_candle(1)) == Saved(revised=1, unchanged=1)
    assert columns(engine).close.tolist() == [11.0, 10.5]
    assert columns(engine, as_of=at(1500)).close.tolist() == [10.5, 10.5]
    with database.read(engine) as connection:
        numbers = connection.execute(sa.select(schema.candle.c.number).order_by(schema.candle.c.open_at))
        assert sorted(numbers.scalars()) == [1, 1, 2]


def test_an_earlier_statement_seen_again_is_nothing_new(engine: sa.Engine) -> None:
    """A second import after the venue restated a bar neither grows the store nor turns the bar back."""
    old, new = a_candle(0, close=10.5), a_candle(0, close=11.0, fetched_at=at(2000))
    save(engine, old)
    save(engine, new)
    assert save(engine, replace(old, fetched_at=at(3000))) == Saved(unchanged=1)
    assert columns(engine).close.tolist() == [11.0]


def test_within_one_call_the_later_fetched_statement_counts(engine: sa.Engine) -> None:
    old, new = a_candle(0, close=10.5), a_candle(0, close=9.75, fetched_at=at(2000))
    assert save(engine, new, old) == Saved(new=1, revised=1)
    assert columns(engine).close.tolist() == [9.75]


def test_as_of_shows_only_closed_candles_known_by_then(engine: sa.Engine) -> None:
    save(engine, a_candle(0, fetched_at=at(0)), a_candle(1, fetched_at=at(50)))
    assert [len(columns(engine, as_of=at(hours)).open_at) for hours in (0, 0.99, 1, 49, 50)] == [0, 0, 1, 1, 2]


def test_markets_are_kept_apart_and_listed(engine: sa.Engine) -> None:
    save(
        engine,
        *(a_candle(hour) for hour in range(3)),
        a_candle(0, close=11.0),
        a_candle(5, venue="bitvavo", symbol="BTC/EUR"),
        a_candle(0, interval=Interval.D1, open_at=dt.datetime(2024, 1, 10, tzinfo=dt.UTC)),
    )
    day = dt.datetime(2024, 1, 10, tzinfo=dt.UTC)
    with database.read(engine) as connection:
        assert candles.venues(connection) == [
            candles.Held("bitvavo", "BTC/EUR", Interval.H1, 1, at(5), at(5)),
            candles.Held("coinbase", "BTC/USD", Interval.H1, 3, at(0), at(2)),
            candles.Held("coinbase", "BTC/USD", Interval.D1, 1, day, day),
        ]
        assert candles.last_open_at(connection, **MARKET) == at(2)  # type: ignore[arg-type]
        assert candles.last_open_at(connection, venue="x", symbol="y", interval=Interval.M1) is None
    assert len(columns(engine).open_at) == 3


def test_long_and_far_apart_histories_are_compared_in_full(engine: sa.Engine) -> None:
    """More bars than go to the driver at once, with eleven years of nothing between them."""
    some = [a_candle(hour) for hour in (*range(5_200), *range(100_000, 105_200))]
    assert save(engine, *some) == Saved(new=10_400)
    changed = [a_candle(hour, close=11.5) for hour in (0, 5_199, 100_000, 105_199)]
    assert save(engine, *some, *changed) == Saved(revised=4, unchanged=10_400)
    found = columns(engine, Window(at(0), at(200_000)))
    assert len(found.open_at) == 10_400
    assert np.flatnonzero(found.close == 11.5).tolist() == [0, 5_199, 5_200, 10_399]
    assert bool((np.diff(found.open_at) > 0).all())


def test_a_naive_instant_is_refused(engine: sa.Engine) -> None:
    naive = dt.datetime(2024, 1, 1)  # noqa: DTZ001
    for wrong, field in ((a_candle(0, open_at=naive), "open_at"), (a_candle(0, fetched_at=naive), "fetched_at")):
        with pytest.raises(BadInput, match=field):
            save(engine, a_candle(1), wrong)
    assert len(columns(engine).open_at) == 0


def test_the_same_refused_row_is_quarantined_once(engine: sa.Engine) -> None:
    rows = [
        Quarantined("off_grid", "coinbase", "BTC/USD", Interval.H1, at(0.5), "1,2,3"),
        Quarantined("unreadable", "coinbase", "BTC/USD", Interval.H1, None, "x\x00y", "not a number"),
    ]
    with database.begin(engine) as connection:
        assert candles.save_quarantined(connection, rows, noticed_at=at(0)) == Saved(new=2)
        assert candles.save_quarantined(connection, rows[:1], noticed_at=at(1)) == Saved(unchanged=1)
        assert candles.save_quarantined(connection, [], noticed_at=at(1)) == Saved()
        kept = connection.execute(sa.select(schema.quarantined_candle).order_by(schema.quarantined_candle.c.reason))
        assert [(row.reason, row.open_at, row.row, row.detail, row.noticed_at) for row in kept] == [
            ("off_grid", at(0.5), "1,2,3", "", at(0)),
            ("unreadable", None, "x\ufffdy", "not a number", at(0)),
        ]


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
            replace_gaps(engine, start, end, *gaps, hours=200 + hours)
        found = open_gaps(engine)
        hour = dt.timedelta(hours=1)
        bars = [((one.start - at(0)) // hour + step, one.reason) for one in found for step in range(one.bars)]
        assert sorted(bars) == sorted(oracle)
        assert all(one.start < one.end for one in found)

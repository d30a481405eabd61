"""Candles: every distinct statement of a bar is kept, and the newest counts."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
import sqlalchemy as sa

from service.correlation.aligned import CandleColumns
from service.errors import BadInput
from service.instants import Interval, Window, to_millis
from service.market.candle import Quarantined
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


def test_a_venue_that_goes_back_to_its_first_word_is_believed_from_then_on(engine: sa.Engine) -> None:
    """A, B, A: the last word counts, and what stood between reads as it did."""
    for close, fetched in ((10.5, 100), (11.0, 2000), (10.5, 3000)):
        assert save(engine, a_candle(0, close=close, fetched_at=at(fetched))).unchanged == 0
    assert columns(engine).close.tolist() == [10.5]
    assert [columns(engine, as_of=at(hours)).close.tolist() for hours in (100, 2000, 2999, 3000)] == [
        *([10.5], [11.0], [11.0], [10.5])
    ]
    assert save(engine, a_candle(0, close=10.5, fetched_at=at(4000))) == Saved(unchanged=1)


def test_going_back_within_one_call_and_saved_again_is_kept_once(engine: sa.Engine) -> None:
    some = [a_candle(0, close=close, fetched_at=at(hours)) for close, hours in ((10.5, 1), (11.0, 2), (10.5, 3))]
    assert save(engine, *some) == Saved(new=1, revised=2)
    for again in (some, some[:1], some[1:]):
        assert save(engine, *again) == Saved(unchanged=len(again))
    assert columns(engine).close.tolist() == [10.5]


def test_what_was_fetched_before_the_last_word_does_not_turn_it_back(engine: sa.Engine) -> None:
    old, new = a_candle(0, close=10.5), a_candle(0, close=11.0, fetched_at=at(2000))
    save(engine, old)
    save(engine, new)
    assert save(engine, replace(old, fetched_at=at(1999))) == Saved(unchanged=1)
    assert save(engine, replace(old, fetched_at=at(2000))) == Saved(unchanged=1)
    assert columns(engine).close.tolist() == [11.0]


def test_an_archive_imported_again_neither_grows_the_store_nor_turns_a_bar_back(engine: sa.Engine) -> None:
    """Its file says what was said once, however late it is read."""
    old, new = a_candle(0, close=10.5), a_candle(0, close=11.0, fetched_at=at(2000))
    save(engine, old)
    save(engine, new)
    with database.begin(engine) as connection:
        again = candles.save(connection, [replace(old, fetched_at=at(3000))], is_archive=True)
    assert again == Saved(unchanged=1)
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
        a_candle(0, interval=Interval.D1, open_at=dt.datetime(2024, 1, 31, tzinfo=dt.UTC)),
    )
    day = dt.datetime(2024, 1, 31, tzinfo=dt.UTC)
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

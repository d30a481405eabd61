"""Series: points come back bit for bit, only changed ones are written, and what stood before stays readable."""

import dataclasses

import numpy as np
import pytest
import sqlalchemy as sa

from service.correlation.aligned import Aggregation, AlignedSeries
from service.instants import Interval, Window, to_millis
from storage import database, schema, series
from storage.series import Declaration
from storage.upsert import Saved
from tests.storage.builders import CATALOGUE, HOURLY, SCORER, a_series, at


def save(engine: sa.Engine, some: AlignedSeries, hours: float = 0) -> Saved:
    with database.begin(engine) as connection:
        return series.save(connection, some, catalogue=CATALOGUE, recorded_at=at(hours))


def load(engine: sa.Engine, aggregation: Aggregation = HOURLY, **asked: object) -> AlignedSeries:
    with database.read(engine) as connection:
        found = series.load(
            connection,
            target="bitcoin",
            scorer=SCORER,
            catalogue=CATALOGUE,
            venue="coinbase",
            symbol="BTC/USD",
            aggregation=aggregation,
            **asked,  # type: ignore[arg-type]
        )
    assert found is not None
    return found


def assert_equal(one: AlignedSeries, other: AlignedSeries) -> None:
    for field in dataclasses.fields(AlignedSeries):
        left, right = getattr(one, field.name), getattr(other, field.name)
        if isinstance(left, np.ndarray):
            assert left.dtype == right.dtype
            assert np.array_equal(left, right, equal_nan=left.dtype == np.float64), field.name
        else:
            assert left == right


def test_a_series_comes_back_equal_with_its_missing_values(engine: sa.Engine) -> None:
    made = a_series(6)
    assert save(engine, made) == Saved(new=6)
    assert save(engine, made) == Saved(unchanged=6)
    assert_equal(load(engine), made)


def test_a_negative_zero_is_a_zero_on_both(engine: sa.Engine) -> None:
    """SQLite drops the sign of zero, PostgreSQL keeps it: stored without, so that both give the same bytes."""
    made = a_series(3)
    made.log_return[:] = -0.0
    save(engine, made)
    assert not np.signbit(load(engine).log_return).any()
    assert save(engine, made) == Saved(unchanged=3)


def test_only_changed_points_are_written_and_the_former_stay(engine: sa.Engine) -> None:
    before, after = a_series(5), a_series(7)
    after.sentiment[1], after.sentiment[2] = 0.5, np.nan
    save(engine, before, hours=100)
    assert save(engine, after, hours=200) == Saved(new=2, revised=2, unchanged=3)
    assert_equal(load(engine), after)
    assert_equal(load(engine, as_of=at(150)), before)


def test_a_window_is_half_open_and_as_of_ends_at_what_was_closed(engine: sa.Engine) -> None:
    save(engine, a_series(5))
    assert load(engine, window=Window(at(1), at(3))).open_at.tolist() == [to_millis(at(1)), to_millis(at(2))]
    assert load(engine, window=Window(at(50), at(60))).length == 0
    assert load(engine, as_of=at(2.5)).length == 2


def test_each_aggregation_is_a_series_of_its_own(engine: sa.Engine) -> None:
    daily = Aggregation(Interval.D1, weight="equal", relevance_floor=10, embargo_seconds=60)
    save(engine, a_series(5))
    save(engine, a_series(2, daily))
    assert (load(engine).length, load(engine, daily).length) == (5, 2)
    with database.read(engine) as connection:
        told = ("bitcoin", SCORER, CATALOGUE, "coinbase", "BTC/USD")
        assert series.load_declarations(connection) == [Declaration(*told, HOURLY), Declaration(*told, daily)]


def test_an_unknown_series_is_none_and_an_empty_one_is_kept(engine: sa.Engine) -> None:
    with pytest.raises(AssertionError):
        load(engine)
    assert save(engine, a_series(0)) == Saved()
    assert load(engine).length == 0
    with database.read(engine) as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(schema.series_point)) == 0

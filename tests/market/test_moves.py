"""Moves checked against pandas and against closed forms; a hole is never bridged."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import BadInput
from service.instants import Interval
from service.market.moves import FinerBars, Moves, log_changes, measure, parkinson, realised_volatility

HOUR = Interval.H1.millis
MINUTE = Interval.M1.millis


def make(count: int, missing: set[int] = frozenset(), seed: int = 1) -> dict[str, np.ndarray]:  # type: ignore[type-arg,assignment]
    """Random hourly bars with some left out, as columns."""
    rng = np.random.default_rng(seed)
    close = 40_000 * np.exp(np.cumsum(rng.normal(0, 0.01, count)))
    first = np.concatenate(([40_000.0], close[:-1]))
    high = np.maximum(first, close) * (1 + rng.uniform(0, 0.01, count))
    low = np.minimum(first, close) * (1 - rng.uniform(0, 0.01, count))
    columns = {
        "open_at": np.arange(count, dtype=np.int64) * HOUR, "high": high, "low": low, "close": close,
        "volume": rng.uniform(1, 100, count),
    }  # fmt: skip
    keep = ~np.isin(np.arange(count), list(missing))
    return {name: column[keep] for name, column in columns.items()}


def measured(columns: dict[str, np.ndarray], finer: FinerBars | None = None) -> Moves:  # type: ignore[type-arg]
    return measure(interval=Interval.H1, finer=finer, **columns)


def test_log_returns_and_volume_changes_equal_pandas_on_the_full_grid() -> None:
    """pandas on a reindexed grid: NaN spreads over holes exactly as ours does."""
    columns = make(200, {3, 50, 51, 52, 120})
    moves = measured(columns)
    grid = pd.DataFrame(columns).set_index("open_at").reindex(np.arange(200) * HOUR)
    for ours, name in ((moves.log_return, "close"), (moves.volume_change, "volume")):
        theirs = np.log(grid[name]).diff().reindex(columns["open_at"]).to_numpy()
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, equal_nan=True)
    assert np.isnan(moves.log_return).sum() == 1 + 3


def test_moves_are_known_at_the_close_of_the_bar() -> None:
    moves = measured(make(5))
    assert (moves.available_at - moves.open_at == HOUR).all()


def test_zero_volume_has_no_change() -> None:
    changes = log_changes(np.array([1.0, 0.0, 2.0, 4.0]), np.arange(4, dtype=np.int64) * HOUR, Interval.H1)
    assert np.isnan(changes[:3]).all()
    assert changes[3] == pytest.approx(np.log(2))


def test_parkinson_by_hand() -> None:
    """ln(110/100)² / (4 ln 2) = 0.00908403 / 2.77258872 = 0.00327637; its root is 0.0572396."""
    assert parkinson(np.array([110.0]), np.array([100.0]))[0] == pytest.approx(0.0572396, abs=1e-7)


def test_parkinson_finds_the_volatility_of_a_simulated_path() -> None:
    """Mean of the squares over many finely stepped bars is σ² (it falls short by the steps it does not see)."""
    rng = np.random.default_rng(7)
    paths = np.cumsum(rng.normal(0, 0.02 / np.sqrt(2000), (1500, 2000)), axis=1)
    high, low = np.exp(paths.max(axis=1).clip(min=0)), np.exp(paths.min(axis=1).clip(max=0))
    assert np.sqrt((parkinson(high, low) ** 2).mean()) == pytest.approx(0.02, rel=0.05)


def test_realised_volatility_equals_pandas_resampling() -> None:
    rng = np.random.default_rng(3)
    minutes = np.arange(-1, 600, dtype=np.int64) * MINUTE
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.001, len(minutes))))
    ours = realised_volatility(
        np.arange(10, dtype=np.int64) * HOUR, Interval.H1, FinerBars(Interval.M1, minutes, close)
    )
    squares = np.log(pd.Series(close, index=pd.to_datetime(minutes, unit="ms", utc=True))).diff() ** 2
    theirs = np.sqrt(squares.iloc[1:].resample("1h").sum()).to_numpy()
    np.testing.assert_allclose(ours, theirs, rtol=1e-9)


def test_one_missing_minute_falls_back_to_the_range() -> None:
    """No sum over 59 minutes passes for an hour; the bar's own range is used and said to be."""
    columns = make(4)
    minutes = np.delete(np.arange(-1, 240, dtype=np.int64), 100) * MINUTE
    moves = measured(columns, FinerBars(Interval.M1, minutes, np.full(len(minutes), 50.0)))
    assert moves.is_realised.tolist() == [True, False, True, True]
    assert moves.volatility[0] == 0.0
    assert moves.volatility[1] == parkinson(columns["high"], columns["low"])[1]


def test_the_return_into_the_bar_belongs_to_it() -> None:
    """A jump between the last minute before and the first minute of the hour is volatility of that hour."""
    minutes = np.arange(-1, 60, dtype=np.int64) * MINUTE
    close = np.where(minutes < 0, 100.0, 110.0)
    volatility = realised_volatility(np.array([0]), Interval.H1, FinerBars(Interval.M1, minutes, close))
    assert volatility[0] == pytest.approx(np.log(1.1))


def test_bars_out_of_order_or_not_dividing_are_refused() -> None:
    with pytest.raises(BadInput, match="rising"):
        log_changes(np.ones(2), np.array([HOUR, 0]), Interval.H1)
    with pytest.raises(BadInput, match="divide"):
        realised_volatility(np.array([0]), Interval.H1, FinerBars(Interval.H1, np.array([0]), np.ones(1)))


def test_no_bars_no_moves() -> None:
    assert len(measured(make(0)).log_return) == 0


@given(st.integers(2, 60), st.sets(st.integers(0, 59)), st.integers(0, 59))
def test_the_future_moves_nothing_before_it(count: int, missing: set[int], cut: int) -> None:
    """Scramble every bar from `cut` on: all moves of earlier bars stay as they were."""
    columns = make(count, missing)
    spoiled = {name: column.copy() for name, column in columns.items()}
    late = columns["open_at"] >= cut * HOUR
    for name in ("high", "low", "close", "volume"):
        spoiled[name][late] *= 1.7
    before, after = measured(columns), measured(spoiled)
    for name in ("log_return", "volatility", "log_range", "volume_change"):
        np.testing.assert_array_equal(getattr(before, name)[~late], getattr(after, name)[~late])

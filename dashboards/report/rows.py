"""The report's data for people: a row per bar, what the study read of it, with the unit of every column."""

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboards.tables import Column
from service.correlation.freezing import Columns, freeze
from service.correlation.inputs import StudyInputs

SCHEMA = "newscandle.rows/1"

UNITS = {
    "open_at": ("UTC", "first instant of the bar"),
    "available_at": ("UTC", "end of the bar: its row can be known from here on"),
    "close": ("quote currency", "last price of the bar; missing in a gap"),
    "log_return": ("natural log", "ln(close / previous close); missing unless both bars exist"),
    "realised_volatility": ("natural log, per bar", "root of the summed squared finer returns, else from the range"),
    "volume": ("base currency", "traded in the bar"),
    "sentiment": ("−1…1", "weighted mean over the articles of the bar's window; missing where too few, never zero"),
    "scored": ("articles", "in which the target is spoken of and words with weight reach it"),
    "no_signal": ("articles", "in which the target is named and nothing is said for or against it"),
    "no_mention": ("articles", "that were read and do not name the target"),
    "unsupported": ("articles", "in a language the scorer does not read"),
}
"""Unit and meaning of the columns of an aligned series, in the order in which they are written."""

_ALONGSIDE = {"market_return": ("natural log", "log return of the market index over the bar")}

_KEYS = ("open_at", "available_at")


def list_columns(inputs: StudyInputs) -> list[Column]:
    """The leading series, then whatever else the study reads bar by bar, where it says something else.

    A column of another series is called after it: `sentiment_vader_3_3_2` is the sentiment by `vader/3.3.2`.
    """
    tables = dict(freeze(inputs).tables)
    leading = tables.pop("series")
    columns = [_describe(name, leading[name]) for name in UNITS]
    for table, held in tables.items():
        if "open_at" in held:
            columns += _list_others(table, held, leading)
        else:  # columns by themselves, on the bars of the leading series
            columns += [_describe(name, values) for name, values in held.items() if name in _ALONGSIDE]
    return columns


def describe_column(name: str, of: str = "") -> tuple[str, str]:
    """Unit and meaning of a column by its name; empty where nothing is known of it. `of` tells whose it is."""
    unit, meaning = (UNITS | _ALONGSIDE).get(name, ("", ""))
    return unit, f"{meaning} ({of})" if of and meaning else meaning


def _describe(name: str, values: NDArray[Any], title: str = "", of: str = "") -> Column:
    return Column(title or name, values, *describe_column(name, of))


def _list_others(table: str, held: Columns, leading: Columns) -> Iterator[Column]:
    suffix = re.sub(r"[^a-z0-9]+", "_", table.rpartition("/")[2].lower()).strip("_")
    for name, values in held.items():
        placed = _place(values, held["open_at"], leading["open_at"])
        if name not in _KEYS and not (name in leading and _is_same(placed, leading[name])):
            yield _describe(name, placed, f"{name}_{suffix}", table.rpartition("/")[2])


def _place(values: NDArray[Any], open_at: NDArray[Any], bars: NDArray[Any]) -> NDArray[Any]:
    """The values on the leading series' bars, by the instants at which they open; NaN where there is none."""
    if np.array_equal(open_at, bars):
        return values
    placed = np.full(len(bars), np.nan)
    _, here, there = np.intersect1d(bars, open_at, return_indices=True)
    placed[here] = values[there]
    return placed


def _is_same(one: NDArray[Any], other: NDArray[Any]) -> bool:
    return np.array_equal(one, other, equal_nan=one.dtype.kind == "f" and other.dtype.kind == "f")

"""The columns that enter the alignment and the series that leaves it. Instants are UTC milliseconds (int64)."""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.correlation.aggregation import Aggregation
from service.instants import Interval
from service.sentiment.scorer import State

__all__ = ["STATES", "Aggregation", "AlignedSeries", "CandleColumns", "Origins", "ScoreColumns"]

STATES = (State.SCORED, State.NO_SIGNAL, State.NO_MENTION, State.UNSUPPORTED_LANGUAGE)
"""The order in which states are coded as small integers in columns."""


@dataclass(frozen=True, slots=True, eq=False)
class Origins:
    """Whose articles those of `ScoreColumns` are and how they are called, row by row: for weights that ask for it."""

    source: tuple[str, ...]
    title: tuple[str, ...]
    content_hash: tuple[str, ...]  # of title and text
    story: tuple[str, ...] = ()  # key of the article that told its story first, "" of one not placed; () not asked for
    novelty: tuple[float, ...] = ()  # 0–100, 100 of one not placed


@dataclass(frozen=True, slots=True, eq=False)
class ScoreColumns:
    """Every article one scorer read, as one target sees it: one row per article, sorted by `available_at`.

    `available_at` int64 ms; `score` float64, NaN unless scored; `relevance` float64 0–100, 0 unless mentioned;
    `state` int8 index into STATES; `revision` int64 row id in the store (lineage). `origins` is there where the
    aggregation asks for it (`Aggregation.asks_origins`).
    """

    target: str
    scorer: str
    available_at: NDArray[np.int64]
    score: NDArray[np.float64]
    relevance: NDArray[np.float64]
    state: NDArray[np.int8]
    revision: NDArray[np.int64]
    origins: Origins | None = None


@dataclass(frozen=True, slots=True, eq=False)
class CandleColumns:
    """Closed candles of one venue, symbol and interval, strictly rising in `open_at` (int64 ms); gaps are absent."""

    venue: str
    symbol: str
    interval: Interval
    open_at: NDArray[np.int64]
    open: NDArray[np.float64]
    high: NDArray[np.float64]
    low: NDArray[np.float64]
    close: NDArray[np.float64]
    volume: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class AlignedSeries:
    """One target beside one market, a row per bar of the full grid (gaps included), all arrays of one length.

    Row i covers [open_at, open_at + interval) and can be known at its end, `available_at`. `sentiment` is the
    weighted mean over the articles of the bar's window by `available_at` (no_signal counts as a neutral reading), NaN
    where too few: missing is never zero. The four counts say how many articles it holds in each state. `log_return` is
    ln(close/previous close), NaN unless both bars exist; `realised_volatility` is the root of summed squared finer
    returns where finer bars are held, else the Parkinson range estimate, `volume` in base currency; NaN in a gap.
    """

    target: str
    scorer: str
    venue: str
    symbol: str
    aggregation: Aggregation
    open_at: NDArray[np.int64]
    available_at: NDArray[np.int64]
    sentiment: NDArray[np.float64]
    scored: NDArray[np.int32]
    no_signal: NDArray[np.int32]
    no_mention: NDArray[np.int32]
    unsupported: NDArray[np.int32]
    close: NDArray[np.float64]
    log_return: NDArray[np.float64]
    realised_volatility: NDArray[np.float64]
    volume: NDArray[np.float64]

    @property
    def digest(self) -> str:
        """16 hex digits of every value of every row: equal series have equal digests, on any machine."""
        columns = (self.open_at, self.available_at, self.scored, self.no_signal, self.no_mention, self.unsupported)
        figures = (self.sentiment, self.close, self.log_return, self.realised_volatility, self.volume)
        told = hashlib.sha256(
            f"{self.target} {self.scorer} {self.venue} {self.symbol} {self.aggregation.digest}".encode()
        )
        for column in columns:
            told.update(column.astype("<i8").tobytes())
        for figure in figures:
            told.update(np.where(np.isnan(figure), np.nan, figure).astype("<f8").tobytes())
        return told.hexdigest()[:16]

    @property
    def length(self) -> int:
        """Number of bars."""
        return len(self.open_at)

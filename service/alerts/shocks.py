"""Bars in which the news speaks of a target, or as often of it, as it did not in the months before.

AlignedSeries ─ values, who may be judged ─▶ History ─ each bar by those before it ─▶ Judged, with a Standing
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from service.alerts.history import History, Measured
from service.alerts.rule import ShockRule
from service.correlation.aligned import AlignedSeries
from service.instants import Interval

_POISSON_DEVIATION = 0.5  # of the root of a count of independent articles


class Standing(StrEnum):
    """What a bar was found to be. All but the first give no alert, each for a reason of its own."""

    SHOCK = "shock"
    USUAL = "usual"
    CONTINUED = "continued"  # as far out as a shock, less than a day after another on the same side
    NO_ARTICLES = "no_articles"  # none that was read mentions the target
    NO_SIGNAL = "no_signal"  # it is mentioned, and nothing said for or against it: that is no reading of 0
    TOO_FEW = "too_few"  # articles in this bar
    SHORT_HISTORY = "short_history"  # or most bars of it have one and the same value: there is nothing to judge by


@dataclass(frozen=True, slots=True)
class Judged:
    """One bar and what it was found to be.

    `value` is its sentiment (−1…1, NaN without one) or its number of articles that mention the target, `usual` the
    median of its history in the same unit. `distance` counts robust standard deviations from that, with its sign,
    `needed` those a shock takes more than; NaN where the bar was not judged. `days` of the history can be judged by.
    """

    row: int
    standing: Standing
    value: float
    scored: int
    no_signal: int
    usual: float
    distance: float
    needed: float
    days: int


def judge_sentiment(series: AlignedSeries, rows: Sequence[int], rule: ShockRule) -> list[Judged]:
    """What the bars `rows` of `series` are, each by the `rule.history_days` before it alone."""
    usable = np.isfinite(series.sentiment) & (series.scored >= rule.least_articles)
    inverse = 1.0 / np.maximum(series.scored + series.no_signal, 1)
    history = History(series.sentiment, usable, bars_a_day(series), inverse)
    return [_judge(series, history, row, rule, series.sentiment, lambda centre: centre) for row in rows]


def judge_volume(series: AlignedSeries, rows: Sequence[int], rule: ShockRule) -> list[Judged]:
    """Whether unusually many articles mention the target in the bars `rows`; unusually few are no shock.

    The root of a count scatters alike whether it is high or low (M. S. Bartlett (1936), Suppl. JRSS 3(1)), and never
    less than that of independent articles. Bars in which nothing at all was read are no part of the history.
    """
    mentions: NDArray[np.float64] = (series.scored + series.no_signal).astype(np.float64)
    usable = mentions + series.no_mention + series.unsupported > 0
    history = History(np.sqrt(mentions), usable, bars_a_day(series), least_scale=_POISSON_DEVIATION, is_one_sided=True)
    return [
        _judge(series, history, row, rule, mentions, lambda centre: centre * centre, is_volume=True) for row in rows
    ]


def bars_a_day(series: AlignedSeries) -> int:
    """How many bars a day of the series has."""
    return max(1, Interval.D1.millis // series.aggregation.interval.millis)


def _judge(
    series: AlignedSeries,
    history: History,
    row: int,
    rule: ShockRule,
    values: NDArray[np.float64],
    scale_back: Callable[[float], float],
    *,
    is_volume: bool = False,
) -> Judged:
    standing = _find_refusal(series, row, rule, is_volume=is_volume)
    found = history.measure(row, rule) if standing is None else None
    return Judged(
        row,
        standing or _place(history, row, found, rule),
        float(values[row]),
        int(series.scored[row]),
        int(series.no_signal[row]),
        scale_back(found.centre) if found else np.nan,
        found.distance if found else np.nan,
        found.needed if found else np.nan,
        found.days if found else history.count_days(row, rule),
    )


def _find_refusal(series: AlignedSeries, row: int, rule: ShockRule, *, is_volume: bool) -> Standing | None:
    """Why the bar holds too little to be judged; None where it does not."""
    scored, mentions = int(series.scored[row]), int(series.scored[row] + series.no_signal[row])
    if not mentions:
        return Standing.NO_ARTICLES
    if is_volume:
        return None if mentions >= rule.least_articles else Standing.TOO_FEW
    if not scored:
        return Standing.NO_SIGNAL
    is_enough = scored >= rule.least_articles and np.isfinite(series.sentiment[row])
    return None if is_enough else Standing.TOO_FEW


def _place(history: History, row: int, found: Measured | None, rule: ShockRule) -> Standing:
    if found is None:
        return Standing.SHORT_HISTORY
    if not found.is_beyond:
        return Standing.USUAL
    return Standing.CONTINUED if history.is_repeated(row, found, rule) else Standing.SHOCK

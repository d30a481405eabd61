"""The figures of a report's document that have a noise of their own, each with the half-width of its 95 % interval."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dashboards.report.words import Words

Document = Mapping[str, Any]

_FISHER = 1.96
_SAY = Words()


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of one report. `half_width` is None where the report does not tell how far chance moves it."""

    value: float | None
    half_width: float | None = None
    is_shown_at: int | None = None  # the lag, where it is the strongest of several


@dataclass(frozen=True, slots=True)
class Pair:
    """The same figure in two reports."""

    group: str
    name: str
    one: Figure
    other: Figure

    @property
    def difference(self) -> float | None:
        """Later minus earlier; None where either is missing."""
        if self.one.value is None or self.other.value is None:
            return None
        return self.other.value - self.one.value

    @property
    def noise(self) -> float | None:
        """How far the two may lie apart by chance (95 %, as if of independent samples); None where not known."""
        if self.one.half_width is None or self.other.half_width is None:
            return None
        return math.hypot(self.one.half_width, self.other.half_width)

    @property
    def is_beyond_noise(self) -> bool:
        """Whether the two lie further apart than that."""
        return self.difference is not None and self.noise is not None and abs(self.difference) > self.noise


def pair_figures(one: Document, other: Document) -> list[Pair]:
    """Every figure that both reports have and whose noise either tells."""
    return [
        *_pair_same_bar(one, other),
        *_pair_lags(one, other),
        *_pair_scorers(one, other),
        *_pair_information(one, other),
        *_pair_calibration(one, other),
    ]


def _by(rows: Any, key: str) -> dict[str, Document]:
    return {str(row[key]): row for row in rows or ()}


def _pair_same_bar(one: Document, other: Document) -> Iterator[Pair]:
    """Intervals by stationary bootstrap: they know of autocorrelation."""
    ours, theirs = _by(one.get("same_bar"), "outcome"), _by(other.get("same_bar"), "outcome")
    for outcome in (key for key in ours if key in theirs):
        figures = (
            Figure(row["pearson"], _half(row["pearson_low"], row["pearson_high"]))
            for row in (ours[outcome], theirs[outcome])
        )
        yield Pair("same bar, r", _SAY.outcome_name(outcome), *figures)


def _half(low: float | None, high: float | None) -> float | None:
    return None if low is None or high is None else (high - low) / 2


def _pair_lags(one: Document, other: Document) -> Iterator[Pair]:
    """Each report's strongest lag of each side, looked up in the other; the band is simultaneous over all lags."""
    ours, theirs = _by(one.get("lead_lag"), "outcome"), _by(other.get("lead_lag"), "outcome")
    for outcome in (key for key in ours if key in theirs):
        first, second = ours[outcome], theirs[outcome]
        for side, sign in (("market first", -1), ("news first", 1)):
            strongest = {_strongest(line, sign) for line in (first, second)} - {None}
            for lag in sorted(lag for lag in strongest if lag is not None):
                figures = (Figure(_r_at(line, lag), line["band"], lag) for line in (first, second))
                yield Pair(f"{side}, r", f"{_SAY.outcome_name(outcome)} at lag {_SAY.signed(lag, 0)}", *figures)


def _strongest(line: Document, sign: int) -> int | None:
    rows = [(abs(r), -abs(lag), lag) for lag, r in zip(line["lags"], line["pearson"], strict=True) if r is not None]
    return max((row for row in rows if row[2] * sign > 0), default=(0.0, 0, None))[2]


def _r_at(line: Document, lag: int) -> float | None:
    r: float | None = dict(zip(line["lags"], line["pearson"], strict=True)).get(lag)
    return r


def _pair_scorers(one: Document, other: Document) -> Iterator[Pair]:
    ours, theirs = _by(one.get("comparisons"), "scorer"), _by(other.get("comparisons"), "scorer")
    for scorer in (key for key in ours if key in theirs):
        rows = (ours[scorer], theirs[scorer])
        for name, field in (("agreement with the leading scorer", "agreement"), ("same bar r", "same_bar_r")):
            yield Pair(f"scorer {scorer}", name, *(Figure(row[field], _fisher(row[field], row["n"])) for row in rows))


def _fisher(r: float | None, n: int) -> float | None:
    """Half-width of the 95 % interval of r, by Fisher's z at r; blind to autocorrelation."""
    return None if r is None or n <= 3 else _FISHER * (1 - r * r) / math.sqrt(n - 3)


def _pair_information(one: Document, other: Document) -> Iterator[Pair]:
    ours, theirs = (_by((told.get("information") or {}).get("horizons"), "bars") for told in (one, other))
    for bars in (key for key in ours if key in theirs):
        rows = (ours[bars], theirs[bars])
        figures = (Figure(row["coefficient"], _half(row["low"], row["high"])) for row in rows)
        yield Pair("information coefficient", f"{bars} bars ahead", *figures)


def _pair_calibration(one: Document, other: Document) -> Iterator[Pair]:
    rows = (one["calibration"], other["calibration"])
    yield Pair("certificate", "false alarms, share", *(_share(row["false_alarm_rate"], row["runs"]) for row in rows))
    yield Pair("certificate", "least |r| seen", *(Figure(row["least_effect"]) for row in rows))


def _share(share: float | None, runs: int) -> Figure:
    """A share of so many runs; Agresti and Coull's interval has a width at 0 and 1 too."""
    if share is None or not runs:
        return Figure(share)
    centre = (share * runs + 2) / (runs + 4)
    return Figure(share, _FISHER * math.sqrt(centre * (1 - centre) / (runs + 4)))

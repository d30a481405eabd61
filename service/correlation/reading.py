"""Brings the figures of each direction and outcome together and lets the verdict rules judge them."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from service.correlation.association import effective_n
from service.correlation.estimates import Admitted, Figures
from service.correlation.holdout import hold_out
from service.correlation.leadlag import Scan, largest
from service.correlation.results import Conclusion, Direction
from service.correlation.scan import paired, pearson
from service.correlation.settings import StudySettings
from service.correlation.verdict import Findings, conclude, judge
from service.correlation.worlds import critical_value, step_down

DIRECTIONS = (Direction.REVERSE, Direction.SAME_BAR, Direction.FORWARD)
"""In order of reading: what is more likely true stands first."""


def draw_conclusions(
    sentiment: NDArray[np.float64],
    outcomes: Mapping[str, NDArray[np.float64]],
    admitted: Admitted,
    figures: Figures,
    settings: StudySettings,
) -> tuple[tuple[Conclusion, ...], int]:
    """One conclusion per direction and outcome, reverse first; and how many hold-out p-values that took.

    All of them are one family: their p-values are stepped down together over every lag, direction and outcome.
    """
    scans = {scan.outcome: scan for scan in figures.scans}
    p_family = family_wise(figures.scans)
    family = sum(line.family for line in figures.lead_lag)
    conclusions, tests = [], 0
    for direction in DIRECTIONS:
        for outcome, values in outcomes.items():
            if outcome not in scans:
                conclusions.append(conclude(_refused(direction, outcome, admitted, family), settings.gates))
                continue
            findings = _gather(sentiment, values, scans[outcome], direction, figures)
            findings = replace(findings, p_family=p_family[direction, outcome], family=family)
            if judge(findings, settings.gates) == "in_sample":
                findings, made = _check_held_out(findings, sentiment, values, scans[outcome], admitted, settings)
                tests += made
            conclusions.append(conclude(findings, settings.gates))
    return tuple(conclusions), tests


def family_wise(scans: tuple[Scan, ...]) -> dict[tuple[Direction, str], float | None]:
    """Step-down p-value of each direction's strongest |r|, in units of its outcome's own band, over all of them."""
    keys, observed, null = [], [], []
    for scan in scans:
        band = critical_value(largest(scan.null_pearson))
        for direction in DIRECTIONS:
            r, _, worlds = scan.strongest(direction)
            keys.append((direction, scan.outcome))
            observed.append(np.nan if r is None else abs(r) / band)
            null.append(np.zeros(len(scan.null_pearson)) if r is None else worlds / band)
    if not keys:
        return {}
    adjusted = step_down(np.array(observed), np.column_stack(null))
    return {key: float(p) if np.isfinite(p) else None for key, p in zip(keys, adjusted, strict=True)}


def _refused(direction: Direction, outcome: str, admitted: Admitted, family: int) -> Findings:
    """What is left to say of an outcome the gate did not admit: not stationary, or too short to tell."""
    examined = [row.conclusion for row in admitted.stationarity if row.series in ("sentiment", outcome)]
    return Findings(
        direction=direction,
        outcome=outcome,
        is_stationary="not stationary" not in examined,
        n=0,
        effective_n=None,
        r=None,
        lag=None,
        p_family=None,
        family=family,
    )


def _gather(
    sentiment: NDArray[np.float64],
    outcome: NDArray[np.float64],
    scan: Scan,
    direction: Direction,
    figures: Figures,
) -> Findings:
    r, lag, _ = scan.strongest(direction)
    overall, _, _ = scan.strongest(None)
    at = None if lag is None else int(np.flatnonzero(scan.lags == lag)[0])
    causal = [t for t in figures.granger if t.direction is direction and scan.outcome in (t.cause, t.effect)]
    return Findings(
        direction=direction,
        outcome=scan.outcome,
        is_stationary=True,
        n=0 if at is None else int(scan.n[at]),
        effective_n=effective_n(sentiment, outcome),
        r=r,
        lag=lag,
        p_family=None,
        family=0,
        elsewhere=r is not None and overall is not None and abs(overall) > abs(r),
        granger_p=causal[0].p_robust if causal else None,
        rank_p=scan.rank_p(direction),
        rank_agrees=at is not None and r is not None and bool(scan.ranks[at] * r > 0),
        halves_agree=_halves_agree(sentiment, outcome, lag, r),
    )


def _halves_agree(
    sentiment: NDArray[np.float64], outcome: NDArray[np.float64], lag: int | None, r: float | None
) -> bool:
    """Whether r has the sign of the whole in both halves of the complete pairs, by time."""
    if lag is None or r is None:
        return False
    x, y = paired(sentiment, outcome, lag)
    middle = len(x) // 2
    halves = (pearson(x[:middle], y[:middle]), pearson(x[middle:], y[middle:]))
    return all(half is not None and half * r > 0 for half in halves)


def _check_held_out(
    findings: Findings,
    sentiment: NDArray[np.float64],
    outcome: NDArray[np.float64],
    scan: Scan,
    admitted: Admitted,
    settings: StudySettings,
) -> tuple[Findings, int]:
    if not settings.hold_out or admitted.worlds is None:
        return findings, 0
    lags = scan.lags[scan.within(findings.direction)]
    tried = hold_out(sentiment, outcome, admitted.worlds, lags, settings.hold_out)
    if tried is None:
        return findings, 0
    confirms = tried.confirms and findings.r is not None and tried.r * findings.r > 0
    return replace(findings, held_out=confirms, hold_out_p=tried.p), 2

"""What is concluded, and how far the study that concluded it can be trusted."""

from dataclasses import dataclass

from service.correlation.results.words import Direction, Verdict


@dataclass(frozen=True, slots=True)
class Conclusion:
    """One verdict with the rule that gave it and the same in a plain sentence."""

    direction: Direction
    outcome: str
    verdict: Verdict
    rule: str
    sentence: str
    r: float | None
    lag: int | None
    p_family: float | None
    family: int
    p_ledger: float | None = None  # p_family times every test ever made on the series, at most 1


@dataclass(frozen=True, slots=True)
class TrialLedger:
    """How many p-values the store has seen computed on this series, this report's among them.

    `earlier` were computed for other studies of it: with other choices, another span or other data. The same study made
    again is not counted again. `least_p` is the smallest p-value that this study's surrogate worlds can give.
    """

    earlier: int
    here: int
    total: int
    least_p: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """How this very study behaves on its own data with the link cut, and the least effect it could have seen.

    `false_alarm_rate` is the share of `runs` worlds, long pieces of the real sentiment at wrong dates, in which the
    headline test (any correlation of the whole family beyond its bands at 5 %) called; None where the sample is too
    short to move pieces of it. `least_effect` is the |r| with the first outcome, the log return, found with 80 % power
    at this n and autocorrelation.
    """

    runs: int
    false_alarm_rate: float | None
    least_effect: float | None
    n: int

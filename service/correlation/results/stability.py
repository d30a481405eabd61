"""Whether the relation of sentiment and return stays what it is: windows, regimes and one break."""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RollingWindow:
    """Pearson's r of one window [start, end), with the |r| that worlds without a link rarely exceed in any window."""

    start: dt.datetime
    end: dt.datetime
    n: int
    r: float | None
    band: float | None


@dataclass(frozen=True, slots=True)
class RegimeSplit:
    """The relation on two sides of a split; `p` is for slopes that differ, `p_family` over all of them."""

    name: str
    first: str
    first_n: int
    first_r: float | None
    second: str
    second_n: int
    second_r: float | None
    p: float | None
    p_family: float | None = None


@dataclass(frozen=True, slots=True)
class BreakTest:
    """The date at which the slope before and after differ most, and how rarely a constant link looks as broken.

    `statistic` is the largest F over the dates tried; `p` its share of worlds in which the link is constant.
    """

    at: dt.datetime
    statistic: float
    before_r: float | None
    after_r: float | None
    p: float


@dataclass(frozen=True, slots=True)
class Relation:
    """One relation through time. lag > 0: sentiment `lag` bars before the return; `p_rolling`: any window outside."""

    lag: int
    windows: tuple[RollingWindow, ...]
    p_rolling: float | None
    regimes: tuple[RegimeSplit, ...]
    break_test: BreakTest | None

    @property
    def tests(self) -> int:
        """How many p-values were computed."""
        of_splits = sum(split.p is not None for split in self.regimes)
        return of_splits + (self.p_rolling is not None) + (self.break_test is not None)


@dataclass(frozen=True, slots=True)
class Stability:
    """Rolling association, regimes and a break test of sentiment and log return; no verdict rests on it."""

    window_bars: int
    relations: tuple[Relation, ...]  # the market first comes first
    trim: float  # share of the bars at each end in which no break is sought
    surrogates: int
    notes: tuple[str, ...] = ()

    @property
    def tests(self) -> int:
        """How many p-values were computed."""
        return sum(relation.tests for relation in self.relations)

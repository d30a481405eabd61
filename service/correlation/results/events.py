"""What an event study gives. Returns are log returns summed over bars; p-values are two-sided."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EventBar:
    """Mean abnormal return and its running sum at one bar of event time, with pointwise 95 % bootstrap intervals."""

    offset: int
    mean: float
    mean_low: float | None
    mean_high: float | None
    cumulative: float
    cumulative_low: float | None
    cumulative_high: float | None


@dataclass(frozen=True, slots=True)
class EventWindow:
    """The mean cumulative abnormal return over bars `first` … `last` of event time, and four tests of it."""

    first: int
    last: int
    mean: float
    t: float | None
    p_t: float | None
    rank_z: float | None
    p_rank: float | None
    sign_z: float | None
    p_sign: float | None
    p_bootstrap: float | None
    p_holm: float | None  # p_bootstrap adjusted over every window of the study

    @property
    def tests(self) -> int:
        """How many p-values were computed."""
        return sum(p is not None for p in (self.p_t, self.p_rank, self.p_sign, self.p_bootstrap))


@dataclass(frozen=True, slots=True)
class EventSet:
    """Events of one kind under one model of the normal return.

    `found` events, of which `merged` fell into the window of an earlier one and `dropped` had no whole window or too
    little before it; `used` remain, in `blocks` calendar blocks. `note` says why nothing was tested.
    """

    label: str
    model: str  # constant mean | market model
    found: int
    merged: int
    dropped: int
    used: int
    blocks: int
    bars: tuple[EventBar, ...]
    windows: tuple[EventWindow, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class EventStudy:
    """Abnormal returns around spikes of the sentiment and around named events; no verdict rests on it.

    The normal return is estimated over `estimation` bars that end before the event window of ± `reach` bars.
    """

    reach: int
    estimation: int
    spike_share: float
    block_days: int
    sets: tuple[EventSet, ...]
    family: int
    notes: tuple[str, ...] = ()

    @property
    def tests(self) -> int:
        """How many p-values were computed."""
        return sum(window.tests for one in self.sets for window in one.windows)

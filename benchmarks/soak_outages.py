"""What goes wrong in a soak, and when: an outage of every kind, one after the other, with health in between."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.soak_time import DAY, HOUR, Timeline

NEWS_DEAD, NEWS_FROZEN, NEWS_BROKEN = "news dead", "news frozen", "news broken"
VENUE_DEAD, VENUES_DEAD, VENUES_OLD = "one venue dead", "all venues dead", "venues give old candles"
SCORERS_FAIL, ALIGN_FAILS, ALIGN_CRASHES = "scorers fail", "align fails", "align crashes"
DAEMON_GONE, STORE_GONE, DISK_FULL = "no daemon leads", "store unreachable", "disk full"
CLOCK_AHEAD, CLOCK_BACK = "clock an hour ahead", "clock an hour back"

KINDS = (
    NEWS_DEAD, VENUES_DEAD, SCORERS_FAIL, ALIGN_FAILS, DAEMON_GONE, STORE_GONE, NEWS_FROZEN, VENUES_OLD,
    VENUE_DEAD, ALIGN_CRASHES, DISK_FULL, NEWS_BROKEN, CLOCK_AHEAD, CLOCK_BACK,
)  # fmt: skip
_FIRST = 0.5 * DAY


@dataclass(frozen=True, slots=True)
class Outage:
    """One thing that is wrong from `begins` until `ends`, in ticks."""

    kind: str
    begins: float
    ends: float


class Outages:
    """All of them, and which are on now."""

    def __init__(self, timeline: Timeline, all_: Sequence[Outage]) -> None:
        self._timeline, self.all = timeline, tuple(all_)

    def since(self, *kinds: str) -> float | None:
        """Since when one of these kinds is on; None where none is."""
        now = self._timeline.now
        return next((one.begins for one in self.all if one.kind in kinds and one.begins <= now < one.ends), None)

    def is_on(self, *kinds: str) -> bool:
        """Whether one of these kinds is on."""
        return self.since(*kinds) is not None

    def on_change(self, kind: str, begins: Callable[[], None], ends: Callable[[], None]) -> None:
        """Let something happen whenever one of this kind begins and ends."""
        for one in self.all:
            if one.kind == kind:
                self._timeline.at(one.begins, begins)
                self._timeline.at(one.ends, ends)


def plan_outages(days: float, kinds: Sequence[str] = KINDS) -> list[Outage]:
    """Each kind once, evenly over the days: for twelve hours, or two fifths of the time there is for each; news stand
    still for three times as long, for that is told after a day.
    """
    spacing = (days * DAY - _FIRST) / max(len(kinds), 1)
    length = min(12 * HOUR, 0.4 * spacing)
    longer = min(36 * HOUR, 0.8 * spacing)
    begins = [_FIRST + spacing * number for number in range(len(kinds))]
    ends = [at + (longer if kind == NEWS_FROZEN else length) for kind, at in zip(kinds, begins, strict=True)]
    return [Outage(*one) for one in zip(kinds, begins, ends, strict=True)]

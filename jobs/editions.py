"""Scheduled editions: the daily and the weekly report of every target and interval, each made once.

clock ─▶ newest slot of each edition ─▶ not in the store yet ─▶ prices held to its end ─▶ report.make_report
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from jobs.align import require_target
from jobs.console import Advance
from jobs.house import House
from jobs.markets import choose_market
from jobs.record import Outcome
from jobs.report import Study, Wanted, choose_window, make_report
from service.correlation.editions import Edition, Slot, find_newest_slot
from service.errors import NewscandleError, WorkFailed
from service.instants import Interval, format_instant
from storage import database, reports


@dataclass(frozen=True, slots=True)
class _Due:
    slot: Slot
    target: str
    interval: Interval

    @property
    def stem(self) -> str:
        return f"{self.target}-{self.interval.value}-{self.slot.name}"


def write_editions(house: House, advance: Advance) -> Outcome:
    """Make the newest daily and weekly editions that are not made yet; one that cannot be made is told and tried again.

    Each is as of the instant at which it is made, so that it can be made again when the store has grown.
    """
    counts: Counter[str] = Counter(editions=0)
    notes, failures = [], []
    now = house.clock()
    for due in _list_due(house, now):
        try:
            path = make_report(house, _choose_study(house, due, now), due.stem)
        except NewscandleError as error:
            failures.append(f"{due.stem}: {error}")
            continue
        notes.append(f"{due.stem}: {path}")
        counts["editions"] += 1
        advance(1)
    return Outcome(counts, tuple(failures), tuple(notes))


def _list_due(house: House, now: dt.datetime) -> Iterator[_Due]:
    for target in house.settings.report.targets:
        require_target(house, target)
    for name in house.settings.report.editions:
        slot = find_newest_slot(Edition(name), now)
        for interval in house.settings.align.intervals:
            for target in house.settings.report.targets:
                due = _Due(slot, target, interval)
                with database.read(house.engine) as connection:
                    is_made = reports.is_made(connection, f"{due.stem}.html")
                if not is_made:
                    yield due


def _choose_study(house: House, due: _Due, now: dt.datetime) -> Study:
    market = choose_market(house, due.interval, now)
    held_until = market.last_open_at + market.interval.duration
    if held_until < due.slot.end:
        raise WorkFailed(
            "prices_behind",
            f"prices are held to {format_instant(held_until)}, not yet to {format_instant(due.slot.end)}: "
            "run `newscandle prices` and `newscandle align`; it is tried again at the next turn",
        )
    days = house.settings.report
    asked = due.slot.window(days.weekly_days if due.slot.edition is Edition.WEEKLY else days.days)
    wanted = Wanted(start=format_instant(asked.start), end=format_instant(asked.end))
    window = choose_window(house, wanted, market, due.interval)
    return Study(due.target, due.interval, market, window, now, house.settings.report.language)

"""The drills by name, and the running of one: prepared, harmed and judged in a place of its own."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from jobs.drills.report import Promise, Report, as_text, tell_json
from jobs.drills.stage import Place, a_place
from service.errors import BadInput


class Drill(Protocol):
    """What a drill is; each of the three is called once, in this order."""

    def prepare(self, place: Place) -> None:
        """Make what is to be harmed. Raises `BadInput` naming what the drill needs and is not there."""

    def harm(self) -> Sequence[str]:
        """Do the harm, let newscandle recover, and tell in sentences what was done."""

    def judge(self) -> Sequence[Promise]:
        """Hold what is there now against what was promised."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A drill of the catalogue; `make` imports what it needs. `takes_server`: it can be run on PostgreSQL."""

    about: str
    make: Callable[[], Drill]
    takes_server: bool = False


def _kill() -> Drill:
    from jobs.drills.kill import Kill

    return Kill()


def _rate_limit() -> Drill:
    from jobs.drills.rate_limit import RateLimit

    return RateLimit()


def _truncate() -> Drill:
    from jobs.drills.truncate import Truncate

    return Truncate()


def _dst() -> Drill:
    from jobs.drills.dst import ClockChange

    return ClockChange()


def _disk_full() -> Drill:
    from jobs.drills.disk_full import DiskFull

    return DiskFull()


def _db_restart() -> Drill:
    from jobs.drills.db_restart import DatabaseRestart

    return DatabaseRestart()


def _two_daemons() -> Drill:
    from jobs.drills.two_daemons import TwoDaemons

    return TwoDaemons()


DRILLS: Mapping[str, Listed] = {
    "kill": Listed("every job killed (SIGKILL) at random moments, then run to its end", _kill, takes_server=True),
    "429": Listed("hosts that answer 429 or 503 and ask for rest (Retry-After)", _rate_limit),
    "truncate": Listed("answers of hosts and of a venue that are cut off, half JSON, or no answer at all", _truncate),
    "dst": Listed("your schedules over the hours in which the clock of your zone is set forward or back", _dst),
    "disk-full": Listed("a daemon whose disk has no room left for a while", _disk_full),
    "db-restart": Listed(
        "a PostgreSQL that is restarted at once under a daemon at work", _db_restart, takes_server=True
    ),
    "two-daemons": Listed(
        "two daemons on one store, of which the one that leads is killed or paused", _two_daemons, takes_server=True
    ),
}


def run_drill(name: str, drill: Drill, **given: Any) -> Report:
    """Run `drill` in a place made of what is `given` (see `Place`), which is gone afterwards."""
    began = time.monotonic()
    with a_place(**given) as place:
        drill.prepare(place)
        done = tuple(drill.harm())
        promises = tuple(drill.judge())
        return Report(name, place.store, place.seed, done, promises, time.monotonic() - began)


def run(name: str, server: str, given: Mapping[str, Any], *, tell: Callable[[str], object], as_json: bool) -> bool:
    """Run the drill of this name, or `all` of them, and tell each report; whether none failed.

    Of `all`, one that needs what is not here is told and left out. Raises `BadInput` for a single one.
    """
    reports: list[Report] = []
    not_run: list[tuple[str, str]] = []
    for chosen in DRILLS if name == "all" else [name]:
        if chosen not in DRILLS:
            raise BadInput("drill", chosen, f"choose {', '.join(DRILLS)}, all or list")
        listed = DRILLS[chosen]
        if server and not listed.takes_server and name != "all":
            raise BadInput("--store", chosen, "is a drill that takes no server")
        try:
            made = run_drill(chosen, listed.make(), server=server if listed.takes_server else "", **given)
        except BadInput as error:
            if name != "all":
                raise
            not_run.append((chosen, str(error)))
            told = f"drill {chosen} was not run: {error}"
        else:
            reports.append(made)
            told = as_text(made)
        if not as_json:
            tell(f"{told}\n")
    if as_json:
        tell(tell_json(reports, not_run))
    return all(one.has_passed for one in reports)

"""A database that is restarted at once, in the midst of transactions, under a daemon at work."""

import re
import time
from dataclasses import dataclass

from jobs.drills.fleet import (
    EFFECTIVE,
    JOB,
    Crew,
    Fleet,
    ended_since,
    is_caught_up,
    is_working,
    now,
    open_store,
    take_effect,
    tally,
    time_until,
    wait_for,
)
from jobs.drills.postgres import Server, find_programs
from jobs.drills.report import Promise
from jobs.drills.stage import Place
from jobs.drills.two_daemons import judge_slots
from jobs.ledger import STORE
from jobs.pipeline import Work
from service.errors import StoreFailed
from service.instants import format_instant
from storage import database, lease, runs, slots, throwaway

_ROUNDS = 4
_HEALTHY_SECONDS = 5.0
_ACKNOWLEDGED = re.compile(r"\bran .*?outcome=(?:done|late|caught_up) .*?slot=(\S+)")


@dataclass
class DatabaseRestart:
    """See the top of the file. `work` is what the daemon does in each slot."""

    work: Work = take_effect
    needs: str = "PostgreSQL"

    def prepare(self, place: Place) -> None:
        """A server of the drill's own, or one that is lent, and a daemon with a slot each second."""
        self._place = place
        self._server = None
        if not place.server:
            server = Server(find_programs(place.pg_ctl), place.new_folder("server"))
            place.folder.chmod(0o755)  # the server's user must come through
            place.server = server.start()
            place.ending.callback(server.stop)
            self._server = server
        folder = place.new_folder("daemons")
        self._url = place.new_store(folder)
        self._engine = open_store(self._url)
        place.ending.callback(self._engine.dispose)
        self._fleet = Fleet(Crew(self._url, folder, 20.0, self.work))
        place.ending.callback(self._fleet.stop, 0)
        self._fleet.start(0)
        wait_for(lambda: " ran " in self._fleet.read(), 60, "the daemon has run a slot")
        self._healed: list[float | None] = []

    def harm(self) -> list[str]:
        """Restart the server in mid-slot, or end every session of its database; then let the daemon catch up."""
        rounds = self._place.rounds or _ROUNDS
        for _ in range(rounds):
            time.sleep(self._place.chance.uniform(0.5, 1.5))
            time_until(lambda: is_working(self._engine), 3)
            if self._server is not None:
                self._server.restart()
            else:
                throwaway.end_sessions(self._url)
            self._healed.append(self._heal())
        self._caught_up = time_until(lambda: is_caught_up(self._engine), 60)
        self._codes = self._fleet.stop()
        if self._server is not None:
            what = "Its PostgreSQL, a server of the drill's own, was restarted with `pg_ctl restart -m immediate`"
        else:
            what = "Every session on its database was ended by the server you lent (which the drill does not restart)"
        return ["A daemon had a slot of work each second.", f"{what}, {rounds} times, while a slot was being run."]

    def _heal(self) -> float | None:
        began = time.monotonic()
        wait_for(self._answers, 60, "the server answers")
        since = self._moment
        return None if time_until(lambda: ended_since(self._engine, since), 60) is None else time.monotonic() - began

    def _answers(self) -> bool:
        try:
            with database.read(self._engine) as connection:
                self._moment = lease.tell_time(connection, now())
        except StoreFailed:
            return False
        return True

    def judge(self) -> list[Promise]:
        """Nothing that was acknowledged is lost, nothing is doubled, healthy soon."""
        with database.read(self._engine) as connection:
            found = slots.load_recent(connection, job=JOB, limit=1_000_000)
            outages = runs.recent(connection, job=STORE, limit=1000)
        acknowledged = set(_ACKNOWLEDGED.findall(self._fleet.read()))
        lost = acknowledged - {format_instant(one.due_at) for one in found if one.outcome in EFFECTIVE}
        known = [one for one in self._healed if one is not None]
        longest = max(known) if known and len(known) == len(self._healed) else None
        return [
            Promise(
                "nothing is lost that was said to be done",
                bool(acknowledged) and not lost,
                f"{len(acknowledged)} slots were told as done, {len(lost)} of them are not in the store",
            ),
            *judge_slots(tally(self._engine)),
            Promise(
                f"the daemon works again within {_HEALTHY_SECONDS:.0f} s of the database being back",
                longest is not None and longest <= _HEALTHY_SECONDS,
                "not within 60 s" if longest is None else f"the longest time to the next slot done was {longest:.1f} s",
            ),
            Promise(
                "the work left undone is made up for",
                self._caught_up is not None,
                "not within 60 s" if self._caught_up is None else f"after {self._caught_up:.1f} s",
            ),
            Promise("SIGTERM ends it with exit code 0", not any(self._codes), f"exit codes {self._codes}"),
            Promise(
                "outages are on record with their reason",
                bool(outages) or self._server is None,
                f"{len(outages)} runs of `{STORE}`",
            ),
        ]

"""Two daemons on one store, of which the one that leads is killed, or paused for longer than its lease lasts."""

import signal
import time
from dataclasses import dataclass

from jobs.drills.fleet import (
    Crew,
    Fleet,
    Tally,
    is_caught_up,
    is_working,
    open_store,
    read_lease,
    take_effect,
    tally,
    time_until,
    wait_for,
)
from jobs.drills.report import Promise
from jobs.drills.stage import Place
from jobs.pipeline import Work

_ROUNDS = 6
_LEASE_SECONDS = 2.0
_TAKEOVER_SECONDS = 30.0


@dataclass
class TwoDaemons:
    """See the top of the file. `work` is what the daemons do in each slot."""

    work: Work = take_effect
    needs: str = ""

    def prepare(self, place: Place) -> None:
        """Two daemons with a slot each second, of which one leads."""
        self._place, folder = place, place.new_folder("daemons")
        url = place.new_store(folder)
        self._engine = open_store(url)
        place.ending.callback(self._engine.dispose)
        self._fleet = Fleet(Crew(url, folder, _LEASE_SECONDS, self.work))
        place.ending.callback(self._fleet.stop, 0)
        for number in (0, 1):
            self._fleet.start(number)
        wait_for(lambda: read_lease(self._engine) is not None, 60, "a daemon leads")
        wait_for(lambda: self._fleet.read().count(" started ") == 2, 60, "both daemons run")
        self._takeovers: list[float] = []
        self._acts: list[str] = []

    def harm(self) -> list[str]:
        """Kill or pause whoever leads, so many times; let both catch up, and end them."""
        for _ in range(self._place.rounds or _ROUNDS):
            time.sleep(self._place.chance.uniform(0.2, 1.0) * _LEASE_SECONDS)
            self._harm_leader()
        self._caught_up = time_until(lambda: is_caught_up(self._engine), 60)
        self._codes = self._fleet.stop()
        killed, paused = (self._acts.count(act) for act in ("kill", "pause"))
        return [
            f"Two daemons shared the store, with a slot of work each second and a lease of {_LEASE_SECONDS:g} s.",
            f"Whoever led was killed (SIGKILL) {killed} times and paused (SIGSTOP) {paused} times, for longer than the",
            "lease lasts; each that was killed was replaced. At the end both were told to stop (SIGTERM).",
        ]

    def _harm_leader(self) -> None:
        time_until(lambda: is_working(self._engine), 3)
        held = read_lease(self._engine)
        leading = self._fleet.find(held.holder) if held else None
        if held is None or leading is None:
            return
        act = self._place.chance.choice(("kill", "pause"))
        self._acts.append(act)
        began = time.monotonic()
        self._fleet.send(leading, signal.SIGKILL if act == "kill" else signal.SIGSTOP)
        # On SQLite one that is paused within a transaction holds the file; nobody can take over before it goes on.
        patience = _TAKEOVER_SECONDS + 1 if act == "kill" else 2.5 * _LEASE_SECONDS
        took = time_until(lambda: self._is_replaced(held.token), patience)
        if took is not None or act == "kill":
            self._takeovers.append(time.monotonic() - began)
        if act == "kill":
            self._fleet.start(leading)
        else:
            self._fleet.send(leading, signal.SIGCONT)

    def _is_replaced(self, token: int) -> bool:
        held = read_lease(self._engine)
        return held is not None and held.token > token

    def judge(self) -> list[Promise]:
        """Every slot once, nobody writes who was replaced, takeovers in time."""
        found = tally(self._engine)
        longest = max(self._takeovers, default=0.0)
        return [
            *judge_slots(found),
            Promise(
                "what a daemon that was replaced still wanted to write is refused",
                not found.stale,
                f"{found.stale} of {found.tries:,} tries under a lease already taken by another",
            ),
            Promise(
                f"another takes over within {_TAKEOVER_SECONDS:.0f} s",
                0 < longest <= _TAKEOVER_SECONDS,
                f"the longest of {len(self._takeovers)} took {longest:.1f} s",
            ),
            Promise(
                "the work left undone is made up for",
                self._caught_up is not None,
                "not within 60 s" if self._caught_up is None else f"after {self._caught_up:.1f} s",
            ),
            Promise("SIGTERM ends a daemon with exit code 0", not any(self._codes), f"exit codes {self._codes}"),
        ]


def judge_slots(found: Tally) -> list[Promise]:
    """That each slot took effect exactly once."""
    lacking = found.lost + found.gaps + sum(found.unrun.values())
    return [
        Promise(
            "no slot is lost",
            found.effective > 0 and not lacking,
            f"{found.effective:,} of {found.slots:,} slots took effect, {found.lost} effects missing, "
            f"{found.gaps} seconds without a slot, {sum(found.unrun.values())} slots given up",
        ),
        Promise(
            "no slot takes effect twice",
            not found.doubled,
            f"{found.doubled} effects twice; {found.tries:,} halves of slots were begun, of which "
            f"{max(0, found.tries - 2 * found.effective)} were cut off and begun again",
        ),
    ]

"""How sources and hosts stand during one run of ingest: loaded once, decided by `service.news.manners.polling`, saved.

A state is saved when what it tells of is stored. Checks that brought nothing are saved together, 250 at a time: a run
that is killed forgets at most so many of them, and asks those sources again, with the validators it has.
"""

import asyncio
import base64
import datetime as dt
import random
import zlib
from collections import Counter
from collections.abc import Callable

from jobs.asking import RetryLater, shown
from jobs.house import House
from jobs.robots import KEPT, RobotsFile
from jobs.settings import Source
from service.instants import parse_duration
from service.news.manners import polling
from service.news.manners.polling import Answered, Failed, Rules, SourceState
from storage import database, hosts, sources

SAVE_EVERY = 250
LARGEST_OWED = 2_000_000
"""Characters of a packed feed kept for the pages it still owes; the pages of a larger one wait until it changes."""


class Standings:
    """The states of this run; `jitter` gives numbers from [0, 1)."""

    def __init__(self, house: House, jitter: Callable[[], float] = random.random) -> None:
        self._house, self._jitter = house, jitter
        self._polled = {source.name for source in house.settings.source}
        self._waiting: list[SourceState] = []
        self._postponed: list[SourceState] = []
        self._unheard: dict[str, tuple[SourceState, Failed]] = {}  # each as it stood before, and why
        self._heard = 0
        self._began = house.clock()
        with database.read(house.engine) as connection:
            self._held = {state.source: state for state in sources.load_all(connection)}
            rests = hosts.load_rests(connection, self._began)
            for origin, (text, read_at) in hosts.load_robots(connection).items():
                house.hosts.robots.setdefault(origin, RobotsFile(text, read_at))
        house.hosts.learn(rests)
        self._rests = house.hosts.snapshot()

    def of(self, source: Source) -> SourceState:
        """The state to go by."""
        return polling.begin(source.name, shown(source.url), self._held.get(source.name))

    def is_due(self, source: Source) -> bool:
        """Whether to ask it now; what the operator names on the command line always is."""
        return source.name not in self._polled or polling.is_due(self.of(source), self._house.clock())

    def settle(self, source: Source, outcome: Answered | Failed) -> SourceState:
        """The state after a check, which is remembered."""
        before = self.of(source)
        state = polling.decide(before, outcome, self._rules(source), self._jitter())
        if isinstance(outcome, Failed) and outcome.reason in polling.NOT_REACHED:
            self._unheard[source.name] = before, outcome
            self._held[state.source] = state
            return state
        self._heard += 1
        self._keep(state, at_once=not (isinstance(outcome, Answered) and outcome.is_unchanged and not state.owed))
        return state

    def postpone(self, source: Source, rest: RetryLater) -> SourceState:
        """The state of a source that was not asked because its host is left alone."""
        until = self._house.clock() + dt.timedelta(seconds=rest.seconds)
        state = polling.postpone(self.of(source), until)
        self._postponed.append(state)
        return state

    def _keep(self, state: SourceState, *, at_once: bool) -> None:
        self._held[state.source] = state
        self._waiting.append(state)
        if at_once or len(self._waiting) >= SAVE_EVERY:
            self.save()

    def _rules(self, source: Source) -> Rules:
        settings = self._house.settings.ingest
        least = dt.timedelta(minutes=settings.minutes_between_checks)
        if source.name not in self._polled:
            least = dt.timedelta(0)
        elif source.every:
            least = parse_duration(source.every)
        return Rules(minimum=least, longest=dt.timedelta(hours=settings.hours_between_checks_at_most))

    def save(self) -> None:
        """Write down the states that wait for it."""
        waiting, self._waiting = self._waiting, []
        if waiting:
            with database.begin(self._house.engine) as connection:
                sources.save_all(connection, waiting)

    def close(self) -> str:
        """Write down what is left: states, robots.txt read in this run, and hosts that rest for longer than a gap.

        Where our own network failed, gives the reason (else ""), and no source or host is left alone for it.
        """
        known = self._house.hosts
        lost = ""
        if polling.is_network_lost([before for before, _ in self._unheard.values()], heard=self._heard):
            known.restore(self._rests)
            self._waiting += [polling.excuse(*one) for one in self._unheard.values()]
            lost = Counter(failure.reason for _, failure in self._unheard.values()).most_common(1)[0][0]
        else:
            self._waiting += [self._held[name] for name in self._unheard] + self._postponed
        self.save()
        now = self._house.clock()
        files = {
            origin: (file.text, file.read_at) for origin, file in known.robots.items() if file.read_at >= self._began
        }
        gap = self._house.settings.ingest.seconds_between_requests_to_a_host
        rests = known.rests(now, asyncio.get_running_loop().time(), gap)
        if files or rests:
            with database.begin(self._house.engine) as connection:
                hosts.save_robots(connection, files, now - KEPT)
                hosts.save_rests(connection, rests, now)
        return lost


def pack(body: bytes, content_type: str) -> str:
    """A feed and its type as `SourceState.owed` holds them; "" where it is too large for that."""
    packed = base64.b85encode(zlib.compress(body, 6)).decode("ascii")
    return f"{content_type}\n{packed}" if len(packed) <= LARGEST_OWED else ""


def unpack(owed: str) -> tuple[bytes, str]:
    """The inverse of `pack`."""
    content_type, _, packed = owed.rpartition("\n")
    return zlib.decompress(base64.b85decode(packed)), content_type

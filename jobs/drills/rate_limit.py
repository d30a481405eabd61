"""Hosts that answer 429 or 503 and ask to be left alone for a while, in seconds or until a date."""

import datetime as dt
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import format_datetime

from jobs.drills import servers, world
from jobs.drills.report import Promise
from jobs.drills.servers import Reply
from jobs.drills.stage import NOON, Hand, Place, settings_for
from jobs.pipeline import STEPS, Work
from jobs.settings import Ingest, Source
from storage import database, holdings

_ROUNDS = 12
_MINUTES = 10
_LEAST_REST, _LONGEST_REST = 1200, 3 * 3600
_FORMS = ("429 in seconds", "429 until a date", "503 in seconds", "503 until a date")


@dataclass
class _Host:
    """One host: its stories so far, until when it wants to be left alone, and when it was asked."""

    address: str = ""
    stories: list[world.Story] = field(default_factory=list)
    rests_until: dt.datetime = NOON
    form: str = ""
    asked: list[tuple[dt.datetime, dt.datetime]] = field(default_factory=list)  # when, and the end of the rest then


@dataclass
class RateLimit:
    """See the top of the file. `ingest` is what asks the hosts."""

    ingest: Work = STEPS["ingest"]
    needs: str = ""

    def prepare(self, place: Place) -> None:
        """Two hosts of the drill's own, and a clock that is moved by hand."""
        self._place, self._hand = place, Hand()
        folder = place.new_folder("store")
        self._hosts = [_Host(), _Host()]
        for number, host in enumerate(self._hosts):
            serving = servers.serve(self._answer_as(host), f"127.0.0.{number + 2}")
            host.address = place.ending.enter_context(serving)
        sources = [
            Source(name=f"host{number}", url=f"{host.address}/feed.xml", fetch_pages=False, assume_delay="15m")
            for number, host in enumerate(self._hosts)
        ]
        manners = Ingest(
            allow_private_addresses=True,
            follow_robots=False,
            seconds_between_requests_to_a_host=0.01,
            minutes_between_checks=_MINUTES - 1,
            attempts=3,
            page_worker=False,
        )
        url = place.new_store(folder)
        self._house = place.furnish(settings_for(url, folder, *sources, ingest=manners), self._hand)
        self._stories = 0
        self._late: list[float] = []
        self._rests: list[str] = []

    def _answer_as(self, host: _Host) -> Callable[[str], Reply]:
        def answer(_path: str) -> Reply:
            now = self._hand()
            host.asked.append((now, host.rests_until))
            if now >= host.rests_until:
                return Reply(world.write_feed(host.stories, host.address))
            status, _, kind = host.form.partition(" ")
            seconds = (host.rests_until - now).total_seconds()
            wish = f"{seconds:.0f}" if kind == "in seconds" else format_datetime(host.rests_until, usegmt=True)
            return Reply(status=int(status), headers={"Retry-After": wish})

        return answer

    def harm(self) -> list[str]:
        """Round after round the hosts ask for rest; the daemon's job comes every ten minutes all the same."""
        for number in range(self._place.rounds or _ROUNDS):
            for host in self._hosts:
                host.form = _FORMS[number % len(_FORMS)]
                seconds = self._place.chance.randrange(_LEAST_REST, _LONGEST_REST)
                host.rests_until = self._hand() + dt.timedelta(seconds=seconds)
                self._rests.append(host.form)
                self._tell_story(host)
            while self._hand() < max(host.rests_until for host in self._hosts) + dt.timedelta(minutes=2 * _MINUTES):
                self.ingest(self._house, _watch_nothing)
                self._hand.move(minutes=_MINUTES)
            for host in self._hosts:
                after = [at for at, _ in host.asked if at >= host.rests_until]
                self._late.append((after[0] - host.rests_until).total_seconds() if after else float("inf"))
        forms = ", ".join(f"{self._rests.count(form)} × {form}" for form in _FORMS)
        span = f"{_LEAST_REST // 60} minutes to {_LONGEST_REST // 3600} hours"
        return [
            f"Two hosts asked {len(self._rests)} times to be left alone for {span} ({forms}).",
            f"All the while `ingest` came every {_MINUTES} minutes, on a clock moved by hand.",
            "Each host had a new story in every such time.",
        ]

    def _tell_story(self, host: _Host) -> None:
        self._stories += 1
        host.stories += world.make_stories(1, self._hand(), self._place.seed, first=self._stories)

    def judge(self) -> list[Promise]:
        """Nobody was asked before the time it named, everybody soon after, and nothing is missing."""
        asked = [one for host in self._hosts for one in host.asked]
        within = Counter((host.address, until) for host in self._hosts for at, until in host.asked if at < until)
        early = sum(within.values()) - len(within)  # the first of each rest is the one that is told of it
        with database.read(self._house.engine) as connection:
            held = holdings.count(connection)["articles"]
        latest = max(self._late, default=float("inf"))
        return [
            Promise(
                "a host that asks for rest (429 or 503 with Retry-After) is not asked before it is over",
                bool(within) and not early,
                f"{len(asked)} requests; {len(within)} were told of a rest, and {early} more came within one",
            ),
            Promise(
                f"it is asked again at the next run, {_MINUTES} minutes later at most",
                latest <= 60 * _MINUTES,
                f"the latest {latest / 60:.0f} minutes after its rest was over",
            ),
            Promise(
                "what it told meanwhile is there",
                held == self._stories > 0,
                f"{held} of {self._stories} stories are held",
            ),
        ]


def _watch_nothing(_units: int) -> None:
    """The progress of a job nobody watches."""

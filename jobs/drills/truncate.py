"""Answers that are cut off on the way, of feeds, of pages and of a venue; and then the whole ones."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from jobs.drills import servers, world
from jobs.drills.report import Promise
from jobs.drills.servers import Reply
from jobs.drills.stage import NOON, Hand, Place, settings_for
from jobs.pipeline import STEPS, Work, run_step
from jobs.record import Outcome
from jobs.settings import Source
from service.correlation.aligned import CandleColumns
from service.instants import EPOCH, Interval, Window
from storage import articles, candles, database

_DAYS, _STORIES = 20, 6
_ROUNDS = 15


def _cut(reply: Reply, share: float) -> Reply:
    """The line breaks within the body, whose length was told."""
    return Reply(reply.body[: int(len(reply.body) * share)], reply.status, reply.headers, declared=len(reply.body))


def _shorten(reply: Reply, share: float) -> Reply:
    """Half a body that says it is whole: a proxy, or the server itself, cut it."""
    return Reply(reply.body[: int(len(reply.body) * share)], reply.status, reply.headers)


def _replace(reply: Reply, _share: float) -> Reply:
    """A page instead of what was asked for."""
    return Reply(b"<!doctype html><html><body>Please wait", reply.status, {"Content-Type": "text/html"})


def _empty(reply: Reply, _share: float) -> Reply:
    """Nothing at all."""
    return Reply(b"", reply.status, reply.headers)


_PAGES = "pages broken off"
_CUTS: Mapping[str, Callable[[Reply, float], Reply]] = {
    _PAGES: _cut,
    "broken off": _cut,
    "short": _shorten,
    "a page instead": _replace,
    "empty": _empty,
}
"""How an answer may be spoiled, by what people call it."""
_ALWAYS_TOLD = {"broken off", "a page instead", "empty"}
"""A feed that is merely short may still be read as far as it goes."""


@dataclass
class Truncate:
    """See the top of the file. `works` are the jobs that ask: ingest and prices."""

    ingest: Work = STEPS["ingest"]
    prices: Work = STEPS["prices"]
    needs: str = ""

    def prepare(self, place: Place) -> None:
        """A feed with pages behind it and a venue, both of the drill's own, and a clock that is moved by hand."""
        self._place, self._hand = place, Hand()
        self._bars = world.make_bars(_DAYS + 5, NOON + dt.timedelta(days=5), place.seed)
        self._stories = world.make_stories(_STORIES, NOON, place.seed)
        self._kind = ""
        self._share = 0.5
        self._web = place.ending.enter_context(servers.serve(self._answer))
        self._venue = place.ending.enter_context(servers.serve(self._answer_for))
        folder = place.new_folder("store")
        source = Source(name="cut", url=f"{self._web}/feed.xml", assume_delay="15m")
        settings = settings_for(place.new_store(folder), folder, source, venue=self._venue)
        self._house = place.furnish(settings, self._hand)
        self._spoilt: Counter[str] = Counter()
        self._untold: list[str] = []
        self._invented = 0

    def _answer(self, path: str) -> Reply:
        if path == "/feed.xml":
            return self._spoil(Reply(world.write_feed(self._stories, self._web)))
        found = [story for story in self._stories if story.path == path]
        return self._spoil(Reply(world.write_page(found[0])) if found else Reply(status=404), is_page=True)

    def _answer_for(self, path: str) -> Reply:
        shown = [bar for bar in self._bars if bar[0] <= self._hand().timestamp() * 1000]
        return self._spoil(servers.answer_as_coinbase(path, shown))

    def _spoil(self, reply: Reply, *, is_page: bool = False) -> Reply:
        """A page is either broken off while all else is whole, or whole: one that its server cut short and called whole
        cannot be told from a short page.
        """
        if not self._kind or is_page != (self._kind == _PAGES):
            return reply
        return _CUTS[self._kind](reply, self._share)

    def harm(self) -> list[str]:
        """Spoil every answer in one way after another, hours apart; then let everything be whole again."""
        kinds = list(_CUTS)
        for number in range(self._place.rounds or _ROUNDS):
            self._kind, self._share = kinds[number % len(kinds)], self._place.chance.uniform(0.05, 0.95)
            self._hand.move(hours=7)  # the longest that a source which fails is left alone
            self._ask()
            self._invented += self._count_invented()
        self._kind = ""
        self._hand.move(hours=7)
        self._work()
        self._invented += self._count_invented()
        told = ", ".join(f"{number} × {kind}" for kind, number in self._spoilt.items())
        return [
            f"A feed of {_STORIES} stories with their pages, and a venue's hours, were asked for.",
            f"At first their answers were spoilt ({told}); what was cut was cut at a random place.",
            "Then the answers were whole again, and both jobs ran once more.",
        ]

    def _ask(self) -> None:
        self._spoilt[self._kind] += 1
        for job, outcome in self._work().items():
            is_told = bool(outcome.failures)
            if not is_told and (self._kind in _ALWAYS_TOLD or (job == "prices" and self._kind != _PAGES)):
                self._untold.append(f"{job}, {self._kind}")

    def _work(self) -> dict[str, Outcome]:
        works = {"ingest": self.ingest, "prices": self.prices}
        return {job: run_step(self._house, job, work).outcome for job, work in works.items()}

    def _count_invented(self) -> int:
        """Bars held that the venue never printed so."""
        printed = {bar[0]: bar[1:] for bar in self._bars}
        held = self._load_bars()
        columns = (held.open, held.high, held.low, held.close, held.volume)
        found = zip(held.open_at.tolist(), *(column.tolist() for column in columns), strict=True)
        return sum(printed.get(open_at) != tuple(figures) for open_at, *figures in found)

    def _load_bars(self) -> CandleColumns:
        window = Window(EPOCH, self._hand() + dt.timedelta(days=1))
        asked = {"venue": "coinbase", "symbol": "BTC/USD", "interval": Interval.H1, "window": window}
        with database.read(self._house.engine) as connection:
            return candles.load_columns(connection, **asked)  # type: ignore[arg-type]

    def judge(self) -> list[Promise]:
        """Told, nothing half taken, and whole in the end."""
        with database.read(self._house.engine) as connection:
            texts = [one.article.text for one in articles.load(connection, range(1, 1000))]
        whole = sum(any(story.text in text for text in texts) for story in self._stories)
        stubs = sum(not any(story.text in text for story in self._stories) for text in texts)
        first = self._hand() - dt.timedelta(days=_DAYS)
        wanted = {bar[0] for bar in self._bars if first.timestamp() * 1000 <= bar[0] < self._last_closed()}
        held = set(self._load_bars().open_at.tolist())
        number = sum(self._spoilt.values())
        return [
            Promise(
                "an answer that is cut off, replaced or empty is recorded with its reason",
                number > 0 and not self._untold,
                f"{2 * number} runs on spoilt answers, without a word: {', '.join(self._untold[:2]) or 'none'}",
            ),
            Promise(
                "no bar is stored that the venue did not print",
                not self._invented,
                f"{self._invented} such bars, looked for after each of {number} rounds",
            ),
            Promise(
                "whole answers fill every hole: all bars are there",
                bool(wanted) and wanted <= held,
                f"{len(wanted & held)} of {len(wanted)} hours",
            ),
            Promise(
                "and every story has its whole text",
                whole == len(self._stories),
                f"{whole} of {len(self._stories)} stories; beside them {stubs} texts of entries that a short feed cut",
            ),
        ]

    def _last_closed(self) -> float:
        return (self._hand() - dt.timedelta(hours=1)).timestamp() * 1000

"""Computing only what was touched gives what computing everything gives, whatever arrived, on both databases."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobs.align import align_series
from jobs.house import House
from jobs.settings import Align, Score, Settings
from service.correlation.aligned import AlignedSeries
from service.instants import Interval, to_millis
from service.market.candle import Candle
from service.news.article import Article
from service.sentiment.scorer import identify
from storage import articles, candles, database, digest, lookup, schema, scores, series
from tests.jobs.houses import Hands, idle
from tests.storage.builders import a_candle, a_reading, a_score, an_article, at

OnBoth = Callable[[], tuple[sa.Engine, sa.Engine]]
TITLES = ("Bitcoin falls as miners sell", "Market wrap")


@dataclass(frozen=True)
class Publish:
    """Articles arrive: hour of being known, title, source, and how they will be read (None: no signal)."""

    some: tuple[tuple[float, int, str, float | None], ...]


@dataclass(frozen=True)
class Read:
    """Everything not yet read is scored."""


@dataclass(frozen=True)
class Print:
    """A venue prints so many hours from the first on; each revision of the same hours is another statement."""

    venue: str
    first: int
    hours: int
    revision: int


@dataclass(frozen=True)
class Line:
    """The series are aligned."""


Event = Publish | Read | Print | Line
_article = st.tuples(
    st.integers(-60, 160).map(lambda half: half / 2),
    st.integers(0, 1),
    st.sampled_from(["a", "b"]),
    st.one_of(st.none(), st.floats(-1, 1).map(lambda score: round(score, 2))),
)
_print = st.builds(
    Print, st.sampled_from(["coinbase", "kraken"]), st.integers(-20, 60), st.integers(1, 30), st.integers(0, 2)
)
_event = st.one_of(
    st.lists(_article, min_size=1, max_size=6).map(lambda some: Publish(tuple(some))),
    st.just(Read()),
    _print,
    st.just(Line()),
)
BEGUN = (Print("coinbase", 0, 40, 0), Print("kraken", 5, 40, 0))
histories = st.lists(_event, min_size=3, max_size=10).map(lambda some: (*BEGUN, *some, Read(), Line()))
plans = st.builds(
    Align,
    targets=st.just(("bitcoin",)),
    intervals=st.sampled_from([(Interval.H1,), (Interval.D1,), (Interval.H4, Interval.D1)]),
    venue=st.sampled_from(["", "coinbase", "reference"]),
    embargo_seconds=st.sampled_from([0, 7200]),
    window=st.sampled_from(["", "5h", "3d"]),
    half_life=st.sampled_from(["", "3h"]),
    winsorise=st.sampled_from([0.0, 0.3]),
    copies=st.sampled_from(["each", "once"]),
    source_weights=st.sampled_from([{}, {"a": 3.0}]),
)


class World:
    """One store that a history happens to."""

    def __init__(self, engine: sa.Engine, plan: Align) -> None:
        self.clock = Hands(at(500))
        self.house = House(Settings(align=plan, score=Score(scorers=("vader",))), engine, self.clock)
        self.readings: dict[str, tuple[float | None, int]] = {}

    def happen(self, event: Event, *, full: bool) -> None:
        self.clock.now += dt.timedelta(minutes=7)
        if isinstance(event, Line):
            align_series(self.house, idle, full=full)
            return
        with database.begin(self.house.engine) as connection:
            match event:
                case Publish(some):
                    articles.save(connection, [self._write(*one) for one in some], recorded_at=self.clock.now)
                case Read():
                    self._read(connection)
                case Print():
                    candles.save(connection, [self._print(event, hour) for hour in range(event.hours)])

    def _write(self, hours: float, title: int, source: str, value: float | None) -> Article:
        name = f"n{len(self.readings)}"
        made = an_article(name, title=TITLES[title], text=f"Bitcoin {name}.", hours=hours, source=source)
        self.readings[made.url] = (value, 10 + len(self.readings) % 80)
        return made

    def _read(self, connection: sa.Connection) -> None:
        chosen = (
            sa.select(schema.revision.c.id, schema.article.c.url).join(schema.article).order_by(schema.revision.c.id)
        )
        scorer = identify(self.house.scorers["vader"])
        found = [
            (
                number,
                a_reading(
                    a_score("bitcoin", *self.readings[url]), scorer=scorer, catalogue=self.house.catalogue.digest
                ),
            )
            for number, url in connection.execute(chosen).all()
        ]
        scores.save(connection, found, scored_at=self.clock.now)

    def _print(self, event: Print, position: int) -> Candle:
        hour = event.first + position
        close = 10.0 + (hour % 7) / 10 + event.revision / 100 + (event.venue == "kraken") / 500
        return a_candle(hour, close=close, venue=event.venue, volume=3.0 + hour % 5, fetched_at=self.clock.now)

    def digest(self) -> dict[str, str]:
        with database.read(self.house.engine) as connection:
            return digest.digest(connection)


def live(engine: sa.Engine, plan: Align, history: tuple[Event, ...], *, full: bool) -> dict[str, str]:
    world = World(engine, plan)
    for event in history:
        world.happen(event, full=full)
    return world.digest()


@pytest.mark.slow
@settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=histories, plan=plans)
def test_touched_days_alone_give_every_point_and_every_number_of_it(
    on_both: OnBoth, history: tuple[Event, ...], plan: Align
) -> None:
    """Late, early and newly scored articles, restated and backfilled candles, a second venue: no point is missed.

    The points' numbers are compared too: nothing is written that the full computation would not write.
    """
    touched = [live(engine, plan, history, full=False) for engine in on_both()]
    whole = [live(engine, plan, history, full=True) for engine in on_both()]
    assert touched[0] == touched[1] == whole[0] == whole[1]


@pytest.fixture
def world(sqlite_url: str) -> World:
    """Ten days of hours with an article each six hours, aligned by the hour."""
    engine = database.open_engine(sqlite_url)
    made = World(engine, Align(targets=("bitcoin",), intervals=(Interval.H1,)))
    news = Publish(tuple((6.0 * number, 0, "a", 0.5) for number in range(40)))
    for event in (Print("coinbase", 0, 240, 0), news, Read(), Line()):
        made.happen(event, full=False)
    return made


def counts_of(world: World, **choices: Any) -> tuple[int, int]:
    counts = align_series(world.house, idle, **choices).counts
    return counts["bars"], counts["points_written"]


def test_nothing_new_computes_nothing_and_full_computes_all(world: World) -> None:
    assert counts_of(world) == (0, 0)
    assert counts_of(world, full=True) == (240, 0)


def test_a_late_article_computes_its_day_and_a_candle_its_day_and_the_next(world: World) -> None:
    """The builders' time begins at 21:00: hour 30 is on the second day after it."""
    for event in (Publish(((30.5, 0, "a", -1.0),)), Read()):
        world.happen(event, full=False)
    assert counts_of(world) == (24, 1)
    world.happen(Print("coinbase", 30, 1, 1), full=False)
    assert counts_of(world) == (48, 2)
    world.happen(Print("coinbase", 240, 1, 0), full=False)
    assert counts_of(world)[1] == 1


def load_series(world: World, as_of: dt.datetime | None = None) -> AlignedSeries:
    with database.read(world.house.engine) as connection:
        [told] = series.load_declarations(connection)
        found = series.load(connection, **{one.name: getattr(told, one.name) for one in fields(told)}, as_of=as_of)
    assert found is not None
    return found


def test_a_restated_candle_changes_its_bar_and_the_next_and_nothing_that_was_told_before(world: World) -> None:
    """Known at R, aligned at A: as of any instant before A the series reads as it did, to the last bit."""
    told = load_series(world)
    aligned_at = world.clock.now
    world.happen(Print("coinbase", 30, 1, 1), full=False)
    restated_at = world.clock.now
    assert load_series(world).digest == told.digest, "a restated candle is no series yet"
    world.happen(Line(), full=False)
    for then in (aligned_at, restated_at, world.clock.now - dt.timedelta(microseconds=1)):
        assert load_series(world, then).digest == told.digest
    now = load_series(world)
    assert load_series(world, world.clock.now).digest == now.digest != told.digest
    changed = {name: np.flatnonzero(getattr(now, name) != getattr(told, name)) for name in ("close", "log_return")}
    hour = int(np.flatnonzero(told.open_at == to_millis(at(30)))[0])
    assert {name: rows[rows > 0].tolist() for name, rows in changed.items()} == {
        "close": [hour],
        "log_return": [hour, hour + 1],
    }
    assert np.array_equal(now.sentiment, told.sentiment, equal_nan=True)


def test_an_edit_and_its_taking_back_change_no_point(world: World) -> None:
    """The news flow knows first texts: what a source makes of them later is kept beside, and scored."""
    told = load_series(world)
    first = an_article("n7", title=TITLES[0], text="Bitcoin n7.", hours=36, source="a")
    for text in ("Bitcoin no more.", "Bitcoin n7."):
        world.clock.now += dt.timedelta(hours=1)
        looks = an_article("n7", title=TITLES[0], text=text, source="a")
        looks = replace(looks, first_seen_at=world.clock.now, available_at=world.clock.now)
        with database.begin(world.house.engine) as connection:
            assert articles.save(connection, [looks], recorded_at=world.clock.now).revised == 1
        world.happen(Read(), full=False)
        assert counts_of(world)[1] == 0
    assert load_series(world).digest == told.digest
    with database.read(world.house.engine) as connection:
        read = lookup.load_latest(connection, first.key)
    assert read is not None
    assert read.article.text == first.text


def test_an_article_not_yet_scored_touches_nothing(world: World) -> None:
    world.happen(Publish(((30.5, 0, "a", -1.0),)), full=False)
    assert counts_of(world) == (0, 0)


def test_a_killed_run_leaves_its_days_touched(world: World) -> None:
    """Points and the days' inputs are kept in one commit: a store that lost the one lost the other."""
    with database.begin(world.house.engine) as connection:
        connection.execute(sa.delete(schema.series_input))
    assert counts_of(world) == (240, 0)


def test_another_embargo_is_another_series(world: World) -> None:
    later = world.house.settings.align.model_copy(update={"embargo_seconds": 3600})
    world.house = replace(world.house, settings=world.house.settings.model_copy(update={"align": later}))
    assert counts_of(world) == (240, 240)

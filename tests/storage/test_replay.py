"""The past reads as it was read then, whatever came later: random histories against an oracle, on both databases."""

import datetime as dt
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.correlation.aligned import STATES, AlignedSeries
from service.instants import from_millis, to_millis
from tests.storage import questions
from tests.storage.acts import DECLARATIONS, MARKET, SETTINGS, WHOLE, happen, texts_held
from tests.storage.builders import (
    CATALOGUE,
    HOURLY,
    an_article,
    at,
)
from tests.storage.happenings import EXPECTED, happenings
from tests.storage.oracle import HOUR, UNREADABLE, Align, Conclude, Extract, Ingest, Oracle, Print, Read, Search
from tests.storage.oracle import Event as Happening
from tests.storage.questions import Scope

HISTORIES = int(os.environ.get("NEWSCANDLE_TEST_HISTORIES", "40"))
"""How many; set it to 5000 for the long run, with --hypothesis-seed to choose which."""
SCORERS = ("rules/1", "rules/2")
ARTICLES = tuple(an_article(name).key for name in "abc")
SCOPE = Scope(
    WHOLE,
    tuple((name, CATALOGUE) for name in SCORERS),
    ("bitcoin",),
    (MARKET,),
    DECLARATIONS,
    ARTICLES,
    ("1", CATALOGUE),
)

names = st.sampled_from("abc")
hours = st.integers(0, 5)
figures = st.sampled_from((-0.5, 0.25, 1.0))
texts = st.sampled_from(("first", "second", "withdrawn"))
delays = st.sampled_from((-30, -1, 0, 2))
found = figures | st.none() | st.just(UNREADABLE)
relevances = st.sampled_from((0, 30, 100))
extractors = st.sampled_from(("quotes", "events"))


def print_bars(of: st.SearchStrategy[int], at_least: int) -> st.SearchStrategy[Happening]:
    bars = st.dictionaries(of, figures, min_size=at_least, max_size=4)
    return st.builds(Print, bars.map(lambda told: tuple(sorted(told.items()))))


def search(of: st.SearchStrategy[int]) -> st.SearchStrategy[Happening]:
    reasons = st.lists(st.sampled_from(("", "outage", "unfetched")), min_size=1, max_size=4)
    return st.builds(Search, of, reasons.map(tuple))


def align(of: st.SearchStrategy[int]) -> st.SearchStrategy[Happening]:
    values = st.lists(figures | st.none(), min_size=1, max_size=3)
    return st.builds(Align, st.integers(0, len(SETTINGS) - 1), of, values.map(tuple))


KINDS: tuple[st.SearchStrategy[Happening], ...] = (
    st.builds(Ingest, names, texts, delays),
    st.builds(Read, st.sampled_from(SCORERS), names, st.integers(1, 2), found, relevances),
    st.builds(Extract, extractors, names, st.integers(1, 2), st.integers(0, 2)),
    # hour 40 has not closed when most histories end: a venue whose clock is ahead
    print_bars(hours | st.just(40), 0),
    search(hours),
    align(hours | st.just(39)),
    st.builds(Conclude, st.integers(1, 3), st.integers(0, 9)),
)
pauses = st.sampled_from((dt.timedelta(microseconds=1), dt.timedelta(minutes=1), HOUR, 30 * HOUR))
History = list[tuple[dt.timedelta, Happening]]


def of_kinds(kinds: list[st.SearchStrategy[Happening]]) -> st.SearchStrategy[History]:
    return st.lists(st.tuples(pauses, st.one_of(kinds)), min_size=2, max_size=8)


# one article, told twice and more, and read again and again
tellings = st.builds(Ingest, st.just("a"), texts, delays)
readings = st.builds(Read, st.sampled_from(SCORERS), st.just("a"), st.integers(1, 2), found, relevances)
findings = st.builds(Extract, extractors, st.just("a"), st.integers(1, 2), st.integers(0, 2))
studied = st.tuples(
    st.lists(st.tuples(pauses, tellings), min_size=2, max_size=3),
    st.lists(st.tuples(pauses, readings | tellings | findings), min_size=2, max_size=6),
).map(lambda parts: [*parts[0], *parts[1]])
two_hours = st.integers(0, 1)


def again(event: st.SearchStrategy[Happening]) -> st.SearchStrategy[History]:
    """Two hours, and of them the same said again and again."""
    return st.lists(st.tuples(pauses, event), min_size=3, max_size=7)


# what is rare where all kinds mix has histories of its own
histories: st.SearchStrategy[History] = st.one_of(
    of_kinds(list(KINDS)),
    st.lists(st.sampled_from(KINDS), min_size=1, max_size=2).flatmap(of_kinds),
    studied,
    *(again(event) for event in (print_bars(two_hours, 1), search(two_hours), align(two_hours))),
)


@contextmanager
def forgotten(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection of which nothing remains: thousands of histories begin with empty tables."""
    with engine.connect() as connection:
        changes = connection.begin()
        try:
            yield connection
        finally:
            changes.rollback()


def hour_of(millis: int) -> int:
    return (millis - to_millis(at(0))) // HOURLY.interval.millis


def retell(found: questions.Found, names_of: dict[int, str]) -> dict[str, Any]:
    """The store's answers in the oracle's words."""
    (census,), (bars,) = found["census"], found["candles of coinbase BTC/USD 1h"]
    held = found["markets"][0] if found["markets"] else None
    made = [one for question, values in found.items() if question.startswith("series ") for one in values]
    assert set(found["declared series"]) == {
        told.key for told, one in zip(DECLARATIONS, made, strict=True) if one is not None
    }
    told: dict[str, Any] = {
        "articles": census.articles,
        "reads": {
            one.article.guid: one.article.text.partition("\n")[2] for one in found["articles as they read"] if one
        },
        **{name: [(names_of[one.revision], one.told.start) for one in found[name]] for name in ("quotes", "events")},
        "candles": [(hour_of(opened), close - 11) for opened, close in zip(bars.open_at, bars.close, strict=True)],
        "held": held and (held.count, *(hour_of(to_millis(one)) for one in (held.first_open_at, held.last_open_at))),
        "gaps": [
            (*(hour_of(to_millis(one)) for one in (gap.start, gap.end)), gap.reason)
            for gap in found["gaps of coinbase BTC/USD 1h"]
        ],
        "series": [None if one is None else read_points(one) for one in made],
        "reports": [document["number"] for document in found["report documents"]],
        "tests": found["tests made"][0],
    }
    for scorer in SCORERS:
        (read,) = found[f"readings of bitcoin by {scorer}"]
        rows = zip(read.revision.tolist(), read.available_at, read.state, read.score, read.relevance, strict=True)
        told[f"readings {scorer}"] = [
            (names_of[row], from_millis(int(known)), STATES[code].value, figure(score), relevance)
            for row, known, code, score, relevance in rows
        ]
        (states,) = found[f"states of bitcoin by {scorer}"]
        told[f"states {scorer}"] = {state.value: count for state, count in states.items() if count}
        (spoken,) = found[f"targets of {scorer}"] or (None,)
        told[f"targets {scorer}"] = spoken and (spoken.articles, spoken.mean_relevance)
        shown = {(one.revision, one.state.value, one.score) for one in found[f"evidence on bitcoin by {scorer}"]}
        assert shown == {
            (row, STATES[code].value, figure(score))
            for row, code, score in zip(read.revision.tolist(), read.state, read.score, strict=True)
            if STATES[code].value in ("scored", "no_signal")
        }
    return told


def figure(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def read_points(made: AlignedSeries) -> list[tuple[int, float | None]]:
    return [(hour_of(opened), figure(value)) for opened, value in zip(made.open_at, made.sentiment, strict=True)]


@pytest.mark.slow
@settings(
    max_examples=HISTORIES,
    deadline=None,
    derandomize="NEWSCANDLE_TEST_HISTORIES" not in os.environ,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=histories)
def test_the_past_reads_as_it_did_whatever_came_later(engine: sa.Engine, history: History) -> None:
    oracle, now = Oracle(len(SETTINGS)), at(6)
    answered: list[tuple[dt.datetime, questions.Answers]] = []
    with forgotten(engine) as connection:
        for pause, event in history:
            now += pause
            happen(connection, event, now)
            oracle.lived.append((now, event))
            answered.append((now, questions.answer(connection, SCOPE, now)))
        names_of = {row: name for name, rows in texts_held(connection).items() for row in rows}
        for then, what_was_said in answered:
            found = questions.collect(connection, SCOPE, then)
            assert questions.flatten(found) == what_was_said
            assert truncated(oracle.answer(then, SCORERS)) == retell(found, names_of)
        # once nothing lies ahead any more, all that is known is what was known by then
        assert questions.answer(connection, SCOPE, at(9_000)) == questions.answer(connection, SCOPE, None)


def truncated(answers: dict[str, Any]) -> dict[str, Any]:
    """Columns of readings hold whole milliseconds."""
    for scorer in SCORERS:
        rows = answers[f"readings {scorer}"]
        answers[f"readings {scorer}"] = [(name, from_millis(to_millis(known)), *told) for name, known, *told in rows]
    return answers


def test_the_histories_hold_what_can_change_the_past() -> None:
    """Late, edited, withdrawn, taken back and given again: each kind in one history of a hundred at least."""
    met: Counter[str] = Counter()

    @settings(max_examples=300, deadline=None, derandomize=True, database=None)
    @given(history=histories)
    def live(history: History) -> None:
        met.update(happenings([event for _, event in history]))

    live()
    assert {one: met[one] for one in EXPECTED if met[one] < 3} == {}

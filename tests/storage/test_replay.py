"""The past reads as it was read then, whatever came later: random histories against an oracle, on both databases."""

import datetime as dt
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.correlation.aligned import STATES, AlignedSeries
from service.instants import Interval, Window, from_millis, to_millis
from service.market.candle import Gap
from storage import articles, candles, reports, scores, series, unread
from storage.series import Declaration
from tests.storage import questions
from tests.storage.builders import CATALOGUE, HOURLY, a_candle, a_reading, a_score, an_article, at, unreadable
from tests.storage.oracle import HOUR, UNREADABLE, Align, Conclude, Event, Ingest, Oracle, Print, Read, Search
from tests.storage.questions import Scope

HISTORIES = int(os.environ.get("NEWSCANDLE_HISTORIES", "40"))
"""How many; set it to 5000 for the long run, with --hypothesis-seed to choose which."""
SCORERS = ("rules/1", "rules/2")
MARKET = ("coinbase", "BTC/USD", Interval.H1)
OF_MARKET: dict[str, Any] = dict(zip(("venue", "symbol", "interval"), MARKET, strict=True))
DECLARATION = Declaration("bitcoin", "rules/1", CATALOGUE, "coinbase", "BTC/USD", HOURLY)
WHOLE = Window(at(-1000), at(10_000))
SCOPE = Scope(WHOLE, tuple((name, CATALOGUE) for name in SCORERS), ("bitcoin",), (MARKET,), (DECLARATION,))

names = st.sampled_from("abc")
hours = st.integers(0, 5)
figures = st.sampled_from((-0.5, 0.25, 1.0))
events = st.one_of(
    st.builds(Ingest, names, st.sampled_from(("first", "second", "withdrawn")), st.sampled_from((-30, -1, 0, 2))),
    st.builds(
        Read,
        st.sampled_from(SCORERS),
        names,
        st.integers(1, 2),
        figures | st.none() | st.just(UNREADABLE),
        st.sampled_from((0, 30, 100)),
    ),
    # hour 40 has not closed when most histories end: a venue whose clock is ahead
    st.builds(Print, st.dictionaries(hours | st.just(40), figures, max_size=4).map(lambda d: tuple(sorted(d.items())))),
    st.builds(Search, hours, st.lists(st.sampled_from(("", "outage", "unfetched")), min_size=1, max_size=4).map(tuple)),
    st.builds(Align, hours | st.just(39), st.lists(figures | st.none(), min_size=1, max_size=3).map(tuple)),
    st.builds(Conclude, st.integers(1, 3), st.integers(0, 9)),
)
pauses = st.sampled_from((dt.timedelta(microseconds=1), dt.timedelta(minutes=1), HOUR, 30 * HOUR))
histories = st.lists(st.tuples(pauses, events), min_size=2, max_size=8)


@contextmanager
def forgotten(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection of which nothing remains: thousands of histories begin with empty tables."""
    with engine.connect() as connection:
        changes = connection.begin()
        try:
            yield connection
        finally:
            changes.rollback()


def texts_held(connection: sa.Connection) -> dict[str, list[int]]:
    """Row ids of each article's texts, in the order they came."""
    held: dict[str, list[int]] = {}
    for one in unread.load(connection, scorers=["nobody"], catalogue=CATALOGUE, limit=1000):
        held.setdefault(one.article.guid, []).append(one.id)
    return held


def happen(connection: sa.Connection, event: Event, now: dt.datetime) -> None:
    """Tell the store what the oracle is told."""
    match event:
        case Ingest(name, text, delay):
            seen = an_article(name, text=text, first_seen_at=now, available_at=now + delay * HOUR)
            articles.save(connection, [seen], recorded_at=now)
        case Read(scorer, name, number, value, relevance):
            held = texts_held(connection).get(name, [])
            if number <= len(held):
                figure = value if isinstance(value, float) else None
                spoken = (a_score("bitcoin", figure, relevance),) if relevance else ()
                read = a_reading(*spoken, scorer=scorer)
                if value == UNREADABLE:
                    read = unreadable()
                    read = a_reading(tone=None, language="fr", state=read.state, scorer=scorer)
                scores.save(connection, [(held[number - 1], read)], scored_at=now)
        case Print(bars):
            candles.save(connection, [a_candle(hour, close=11 + close, fetched_at=now) for hour, close in bars])
        case Search(first, reasons):
            window = Window(at(first), at(first + len(reasons)))
            holes = [
                Gap(*MARKET, at(hour), at(hour + 1), reason) for hour, reason in enumerate(reasons, first) if reason
            ]
            candles.replace_gaps(connection, window=window, gaps=holes, noticed_at=now, **OF_MARKET)
        case Align(first, values):
            series.save(connection, points(first, values), catalogue=CATALOGUE, recorded_at=now)
        case Conclude(number, tests):
            reports.save(
                connection,
                target="bitcoin",
                window=WHOLE,
                settings_digest="s",
                document={"number": number},
                html_name=f"{number}.html",
                verdicts=["not shown"],
                made_at=now,
                trials={DECLARATION.key: tests},
            )


def points(first: int, values: tuple[float | None, ...]) -> AlignedSeries:
    sentiment = np.array([np.nan if value is None else value for value in values])
    open_at = to_millis(at(first)) + HOURLY.interval.millis * np.arange(len(values), dtype=np.int64)
    count, figure = np.ones(len(values), np.int32), np.ones(len(values))
    return AlignedSeries(
        *("bitcoin", "rules/1", "coinbase", "BTC/USD", HOURLY, open_at, open_at + HOURLY.interval.millis),
        *(sentiment, count, count, count, count, figure, figure, figure, figure),
    )


def hour_of(millis: int) -> int:
    return (millis - to_millis(at(0))) // HOURLY.interval.millis


def ask(connection: sa.Connection, as_of: dt.datetime) -> dict[str, Any]:
    """The store's answers in the oracle's words."""
    bars = candles.load_columns(connection, window=WHOLE, as_of=as_of, **OF_MARKET)
    (held,) = candles.venues(connection, as_of=as_of) or (None,)
    made = series.load(
        connection, **{name: getattr(DECLARATION, name) for name in DECLARATION.__slots__}, window=WHOLE, as_of=as_of
    )
    declared = series.load_declarations(connection, as_of=as_of)
    assert declared == ([] if made is None else [DECLARATION])
    told = reports.recent(connection, as_of=as_of)
    documents = [reports.load_document(connection, one.key, as_of=as_of) for one in told]
    gaps = candles.load_gaps(connection, as_of=as_of, **OF_MARKET)
    found: dict[str, Any] = {
        "articles": articles.load_census(connection, WHOLE, as_of=as_of).articles,
        "candles": [(hour_of(opened), close - 11) for opened, close in zip(bars.open_at, bars.close, strict=True)],
        "held": held and (held.count, *(hour_of(to_millis(one)) for one in (held.first_open_at, held.last_open_at))),
        "gaps": [(*(hour_of(to_millis(one)) for one in (gap.start, gap.end)), gap.reason) for gap in gaps],
        "series": None if made is None else read_points(made),
        "reports": [document["number"] for document in documents if document],
        "tests": reports.count_tests(connection, DECLARATION.key, as_of=as_of),
    }
    names_of = {row: name for name, rows in texts_held(connection).items() for row in rows}
    for scorer in SCORERS:
        seen: dict[str, Any] = {"scorer": scorer, "catalogue": CATALOGUE, "as_of": as_of}
        read = scores.load_columns(connection, target="bitcoin", window=WHOLE, **seen)
        rows = zip(read.revision.tolist(), read.available_at, read.state, read.score, read.relevance, strict=True)
        found[f"readings {scorer}"] = [
            (names_of[row], from_millis(int(known)), STATES[code].value, figure(score), relevance)
            for row, known, code, score, relevance in rows
        ]
        states = scores.load_states(connection, target="bitcoin", window=WHOLE, **seen)
        found[f"states {scorer}"] = {state.value: count for state, count in states.items() if count}
        (spoken,) = scores.load_targets(connection, window=WHOLE, **seen) or (None,)
        found[f"targets {scorer}"] = spoken and (spoken.articles, spoken.mean_relevance)
        weighty = scores.load_weighty(connection, list(names_of), target="bitcoin", **seen)
        shown = {(one.revision, one.state.value, one.score) for one in weighty}
        mentioned = {
            (row, STATES[code].value, figure(score))
            for row, code, score in zip(read.revision.tolist(), read.state, read.score, strict=True)
            if STATES[code].value in ("scored", "no_signal")
        }
        assert mentioned <= shown  # beside them are later texts of the same articles
    return found


def figure(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def read_points(made: AlignedSeries) -> list[tuple[int, float | None]]:
    return [(hour_of(opened), figure(value)) for opened, value in zip(made.open_at, made.sentiment, strict=True)]


@pytest.mark.slow
@settings(
    max_examples=HISTORIES,
    deadline=None,
    derandomize="NEWSCANDLE_HISTORIES" not in os.environ,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=histories)
def test_the_past_reads_as_it_did_whatever_came_later(
    engine: sa.Engine, history: list[tuple[dt.timedelta, Event]]
) -> None:
    oracle, now = Oracle(), at(6)
    answered: list[tuple[dt.datetime, questions.Answers]] = []
    with forgotten(engine) as connection:
        for pause, event in history:
            now += pause
            happen(connection, event, now)
            oracle.lived.append((now, event))
            answered.append((now, questions.answer(connection, SCOPE, now)))
        for then, what_was_said in answered:
            assert questions.answer(connection, SCOPE, then) == what_was_said
            assert truncated(oracle.answer(then, SCORERS)) == ask(connection, then)
        # once nothing lies ahead any more, all that is known is what was known by then
        assert questions.answer(connection, SCOPE, at(9_000)) == questions.answer(connection, SCOPE, None)


def truncated(answers: dict[str, Any]) -> dict[str, Any]:
    """Columns of readings hold whole milliseconds."""
    for scorer in SCORERS:
        rows = answers[f"readings {scorer}"]
        answers[f"readings {scorer}"] = [(name, from_millis(to_millis(known)), *told) for name, known, *told in rows]
    return answers

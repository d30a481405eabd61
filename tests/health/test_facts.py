"""What health reads in the store, on both databases: last instants looked up, and figures counted."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from service.correlation.aligned import Aggregation
from service.errors import StoreFailed
from service.health.facts import Market, Series, Unread
from service.instants import Interval, Window
from service.market.candle import Gap, Quarantined
from service.news.article import Skipped
from service.news.manners.health import Yield
from service.news.manners.polling import SourceState
from service.slots import COALESCED, DONE, FAILED, LATE
from storage import articles, candles, counts, database, health, runs, scores, series, slots, sources, yields
from storage.counts import Counts
from storage.schema import folded
from storage.slots import Listed
from tests.storage.builders import CATALOGUE, a_candle, a_reading, a_score, a_series, an_article, at, unreadable

NOW = at(6)


@pytest.fixture
def filled(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A store with a little of everything, and a transaction that reads it."""
    with database.begin(engine) as connection:
        _fill_news(connection)
        _fill_prices(connection)
        _fill_jobs(connection)
    with database.read(engine) as connection:
        yield connection


def _fill_news(connection: sa.Connection) -> None:
    told = [an_article(name, source="one", hours=hours) for name, hours in (("a", 0), ("b", 1), ("c", 2))]
    told.append(an_article("d", source="two", hours=3, language="nl", published=told[0].published))
    for one in told:
        articles.save(connection, [one], recorded_at=one.first_seen_at)
    edited = an_article("a", text="Bitcoin falls.", source="one", hours=4)
    articles.save(connection, [edited], recorded_at=at(4))
    # revisions 1 … 5: the edit is the fifth; nobody read the fourth by the other scorer, nor the fifth by any
    rules = [(1, a_reading(a_score())), (2, unreadable()), (3, a_reading(tone=None)), (4, a_reading(language="nl"))]
    scores.save(connection, rules, scored_at=at(4))
    other = replace(a_reading(a_score(value=-0.5)), scorer="vader/3")
    scores.save(connection, [(1, other), (3, other)], scored_at=at(4))
    refused = [Skipped("date_future", "x"), Skipped("date_future", "y"), Skipped("date_future", "y")]
    articles.save_skipped(connection, refused, source="one", stage="ingest", recorded_at=at(1))
    connection.execute(
        sa.insert(folded).values(kind="skipped", day=1, subject="ingest", outcome="date_future", count=7)
    )
    for hour, new in ((0, 2), (2, 1), (5, 0)):
        brought = Yield(at(hour), 9, new, 1, 0, max(0, new - 1), new, 50, 50.0)
        yields.save(connection, brought, source="one")
    state = SourceState("one", "https://one.example", last_success_at=at(5), failures_in_row=2, owed="x" * 1000)
    sources.save(connection, state)


def _fill_prices(connection: sa.Connection) -> None:
    candles.save(connection, [a_candle(hour) for hour in range(5)])
    candles.save(connection, [a_candle(3, close=11.5, fetched_at=at(1001))])
    candles.save(connection, [a_candle(hour, venue="kraken", close=10.5 + hour / 4) for hour in range(3)])
    bad = Quarantined("invalid_bar", "kraken", "BTC/USD", Interval.H1, at(3), "[…]")
    candles.save_quarantined(connection, [bad], noticed_at=at(5))
    hole = Gap("kraken", "BTC/USD", Interval.H1, at(3), at(5), "outage")
    market = {"venue": "kraken", "symbol": "BTC/USD", "interval": Interval.H1}
    candles.replace_gaps(connection, **market, window=Window(at(0), at(6)), gaps=[hole], noticed_at=at(5))  # type: ignore[arg-type]
    series.save(connection, a_series(9), catalogue=CATALOGUE, recorded_at=at(5))  # bars to 9 h: three are not over
    older = replace(a_series(2), scorer="rules/0")
    series.save(connection, older, catalogue=CATALOGUE, recorded_at=at(5))
    series.save(connection, a_series(2, Aggregation(Interval.D1)), catalogue=CATALOGUE, recorded_at=at(5))


def _fill_jobs(connection: sa.Connection) -> None:
    outcomes = (DONE, LATE, FAILED, FAILED, COALESCED)
    slots.enter(connection, "ingest", [Listed(at(hour), at(hour)) for hour in range(len(outcomes) + 1)])
    slots.enter(connection, "score", [Listed(at(5), at(5))])
    for one, outcome in zip(slots.load_waiting(connection, "ingest")[:5], outcomes, strict=True):
        run_id = runs.start(connection, "ingest", started_at=one.due_at)
        word = "ok" if outcome in (DONE, LATE) else "failed"
        ended_at = one.due_at + dt.timedelta(minutes=2)
        if outcome != COALESCED:
            slots.claim(connection, one.id, by="h", token=1, now=one.due_at, run_id=run_id)
            slots.finish(connection, one.id, token=1, outcome=outcome, now=ended_at, counts={}, reason="no network")
            runs.finish(connection, run_id, finished_at=ended_at, outcome=word, counts={})
        else:
            slots.fold(connection, [one.id], outcome=outcome, reason="", now=ended_at)
    [waiting] = slots.load_waiting(connection, "score")
    run_id = runs.start(connection, "score", started_at=at(5))
    slots.claim(connection, waiting.id, by="h", token=1, now=at(5), run_id=run_id)


def test_what_health_reads(filled: sa.Connection) -> None:
    """Of one store, for filling it takes most of the time."""
    _check_last_instants(filled)
    _check_marks_of_jobs(filled)
    _check_unread(filled)
    _check_counts(filled)


def _check_last_instants(filled: sa.Connection) -> None:
    state = health.load_states(filled)["one"]
    assert (state.last_success_at, state.failures_in_row, state.owed) == (at(5), 2, "")
    assert health.load_newest_news(filled) == {"one": at(2)}
    assert health.load_news_instants(filled) == {"one": [at(0), at(2)]}
    assert health.load_markets(filled) == [
        Market("coinbase", "BTC/USD", Interval.H1, at(5)),
        Market("kraken", "BTC/USD", Interval.H1, at(3)),
    ]
    found = health.load_series(filled, NOW, targets=("bitcoin", "sec"), intervals=(Interval.H1, Interval.D1))
    # of two versions the one that reaches further; a bar that is not over does not count
    assert found == [
        Series("bitcoin", Interval.H1, "rules/1", "coinbase", "BTC/USD", at(6)),
        Series("bitcoin", Interval.D1, "rules/1", "coinbase", "BTC/USD", None),
    ]


def _check_marks_of_jobs(filled: sa.Connection) -> None:
    marks = health.load_marks(filled, ["ingest", "score", "align"])
    ingest, score, align = marks["ingest"], marks["score"], marks["align"]
    assert (ingest.first_due_at, ingest.waiting, ingest.failures_in_row) == (at(0), 1, 2)
    assert ingest.last_ended_at == at(3) + dt.timedelta(minutes=2)
    assert ingest.last_success_at == at(1) + dt.timedelta(minutes=2)
    assert ingest.last_reason == "no network"
    assert (score.running_since, score.last_ended_at, score.waiting) == (at(5), None, 0)
    assert (align.first_due_at, align.last_success_at) == (None, None)


def _check_unread(filled: sa.Connection) -> None:
    assert health.load_unread(filled, "rules") == Unread("rules/1", 1, at(4))
    assert health.load_unread(filled, "vader") == Unread("vader/3", 2, at(3))
    assert health.load_unread(filled, "encoder") == Unread("rules/1", 1, at(4))  # which stands in for it
    assert health.find_leading(filled, "vader") == "vader/3"


def _check_counts(filled: sa.Connection) -> None:
    counted: Counts = counts.count(filled, NOW, scorer="rules/1", targets=("bitcoin",))
    figures = {name: dict(figure) for name, figure in counted.figures.items()}
    kraken, coinbase = ("kraken", "BTC/USD", "1h"), ("coinbase", "BTC/USD", "1h")
    assert figures.pop("store_size_bytes")[()] > 100_000
    assert figures == {
        "articles_total": {("one",): 3, ("two",): 1},
        # a was edited since it was read; b is French to the scorer
        "articles_held": {("en", "unread"): 1, ("fr", "unsupported_language"): 1, ("en", "no_signal"): 1,
                          ("nl", "scored"): 1},
        "revisions_total": {(): 1},
        "duplicates_total": {},
        "skipped_total": {("ingest", "date_future"): 3 + 7},
        "scores_total": {("rules/1", "scored"): 2, ("rules/1", "no_signal"): 1,
                         ("rules/1", "unsupported_language"): 1, ("vader/3", "scored"): 2},
        "extract_yield_ratio": {("one",): pytest.approx(1 / 3)},
        "dated_ratio": {("one",): 1.0},
        "article_latency_seconds": {("one",): 0.0, ("two",): 3 * 3600.0},
        "scorer_disagreement_ratio": {("bitcoin",): 1.0},
        "scorer_spread": {("bitcoin",): 1.0},
        "venue_dispersion_ratio": {("BTC/USD", "1h"): pytest.approx(0.5 / 10.75)},
        "candles": {coinbase: 5, kraken: 3},
        "candle_revisions_total": {coinbase: 1, kraken: 0},
        "quarantined_candles": {kraken: 1},
        "candle_gaps": {(*kraken, "outage"): 1},
        "candle_missing": {(*kraken, "outage"): 2},
        "job_runs_total": {("ingest", "ok"): 2, ("ingest", "failed"): 2},
        "job_duration_seconds_sum": {("ingest",): 480.0},
        "job_duration_seconds_count": {("ingest",): 4},
        "job_last_duration_seconds": {("ingest",): 120.0},
        "slots_total": {("ingest", DONE): 1, ("ingest", LATE): 1, ("ingest", FAILED): 2, ("ingest", COALESCED): 1},
        "report_last_made_timestamp_seconds": {},
    }  # fmt: skip


def test_asking_for_a_file_that_is_gone_makes_none(tmp_path: Path) -> None:
    opened = database.open_engine(f"sqlite:///{tmp_path / 'gone.db'}")
    with pytest.raises(StoreFailed, match="no such file"):
        health.require_there(opened)
    assert list(tmp_path.iterdir()) == []

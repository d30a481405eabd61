"""Series and reports on the reference price: a venue that lies or falls silent does not move them, and is told."""

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from jobs import sample
from jobs.align import align_series, build_series
from jobs.house import House
from jobs.imports import ArticleImport, CandleImport, import_article_files, import_candle_files
from jobs.markets import choose_market
from jobs.prices import fetch_prices
from jobs.report import Wanted, write_reports
from jobs.score import score_articles
from jobs.settings import Align, Prices, Report
from service.correlation.aligned import AlignedSeries
from service.errors import WorkFailed
from service.instants import Interval, from_millis, to_millis
from service.sentiment.scorer import identify
from storage.candles import Held
from tests.exchange_server import ExchangeServer, Reply, SimulatedVenue
from tests.jobs.houses import Hands, a_house, idle, rows

FIRST = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
HOURS = 60 * 24


def take(house: House, venue: str, *, factor: float = 1.0, symbol: str = "BTC/USD", hours: int = HOURS) -> None:
    """The sample's hours as if `venue` had printed them, its prices times `factor`."""
    lines = sample.files().read_candles().splitlines()[: 1 + hours]
    rows = [line.split(",") for line in lines[1:]]
    scaled = [
        ",".join([*row[:2], symbol, *(f"{float(price) * factor:.2f}" for price in row[3:7]), row[7]]) for row in rows
    ]
    file = house.settings.folder / f"{venue}_1h.csv"
    file.write_text("\n".join([lines[0], *scaled]) + "\n", encoding="utf-8")
    import_candle_files(house, CandleImport((file,), venue, symbol, "1h", last_bar_closed=True), idle)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A house whose series are by day and on the reference."""
    align = Align(targets=("bitcoin",), intervals=(Interval.D1,), venue="reference")
    clock = Hands(dt.datetime(2024, 9, 11, tzinfo=dt.UTC))
    with a_house(tmp_path, clock=clock, align=align, report=Report(surrogates=99)) as made:
        yield made


def series_of(house: House) -> AlignedSeries:
    return build_series(
        house, choose_market(house, Interval.D1), "bitcoin", identify(house.scorers["rules"]), Interval.D1
    )


def test_a_lying_venue_does_not_move_the_series(house: House) -> None:
    take(house, "bitstamp", factor=1.0001)
    take(house, "coinbase")
    before = series_of(house)
    assert (before.venue, before.symbol, before.length) == ("reference", "BTC/USD", 60)
    assert np.all(np.isfinite(before.close))
    take(house, "kraken", factor=1.5)
    assert series_of(house).digest == before.digest


def test_the_reference_is_of_one_currency_and_of_the_span_two_venues_hold(house: House) -> None:
    take(house, "binance", symbol="BTC/USDT")
    take(house, "bitstamp")
    with pytest.raises(WorkFailed, match=r"by two venues or more.*align\.venue"):
        choose_market(house, Interval.D1)
    take(house, "coinbase", hours=48)
    until = from_millis(int(FIRST.timestamp() * 1000)) + 47 * Interval.H1.duration
    assert choose_market(house, Interval.D1) == Held("reference", "BTC/USD", Interval.H1, 48, FIRST, until)
    assert series_of(house).length == 2


def test_a_named_venue_is_taken_or_its_absence_told(tmp_path: Path) -> None:
    with a_house(tmp_path, align=Align(venue="bitstamp"), clock=Hands(dt.datetime(2024, 9, 11, tzinfo=dt.UTC))) as made:
        take(made, "coinbase")
        with pytest.raises(WorkFailed, match="held by bitstamp"):
            choose_market(made, Interval.H1)
        take(made, "bitstamp", hours=24)
        assert choose_market(made, Interval.H1).venue == "bitstamp"


def test_a_report_says_whose_prices_and_how_far_apart(house: House) -> None:
    import_article_files(house, ArticleImport((sample.files().news,), source="sample"), idle)
    take(house, "bitstamp", factor=1.001)
    take(house, "coinbase")
    take(house, "kraken", factor=1.5, hours=100)
    score_articles(house, idle)
    align_series(house, idle)
    write_reports(house, Wanted("bitcoin", "1d"), idle)
    (file,) = (house.settings.folder / "reports").glob("*.json")
    card = json.loads(file.read_text(encoding="utf-8"))["sample"]
    assert (card["venue"], card["bars_with_price"]) == ("reference", 60)
    (note,) = [note for note in card["notes"] if "reference" in note]
    assert "median of bitstamp, coinbase, kraken, in 1,440 of 1,440 1h bars. They lie 10.0 bp apart" in note
    assert "a venue left out 100," in note
    assert "Bars held: bitstamp 1,440, coinbase 1,440, kraken 100." in note
    assert card["gaps"] == []


@pytest.mark.parametrize(("venue", "fetched"), [("", ["bitstamp"]), ("reference", ["bitstamp", "coinbase"])])
def test_for_a_reference_every_venue_is_asked_and_resumes_where_it_stopped(
    tmp_path: Path, venue: str, fetched: list[str]
) -> None:
    now = dt.datetime(2024, 5, 10, 12, tzinfo=dt.UTC)
    bars = [(to_millis(now) - hour * Interval.H1.millis, 40.0, 42.0, 39.0, 41.0, 1.5) for hour in range(50)]
    venues = {name: SimulatedVenue(name, bars, now) for name in ("bitstamp", "coinbase")}

    def reply(path: str, query: dict[str, str]) -> Reply:
        return venues["bitstamp" if path.startswith("/api/v2") else "coinbase"].reply(path, query)

    with ExchangeServer(reply) as server:
        prices = Prices(venues=tuple(venues), base_url=server.url, history_days=1)
        with a_house(tmp_path, clock=Hands(now), align=Align(venue=venue), prices=prices) as made:
            first = fetch_prices(made, None, None, idle)
            again = fetch_prices(made, None, None, idle)
            held = rows(made, "SELECT venue, count(*) FROM v_candles GROUP BY venue ORDER BY venue")
    assert (first.failures, again.failures) == ((), ())
    assert held == [(name, 24) for name in fetched]
    assert again.counts["unchanged"] == 3 * len(fetched)
    assert again.counts["new"] == 0

"""What a report takes from settings and store to lay alongside its study, and what it says where nothing is."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs import sample
from jobs.align import align_series
from jobs.alongside import gather_alongside
from jobs.house import House
from jobs.imports import ArticleImport, CandleImport, import_article_files, import_candle_files
from jobs.markets import choose_market
from jobs.report import Study, Wanted, choose_window, gather_inputs
from jobs.score import score_articles
from jobs.settings import Align, DatedEvent, Report, Score, Settings
from service.correlation.alongside import HALVING, SPOT_ETF
from service.correlation.study import StudyInputs
from service.errors import WorkFailed
from service.instants import Interval
from tests.jobs.houses import Hands, a_house, idle

CLOCK = Hands(dt.datetime(2024, 9, 11, tzinfo=dt.UTC))
AT = dt.datetime(2024, 3, 1, tzinfo=dt.UTC)
TARGETS = Align(targets=("bitcoin", "sec"), intervals=(Interval.D1,))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The sample's news and candles, two targets aligned by day, and Bitcoin once more with copies counted once."""
    folder = tmp_path_factory.mktemp("alongside")
    candles = folder / "Coinbase_BTCUSD_1h.csv"
    candles.write_text(sample.files().read_candles(), encoding="utf-8")
    once = TARGETS.model_copy(update={"targets": ("bitcoin",), "copies": "once"})
    with a_house(folder, clock=CLOCK, align=once, score=Score(scorers=("rules",))) as made:
        import_article_files(made, ArticleImport((sample.files().news,), source="sample"), idle)
        wanted = CandleImport((candles,), "coinbase", "BTC/USD", "1h", last_bar_closed=True)
        import_candle_files(made, wanted, idle)
        score_articles(made, idle)
        align_series(made, idle)
    named = Report(events=(DatedEvent(label="x", at=AT),))
    with a_house(folder, clock=CLOCK, align=TARGETS, report=named, score=Score(scorers=("rules",))) as made:
        align_series(made, idle)
        yield made


def inputs_of(house: House) -> tuple[Study, StudyInputs]:
    market = choose_market(house, Interval.D1, None)
    window = choose_window(house, Wanted("bitcoin", "1d"), market, Interval.D1)
    study = Study("bitcoin", Interval.D1, market, window)
    return study, gather_inputs(house, study)


def test_other_targets_and_copies_counted_once_are_taken_where_they_are_stored(house: House) -> None:
    _, inputs = inputs_of(house)
    assert [one.target for one in inputs.alongside.targets.values()] == ["sec"]
    assert inputs.alongside.copies_once is not None
    assert inputs.alongside.copies_once.aggregation.copies == "once"
    assert inputs.alongside.copies_once.length == inputs.series.length
    assert inputs.alongside.by_publication is None
    assert inputs.alongside.dates == (SPOT_ETF, HALVING)


def test_events_of_the_settings_and_of_the_news_are_named(house: House) -> None:
    _, inputs = inputs_of(house)
    assert inputs.alongside.events[0].label == "x"
    assert inputs.alongside.events[0].at == AT
    assert all(event.label.startswith("news of the kind ") for event in inputs.alongside.events[1:])


def test_an_index_named_in_the_settings_gives_the_market_its_returns(house: House, tmp_path: Path) -> None:
    """Candles of another symbol: the sample's own prices, squared, so that each return is twice Bitcoin's."""
    lines = sample.files().read_candles().splitlines()
    ether = tmp_path / "Coinbase_ETHUSD_1h.csv"
    ether.write_text("\n".join([lines[0], *map(_square, lines[1:])]) + "\n", encoding="utf-8")
    wanted = CandleImport((ether,), "coinbase", "ETH/USD", "1h", last_bar_closed=True)
    named = House(_with_index(house.settings, "ETH/USD"), house.engine, house.clock)
    with pytest.raises(WorkFailed, match=r"no ETH/USD candles.*report\.index"):
        inputs_of(named)
    import_candle_files(house, wanted, idle)
    _, inputs = inputs_of(named)
    assert inputs.alongside.market_return == pytest.approx(2 * inputs.series.log_return, abs=1e-6, nan_ok=True)
    assert inputs_of(house)[1].alongside.market_return is None


def _with_index(settings: Settings, symbol: str) -> Settings:
    return settings.model_copy(update={"report": settings.report.model_copy(update={"index": symbol})})


def _square(line: str) -> str:
    unix, date, _, *prices, volume = line.split(",")
    return ",".join([unix, date, "ETH/USD", *(repr(float(price) ** 2 / 1e4) for price in prices), volume])


def test_as_of_an_instant_before_the_store_was_filled_nothing_lies_alongside(house: House) -> None:
    study, inputs = inputs_of(house)
    before = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    then = gather_alongside(house, inputs.series, study.window, before)
    assert (dict(then.targets), then.copies_once) == ({}, None)
    assert [event.label for event in then.events] == ["x"]

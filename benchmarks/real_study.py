"""Two studies of real archives: `python -m benchmarks.real_study OUT [--scorer NAME …]`.

daily    4 years of headlines and leads (2021–2024) beside the daily file 2011–2025
hourly   the same news of 2024 beside Coinbase's hours

Every step is the product's own: import, score, align, report. What is written (Markdown, HTML, JSON) withholds the
articles' words: figures and verdicts only. Needs NEWSCANDLE_TEST_DATA; minutes with `rules`, a quarter of an hour with
`encoder`.
"""

import argparse
import datetime as dt
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import SecretStr

from benchmarks.sets import data_folder
from dashboards.report import document, html, markdown
from jobs.align import align_series
from jobs.house import House, furnish
from jobs.imports import ArticleImport, CandleImport, import_article_files, import_candle_files
from jobs.markets import choose_market
from jobs.report import Study, choose_window, study_target
from jobs.report import Wanted as Asked
from jobs.score import score_articles
from jobs.settings import Align, Report, Score, Settings, Store
from service.correlation.results import CorrelationReport
from service.instants import Interval

NOW = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
WITHHELD = "(title withheld)"


@dataclass(frozen=True, slots=True)
class Plan:
    """One study: bars, window, and the file of prices with what it does not say itself."""

    name: str
    interval: Interval
    start: str
    end: str
    venue: str
    prices: CandleImport


def plans(data: Path) -> tuple[Plan, ...]:
    """Both."""
    prices = data / "prices"
    days = prices / "bitstamp_coinbase_daily_2011_2025" / "BTCUSD_1d_candles_full.csv"
    hours = prices / "coinbase_btcusd" / "Coinbase_BTCUSD_1h_2024.csv"
    daily = CandleImport((days,), "bitstamp", "BTC/USD", "1d")
    return (
        Plan("daily-2021-2024", Interval.D1, "2021-11-01", "2024-09-12", "bitstamp", daily),
        Plan("hourly-2024", Interval.H1, "2024-01-01", "2024-09-12", "coinbase", CandleImport((hours,))),
    )


@contextmanager
def a_house(folder: Path, plan: Plan, scorers: tuple[str, ...]) -> Iterator[House]:
    """The store in `folder` with the settings of one plan, its clock after all the data."""
    settings = Settings(
        store=Store(url=SecretStr(f"sqlite:///{folder / 'study.db'}")),
        score=Score(scorers=scorers),
        align=Align(intervals=(plan.interval,), venue=plan.venue),
        report=Report(),
        folder=folder,
    )
    house = furnish(settings, lambda: NOW)
    yield house
    house.engine.dispose()


def idle(_units: int) -> None:
    """Nobody watches."""


def walk(house: House, plan: Plan, news: Path) -> CorrelationReport:
    """Import, score, align, study."""
    print(import_article_files(house, ArticleImport((news,), zone="UTC", assume_delay="15m"), idle).counts, flush=True)
    print(import_candle_files(house, plan.prices, idle).counts, flush=True)
    print(score_articles(house, idle).counts, flush=True)
    print(align_series(house, idle).counts, flush=True)
    asked = Asked("bitcoin", plan.interval.value, plan.start, plan.end)
    market = choose_market(house, plan.interval)
    return study_target(
        house, Study("bitcoin", plan.interval, market, choose_window(house, asked, market, plan.interval))
    )


def withhold(report: CorrelationReport) -> CorrelationReport:
    """The report without a word of any article."""
    weighty = tuple(replace(item, title=WITHHELD, url="", words=()) for item in report.weighty)
    return replace(report, weighty=weighty)


def main() -> None:
    """Make both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--scorer", action="append", default=[])
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    news = data_folder() / "news" / "bitcoin_sentiments_2021_2024" / "bitcoin_sentiments_21_24.csv"
    scorers = tuple(asked.scorer) or ("encoder", "rules", "vader")
    with (
        tempfile.TemporaryDirectory() as folder
    ):  # one store: what the first plan imported and scored, the second reads
        for plan in plans(data_folder()):
            with a_house(Path(folder), plan, scorers) as house:
                report = withhold(walk(house, plan, news))
            write(report, asked.out / plan.name)
            for conclusion in report.conclusions:
                print(f"{plan.name}: {conclusion.sentence}", flush=True)


def write(report: CorrelationReport, stem: Path) -> None:
    """Markdown, HTML and JSON."""
    for suffix, text in (
        (".md", markdown.render(report)),
        (".html", html.render(report)),
        (".json", document.render(report)),
    ):
        stem.with_name(stem.name + suffix).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

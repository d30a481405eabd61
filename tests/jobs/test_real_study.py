"""Real archives through every job, and the report's figures against pandas and statsmodels on the quants' SQL views."""

import datetime as dt
import json
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa

from jobs.align import align_series
from jobs.house import House
from jobs.imports import ArticleImport, CandleImport, import_article_files, import_candle_files
from jobs.report import Wanted, write_reports
from jobs.score import score_articles
from jobs.settings import Align, Report
from service.instants import Interval
from tests.jobs.houses import Hands, a_house, idle

CLOCK = Hands(dt.datetime(2024, 10, 1, tzinfo=dt.UTC))
WINDOW = Wanted("bitcoin", "1d", "2024-02-01", "2024-06-01")


def take_rows(source: Path, target: Path, year: str, most: int) -> Path:
    """The header and the first `most` rows of a CSV that begin with `year`."""
    with source.open(encoding="utf-8", newline="") as lines:
        header = next(lines)
        target.write_text(header + "".join(islice((line for line in lines if line.startswith(year)), most)), "utf-8")
    return target


@pytest.fixture(scope="module")
def studied(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A house that holds 2024's news leads and hours, scored, aligned by day, reported; and the report as JSON."""
    folder = tmp_path_factory.mktemp("study")
    news = shared_data / "news"
    leads = news / "bitcoin_sentiments_2021_2024" / "bitcoin_sentiments_21_24.csv"
    archive = take_rows(leads, folder / "leads.csv", "2024", 900)
    hours = shared_data / "prices" / "coinbase_btcusd" / "Coinbase_BTCUSD_1h_2024.csv"
    align = Align(targets=("bitcoin",), intervals=(Interval.D1,))
    with a_house(folder, clock=CLOCK, align=align, report=Report(surrogates=99)) as house:
        import_article_files(house, ArticleImport((archive,), zone="UTC", assume_delay="15m"), idle)
        pulls = ArticleImport(tuple(sorted((news / "ualh_2024").glob("*.csv"))), zone="UTC", source="ualh")
        import_article_files(house, pulls, idle)
        import_candle_files(house, CandleImport((hours,)), idle)
        score_articles(house, idle)
        align_series(house, idle)
        write_reports(house, WINDOW, idle)
        yield house, json.loads(next((folder / "reports").glob("*.json")).read_text("utf-8"))


def read(house: House, select: str) -> pd.DataFrame:
    with house.engine.connect() as connection:
        return pd.read_sql(sa.text(select), connection)


@pytest.fixture(scope="module")
def days(studied: Any) -> pd.DataFrame:
    """Sentiment, log return, realised volatility and volume by day, computed from the views by pandas alone."""
    house, _ = studied
    hours = read(house, "SELECT open_at, close, volume FROM v_candles WHERE interval = '1h' ORDER BY open_at")
    hours.index = pd.to_datetime(hours.open_at, utc=True)
    hours["log_return"] = np.log(hours.close).diff()
    scores = read(
        house,
        "SELECT available_at, score, state, relevance FROM v_scores "
        "WHERE target = 'bitcoin' AND scorer LIKE 'rules/%' AND revision = 1",
    )
    scores["day"] = pd.to_datetime(scores.available_at, utc=True).dt.floor("D")
    scores["reading"] = scores.score.fillna(0.0)
    weighted = scores.assign(product=scores.reading * scores.relevance).groupby("day")[["product", "relevance"]].sum()
    whole = hours.close.resample("D").count() == 24
    day = pd.DataFrame(
        {
            "close": hours.close.resample("D").last()[whole],
            "volume": hours.volume.resample("D").sum()[whole],
            "realised_volatility": np.sqrt((hours.log_return**2).resample("D").sum())[whole],
        }
    )
    day["log_return"] = np.log(day.close).diff()
    day["sentiment"] = weighted["product"] / weighted["relevance"]
    return day.loc["2024-02-01":"2024-05-31"]  # type: ignore[misc]


@pytest.mark.data
@pytest.mark.slow
def test_the_stored_series_is_what_pandas_makes_of_the_views(studied: Any, days: pd.DataFrame) -> None:
    house, _ = studied
    stored = read(house, "SELECT * FROM v_series WHERE target = 'bitcoin' AND scorer LIKE 'rules/%' ORDER BY open_at")
    stored.index = pd.to_datetime(stored.open_at, utc=True)
    stored = stored.loc["2024-02-01":"2024-05-31"]  # type: ignore[misc]
    assert len(stored) == len(days) == 121
    assert days.sentiment.notna().sum() > 80
    for name in ("close", "volume", "log_return", "realised_volatility", "sentiment"):
        np.testing.assert_allclose(stored[name].astype(float), days[name], rtol=1e-9, atol=1e-12, err_msg=name)


@pytest.mark.data
@pytest.mark.slow
def test_the_reports_figures_are_those_of_pandas_and_statsmodels(studied: Any, days: pd.DataFrame) -> None:
    from scipy import stats
    from statsmodels.tsa.stattools import adfuller

    _, report = studied
    same_bar = {row["outcome"]: row for row in report["same_bar"]}["log_return"]
    both = days[["sentiment", "log_return"]].dropna()
    assert same_bar["n"] == len(both)
    assert same_bar["pearson"] == pytest.approx(both.sentiment.corr(both.log_return), abs=1e-10)
    assert same_bar["spearman"] == pytest.approx(stats.spearmanr(both.sentiment, both.log_return)[0], abs=1e-10)
    line = {row["outcome"]: row for row in report["lead_lag"]}["log_return"]
    for lag in (-3, -1, 1, 4):
        shifted = days.sentiment.corr(days.log_return.shift(-lag))
        assert line["pearson"][line["lags"].index(lag)] == pytest.approx(shifted, abs=1e-10)
    gate = {row["series"]: row for row in report["stationarity"]}["log_return"]
    assert gate["adf_statistic"] == pytest.approx(
        adfuller(days.log_return.dropna(), regression="c", result_object=False)[0], abs=1e-8
    )
    test = next(row for row in report["granger"] if (row["cause"], row["effect"]) == ("sentiment", "log_return"))
    lags = test["lags"]
    columns = {f"{name}{k}": days[name].shift(k) for name in ("sentiment", "log_return") for k in range(lags + 1)}
    complete = pd.DataFrame(columns).drop(columns="sentiment0").dropna()
    assert test["n"] == len(complete)
    f = _granger_by_hand(complete, lags)
    assert test["f"] == pytest.approx(f, rel=1e-8)


def _granger_by_hand(complete: pd.DataFrame, lags: int) -> float:
    import statsmodels.api as sm

    own = [f"log_return{k}" for k in range(1, lags + 1)]
    other = [f"sentiment{k}" for k in range(1, lags + 1)]
    full = sm.OLS(complete.log_return0, sm.add_constant(complete[own + other])).fit()
    restricted = sm.OLS(complete.log_return0, sm.add_constant(complete[own])).fit()
    return float(full.compare_f_test(restricted)[0])


@pytest.mark.data
@pytest.mark.slow
def test_the_sample_card_counts_what_the_views_hold(studied: Any) -> None:
    house, report = studied
    inside = "available_at >= '2024-02-01' AND available_at < '2024-06-01' AND revision = 1"
    articles = read(house, f"SELECT count(*) AS n FROM v_articles WHERE {inside}").n[0]
    mentioned = read(
        house, f"SELECT count(*) AS n FROM v_scores WHERE {inside} AND target = 'bitcoin' AND scorer LIKE 'rules/%'"
    ).n[0]
    card = report["sample"]
    assert (card["articles"], card["articles_mentioning"]) == (articles, mentioned)
    assert sum(number for _, number in card["states"]) == articles
    assert card["availability_assumed"] == articles

"""The whole main job on SQLite and on PostgreSQL: the same store, the same bytes of report."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from jobs import sample
from jobs.align import align_series
from jobs.house import House
from jobs.imports import ArticleImport, CandleImport, import_article_files, import_candle_files
from jobs.report import Wanted, write_reports
from jobs.score import score_articles
from jobs.settings import Align, Report, Settings
from service.instants import Interval
from tests.jobs.houses import LIGHT, Hands, digest_of, idle


def walk(engine: sa.Engine, folder: Path) -> tuple[dict[str, str], dict[str, bytes]]:
    """Import the sample, score, align and report by day; what is then held, and the report's files."""
    settings = Settings(
        score=LIGHT,
        align=Align(targets=("bitcoin",), intervals=(Interval.D1,)),
        report=Report(surrogates=99),
        folder=folder,
    )
    house = House(settings, engine, Hands(dt.datetime(2024, 9, 11, tzinfo=dt.UTC)))
    files = sample.files()
    import_article_files(house, ArticleImport((files.news,), assume_delay="15m", source="sample"), idle)
    import_candle_files(house, CandleImport((files.candles,), "coinbase", interval="1h", last_bar_closed=True), idle)
    score_articles(house, idle)
    align_series(house, idle)
    write_reports(house, Wanted("bitcoin", "1d", "2024-01-01", "2024-09-11"), idle)
    written = {file.name: file.read_bytes() for file in sorted((folder / "reports").iterdir())}
    return digest_of(house), written


@pytest.mark.slow
def test_one_sample_gives_one_store_and_one_report_on_both(
    on_both: Callable[[], tuple[sa.Engine, sa.Engine]], tmp_path: Path
) -> None:
    sqlite, postgres = (walk(engine, tmp_path / engine.dialect.name) for engine in on_both())
    assert sqlite[0] == postgres[0]
    assert sqlite[1] == postgres[1]
    kinds = sorted(Path(name).suffix for name in sqlite[1] if name != "index.html")
    assert kinds == [".csv", ".html", ".json", ".md", ".parquet", ".zip"]

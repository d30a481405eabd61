"""What a report says of its own window: never more than could be looked at, and what is missing by name."""

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs import sample
from jobs.align import align_series
from jobs.house import House
from jobs.imports import ArticleImport, CandleImport, import_article_files, import_candle_files
from jobs.report import Wanted, write_reports
from jobs.score import score_articles
from jobs.settings import Align, Report
from service.errors import BadInput
from service.instants import Interval
from tests.jobs.houses import Hands, a_house, idle


def candles(folder: Path, first: int, last: int) -> Path:
    """Hours `first` … `last` of the sample's candles as a file of their own."""
    lines = sample.files().read_candles().splitlines()
    file = folder / f"Coinbase_BTCUSD_{first}_1h.csv"
    file.write_text("\n".join([lines[0], *lines[1 + first : 1 + last]]) + "\n", encoding="utf-8")
    return file


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Sixty days of the sample: imported, scored, aligned by day."""
    align = Align(targets=("bitcoin",), intervals=(Interval.D1,))
    clock = Hands(dt.datetime(2024, 9, 11, tzinfo=dt.UTC))
    with a_house(tmp_path, clock=clock, align=align, report=Report(surrogates=99)) as made:
        import_article_files(made, ArticleImport((sample.files().news,), source="sample"), idle)
        take_hours(made, tmp_path, 0, 60 * 24)
        score_articles(made, idle)
        align_series(made, idle)
        yield made


def take_hours(house: House, folder: Path, first: int, last: int) -> None:
    wanted = CandleImport((candles(folder, first, last),), "coinbase", "BTC/USD", "1h", last_bar_closed=True)
    import_candle_files(house, wanted, idle)


def card_of(house: House, wanted: Wanted) -> dict[str, object]:
    write_reports(house, wanted, idle)
    newest = max((house.settings.folder / "reports").glob("*.json"), key=lambda file: file.stat().st_mtime_ns)
    card: dict[str, object] = json.loads(newest.read_text(encoding="utf-8"))["sample"]
    return card


def test_a_window_wider_than_what_is_held_is_told_as_what_was_looked_at(house: House) -> None:
    card = card_of(house, Wanted("bitcoin", "1d", "2010-01-01", "2024-09-01"))
    assert (card["start"], card["end"]) == ("2024-01-01T00:00:00Z", "2024-03-01T00:00:00Z")
    assert card["bars_expected"] == 60


def test_bars_that_were_never_aligned_are_said_to_be_missing(house: House, tmp_path: Path) -> None:
    take_hours(house, tmp_path, 60 * 24, 70 * 24)
    stale = card_of(house, Wanted("bitcoin", "1d", "2024-01-01"))
    assert "10 bars of the window are not aligned yet" in str(stale["notes"])
    align_series(house, idle)
    fresh = card_of(house, Wanted("bitcoin", "1d", "2024-01-01"))
    assert "not aligned yet" not in str(fresh["notes"])
    assert fresh["bars_expected"] == 70


def test_a_window_without_prices_is_refused_with_what_there_is(house: House) -> None:
    with pytest.raises(BadInput, match="held from 2024-01-01T00:00:00Z to 2024-03-01T00:00:00Z"):
        write_reports(house, Wanted("bitcoin", "1d", "2020-01-01", "2020-02-01"), idle)

"""A report, an export and a point asked as of an instant are to the byte what they were then, whatever came later."""

import datetime as dt
import json
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from dashboards.report.forms import SUFFIXES
from jobs import sample
from jobs.align import align_series
from jobs.explain import explain_point
from jobs.export import export_series
from jobs.house import House
from jobs.imports import ArticleImport, CandleImport, import_article_files, import_candle_files
from jobs.report import Wanted, write_reports
from jobs.score import score_articles
from jobs.settings import Align, Report, Score
from jobs.stories import tell_stories
from service.errors import BadInput, NewscandleError, WorkFailed
from service.instants import Interval
from storage import database, prune
from tests.jobs.houses import Hands, a_house, idle

THEN = dt.datetime(2024, 9, 11, tzinfo=dt.UTC)
POINT = "bitcoin/1d@2024-01-10"


def take_hours(house: House, first: int, last: int, *, factor: float = 1.0) -> None:
    """Hours `first` … `last` of the sample's candles, closes times `factor` (within the bars' own range)."""
    lines = sample.files().read_candles().splitlines()
    rows = [line.split(",") for line in lines[1 + first : 1 + last]]
    header = lines[0].lower().split(",")
    close, low, high = (header.index(name) for name in ("close", "low", "high"))
    for row in rows:
        row[close] = str(min(max(float(row[close]) * factor, float(row[low])), float(row[high])))
    file = house.settings.folder / f"Coinbase_BTCUSD_{first}_{factor}_1h.csv"
    file.write_text("\n".join([lines[0], *map(",".join, rows)]) + "\n", encoding="utf-8")
    import_candle_files(house, CandleImport((file,), "coinbase", "BTC/USD", "1h", last_bar_closed=True), idle)


def open_copy(folder: Path) -> AbstractContextManager[House]:
    """A house on the store that lies in `folder`, by day and by one scorer."""
    align = Align(targets=("bitcoin",), intervals=(Interval.D1,), half_life="12h", copies="once")
    return a_house(
        folder, clock=Hands(THEN), align=align, score=Score(scorers=("rules",)), report=Report(surrogates=99)
    )


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty days of the sample: imported, scored, aligned."""
    folder = tmp_path_factory.mktemp("then")
    with open_copy(folder) as made:
        import_article_files(made, ArticleImport((sample.files().news,), source="sample"), idle)
        take_hours(made, 0, 40 * 24)
        score_articles(made, idle)
        align_series(made, idle)
    return folder / "store.db"


@pytest.fixture
def house(store: Path, tmp_path: Path) -> Iterator[House]:
    """A house of this test's own on a copy of the store."""
    shutil.copyfile(store, tmp_path / "store.db")  # closed, so the write-ahead log is folded in
    with open_copy(tmp_path) as made:
        yield made


def let_time_pass(house: House) -> None:
    """Five days more of candles, the last week restated, late news of the tenth day: all read and aligned."""
    house.clock.now = THEN + dt.timedelta(days=2)  # type: ignore[attr-defined]
    take_hours(house, 40 * 24, 45 * 24)
    take_hours(house, 33 * 24, 40 * 24, factor=0.999)
    late = house.settings.folder / "late.csv"
    late.write_text(
        "published,title\n2024-01-10T09:00:00Z,Bitcoin plunges as exchanges halt withdrawals\n", encoding="utf-8"
    )
    import_article_files(house, ArticleImport((late,), source="late"), idle)
    score_articles(house, idle)
    align_series(house, idle)


def take_out_texts(house: House) -> None:
    """As `newscandle prune` does once they are old: reports do not need them, explanations say that they are gone."""
    tell_stories(house, idle)
    with database.begin(house.engine) as connection:
        batch = prune.Batch(0, THEN + dt.timedelta(days=3), THEN + dt.timedelta(days=3))
        assert prune.prune_texts(connection, batch).rows > 100
    (told, *_) = explain_point(house, POINT)["articles"]
    assert told["text_pruned_at"] == "2024-09-14T00:00:00Z"
    assert {mention["text"] for mention in told["mentions"]} == {""}


def report_bytes(house: House, as_of: str | None) -> dict[str, bytes]:
    """The files of one report, by suffix."""
    path = write_reports(house, Wanted("bitcoin", "1d", as_of=as_of), idle).notes[0].partition(": ")[2]
    return {suffix: Path(path).with_suffix(suffix).read_bytes() for suffix in SUFFIXES}


def export_bytes(house: House, folder: Path, as_of: str | None) -> dict[str, bytes]:
    export_series(house, folder, ("bitcoin",), "parquet", idle, as_of=as_of)
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def figures(document: bytes) -> dict[str, Any]:
    """A report's document without what says how it was asked for."""
    told: dict[str, Any] = json.loads(document)
    told["sample"].pop("notes")
    for name in ("command", "as_of"):
        told["reproduction"].pop(name)
    return told


@pytest.mark.slow
def test_what_was_answered_then_is_answered_again(house: House, tmp_path: Path) -> None:
    asked = "2024-09-11T00:00:00Z"
    plain = report_bytes(house, None)
    report, export = report_bytes(house, asked), export_bytes(house, tmp_path / "one", asked)
    point = explain_point(house, POINT)
    assert figures(plain[".json"]) == figures(report[".json"])
    let_time_pass(house)
    assert explain_point(house, POINT, asked) == point
    take_out_texts(house)
    assert report_bytes(house, "2024-09-11T02:00+02:00") == report
    assert export_bytes(house, tmp_path / "two", asked) == export
    assert export_bytes(house, tmp_path / "three", None) != export
    assert explain_point(house, POINT)["point"]["number"] == 2
    for suffix in (".json", ".md", ".html"):
        text = report[suffix].decode()
        assert "As of 2024-09-11T00:00:00Z: articles, scores, candles" in text, suffix
        assert "--as-of 2024-09-11T00:00:00Z" in text, suffix
    assert json.loads(report[".json"])["reproduction"]["as_of"] == asked
    assert json.loads(export["manifest.json"])["as_of"] == asked
    stem = "bitcoin-1d-20240101-20240210"
    names = {
        f"{stem}{which}{suffix}" for which in ("", "-as-of-20240911T000000Z") for suffix in (*report, ".bundle.zip")
    }
    assert {file.name for file in (house.settings.folder / "reports").iterdir()} == {*names, "index.html"}


@pytest.mark.parametrize(
    ("as_of", "said"),
    [
        ("2024-09-10T12:00", "give a zone"),
        ("last tuesday", "write it as 2024-01-10T21:00:00Z"),
        ("2024-09-31", "write it as"),
        ("2024-09-12", "lies ahead of 2024-09-11T00:00:00Z"),
    ],
)
def test_what_is_no_past_instant_is_refused_by_its_name(house: House, tmp_path: Path, as_of: str, said: str) -> None:
    for ask in (
        lambda: write_reports(house, Wanted("bitcoin", "1d", as_of=as_of), idle),
        lambda: export_series(house, tmp_path / "out", (), "csv", idle, as_of=as_of),
        lambda: explain_point(house, POINT, as_of),
    ):
        with pytest.raises(BadInput, match=said) as refused:
            ask()
        assert refused.value.field == "--as-of"


def test_before_anything_was_known_there_is_nothing_and_it_says_when(house: House, tmp_path: Path) -> None:
    with pytest.raises(WorkFailed, match="as of 2024-09-10T00:00:00Z"):
        write_reports(house, Wanted("bitcoin", "1d", as_of="2024-09-10"), idle)
    with pytest.raises(WorkFailed, match="as of 2024-09-10T00:00:00Z"):
        export_series(house, tmp_path / "out", (), "csv", idle, as_of="2024-09-10")
    with pytest.raises(NewscandleError, match="no series is stored"):
        explain_point(house, POINT, "2024-09-10")

"""Archives of articles and candles through the importers into a real store."""

import datetime as dt
import gzip
import json
import time
from itertools import islice
from pathlib import Path

import pytest

from jobs.align import align_series
from jobs.house import House
from jobs.imports import ArticleImport, CandleImport, import_article_files, import_candle_files, read_mapping
from jobs.report import Wanted, write_reports
from jobs.score import score_articles
from jobs.settings import Align, Report
from service.errors import BadInput, WorkFailed
from service.instants import Interval
from tests.jobs.houses import Hands, a_house, digest_of, idle, rows


def micros(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> int:
    return int(dt.datetime(year, month, day, hour, minute, tzinfo=dt.UTC).timestamp()) * 1_000_000


CSV = """headline,lead,ts,lang
Bitcoin climbs,"It climbed by four percent, traders said.",2024-03-01 14:30:00,en
Bitcoin daalt,De koers van bitcoin daalde vrijdag flink.,2024-03-02 09:00:00,nl
Undated,There is no date here.,,en
Bitcoin climbs,"It climbed by four percent, traders said.",2024-03-05 10:00:00,en
"""


def test_a_mapped_csv_with_a_zone_and_a_delay(tmp_path: Path) -> None:
    """New York clock times become UTC, known ten minutes later; unusable rows are kept with number and reason."""
    (tmp_path / "News.csv").write_text(CSV, encoding="utf-8")
    wanted = ArticleImport(
        (tmp_path / "News.csv",), "title=headline,text=lead,published=ts,language=lang", "America/New_York", "10m"
    )
    with a_house(tmp_path) as house:
        outcome = import_article_files(house, wanted, idle)
        assert dict(outcome.counts) == {"new": 2, "revised": 0, "unchanged": 0, "skipped": 2}
        found = rows(
            house,
            "SELECT source, title, published_at, available_at, is_assumed, published_origin, language FROM revision r "
            "JOIN article a ON a.id = r.article_id ORDER BY published_at",
        )
        skipped = rows(house, "SELECT source, stage, reason, what FROM skipped ORDER BY what")
        before = digest_of(house)
        again = import_article_files(house, wanted, idle)
        assert (again.counts["new"], again.counts["revised"], again.counts["unchanged"]) == (0, 0, 2)
        assert digest_of(house) == before
    first, second = micros(2024, 3, 1, 19, 30), micros(2024, 3, 2, 14)
    ten = 600_000_000
    assert found == [
        ("news", "Bitcoin climbs", first, first + ten, 1, "archive", "en"),
        ("news", "Bitcoin daalt", second, second + ten, 1, "archive", "nl"),
    ]
    assert [row[1:3] for row in skipped] == [("import", "date_missing"), ("import", "duplicate")]
    assert [row[3] for row in skipped] == ["News.csv row 4", "News.csv row 5"]


def test_packed_json_lines_under_a_name_of_their_own(tmp_path: Path) -> None:
    items = [
        {"title": f"Bitcoin {n}", "text": f"Story {n}.", "published": f"2024-03-01T10:{n:02}:00Z", "url": f"https://a.example/{n}"}
        for n in range(60)
    ]  # fmt: skip
    body = "\n".join(map(json.dumps, items)) + '\n{"title": broken\n'
    (tmp_path / "news.jsonl.gz").write_bytes(gzip.compress(body.encode()))
    with a_house(tmp_path) as house:
        outcome = import_article_files(house, ArticleImport((tmp_path / "news.jsonl.gz",), source="mine"), idle)
        assert (outcome.counts["new"], outcome.counts["skipped"]) == (60, 1)
        assert rows(house, "SELECT DISTINCT source FROM article") == [("mine",)]
        assert rows(house, "SELECT reason FROM skipped") == [("malformed",)]


@pytest.mark.parametrize("mapping", ["headline", "headline=title", "title="])
def test_a_mapping_that_says_nothing_is_refused(mapping: str) -> None:
    with pytest.raises(BadInput, match=r"--map: .*: write field=column with a field among"):
        read_mapping(mapping)


def test_an_absent_column_is_named(tmp_path: Path) -> None:
    (tmp_path / "news.csv").write_text(CSV, encoding="utf-8")
    with a_house(tmp_path) as house, pytest.raises(BadInput, match="heading"):
        import_article_files(house, ArticleImport((tmp_path / "news.csv",), "title=heading,published=ts"), idle)


@pytest.mark.parametrize(("name", "body"), [("cut.csv.gz", b"\x1f\x8b\x08cut"), ("plain.csv.gz", b"Date,Open\n")])
def test_a_packed_file_that_is_damaged_is_bad_input(tmp_path: Path, name: str, body: bytes) -> None:
    (tmp_path / name).write_bytes(body)
    with a_house(tmp_path) as house, pytest.raises(BadInput, match="cannot be read"):
        import_candle_files(house, CandleImport((tmp_path / name,), "coinbase", interval="1h"), idle)


def candle_csv(hours: list[int]) -> str:
    lines = [f"{1704067200 + 3600 * hour},42000,42500,41500,{42000 + hour % 7 * 50},1.5" for hour in hours]
    return "unix,open,high,low,close,volume\n" + "\n".join(lines) + "\n"


def test_candles_holes_and_refused_rows(tmp_path: Path) -> None:
    """A hole is open until a later file fills it; an impossible bar leaves one too, and is kept."""
    (tmp_path / "a.csv").write_text(
        candle_csv([h for h in range(48) if h not in (10, 11)]) + "1704240000,42000,41000,41500,42000,1\n",
        encoding="utf-8",
    )
    (tmp_path / "b.csv").write_text(candle_csv(list(range(5, 20))), encoding="utf-8")
    with a_house(tmp_path) as house:

        def take(name: str) -> dict[str, int]:
            wanted = CandleImport((tmp_path / name,), "coinbase", "BTC/USD", "1h", last_bar_closed=True)
            return dict(import_candle_files(house, wanted, idle).counts)

        assert take("a.csv") == {"new": 46, "revised": 0, "unchanged": 0, "quarantined": 1, "missing_bars": 3}
        before = digest_of(house)
        assert take("a.csv")["new"] == 0
        assert digest_of(house) == before
        assert rows(house, "SELECT count(*) FROM gap WHERE filled_at IS NULL") == [(2,)]
        assert take("b.csv") == {"new": 2, "revised": 0, "unchanged": 13, "quarantined": 0, "missing_bars": 0}
        assert rows(house, "SELECT count(*) FROM gap WHERE filled_at IS NULL") == [(1,)]


def test_a_file_without_a_sound_candle(tmp_path: Path) -> None:
    (tmp_path / "none.csv").write_text("unix,open,high,low,close,volume\n1704067200,0,0,0,0,0\n", encoding="utf-8")
    wanted = CandleImport((tmp_path / "none.csv",), "coinbase", "BTC/USD", "1h", last_bar_closed=True)
    with a_house(tmp_path) as house, pytest.raises(WorkFailed, match="no sound candle"):
        import_candle_files(house, wanted, idle)


def _slice(source: Path, to: Path, first: str, count: int) -> Path:
    """The header and `count` lines of `source` from the first one that begins with `first`."""
    with source.open(encoding="utf-8") as stream:
        header = next(stream)
        found = next(line for line in stream if line.startswith(first))
        to.write_text(header + found + "".join(islice(stream, count - 1)), encoding="utf-8")
    return to


def _report(house: House) -> dict[str, object]:
    [path] = house.path(house.settings.report.folder).glob("bitcoin-1d-*.json")
    return dict(json.loads(path.read_text(encoding="utf-8")))


@pytest.mark.data
@pytest.mark.slow
def test_from_real_archives_to_a_report(shared_data: Path, tmp_path: Path) -> None:
    """700 leads and 340 items of 2024 and 2,000 hours: import, score, align, report, in bounded time."""
    leads = _slice(
        shared_data / "news/bitcoin_sentiments_2021_2024/bitcoin_sentiments_21_24.csv",
        tmp_path / "leads.csv",
        "2024-01",
        700,
    )
    items = [shared_data / "news/ualh_2024/2024-04-05_30d_news.csv"]
    year = shared_data / "prices/coinbase_btcusd/Coinbase_BTCUSD_1h_2024.csv"
    hours = _slice(year, tmp_path / "hours.csv", "2024-02-01", 2000)
    align = Align(targets=("bitcoin",), intervals=(Interval.D1,))
    report = Report(days=130, surrogates=99)
    started = time.monotonic()
    with a_house(tmp_path, clock=Hands(dt.datetime(2024, 9, 12, tzinfo=dt.UTC)), align=align, report=report) as house:
        articles = import_article_files(house, ArticleImport((leads, *items), source="archive"), idle)
        assert articles.counts["new"] > 900
        wanted = CandleImport((hours,), "coinbase", "BTC/USD", "1h", last_bar_closed=True)
        candles = import_candle_files(house, wanted, idle)
        assert candles.counts["new"] == 2000
        scores = score_articles(house, idle)
        assert scores.counts["scored"] > 300
        assert align_series(house, idle).counts["series"] == 2
        assert write_reports(house, Wanted("bitcoin", "1d", "2024-02-01", "2024-04-06"), idle).counts["reports"] == 1
        written = _report(house)
    assert time.monotonic() - started < 60
    sample = written["sample"]
    assert isinstance(sample, dict)
    assert sample["bars_with_price"] == 65
    assert sample["bars_with_sentiment"] > 20

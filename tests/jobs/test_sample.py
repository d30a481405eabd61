"""The embedded sample keeps what its README promises; only the last test needs the shared data."""

import csv
import datetime as dt
import io
import itertools
import json
import re
from pathlib import Path
from typing import Any

import lxml.etree
import pytest

from jobs import sample

SEQUENCE = 8  # words in a row that would be copying
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(scope="module")
def items() -> list[dict[str, Any]]:
    return [json.loads(line) for line in sample.files().news.read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def candles() -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(sample.files().read_candles())))


def words(text: str) -> list[str]:
    """Lower-cased words without punctuation or markup."""
    return re.findall(r"[^\W_]+", re.sub(r"<[^>]+>", " ", text.lower()))


def sequences(text: str) -> set[tuple[str, ...]]:
    found = words(text)
    return set(zip(*(found[i:] for i in range(SEQUENCE)), strict=False))


def feed_instants(path: Path) -> list[dt.datetime]:
    root = lxml.etree.parse(path).getroot()
    rss = [
        dt.datetime.strptime(e.text, "%a, %d %b %Y %H:%M:%S %z")
        for e in root.iterfind(".//item/pubDate")
        if "GMT" not in e.text
    ]
    gmt = [
        dt.datetime.strptime(e.text, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=dt.UTC)
        for e in root.iterfind(".//item/pubDate")
        if "GMT" in e.text
    ]
    atom = [dt.datetime.fromisoformat(e.text) for e in root.iterfind(f"{ATOM}entry/{ATOM}published")]
    return rss + gmt + atom


def test_every_file_is_there_and_readable() -> None:
    files = sample.files()
    for path in (files.candles, files.news, files.article_nl, files.page_nl, files.feed_en, files.feed_nl):
        assert path.stat().st_size > 1000, path
    assert files.start < files.article_published < files.end


def test_items_are_many_enough_and_bilingual(items: list[dict[str, Any]]) -> None:
    languages = [item["language"] for item in items]
    assert len(items) >= 330
    assert languages.count("nl") >= 90
    assert languages.count("en") >= 200
    assert 5 <= sum(language not in {"en", "nl"} for language in languages) <= 10


def test_items_have_exactly_the_documented_fields(items: list[dict[str, Any]]) -> None:
    fields = {"id", "published", "language", "source", "url", "title", "text", "time_known"}
    for item in items:
        assert set(item) == fields
        assert isinstance(item["time_known"], bool)
        assert item["url"].startswith("https://sample.invalid/")
        assert item["source"].endswith("-" + item["language"])


def test_every_instant_lies_inside_the_window_in_order(items: list[dict[str, Any]]) -> None:
    files = sample.files()
    instants = [dt.datetime.fromisoformat(item["published"]) for item in items]
    assert instants == sorted(instants)
    for instant in [*instants, *feed_instants(files.feed_en), *feed_instants(files.feed_nl)]:
        assert instant.tzinfo is not None
        assert files.start <= instant < files.end
    assert {(instant.year, instant.month) for instant in instants} == {(2024, month) for month in range(1, 10)}


def test_identities_are_unique_and_no_two_texts_equal(items: list[dict[str, Any]]) -> None:
    for field in ("id", "url", "title", "text"):
        assert len({item[field] for item in items}) == len(items), field


def test_titles_and_texts_have_the_intended_length(items: list[dict[str, Any]]) -> None:
    long_pieces = [item for item in items if "\n\n" in item["text"]]
    assert len(long_pieces) >= 10
    for item in items:
        assert 6 <= len(item["title"].split()) <= 14, item["title"]
        length = len(item["text"].split())
        assert (120 if item in long_pieces else 40) <= length <= (270 if item in long_pieces else 90), item["id"]


def test_syndicated_pairs_are_alike_yet_not_equal(items: list[dict[str, Any]]) -> None:
    """Eight pairs published within two hours of each other share most of their words."""
    instants = [dt.datetime.fromisoformat(item["published"]) for item in items]
    bags = [set(words(item["text"])) for item in items]
    pairs = [
        (a, b)
        for a, b in itertools.combinations(range(len(items)), 2)
        if instants[b] - instants[a] <= dt.timedelta(hours=2) and len(bags[a] & bags[b]) / len(bags[a] | bags[b]) > 0.6
    ]
    assert len(pairs) == 8


def test_candles_are_complete_hours_and_consistent(candles: list[dict[str, str]]) -> None:
    files = sample.files()
    opens = [int(row["unix"]) for row in candles]
    hours = (files.end - files.start) // dt.timedelta(hours=1)
    assert hours == 6096
    assert opens == [int(files.start.timestamp()) + 3600 * i for i in range(hours)]
    for row in candles:
        low, high = float(row["low"]), float(row["high"])
        assert 0 < low <= min(float(row["open"]), float(row["close"]))
        assert max(float(row["open"]), float(row["close"])) <= high
        assert float(row["Volume BTC"]) > 0
        stamp = dt.datetime.fromisoformat(row["date"]).replace(tzinfo=dt.UTC)
        assert int(stamp.timestamp()) == int(row["unix"])


def test_candle_archive_is_packed_without_name_or_time() -> None:
    """Flags and time in the gzip header are zero, so packing the same rows gives the same bytes."""
    header = sample.files().candles.read_bytes()[:8]
    assert header == b"\x1f\x8b\x08\x00\x00\x00\x00\x00"


def test_feeds_are_well_formed_and_sized() -> None:
    files = sample.files()
    assert len(feed_instants(files.feed_en)) == 12
    assert len(feed_instants(files.feed_nl)) == 8


def test_article_carries_the_clutter_of_a_page_dump() -> None:
    text = sample.files().article_nl.read_text("utf-8")
    assert 500 <= len(text.split()) <= 750
    for mark in ("weergaven in totaal", " |\n", "Kluisje Wallet", "  • ", "Let op:", "Lees meer over:", "Door: "):
        assert mark in text, mark


def test_page_states_its_publication_with_a_zone() -> None:
    page = sample.files().page_nl.read_text("utf-8")
    match = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert match
    published = dt.datetime.fromisoformat(json.loads(match.group(1))["datePublished"])
    assert published == dt.datetime(2024, 7, 9, 12, 20, tzinfo=dt.UTC)


@pytest.mark.data
def test_nothing_is_copied_from_the_test_data(shared_data: Path, items: list[dict[str, Any]]) -> None:
    """No eight words in a row of the sample occur in any news text of the test data."""
    files = sample.files()
    own = [f"{item['title']}. {item['text']}" for item in items]
    own += [path.read_text("utf-8") for path in (files.article_nl, files.page_nl, files.feed_en, files.feed_nl)]
    ours = set().union(*(sequences(text) for text in own))
    texts = [
        p
        for p in (shared_data / "news").rglob("*")
        if p.suffix in {".csv", ".txt", ".md", ".json"} and p.name != "SOURCE.md"
    ]
    assert len(texts) >= 10
    for path in texts:
        assert not ours & sequences(path.read_text("utf-8", errors="replace")), path.name

"""Files named on the command line: plain texts, their instants, languages and encodings."""

import datetime as dt
from pathlib import Path

import pytest

from jobs.ingest import Given, ingest_given, ingest_sources
from jobs.settings import Source
from service.errors import BadInput
from tests.jobs.houses import a_house, idle, rows


def test_a_plain_text_with_a_stated_instant_and_delay(tmp_path: Path) -> None:
    text = tmp_path / "story.txt"
    text.write_text(
        "Bitcoin climbs\n\nThe price of Bitcoin climbed on Friday, traders said in London.\n", encoding="utf-8"
    )
    with a_house(tmp_path) as house:
        given = Given((str(text),), "archive", "2024-05-01T11:00:00+02:00", assume_delay="2h")
        assert ingest_given(house, given, idle).counts["new"] == 1
        assert ingest_given(house, given, idle).counts["unchanged"] == 1
        found = rows(
            house,
            "SELECT source, published_at, published_origin, available_at, is_assumed FROM revision r "
            "JOIN article a ON a.id = r.article_id",
        )
    nine = dt.datetime(2024, 5, 1, 9, tzinfo=dt.UTC).timestamp()
    assert found == [("archive", nine * 1e6, "stated", (nine + 7200) * 1e6, 1)]


def test_a_text_stated_by_its_day_alone_is_known_when_that_day_is_over(tmp_path: Path) -> None:
    """Its midnight would look ahead: nothing says that it came out before the evening."""
    (tmp_path / "story.txt").write_text("Bitcoin climbs\n\nThe price of Bitcoin climbed.\n", encoding="utf-8")
    with a_house(tmp_path) as house:
        ingest_given(house, Given((str(tmp_path / "story.txt"),), "x", "2024-05-01", assume_delay="15m"), idle)
        [(available_at,)] = rows(house, "SELECT available_at FROM revision")
    assert available_at == dt.datetime(2024, 5, 2, 0, 15, tzinfo=dt.UTC).timestamp() * 1e6


@pytest.mark.parametrize(("claim", "language"), [("", "nl"), ("en", "en"), ("nl", "nl")])
def test_the_operators_claim_decides_where_a_text_does_not(tmp_path: Path, claim: str, language: str) -> None:
    """Four words that both languages know: what they are said to be tips the balance."""
    (tmp_path / "short.txt").write_text("Bitcoin in open water", encoding="utf-8")
    with a_house(tmp_path) as house:
        ingest_given(house, Given((str(tmp_path / "short.txt"),), language=claim), idle)
        assert rows(house, "SELECT language FROM revision") == [(language,)]


def test_a_text_in_an_old_encoding_keeps_its_letters(tmp_path: Path) -> None:
    (tmp_path / "old.txt").write_bytes(
        "Café rekent af\n\nHet café accepteert Bitcoin, één euro per kop.".encode("cp1252")
    )
    with a_house(tmp_path) as house:
        ingest_given(house, Given((str(tmp_path / "old.txt"),)), idle)
        [(text,)] = rows(house, "SELECT text FROM revision")
    assert str(text).startswith("Café rekent af")
    assert "één euro" in str(text)


def test_what_is_no_text_at_all_is_refused(tmp_path: Path) -> None:
    """An image named by mistake is a failure with a reason, not an article of noise."""
    (tmp_path / "chart.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8)
    with a_house(tmp_path) as house:
        [failure] = ingest_given(house, Given((str(tmp_path / "chart.png"),)), idle).failures
        assert rows(house, "SELECT count(*) FROM article") == [(0,)]
    assert failure.startswith("given: malformed: ")


def test_what_is_neither_source_nor_file_nor_address(tmp_path: Path) -> None:
    with a_house(tmp_path) as house, pytest.raises(BadInput, match="neither the name of a source"):
        ingest_given(house, Given(("nowhere.txt",)), idle)


def test_a_source_whose_file_is_missing_is_a_failing_source(tmp_path: Path) -> None:
    with a_house(tmp_path, Source(name="saved", url="nowhere.xml")) as house:
        [failure] = ingest_sources(house, frozenset(), idle).failures
    assert failure.startswith("saved: file: ")

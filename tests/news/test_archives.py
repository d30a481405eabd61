"""Archives: every row is an item or a reason, whatever the form of the file."""

import csv
import datetime as dt
import io
import json
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.errors import BadInput
from service.news.article import Skipped
from service.news.bulk.archives import ArchiveItem, read

ROWS = [
    ("2024-01-10 21:00:00", 'SEC approves, says "yes"', "First line.\nSecond; line."),
    ("2024-01-11 09:30:00", "Price falls", "Kort."),
]


def utc(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dt.UTC)  # type: ignore[arg-type, misc]


def separated(
    delimiter: str = ",", end: str = "\r\n", header: tuple[str, ...] = ("date", "headline", "description")
) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL).writerows([header, *ROWS])
    return out.getvalue()


def items_of(body: bytes | str, name: str = "a.csv", **options: object) -> list[ArchiveItem | Skipped]:
    return [*read(body.encode() if isinstance(body, str) else body, name=name, **options)]  # type: ignore[arg-type]


def told(items: list[ArchiveItem | Skipped]) -> list[tuple[object, ...]]:
    return [(item.published.instant, item.title, item.text) for item in items if isinstance(item, ArchiveItem)]


EXPECTED = [
    (utc(2024, 1, 10, 21), 'SEC approves, says "yes"', "First line.\nSecond; line."),
    (utc(2024, 1, 11, 9, 30), "Price falls", "Kort."),
]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_separated_files_are_read_whatever_their_marks(delimiter: str, encoding: str) -> None:
    body = separated(delimiter).replace("Kort.", "Café – kort.").encode(encoding)
    assert told(items_of(body))[1][2] == "Café – kort."
    assert told(items_of(body))[0] == EXPECTED[0]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_all_systems_are_read(end: str) -> None:
    assert told(items_of(separated(end=end))) == EXPECTED


@pytest.mark.parametrize("form", ["lines", "array", "wrapped", "wrapped over lines"])
def test_json_forms_are_read_alike(form: str) -> None:
    documents = [
        dict(zip(("publishedAt", "title", "content"), row, strict=True), source={"id": None, "name": "Wire"})
        for row in ROWS
    ]
    body = {
        "lines": "\n\n".join(json.dumps(document) for document in documents),
        "array": json.dumps(documents, indent=1),
        "wrapped": json.dumps({"status": "ok", "articles": documents}),
        "wrapped over lines": json.dumps({"status": ["ok"], "articles": documents}, indent=1),
    }[form]
    items = items_of(body, name="a.json")
    assert told(items) == EXPECTED
    assert {item.source for item in items if isinstance(item, ArchiveItem)} == {"Wire"}


def test_mapped_columns_are_used_and_the_rest_is_found_by_name() -> None:
    body = "ts,h,description,link,site,lang\n1704920400,Kop,Tekst,https://a.nl/x-1,Bron,nl\n"
    (item,) = items_of(body, mapping={"title": "h", "published": "ts", "source": "SITE"})
    assert isinstance(item, ArchiveItem)
    assert (item.title, item.text, item.url, item.source, item.language) == (
        "Kop",
        "Tekst",
        "https://a.nl/x-1",
        "Bron",
        "nl",
    )
    assert (item.published.instant, item.row) == (utc(2024, 1, 10, 21), 2)


def test_days_and_times_in_columns_of_their_own_are_joined() -> None:
    assert told(items_of("Date,Time,Title\n2024-01-10,21:00,A\n"))[0][0] == utc(2024, 1, 10, 21)
    assert told(items_of("text,date,year\nA,6-Jun,2017\nB,7-Jun-2018,2018\n")) == [
        (utc(2017, 6, 6), "A", ""),
        (utc(2018, 6, 7), "B", ""),
    ]
    assert told(items_of("d,t,Title\n2024-01-10,21:00,A\n", mapping={"published": "d+t"}))[0][0] == utc(2024, 1, 10, 21)


def test_the_zone_given_is_used_where_none_is_named() -> None:
    assert told(items_of(separated(), zone="Europe/Amsterdam"))[0][0] == utc(2024, 1, 10, 20)


def test_the_order_of_day_and_month_is_learnt_from_the_file() -> None:
    rows = "date,title\n03/04/2024 10:00,A\n{}/2024 10:00,B\n"
    assert told(items_of(rows.format("25/12")))[0][0] == utc(2024, 4, 3, 10)
    assert told(items_of(rows.format("12/25")))[0][0] == utc(2024, 3, 4, 10)
    unclear = items_of(rows.format("05/06"))
    assert [item.reason for item in unclear if isinstance(item, Skipped)] == ["date_ambiguous", "date_ambiguous"]


def test_a_bare_day_is_noted_also_when_written_as_midnight() -> None:
    items = items_of("date,title\n2024-01-10 00:00:00,A\n2024-01-10,B\n2024-01-10 00:00:00Z,C\n2024-01-10 00:01,D\n")
    assert [item.published.reason for item in items if isinstance(item, ArchiveItem)] == [
        "date_day_only",
        "date_day_only",
        "",
        "",
    ]


def test_rows_that_cannot_be_used_say_which_and_why() -> None:
    body = (
        "date,title,description\n,No date,x\nsoon,Unreadable,x\n2024-01-10,,No description provided\n\n"
        "2024-01-10,A,NaN\n2024-01-10,too,many,fields\n"
    )
    items = items_of(body)
    assert [(item.reason, item.what) for item in items if isinstance(item, Skipped)] == [
        ("date_missing", "a.csv row 2"),
        ("date_unreadable", "a.csv row 3"),
        ("no_body", "a.csv row 4"),
        ("malformed", "a.csv row 6"),
    ]
    assert told(items) == [(utc(2024, 1, 10), "A", "")]
    lines = items_of('{"date":"2024-01-10","title":"A"}\n{broken\n5\n', name="a.jsonl")
    assert [item.reason if isinstance(item, Skipped) else "" for item in lines] == ["", "malformed", "malformed"]


def test_a_lone_text_is_headline_or_article_by_its_length() -> None:
    long = "A sentence about markets. " * 20
    short, article = told(items_of(f"date,Short Description\n2024-01-10,Price falls.\n2024-01-11,{long}\n"))
    assert short[1:] == ("Price falls.", "")
    assert article[1:] == ("", long.strip())


def test_of_repeated_contents_the_earliest_is_kept() -> None:
    items = items_of("date,title\n2024-01-12,A\n2024-01-10,A\n2024-01-10, A \n2024-01-11,B\n")
    assert [(item.row, item.title) for item in items if isinstance(item, ArchiveItem)] == [(3, "A"), (5, "B")]
    assert [item.what for item in items if isinstance(item, Skipped) and item.reason == "duplicate"] == [
        "a.csv row 2",
        "a.csv row 4",
    ]


def test_what_cannot_be_an_archive_is_refused_at_once_naming_the_columns() -> None:
    """Refused by the call itself, before any row is asked for: nothing is half imported."""
    body = b"when,what\n2024-01-10,A\n"
    with pytest.raises(BadInput, match=r"no date column.*when, what"):
        read(body, name="a.csv")
    with pytest.raises(BadInput, match=r"no text column.*date, price"):
        read(b"date,price\n2024-01-10,1\n", name="a.csv")
    with pytest.raises(BadInput, match=r"no such column.*when, what"):
        read(body, name="a.csv", mapping={"published": "ts", "title": "what"})
    with pytest.raises(BadInput, match="map one of"):
        read(body, name="a.csv", mapping={"headline": "what"})
    with pytest.raises(BadInput, match="empty"):
        read(b" \n", name="a.csv")
    with pytest.raises(BadInput, match="IANA"):
        read(separated().encode(), name="a.csv", zone="Mars")
    with pytest.raises(BadInput, match="zero"):
        read(separated().encode(), name="a.csv", assume_delay=dt.timedelta(minutes=-1))


def test_articles_longer_than_the_csv_default_are_read() -> None:
    (row,) = told(items_of(f'date,text\n2024-01-10,"{"long article " * 20_000}"\n'))
    assert len(str(row[2])) > 200_000


def test_memory_stays_far_below_the_size_of_the_file() -> None:
    """Of 4 MB of articles, read row by row, under 1 MB is held beside the file's own bytes."""
    rows = (f'2024-01-{n % 28 + 1:02d} 10:00,Title {n},"{"word " * 2000}{n}"' for n in range(400))
    body = "\n".join(["date,title,text", *rows]).encode()
    assert len(body) > 4_000_000
    next(iter(read(body[:30_000], name="warm.csv")))
    tracemalloc.start()
    count = sum(1 for _ in read(body, name="a.csv"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 400
    assert peak < 1_000_000, peak


CELL = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=12)


@settings(deadline=None)
@given(st.lists(st.tuples(st.dates(dt.date(1990, 1, 1), dt.date(2099, 1, 1)), CELL, CELL), max_size=8))
def test_every_row_written_is_an_item_or_a_reason(rows: list[tuple[dt.date, str, str]]) -> None:
    out = io.StringIO()
    csv.writer(out).writerows([("date", "title", "text"), *rows])
    assert len(items_of(out.getvalue().encode())) == len(rows)
    lines = "\n".join(json.dumps({"date": str(day), "title": title, "text": text}) for day, title, text in rows)
    if rows:
        assert len(items_of(lines, name="a.jsonl")) == len(rows)


@settings(deadline=None)
@given(st.binary(max_size=200), st.sampled_from(["a.csv", "a.json", "a"]))
def test_any_bytes_are_rows_or_refused(body: bytes, name: str) -> None:
    for start in (b"", b"date,title\n", b'{"date":1,"title":2}\n', b"["):
        try:
            items = items_of(start + body, name=name)
        except BadInput:
            continue
        assert all(isinstance(item, ArchiveItem | Skipped) for item in items)


@pytest.mark.data
def test_the_public_archives_import(shared_data: Path) -> None:
    """Row counts against each folder's SOURCE.md; nothing but known repeats is left out."""
    expected = {
        "bitcoin_sentiments_2021_2024/bitcoin_sentiments_21_24.csv": (11_295 - 172, 172, 1_422),
        "ualh_2024/2024-04-05_24h_news.csv": (234, 0, 0),
        "ualh_2024/2024-04-05_30d_news.csv": (217, 0, 0),
        "ualh_2024/2024-05-18_30d_news.csv": (207, 0, 0),
        "uic_2017_2019/coindesk.csv": (330, 0, 330),
        "uic_2017_2019/cryptonews_content.csv": (545, 0, 545),
        "uic_2017_2019/cryptocurrencynews_content.csv": (323, 0, 323),
    }
    for path, counts in expected.items():
        rows = items_of((shared_data / "news" / path).read_bytes(), name=path)
        items = [row for row in rows if isinstance(row, ArchiveItem)]
        repeats = [row for row in rows if isinstance(row, Skipped) and row.reason == "duplicate"]
        days = [item for item in items if item.published.reason == "date_day_only"]
        assert (len(items), len(repeats), len(days)) == counts, path
        assert len(rows) == counts[0] + counts[1]
        assert not any("No description provided" in item.text for item in items)
    with pytest.raises(BadInput, match="no text column"):
        read((shared_data / "news" / "uic_2017_2019" / "bitcoin_price.csv").read_bytes(), name="prices")

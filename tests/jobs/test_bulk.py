"""Bulk imports into a real store: every form, the same article as live, and nothing lost or doubled by a kill."""

import datetime as dt
import gzip
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from jobs.imports import ArticleImport, import_article_files
from jobs.ingest import Given, ingest_given
from service.errors import BadInput, ParseFailed
from tests.bulk_files import (
    ALERT,
    NEWSLETTER,
    UNDATED,
    a_page,
    chunked,
    gkg_line,
    http,
    in_zip,
    packed,
    parquet_of,
    record,
)
from tests.jobs.houses import a_house, command, digest_of, environment, idle, rows
from tests.web_server import Answer, serve

KILLS = int(os.environ.get("NEWSCANDLE_TEST_KILLS", "2"))
TABLE: list[dict[str, str]] = [
    {"title": f"Bitcoin story {n}", "text": f"Words number {n} of it.", "published": f"2024-03-01T10:{n:02}:00Z"}
    for n in range(40)
]
FEED = b"""<rss><channel><item><title>From the feed</title><link>https://b.example/new</link>
<pubDate>Wed, 10 Jan 2024 20:00:00 GMT</pubDate><description>Bitcoin told in short.</description></item>
<item><title>Short</title><link>https://a.example/one</link><description>Less than its page.</description></item>
</channel></rss>"""


def take(folder: Path, *words: str, **more: object) -> tuple[dict[str, int], tuple[str, ...], tuple[str, ...]]:
    with a_house(folder) as house:
        outcome = import_article_files(house, ArticleImport(tuple(str(folder / word) for word in words), **more), idle)  # type: ignore[arg-type]
        return dict(outcome.counts), outcome.notes, outcome.failures


def ask(folder: Path, select: str) -> list[tuple[object, ...]]:
    with a_house(folder) as house:
        return rows(house, select)


def test_a_page_fetched_and_the_same_page_in_a_crawl_are_one_article(tmp_path: Path) -> None:
    """Fetched from a real server and imported from a crawl of it, chunked and packed: unchanged in either order."""
    page = a_page("Bitcoin climbs", "Bitcoin climbed by four percent on Wednesday evening, traders said.")
    with serve({"/story": Answer(200, page, {"Content-Type": "text/html; charset=utf-8"})}) as web:
        block = http(chunked(gzip.compress(page)), more="Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n")
        crawl = record(block, url=f"{web.url}/story", date="2024-01-11T08:00:00Z")
        for name, order in (("live", "first"), ("crawl", "second")):
            folder = tmp_path / name
            folder.mkdir()
            (folder / "CC-NEWS.warc.gz").write_bytes(packed([crawl]))
            with a_house(folder) as house:
                files = ArticleImport((folder / "CC-NEWS.warc.gz",))
                if order == "first":
                    assert ingest_given(house, Given((f"{web.url}/story",)), idle).counts["new"] == 1
                    before = digest_of(house)
                    assert dict(import_article_files(house, files, idle).counts) == {
                        "new": 0, "revised": 0, "unchanged": 1, "skipped": 0,
                    }  # fmt: skip
                    assert digest_of(house) == before
                else:
                    assert import_article_files(house, files, idle).counts["new"] == 1
                    assert ingest_given(house, Given((f"{web.url}/story",)), idle).counts["unchanged"] == 1
                    told = (
                        "SELECT published_at, r.first_seen_at, available_at, is_assumed, source FROM revision r "
                        "JOIN article a ON a.id = r.article_id"
                    )
                    [(published, seen, available, is_assumed, source)] = rows(house, told)
                    crawled = int(dt.datetime(2024, 1, 11, 8, tzinfo=dt.UTC).timestamp()) * 1_000_000
                    assert (seen, available, is_assumed, source) == (crawled, crawled, 0, "127.0.0.1")
                    assert isinstance(published, int)
                    assert published < crawled


def test_a_crawl_of_everything(tmp_path: Path) -> None:
    """Pages, a feed, plain words and what is none of them: each taken as what it is, or refused by name."""
    one = a_page("One", "Bitcoin fell on the first day of the trial, its lawyers say.")
    wall = b"<html><head><title>Just a moment...</title></head><body>challenge-platform</body></html>"
    records = [
        record(b"software: x", kind="warcinfo"),
        record(b"GET / HTTP/1.1\r\n\r\n", kind="request", url="https://a.example/one"),
        record(http(one), url="https://a.example/one"),
        record(http(FEED, content_type="application/rss+xml"), url="https://a.example/feed"),
        record(b"Title of words\n\nBitcoin words.", kind="conversion", url="https://c.example/x"),
        record(b"Other words\n\nMenus.", kind="conversion", url="https://a.example/one"),
        record(a_page("Res", "Bitcoin told."), kind="resource", url="https://d.example/r", content_type="text/html"),
        record(http(b"", status="304 Not Modified"), kind="revisit", url="https://a.example/one"),
        record(http(b"gone", status="404 Not Found"), url="https://a.example/404"),
        record(http(b"%PDF", content_type="application/pdf"), url="https://a.example/pdf"),
        record(http(b"User-agent: *", content_type="text/plain"), url="https://a.example/robots.txt"),
        record(http(b"<html><head><title>T</title></head><body></body></html>"), url="https://a.example/empty"),
        record(http(wall), url="https://a.example/wall"),
        record(http(one), url="dns:a.example"),
        record(http(one), url="https://a.example/late", date="2094-01-01T00:00:00Z"),
        record(http(a_page("Soon", "Bitcoin will be told.", published="2024-03-01T00:00:00Z")), url="https://a.example/soon"),
    ]  # fmt: skip
    (tmp_path / "all.warc").write_bytes(b"".join(records))
    counts, _, failures = take(tmp_path, "*.warc")
    assert (counts["new"], counts["unchanged"], failures) == (4, 2, ())
    assert ask(tmp_path, "SELECT url, source FROM article ORDER BY url") == [
        ("https://a.example/one", "a.example"),
        ("https://b.example/new", "a.example"),
        ("https://c.example/x", "c.example"),
        ("https://d.example/r", "d.example"),
    ]
    assert sorted(ask(tmp_path, "SELECT reason, stage, source FROM skipped")) == [
        (reason, "import", "all")
        for reason in (
            *("challenge", "date_future", "date_future", "http_status", "malformed_url", "no_text", "not_html"),
            *("revisit", "unsupported_mime"),
        )
    ]


def test_mail_is_read_with_its_charsets_parts_and_escapes(tmp_path: Path) -> None:
    (tmp_path / "letters.mbox").write_bytes(NEWSLETTER + ALERT + UNDATED)
    (tmp_path / "one.eml").write_bytes(NEWSLETTER.partition(b"\n")[2])
    counts, _, _ = take(tmp_path, "letters.mbox", "one.eml")
    assert (counts["new"], counts["unchanged"], counts["skipped"]) == (2, 1, 1)
    found = ask(
        tmp_path,
        "SELECT url, source, title, text, available_at / 1000000, is_assumed FROM revision r JOIN article a "
        "ON a.id = r.article_id ORDER BY url",
    )
    alert, letter = found
    delivered = dt.datetime(2024, 1, 11, 9, 0, 5, tzinfo=dt.UTC).timestamp()
    assert letter[:3] == ("mid:letter-1@letter.example", "letter.example", "Bitcoin climbs – café talk")
    assert "traders told café guests" in str(letter[3])
    assert letter[4:] == (delivered, 0)
    assert alert[:3] == ("mid:2@wire.example", "wire.example", "SEC sues broker")
    assert "\nFrom the courts we hear more." in str(alert[3])
    assert alert[4:] == (dt.datetime(2024, 1, 12, 9, 15, tzinfo=dt.UTC).timestamp(), 1)
    assert ask(tmp_path, "SELECT reason, what FROM skipped") == [("date_missing", "letters.mbox message 3")]


def test_opinions_are_kept_beside_the_articles_and_known_by_their_stamp(tmp_path: Path) -> None:
    lines = [
        gkg_line(0, "https://www.a.example/one?utm_source=x", translated="srclc:nld; eng:Moses 2.1.1"),
        gkg_line(1, "BBC Monitoring", collection="2"),
        gkg_line(2, "https://a.example/two", tones="1,2,oops"),
        gkg_line(3, "https://a.example/three")[:60] + "\n",
    ]
    (tmp_path / "20240110211500.gkg.csv.zip").write_bytes(
        in_zip(**{"20240110211500__gkg__csv": "".join(lines).encode()})
    )
    page = record(http(a_page("One", "Bitcoin fell on the first day of the trial.")), url="https://a.example/one")
    (tmp_path / "one.warc").write_bytes(page)
    counts, _, _ = take(tmp_path, "one.warc", "20240110211500.gkg.csv.zip")
    assert counts == {"new": 1, "revised": 0, "unchanged": 0, "skipped": 3, "opinions": 1, "opinions_unchanged": 0}
    [(url, article, tone, words, language, persons, at)] = ask(
        tmp_path, "SELECT url, article, tone, words, language, persons, available_at FROM v_opinions"
    )
    assert (url, tone, words, language, at) == (
        "https://a.example/one",
        -2.5,
        412,
        "nld",
        "2024-01-10T21:15:00.000000Z",
    )
    assert ask(tmp_path, "SELECT key FROM article") == [(article,)]
    assert json.loads(str(persons)) == ["Gary Gensler"]
    reasons = ask(tmp_path, "SELECT reason FROM skipped ORDER BY reason")
    assert reasons == [("malformed_record",), ("malformed_record",), ("no_address",)]


def test_every_packing_and_form_of_a_table_gives_the_same_articles(tmp_path: Path) -> None:
    import pyarrow as pa

    lines = "\n".join(map(json.dumps, TABLE)).encode()
    out = pa.BufferOutputStream()
    with pa.CompressedOutputStream(out, "zstd") as stream:
        stream.write(lines)
    bodies = {
        "a.jsonl": lines,
        "b.jsonl.gz": gzip.compress(lines),
        "c.jsonl.zst": out.getvalue().to_pybytes(),
        "d.zip": in_zip(d__jsonl=lines),
        "e.json": json.dumps(TABLE).encode(),
        "f.json": json.dumps({"articles": TABLE}, indent=1).encode(),
        "g.parquet": parquet_of([{**row, "published": dt.datetime.fromisoformat(row["published"])} for row in TABLE]),
        "h.parquet.gz": gzip.compress(parquet_of([{**row} for row in TABLE])),
    }
    for name, body in bodies.items():
        (tmp_path / name).write_bytes(body)
    with a_house(tmp_path) as house:
        for number, name in enumerate(bodies):
            outcome = import_article_files(house, ArticleImport((tmp_path / name,), source="s"), idle)
            assert outcome.counts["new"] == (0 if number else 40), name
            assert outcome.counts["unchanged"] == (40 if number else 0), name


def test_a_second_import_ends_at_once_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "news.jsonl").write_text("\n".join(map(json.dumps, TABLE)), encoding="utf-8")
    assert take(tmp_path, "news.jsonl")[0]["new"] == 40
    counts, notes, _ = take(tmp_path, "news.jsonl")
    assert (counts["new"], counts["unchanged"]) == (0, 40)
    assert notes == ("news.jsonl: was read to its end on 2024-05-10 12:00 UTC; --again reads it once more",)
    counts, notes, _ = take(tmp_path, "news.jsonl", again=True)
    assert (counts["unchanged"], notes) == (40, ())
    assert take(tmp_path, "news.jsonl", source="other")[0]["unchanged"] == 0  # read otherwise: another import


def test_what_is_no_archive_is_named_with_its_remedy(tmp_path: Path) -> None:
    table = b"date,title\n2024-01-10,A\n"
    wrong = {
        "a.csv": (b"%PDF-1.7", "looks like a PDF"),
        "b.csv": (b"<!doctype html><html><body>", "single page: use newscandle ingest"),
        "c.csv": (b"<rss><channel>", "single feed: use newscandle ingest"),
        "d.csv": (b"\x00\x01\x02\x03" * 9, "looks like binary data"),
        "e.csv": (b"", "the file is empty"),
        "f.csv": (gzip.compress(gzip.compress(table)), "packed twice"),
        "g.csv": (b"410412347\t20140218\t201402\t2014\t2014.1\n", "another file of GDELT"),
        "h.xlsx": (in_zip(**{"[Content_Types]__xml": b"x"}), "Office document"),
        "i.csv": (b"PAR1 and no more", "no whole Parquet"),
        "j.zip": (b"PK\x03\x04 and no more", "no whole zip"),
        "k.csv": (b"words,without\n1,2\n", "no date column"),
    }
    with a_house(tmp_path) as house:

        def of(*names: str) -> tuple[Counter[str], tuple[str, ...]]:
            wanted = ArticleImport(tuple(str(tmp_path / name) for name in names))
            outcome = import_article_files(house, wanted, idle)
            return Counter(outcome.counts), outcome.failures

        for name, (body, told) in wrong.items():
            (tmp_path / name).write_bytes(body)
            with pytest.raises(BadInput, match=told) as refused:
                of(name)
            assert name in str(refused.value)
        with pytest.raises(BadInput, match="no file fits"):
            of("*.warc")
        (tmp_path / "good.csv").write_bytes(table)
        counts, failures = of("a.csv", "good.csv")
        assert (counts["new"], len(failures)) == (1, 1)
        (tmp_path / "bomb.csv.gz").write_bytes(gzip.compress(b"date,title\n" + b"a" * 24_000_000, 9))
        with pytest.raises(ParseFailed, match=r"bomb\.csv\.gz: it inflates to more than"):
            of("bomb.csv.gz")
        (tmp_path / "cut.csv.gz").write_bytes(gzip.compress(table + os.urandom(9000).hex().encode())[:-400])
        counts, _ = of("cut.csv.gz")
        assert counts["new"] + counts["unchanged"] == 1
        assert ("malformed",) in rows(house, "SELECT reason FROM skipped WHERE source = 'cut.csv'")


def test_standard_input_is_read_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = "\n".join(map(json.dumps, TABLE[:3])).encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(lines)))
    with a_house(tmp_path) as house:
        assert import_article_files(house, ArticleImport(("-",)), idle).counts["new"] == 3


@pytest.mark.slow
def test_killed_in_the_middle_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    """SIGKILL while a crawl is read, again and again; the end is that of an import nobody disturbed."""
    bad = record(http(b"gone", status="404 Not Found"), url="https://a.example/gone")
    records = [
        record(
            http(a_page(f"Story {n}", f"Bitcoin moved for the {n}. time in this long week of trading.")),
            url=f"https://a.example/{n}",
        )
        for n in range(55 * KILLS + 10)
    ]
    crawl = packed([one for n, whole in enumerate(records) for one in ((whole, bad) if n % 9 == 0 else (whole,))])
    folders = [tmp_path / "undisturbed", tmp_path / "killed"]
    for folder in folders:
        folder.mkdir()
        (folder / "crawl.warc.gz").write_bytes(crawl)
        (folder / "newscandle.toml").write_text('[store]\nurl = "sqlite:///store.db"\n', encoding="utf-8")
    take(folders[0], "crawl.warc.gz")
    variables = environment(NEWSCANDLE_CLOCK="2024-05-10T12:00:00Z")
    words = command("import", "news", "crawl.warc.gz", "--assume-delay", "15m")
    for kill in range(KILLS):
        process = subprocess.Popen(words, cwd=folders[1], env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        while process.poll() is None and len(_store(folders[1], "SELECT 1 FROM revision")) <= 50 * kill:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert process.returncode == -signal.SIGKILL
    counts, notes, _ = take(folders[1], "crawl.warc.gz")
    assert notes[0].startswith("crawl.warc.gz: taken up where it was left")
    assert 0 < counts["new"] < len(records) - 40
    assert _contents(folders[0]) == _contents(folders[1])


def _store(folder: Path, select: str) -> list[tuple[object, ...]]:
    import sqlite3

    path = folder / "store.db"
    if not path.exists():
        return []
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10) as connection:
        try:
            return connection.execute(select).fetchall()
        except sqlite3.OperationalError:  # the tables are not laid yet
            return []


def _contents(folder: Path) -> list[list[tuple[object, ...]]]:
    return [
        _store(folder, "SELECT key, url FROM article ORDER BY key"),
        _store(folder, "SELECT content_hash, available_at, number FROM revision ORDER BY content_hash"),
        _store(folder, "SELECT key, count FROM skipped ORDER BY key"),
        _store(folder, "SELECT key, place, inside, is_complete, counts FROM imported"),
    ]

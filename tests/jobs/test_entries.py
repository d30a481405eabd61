"""What an entry is remembered under, what counts as an edit, and that no more is lost to a kill than one batch."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.entries import COMMIT_EVERY, replay
from jobs.ingest import ingest_sources
from jobs.naming import entry_key, fingerprint
from jobs.settings import Source
from service.news import assemble
from service.news.article import UNDATED, Article, Dated, FeedEntry, InstantOrigin
from tests.jobs.houses import NOW, a_house, idle, rows
from tests.web_server import Answer, serve

ENTRY = FeedEntry("g1", "https://a.example/story", "Bitcoin climbs", "It climbed.", "", UNDATED, UNDATED)


@pytest.mark.parametrize(
    "same",
    ["https://a.example/story#comments", "https://A.example:443/story?utm_source=feed", "https://a.example/story"],
)
def test_one_story_under_its_many_addresses(same: str) -> None:
    assert entry_key(replace(ENTRY, url=same), "s") == entry_key(ENTRY, "t")


def test_without_an_address_the_guid_and_then_the_title() -> None:
    no_address = replace(ENTRY, url="")
    assert entry_key(no_address, "s") == entry_key(replace(no_address, title="Another"), "s")
    no_guid = replace(no_address, guid="")
    assert entry_key(no_guid, "s") != entry_key(replace(no_guid, title="Another"), "s")
    assert entry_key(no_guid, "s") != entry_key(no_address, "s") != entry_key(ENTRY, "s")


def test_a_guid_is_a_name_within_its_source() -> None:
    """Two feeds that number their items from 1 do not take each other's; a front page is no address of a story."""
    no_address = replace(ENTRY, url="https://a.example/", guid="1")
    assert entry_key(no_address, "s") != entry_key(no_address, "t")
    assert entry_key(no_address, "s") != entry_key(replace(no_address, guid="2"), "s")


texts = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=8)


@given(texts, texts, texts, texts, texts, texts)
def test_any_edit_changes_the_fingerprint_and_nothing_else_does(
    title: str, summary: str, content: str, other_title: str, other_summary: str, other_content: str
) -> None:
    """Text that moves from one field to the next is an edit as well; dates, authors and tags are not."""
    one = replace(ENTRY, title=title, summary=summary, content_html=content)
    other = replace(ENTRY, title=other_title, summary=other_summary, content_html=other_content)
    is_same = (title, summary, content) == (other_title, other_summary, other_content)
    assert (fingerprint(one) == fingerprint(other)) == is_same
    assert fingerprint(replace(one, authors=("A",), tags=("t",), guid="g9")) == fingerprint(one)


def test_a_replayed_item_is_known_so_long_after_publication() -> None:
    """With a date; an item without one keeps the moment it was seen. Without `assume_delay` nothing changes."""
    published = Dated(dt.datetime(2024, 5, 1, 9, tzinfo=dt.UTC), InstantOrigin.FEED)
    dated = assemble.from_entry(replace(ENTRY, published=published), source="s", first_seen_at=NOW)
    undated = assemble.from_entry(ENTRY, source="s", first_seen_at=NOW)
    assert isinstance(dated, Article)
    assert isinstance(undated, Article)
    live, replayed = Source(name="s", url="f.xml"), Source(name="s", url="f.xml", assume_delay="90s")
    assert replay(dated, live) is dated
    assert replay(undated, replayed) is undated
    made = replay(dated, replayed)
    assert made.available_at == dt.datetime(2024, 5, 1, 9, 1, 30, tzinfo=dt.UTC)
    assert made.is_assumed


def test_what_a_feed_repeats_is_read_once(tmp_path: Path) -> None:
    """The same address twice in one feed: the newer, upper one counts."""
    item = "<item><title>{}</title><link>https://a.example/{}</link></item>"
    body = "".join(item.format(title, path) for title, path in (("New", "x"), ("Other", "y"), ("Old", "x")))
    (tmp_path / "feed.xml").write_text(f"<rss><channel>{body}</channel></rss>", encoding="utf-8")
    with a_house(tmp_path, Source(name="s", url="feed.xml")) as house:
        outcome = ingest_sources(house, frozenset(), idle)
        assert dict(outcome.counts) == {
            "sources": 1, "entries": 2, "new": 2, "revised": 0, "unchanged": 0, "skipped": 0,
        }  # fmt: skip
        assert sorted(rows(house, "SELECT title FROM revision")) == [("New",), ("Other",)]


def test_pages_are_kept_batch_by_batch(tmp_path: Path) -> None:
    """When a page of the third batch is asked for, two batches lie in the store already."""
    count = 2 * COMMIT_EVERY + 1
    items = "".join(f"<item><title>Story {n}</title><link>{{url}}/s{n}</link></item>" for n in range(count))
    held: list[int] = []
    with serve({}) as web, a_house(tmp_path, Source(name="s", url=web.url + "/feed")) as house:
        web.answers["/feed"] = Answer(200, f"<rss><channel>{items.format(url=web.url)}</channel></rss>".encode())

        def last(_headers: dict[str, str]) -> Answer:
            held.append(int(str(rows(house, "SELECT count(*) FROM article")[0][0])))
            return Answer(404)

        read_last = max(range(count), key=lambda n: entry_key(replace(ENTRY, url=f"{web.url}/s{n}"), "s"))
        web.answers[f"/s{read_last}"] = last
        assert ingest_sources(house, frozenset(), idle).counts["new"] == count
    assert held == [2 * COMMIT_EVERY]


def test_an_entry_that_is_refused_is_kept_with_its_reason(tmp_path: Path) -> None:
    """A story from next year is no news; it is not asked about again while the feed says the same."""
    item = "<item><title>Later</title><link>https://a.example/x</link><pubDate>2025-05-10T09:00:00Z</pubDate></item>"
    (tmp_path / "feed.xml").write_text(f"<rss><channel>{item}</channel></rss>", encoding="utf-8")
    with a_house(tmp_path, Source(name="s", url="feed.xml")) as house:
        assert ingest_sources(house, frozenset(), idle).counts["skipped"] == 1
        assert ingest_sources(house, frozenset(), idle).counts["skipped"] == 0
        assert rows(house, "SELECT source, stage, reason, what FROM skipped") == [
            ("s", "entry", "date_future", "https://a.example/x")
        ]


def test_a_feed_that_tells_only_what_another_told_first_says_so(tmp_path: Path) -> None:
    """Neither an article twice nor a source that brings nothing without a word."""
    item = "<item><title>A story</title><link>https://a.example/x</link></item>"
    for name in ("first.xml", "second.xml"):
        (tmp_path / name).write_text(f"<rss><channel>{item}</channel></rss>", encoding="utf-8")
    first, second = Source(name="first", url="first.xml"), Source(name="second", url="second.xml")
    with a_house(tmp_path, first, second) as house:
        ingest_sources(house, frozenset({"first"}), idle)
        assert ingest_sources(house, frozenset({"second"}), idle).counts["new"] == 0
        assert rows(house, "SELECT source, stage, reason FROM skipped") == [("second", "feed", "told_elsewhere")]
        assert rows(house, "SELECT source FROM article") == [("first",)]

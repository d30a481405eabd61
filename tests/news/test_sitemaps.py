"""Sitemaps: what they say of pages and news is read, and whatever the bytes are, only ParseFailed comes out."""

import datetime as dt
import gzip
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import ParseFailed
from service.news.syndication.sitemaps import parse

NEWS = b"""<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
 xmlns:image="http://www.google.com/schemas/sitemap-image/1.1" xmlns:xhtml="http://www.w3.org/1999/xhtml">
<url><loc> https://munt.example/a-1?utm_source=x </loc><lastmod>2026-09-23T12:00:00+02:00</lastmod>
<xhtml:link rel="alternate" hreflang="en" href="https://munt.example/en/a-1"/>
<news:news><news:publication><news:name>Munt &amp; Markt</news:name><news:language>nl</news:language></news:publication>
<news:publication_date>2026-09-23T10:00:00+02:00</news:publication_date><news:title>Koers &amp;amp; meer</news:title>
<news:keywords>bitcoin, koers,bitcoin</news:keywords></news:news>
<image:image><image:loc>https://munt.example/i.jpg</image:loc><image:title>Beeld</image:title></image:image></url>
<url><loc>/a-2</loc><lastmod>2026-09-22</lastmod></url>
<url><loc>https://munt.example/a-1?utm_source=x</loc></url><url><loc>ftp://munt.example/x</loc></url><url/></urlset>"""
INDEX = b"""<sitemapindex xmlns="http://www.google.com/schemas/sitemap/0.84"><sitemap><loc>https://a.example/1.xml.gz</loc>
<lastmod>2026-09-23T12:00:00Z</lastmod></sitemap><sitemap><loc>https://a.example/2.xml</loc></sitemap></sitemapindex>"""


def reason_of(body: bytes, **options: int) -> str:
    with pytest.raises(ParseFailed) as failed:
        parse(body, **options)
    return failed.value.reason


def test_a_news_sitemap_is_read_whole() -> None:
    sitemap = parse(NEWS, url="https://munt.example/news.xml")
    feed = sitemap.feed
    assert (feed.kind, feed.title, feed.faults, sitemap.children) == (
        "sitemap",
        "Munt & Markt",
        ("blocked_scheme",),
        (),
    )
    first, second = feed.entries
    assert (first.url, first.title, first.language_claim) == (
        "https://munt.example/a-1?utm_source=x",
        "Koers & meer",
        "nl",
    )
    assert first.published.instant == dt.datetime(2026, 9, 23, 8, tzinfo=dt.UTC)
    assert first.modified.instant == dt.datetime(2026, 9, 23, 10, tzinfo=dt.UTC)
    assert first.tags == ("bitcoin", "koers")
    assert (second.url, second.published.reason, second.modified.reason) == (
        "https://munt.example/a-2",
        "date_missing",
        "date_day_only",
    )


def test_an_index_names_its_sitemaps() -> None:
    sitemap = parse(INDEX)
    assert sitemap.feed.entries == ()
    assert [(child.url, child.modified.instant is not None) for child in sitemap.children] == [
        ("https://a.example/1.xml.gz", True),
        ("https://a.example/2.xml", False),
    ]


def test_a_text_sitemap_is_a_list_of_addresses() -> None:
    feed = parse("\ufeffhttps://a.example/é\r\n\r\nno address\nhttps://a.example/2\n".encode()).feed
    assert [entry.url for entry in feed.entries] == ["https://a.example/é", "https://a.example/2"]
    assert feed.faults == ("malformed",)


def test_gzipped_and_broken_sitemaps_give_what_they_hold() -> None:
    assert parse(gzip.compress(NEWS)).feed == parse(NEWS).feed
    cut = parse(NEWS[: NEWS.index(b"<url><loc>/a-2") + 8], url="https://munt.example/")
    assert (len(cut.feed.entries), "malformed" in cut.feed.faults) == (1, True)
    assert parse(b"<urlset/>").feed.faults == ("empty_feed",)


def test_the_number_of_addresses_is_bounded() -> None:
    many = b"<urlset>" + b"".join(b"<url><loc>https://a.example/%d</loc></url>" % n for n in range(19))
    feed = parse(many + b"</urlset>", max_urls=10).feed
    assert (len(feed.entries), feed.faults) == (10, ("too_many_items",))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "malformed"),
        (b"<rss version='2.0'/>", "malformed"),
        (b"<!DOCTYPE html><html><head><title>Not found</title></head></html>", "html_instead"),
        (b'<!DOCTYPE u [<!ENTITY a "12"><!ENTITY b "&a;&a;">]><urlset>&b;</urlset>', "entity_expansion"),
        (b'<!DOCTYPE u [<!ENTITY x SYSTEM "file:///etc/passwd">]><urlset>&x;</urlset>', "external_entity"),
        (b"\x1f\x8bnonsense", "malformed"),
        (gzip.compress(b"<urlset>" + b" " * 30_000_000), "too_large"),
        (b"<urlset " + b"".join(b"a%d='1' " % n for n in range(5_000)) + b"/>", "malformed"),
    ],
)
def test_what_is_no_sitemap_has_a_reason(body: bytes, reason: str) -> None:
    started = time.process_time()
    assert reason_of(body) == reason
    assert time.process_time() - started < 0.5


MARKS = st.sampled_from(
    [b"<", b">", b"&", b"]]>", b"<![CDATA[", b"<!--", b"\x00", b"\xff", b"<url>", b"</urlset>", b'"']
)


@given(
    st.sampled_from([NEWS, INDEX, b"https://a.example/1\n"]),
    st.lists(st.tuples(st.integers(0, 900), st.integers(0, 40), st.one_of(MARKS, st.binary(max_size=6))), max_size=6),
)
def test_mutated_sitemaps_are_sitemaps_or_reasons(body: bytes, edits: list[tuple[int, int, bytes]]) -> None:
    for place, cut, inserted in edits:
        body = body[:place] + inserted + body[place + cut :]
    try:
        sitemap = parse(body)
    except ParseFailed:
        return
    for url in (*(entry.url for entry in sitemap.feed.entries), *(child.url for child in sitemap.children)):
        assert url.startswith(("http://", "https://"))

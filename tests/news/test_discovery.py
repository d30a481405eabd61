"""Discovery: what a front page and robots.txt name is found, in the order it may be trusted, and nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from service.news.syndication.discovery import MOST_LINKS, NewsLink, find_links, find_sitemaps

PAGE = b"""<!doctype html><html><head><base href="https://munt.example/nl/">
<link rel="alternate stylesheet" type="text/css" href="/feed.css">
<link rel="ALTERNATE" type="application/rss+xml; charset=utf-8" title="Munt &amp; Markt" href="feed/">
<link rel="alternate" type="application/atom+xml" href="//atom.munt.example/a.xml">
<link rel="alternate" type="application/rss+xml" href="/comments/feed/">
<link rel="alternate" type="application/json" href="/wp-json/wp/v2/pages/1">
<link rel="alternate" type="application/json" href="/feed.json">
<link rel="alternate" hreflang="en" href="/en/"><link rel="sitemap" type="application/xml" href="/sitemap.xml">
<link rel="alternate" type="application/rss+xml" href="javascript:alert(1)"></head><body>
<a href="/rss.xml"><b>Alle</b> nieuws</a><a href="https://elders.example/rss">x</a><a href="feed/">again</a>
<a href="/feedback">no feed</a><a href="/brussels">no feed</a></body></html>"""


def test_declared_feeds_come_first_then_likely_ones_of_the_same_site() -> None:
    assert find_links(PAGE, "https://munt.example/") == (
        NewsLink("https://munt.example/nl/feed/", "feed", "Munt & Markt"),
        NewsLink("https://atom.munt.example/a.xml", "feed"),
        NewsLink("https://munt.example/feed.json", "feed"),
        NewsLink("https://munt.example/sitemap.xml", "sitemap"),
        NewsLink("https://munt.example/rss.xml", "feed", "Alle nieuws", is_declared=False),
    )


def test_sitemaps_of_robots_put_news_first() -> None:
    lines = ["Disallow: /", "Sitemap: /all.xml", "sitemap : https://a.nl/news.xml # new", "Sitemap: ftp://a.nl/x"]
    robots = "\n".join(["User-agent: *", *lines, "Sitemap: /all.xml"])
    assert [link.url for link in find_sitemaps(robots, "https://a.nl/robots.txt")] == [
        "https://a.nl/news.xml",
        "https://a.nl/all.xml",
    ]


def test_the_number_of_links_is_bounded() -> None:
    many = b"<html>" + b"".join(b"<a href='/%d/feed/'>x</a>" % n for n in range(200))
    assert len(find_links(many, "https://a.nl/")) == MOST_LINKS


@given(st.binary(max_size=300), st.text(max_size=20))
def test_any_bytes_yield_links_or_none(page: bytes, url: str) -> None:
    for link in (*find_links(page, url), *find_sitemaps(page.decode("latin-1"), url)):
        assert link.url.startswith(("http://", "https://"))

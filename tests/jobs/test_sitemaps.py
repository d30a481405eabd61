"""Sitemaps as sources, over real HTTP: only what is recent and new is fetched, and an index costs what has changed."""

import datetime as dt
import gzip
from pathlib import Path

from jobs.ingest import ingest_sources
from jobs.settings import Source
from tests.jobs.houses import Hands, a_house, digest_of, idle, rows
from tests.jobs.test_ingest import PAGE, page, web  # noqa: F401 - a fixture is found by name
from tests.web_server import Answer, Web

NEWS = "xmlns:news='http://www.google.com/schemas/sitemap-news/0.9'"


def url(address: str, published: str, title: str) -> str:
    """One page of a news sitemap."""
    said = f"<news:publication_date>{published}</news:publication_date><news:title>{title}</news:title>"
    language = "<news:publication><news:name>W</news:name><news:language>en</news:language></news:publication>"
    return f"<url><loc>{address}</loc><news:news>{language}{said}</news:news></url>"


def urlset(*urls: str) -> bytes:
    return f"<urlset {NEWS}>{''.join(urls)}</urlset>".encode()


def index(*children: tuple[str, str]) -> Answer:
    named = "".join(f"<sitemap><loc>{loc}</loc><lastmod>{changed}</lastmod></sitemap>" for loc, changed in children)
    return Answer(200, f"<sitemapindex>{named}</sitemapindex>".encode())


def test_an_index_costs_what_is_new(web: Web, tmp_path: Path) -> None:  # noqa: F811
    """Newest sitemaps only, each again only when it changed; of their pages those within the days, each once."""
    first = url(f"{web.url}/a", "2024-05-10T09:00:00Z", "Bitcoin climbs")
    old = url(f"{web.url}/old", "2024-05-01T09:00:00Z", "Bitcoin slept")
    undated = f"<url><loc>{web.url}/about</loc></url>"
    fined = "<p>A court in The Hague fined a broker on Monday for keeping the deposits of its clients in Bitcoin.</p>"
    web.answers["/a"] = page("Bitcoin climbs for a third day")
    web.answers["/b"] = Answer(200, PAGE.format(title="Bitcoin falls", paragraphs=3 * fined).encode())
    web.answers["/new.xml.gz"] = Answer(200, gzip.compress(urlset(first, old, undated)))
    web.answers["/index.xml"] = index(
        (f"{web.url}/old.xml", "2023-01-01"),
        (f"{web.url}/new.xml.gz", "2024-05-10T09:30:00Z"),
        (f"{web.url}/gone.xml", "2024-05-10T08:00:00Z"),
    )
    clock = Hands()
    source = Source(name="wire", url=f"{web.url}/index.xml", kind="sitemap")
    with a_house(tmp_path, source, clock=clock) as house:
        outcome = ingest_sources(house, frozenset(), idle)
        assert (outcome.failures, outcome.counts["new"], outcome.counts["entries"]) == ((), 1, 1)
        assert rows(house, "SELECT title, language FROM revision") == [("Bitcoin climbs", "en")]
        assert rows(house, "SELECT reason, stage FROM skipped") == [("not_found", "sitemap")]
        assert [len(web.requests(path)) for path in ("/old.xml", "/old", "/about", "/a")] == [0, 0, 0, 1]

        before = digest_of(house)
        clock.now += dt.timedelta(hours=1)
        ingest_sources(house, frozenset(), idle)
        assert len(web.requests("/new.xml.gz")) == len(web.requests("/a")) == 1
        assert digest_of(house) == before

        later = url(f"{web.url}/b", "2024-05-10T12:30:00Z", "Bitcoin falls")
        web.answers["/new.xml.gz"] = Answer(200, urlset(later, first))
        web.answers["/index.xml"] = index((f"{web.url}/new.xml.gz", "2024-05-10T12:31:00Z"))
        assert ingest_sources(house, frozenset(), idle).counts["new"] == 1
        assert (len(web.requests("/new.xml.gz")), len(web.requests("/a")), len(web.requests("/b"))) == (2, 1, 1)


def test_a_news_sitemap_named_as_a_feed_is_recognised(web: Web, tmp_path: Path) -> None:  # noqa: F811
    web.answers["/news.xml"] = Answer(200, urlset(url(f"{web.url}/a", "2024-05-09T09:00:00Z", "Bitcoin climbs")))
    web.answers["/a"] = page("Bitcoin climbs for a third day")
    with a_house(tmp_path, Source(name="wire", url=f"{web.url}/news.xml")) as house:
        assert ingest_sources(house, frozenset(), idle).counts["new"] == 1
        [(published,)] = rows(house, "SELECT published_at FROM revision")
    assert published == int(dt.datetime(2024, 5, 9, 9, tzinfo=dt.UTC).timestamp() * 1e6)


def test_a_text_sitemap_has_no_dates_and_so_brings_nothing(web: Web, tmp_path: Path) -> None:  # noqa: F811
    web.answers["/list.txt"] = Answer(200, f"{web.url}/a\n".encode(), {"Content-Type": "text/plain"})
    source = Source(name="wire", url=f"{web.url}/list.txt", kind="sitemap")
    with a_house(tmp_path, source) as house:
        outcome = ingest_sources(house, frozenset(), idle)
    assert (outcome.failures, outcome.counts["entries"]) == ((), 0)
    assert web.requests("/a") == []

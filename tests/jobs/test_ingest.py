"""Ingest over real HTTP into a real store: what is taken in, once, and what is said of the rest."""

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs.house import House
from jobs.ingest import Given, ingest_given, ingest_sources
from jobs.record import Outcome
from jobs.settings import Ingest, Source
from service.errors import StoreFailed
from storage import database
from tests.jobs.houses import NOW, Hands, a_house, digest_of, idle, rows
from tests.web_server import Answer, Web, serve

RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0"><channel><title>Wire</title><link>{url}</link><language>en</language>{items}</channel></rss>"""
RSS_ITEM = """<item><title>{title}</title><link>{link}</link><guid>{link}</guid>
<pubDate>Fri, 10 May 2024 09:00:00 GMT</pubDate><description>{summary}</description></item>"""
ATOM = """<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="nl"><title>Koers</title><id>urn:koers</id>
<updated>2024-05-10T10:00:00Z</updated>
<entry><title>Bitcoin stijgt na besluit van de toezichthouder</title><id>urn:koers:1</id>
<link href="{link}"/><published>2024-05-10T08:00:00+02:00</published><updated>2024-05-10T08:00:00+02:00</updated>
<summary>De koers van Bitcoin steeg vrijdag fors nadat de toezichthouder een besluit had genomen.</summary>
</entry></feed>"""
PAGE = """<!doctype html><html lang="en"><head><title>{title}</title><meta property="og:title" content="{title}">
</head><body><nav><a href="/">Home</a></nav><article><h1>{title}</h1>{paragraphs}</article></body></html>"""
PARAGRAPHS = "".join(
    f"<p>Traders in {city} said on Friday that the price of Bitcoin had climbed for the third day, helped by strong "
    f"demand for the new funds and by hopes that interest rates will fall later this year in {city}.</p>"
    for city in ("London", "Chicago", "Singapore")
)


def rss(web: Web, *items: tuple[str, str, str]) -> Answer:
    """A feed of (path, title, summary) items."""
    told = "".join(RSS_ITEM.format(link=web.url + path, title=title, summary=text) for path, title, text in items)
    return Answer(200, RSS.format(url=web.url, items=told).encode(), {"Content-Type": "application/rss+xml"})


def page(title: str) -> Answer:
    return Answer(200, PAGE.format(title=title, paragraphs=PARAGRAPHS).encode(), {"Content-Type": "text/html"})


def feed(web: Web, path: str, name: str = "wire", **more: object) -> Source:
    return Source(name=name, url=web.url + path, **more)  # type: ignore[arg-type]


def ingest(house: House, *chosen: str) -> Outcome:
    return ingest_sources(house, frozenset(chosen), idle)


@pytest.fixture
def web() -> Iterator[Web]:
    with serve({}) as server:
        yield server


def test_three_kinds_of_feed_and_the_page_behind_an_entry(web: Web, tmp_path: Path) -> None:
    """RSS with a page, Atom and JSON Feed become three dated articles; the page's text goes before the summary."""
    web.answers["/rss"] = rss(web, ("/story", "Bitcoin climbs for a third day", "Short."))
    web.answers["/story"] = page("Bitcoin climbs for a third day")
    web.answers["/atom"] = Answer(200, ATOM.format(link=web.url + "/nl/1").encode(), {"Content-Type": "text/xml"})
    item = {
        "id": "j1", "url": f"{web.url}/j/1", "title": "Miners sell Bitcoin to pay debts",
        "content_text": "Miners sold more Bitcoin than they made in April.", "date_published": "2024-05-10T07:00:00Z",
    }  # fmt: skip
    document = {"version": "https://jsonfeed.org/version/1.1", "title": "J", "items": [item]}
    web.answers["/json"] = Answer(200, json.dumps(document).encode(), {"Content-Type": "application/feed+json"})
    sources = (
        feed(web, "/rss"),
        feed(web, "/atom", "koers", fetch_pages=False),
        feed(web, "/json", "json", fetch_pages=False),
    )
    with a_house(tmp_path, *sources) as house:
        outcome = ingest(house)
        assert outcome.failures == ()
        assert dict(outcome.counts) == {
            "sources": 3, "entries": 3, "new": 3, "revised": 0, "unchanged": 0, "skipped": 0,
        }  # fmt: skip
        found = {
            row[0]: row[1:]
            for row in rows(
                house,
                "SELECT a.source, r.title, r.text, r.language FROM revision r JOIN article a ON a.id = r.article_id",
            )
        }
    assert "helped by strong demand" in str(found["wire"][1])
    assert "Short." not in str(found["wire"][1])
    assert found["koers"][0] == "Bitcoin stijgt na besluit van de toezichthouder"
    assert found["koers"][2] == "nl"
    assert "than they made in April" in str(found["json"][1])
    assert len(web.requests("/story")) == 1


def test_instants_of_live_items(web: Web, tmp_path: Path) -> None:
    """Published as the feed says, in UTC; available when first seen, since nobody could have known it here before."""
    web.answers["/atom"] = Answer(200, ATOM.format(link=web.url + "/nl/1").encode())
    with a_house(tmp_path, feed(web, "/atom", fetch_pages=False)) as house:
        ingest(house)
        [(published, available, assumed)] = rows(house, "SELECT published_at, available_at, is_assumed FROM revision")
    assert published == int(dt.datetime(2024, 5, 10, 6, tzinfo=dt.UTC).timestamp() * 1e6)
    assert available == int(NOW.timestamp() * 1e6)
    assert not assumed


def test_reading_again_changes_nothing_and_asks_for_no_page_again(web: Web, tmp_path: Path) -> None:
    web.answers["/rss"] = rss(web, ("/story", "Bitcoin climbs", "One."), ("/other", "Bitcoin falls", "Two."))
    web.answers["/story"] = page("Bitcoin moves")
    paragraph = (
        "<p>A court in The Hague fined a broker on Monday for keeping the deposits of its clients in Bitcoin.</p>"
    )
    web.answers["/other"] = Answer(200, PAGE.format(title="Bitcoin falls", paragraphs=3 * paragraph).encode())
    clock = Hands()
    with a_house(tmp_path, feed(web, "/rss"), clock=clock) as house:
        assert ingest(house).counts["new"] == 2
        before = digest_of(house)
        clock.now += dt.timedelta(hours=1)
        again = ingest(house)
        assert digest_of(house) == before
    assert (again.counts["new"], again.counts["revised"], again.counts["unchanged"]) == (0, 0, 2)
    assert len(web.requests("/rss")) == 2
    assert len(web.requests("/story")) == len(web.requests("/other")) == 1


def test_validators_are_echoed_byte_for_byte_and_304_is_success(web: Web, tmp_path: Path) -> None:
    etag, modified = 'W/"a,b-7"', "Fri, 10 May 2024 09:00:00 GMT"
    full = rss(web, ("/story", "Bitcoin climbs", "One."))
    full = Answer(200, full.body, {**full.headers, "ETag": etag, "Last-Modified": modified})

    def answer(headers: dict[str, str]) -> Answer:
        return Answer(304) if headers.get("if-none-match") == etag else full

    web.answers["/rss"] = answer
    clock = Hands()
    with a_house(tmp_path, feed(web, "/rss", fetch_pages=False), clock=clock) as house:
        ingest(house)
        for _ in range(2):  # a 304 without validators of its own keeps those we have
            clock.now += dt.timedelta(hours=1)
            again = ingest(house)
            assert again.counts["sources"] == 1
            assert again.counts["entries"] == again.counts["new"] == 0
        [(success, failures)] = rows(house, "SELECT last_success_at, failures_in_row FROM source_state")
    asked = web.requests("/rss")
    assert "if-none-match" not in asked[0]
    assert [headers["if-none-match"] for headers in asked[1:]] == [etag, etag]
    assert [headers["if-modified-since"] for headers in asked[1:]] == [modified, modified]
    assert success == int(clock.now.timestamp() * 1e6)
    assert failures == 0


def test_an_edited_entry_is_a_second_revision(web: Web, tmp_path: Path) -> None:
    """The first text stays as it was; the second became available when it was first seen."""
    web.answers["/rss"] = [
        rss(web, ("/story", "Bitcoin climbs", "It climbed by four percent.")),
        rss(web, ("/story", "Bitcoin climbs", "Correction: it fell by four percent.")),
    ]
    clock = Hands()
    with a_house(tmp_path, feed(web, "/rss", fetch_pages=False), clock=clock) as house:
        ingest(house)
        clock.now += dt.timedelta(hours=2)
        assert ingest(house).counts["revised"] == 1
        found = rows(house, "SELECT number, text, available_at FROM revision ORDER BY number")
        assert rows(house, "SELECT count(*) FROM article") == [(1,)]
    assert [number for number, _, _ in found] == [1, 2]
    assert "climbed by four" in str(found[0][1])
    assert "Correction" in str(found[1][1])
    assert found[1][2] == int(clock.now.timestamp() * 1e6)


def test_an_article_belongs_to_the_source_that_brought_it(web: Web, tmp_path: Path) -> None:
    """Another feed's words on the same address revise nothing, however often the two take turns."""
    web.answers["/one"] = rss(web, ("/story", "Bitcoin climbs", "As the first feed tells it."))
    web.answers["/two"] = rss(web, ("/story?utm_source=two", "Bitcoin soars", "As the second feed tells it."))
    sources = (feed(web, "/one", "one", fetch_pages=False), feed(web, "/two", "two", fetch_pages=False))
    with a_house(tmp_path, *sources) as house:
        ingest(house, "one")
        ingest(house, "two")
        ingest(house)
        assert rows(house, "SELECT source, title FROM article JOIN revision r ON r.article_id = article.id") == [
            ("one", "Bitcoin climbs")
        ]


def test_two_feeds_that_bring_one_article_at_once(web: Web, tmp_path: Path) -> None:
    """Read side by side, whichever is stored first keeps it: one revision, not one of each."""
    for name in ("one", "two", "three", "four"):
        web.answers[f"/{name}"] = rss(web, ("/story", f"Bitcoin climbs, {name}", f"As feed {name} tells it."))
    web.answers["/story"] = Answer(404)  # each waits for the page before it stores
    sources = [feed(web, f"/{name}", name) for name in ("one", "two", "three", "four")]
    with a_house(tmp_path, *sources) as house:
        outcome = ingest(house)
        assert outcome.counts["new"] == 1
        assert outcome.counts["revised"] == 0
        assert outcome.counts["unchanged"] == 3
        assert rows(house, "SELECT count(*) FROM revision") == [(1,)]


def test_a_page_that_fails_leaves_the_feeds_own_text(web: Web, tmp_path: Path) -> None:
    web.answers["/rss"] = rss(
        web, ("/gone", "Bitcoin climbs", "The feed's own summary."), ("/here", "Bitcoin falls", "Short.")
    )
    web.answers["/gone"] = Answer(410)
    web.answers["/here"] = page("Bitcoin falls")
    with a_house(tmp_path, feed(web, "/rss")) as house:
        outcome = ingest(house)
        assert outcome.counts["new"] == 2
        [(stage, reason, what)] = rows(house, "SELECT stage, reason, what FROM skipped")
        texts = [str(text) for (text,) in rows(house, "SELECT text FROM revision")]
    assert (stage, reason, what) == ("page", "gone", web.url + "/gone")
    assert any("The feed's own summary." in text for text in texts)


def test_a_page_that_fails_for_now_is_asked_for_again_and_one_that_is_gone_is_not(web: Web, tmp_path: Path) -> None:
    web.answers["/rss"] = rss(web, ("/later", "Bitcoin climbs", "Summary."), ("/gone", "Bitcoin falls", "Short."))
    web.answers["/later"] = [Answer(503), page("Bitcoin climbs")]
    web.answers["/gone"] = Answer(410)
    with a_house(tmp_path, feed(web, "/rss")) as house:
        outcomes = [ingest(house) for _ in range(3)]
    assert [(outcome.counts["new"], outcome.counts["revised"]) for outcome in outcomes] == [(2, 0), (0, 1), (0, 0)]
    assert (len(web.requests("/later")), len(web.requests("/gone"))) == (2, 1)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(404), "not_found"),
        (Answer(503), "unavailable"),
        (Answer(200, b"<!doctype html><html><body><p>Log in.</p></body></html>"), "html_instead"),
        (Answer(200, b"this is no feed", {"Content-Type": "application/rss+xml"}), "malformed"),
    ],
)  # fmt: skip
def test_one_failing_source_does_not_stop_the_others(web: Web, tmp_path: Path, answer: Answer, reason: str) -> None:
    """The good feed is read; the bad one's reason is told and stays with the source until it succeeds."""
    web.answers["/good"] = rss(web, ("/story", "Bitcoin climbs", "One."))
    web.answers["/bad"] = [answer, rss(web, ("/late", "Bitcoin falls", "Two."))]
    sources = (feed(web, "/bad", "bad", fetch_pages=False), feed(web, "/good", "good", fetch_pages=False))
    with a_house(tmp_path, *sources) as house:
        outcome = ingest(house)
        assert outcome.word == "partial"
        assert outcome.counts["sources"] == outcome.counts["new"] == 1
        [failure] = outcome.failures
        assert failure.startswith(f"bad: {reason}: ")
        select = "SELECT last_failure_reason, failures_in_row FROM source_state WHERE source = 'bad'"
        assert rows(house, select) == [(reason, 1)]
        assert ingest(house).failures == ()
        assert rows(house, select) == [(reason, 0)]


def test_retry_after_is_respected(web: Web, tmp_path: Path) -> None:
    """A source that asks for an hour of rest gets it: no request, and a note that says so, until the hour is over."""
    good = rss(web, ("/story", "Bitcoin climbs", "One."))
    web.answers["/rss"] = [Answer(429, headers={"Retry-After": "3600"}), good]
    clock = Hands()
    with a_house(tmp_path, feed(web, "/rss", fetch_pages=False), clock=clock) as house:
        [failure] = ingest(house).failures
        assert "rate_limited" in failure
        clock.now += dt.timedelta(minutes=59)
        resting = ingest(house)
        assert resting.failures == ()
        assert resting.notes == ("wire asked to be left alone until 2024-05-10 13:00 UTC",)
        assert len(web.requests("/rss")) == 1
        clock.now += dt.timedelta(minutes=2)
        assert ingest(house).counts["new"] == 1


def test_a_source_may_be_a_file_beside_the_settings(web: Web, tmp_path: Path) -> None:
    """Relative to the settings' folder; replayed with a delay, its items count as known then, and are marked."""
    (tmp_path / "saved.xml").write_bytes(rss(web, ("/story", "Bitcoin climbs", "One.")).body)
    with a_house(tmp_path, Source(name="saved", url="saved.xml", assume_delay="15m")) as house:
        assert ingest(house).counts["new"] == 1
        found = rows(house, "SELECT published_at, available_at, is_assumed FROM revision")
    published = dt.datetime(2024, 5, 10, 9, tzinfo=dt.UTC).timestamp()
    assert found == [(published * 1e6, (published + 900) * 1e6, 1)]
    assert web.log == []  # neither the feed nor the page behind its entry


def test_given_pages_and_their_language_claim(web: Web, tmp_path: Path) -> None:
    """A page named on the command line is one article; a claimed language is a claim, and the text decides."""
    web.answers["/story"] = page("Bitcoin climbs for a third day")
    with a_house(tmp_path) as house:
        outcome = ingest_given(house, Given((web.url + "/story",), language="nl"), idle)
        assert outcome.failures == ()
        assert rows(house, "SELECT url, language FROM revision JOIN article a ON a.id = article_id") == [
            (web.url + "/story", "en")
        ]


def test_a_store_that_refuses_ends_the_job(web: Web, tmp_path: Path) -> None:
    """It is one `StoreFailed`, as any job raises it, and is not blamed on the sources."""
    web.answers["/rss"] = web.answers["/too"] = rss(web, ("/story", "Bitcoin climbs", "One."))
    sources = (feed(web, "/rss", fetch_pages=False), feed(web, "/too", "too", fetch_pages=False))
    with a_house(tmp_path, *sources) as house:
        with database.begin(house.engine) as connection:
            connection.exec_driver_sql("DROP TABLE passage")
        with pytest.raises(StoreFailed):
            ingest(house)


def test_private_addresses_are_refused_unless_allowed(web: Web, tmp_path: Path) -> None:
    """With the default manners the very same feed on 127.0.0.1 is not asked for at all."""
    web.answers["/rss"] = rss(web, ("/story", "Bitcoin climbs", "One."))
    with a_house(tmp_path, feed(web, "/rss"), ingest=Ingest(follow_robots=False)) as house:
        [failure] = ingest(house).failures
    assert failure.startswith("wire: blocked_address: ")
    assert web.log == []

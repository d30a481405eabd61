"""Sources over days, through the store: when they are asked, what they owe, where they move, when they stop."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs.settings import Ingest, Source
from storage import database, sources
from tests.jobs.houses import LOCAL, Hands, a_house, digest_of, rows
from tests.jobs.test_ingest import feed, ingest, page, rss
from tests.web_server import Answer, Web, serve

MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)
TIMED = LOCAL.model_copy(update={"minutes_between_checks": 15.0})


@pytest.fixture
def web() -> Iterator[Web]:
    with serve({}) as server:
        yield server


def test_a_second_run_asks_nobody_before_the_time(web: Web, tmp_path: Path) -> None:
    """Two processes a minute apart: the second finds that nothing is due; `every`, ttl and max-age move the time."""
    ttl = rss(web, ("/b", "Bitcoin falls", "Two."))
    ttl = Answer(200, ttl.body.replace(b"<title>Wire", b"<ttl>120</ttl><title>Wire"))
    web.answers |= {"/often": rss(web, ("/a", "Bitcoin climbs", "One.")), "/ttl": ttl}
    web.answers["/aged"] = Answer(200, ttl.body.replace(b"<ttl>120</ttl>", b""), {"Cache-Control": "max-age=3600"})
    names = ("often", "ttl", "aged")
    every = {"often": "5m"}
    chosen = [feed(web, f"/{name}", name, fetch_pages=False, every=every.get(name, "")) for name in names]
    clock = Hands()

    def asked_after(pause: dt.timedelta) -> list[int]:
        clock.now += pause
        with a_house(tmp_path, *chosen, clock=clock, ingest=TIMED) as house:
            assert ingest(house).failures == ()
        return [len(web.requests(f"/{name}")) for name in names]

    assert asked_after(0 * MINUTE) == [1, 1, 1]
    assert asked_after(MINUTE) == [1, 1, 1]
    assert asked_after(6 * MINUTE) == [2, 1, 1]
    assert asked_after(60 * MINUTE) == [3, 1, 2]
    assert asked_after(70 * MINUTE) == [4, 2, 3]


def test_pages_owed_are_asked_for_though_the_feed_does_not_change(web: Web, tmp_path: Path) -> None:
    """The feed answers 304 ever after: its page comes by the feed that was kept, and then it is kept no more."""
    full = rss(web, ("/late", "Bitcoin climbs", "Summary."))
    full = Answer(200, full.body, {**full.headers, "ETag": '"1"'})
    web.answers["/rss"] = lambda headers: Answer(304) if "if-none-match" in headers else full
    web.answers["/late"] = [Answer(503), Answer(503), page("Bitcoin climbs")]
    with a_house(tmp_path, feed(web, "/rss")) as house:
        for _ in range(5):
            assert ingest(house).failures == ()
        assert rows(house, "SELECT owed FROM source_state") == [("",)]
        texts = [str(text) for (text,) in rows(house, "SELECT text FROM revision ORDER BY number")]
    assert len(web.requests("/late")) == 3
    assert ["if-none-match" in headers for headers in web.requests("/rss")] == [False, True, True, True, True]
    assert ("Summary." in texts[0], "helped by strong demand" in texts[-1]) == (True, True)


def test_a_move_is_followed_at_once_adopted_later_and_undone(web: Web, tmp_path: Path) -> None:
    web.answers["/old"] = Answer(301, headers={"Location": "/new"})
    web.answers["/new"] = rss(web, ("/a", "Bitcoin climbs", "One."))
    clock = Hands()
    with a_house(tmp_path, feed(web, "/old", fetch_pages=False), clock=clock) as house:
        for hours in (0, 1, 23):
            clock.now += hours * HOUR
            assert ingest(house).failures == ()
        assert len(web.requests("/old")) == 3
        clock.now += HOUR
        ingest(house)
        assert (len(web.requests("/old")), len(web.requests("/new"))) == (3, 4)
        web.answers["/new"] = Answer(404)
        clock.now += HOUR
        [failure] = ingest(house).failures
        assert "not_found" in failure
        web.answers["/old"] = rss(web, ("/a", "Bitcoin climbs", "One."))
        assert ingest(house).failures == ()
        assert len(web.requests("/old")) == 4
        with database.begin(house.engine) as connection:
            state = sources.load(connection, "wire")
            assert state is not None
            assert [(one.to, one.ended) for one in state.moves] == [(f"{web.url}/new", "not_found")]
            assert sources.forget_move(connection, "wire", clock.now) == state  # there is none that holds
            assert sources.forget_move(connection, "nobody", clock.now) is None


def test_gone_is_not_asked_again_until_it_is_revived(web: Web, tmp_path: Path) -> None:
    web.answers["/rss"] = [Answer(410), rss(web, ("/a", "Bitcoin climbs", "One."))]
    clock = Hands()
    with a_house(tmp_path, feed(web, "/rss", fetch_pages=False), clock=clock) as house:
        assert "gone" in ingest(house).failures[0]
        clock.now += 1000 * HOUR
        [note] = ingest(house).notes
        assert note.startswith("wire answered 410 (gone) on 2024-05-10 and is not asked any more")
        assert len(web.requests("/rss")) == 1
        with database.begin(house.engine) as connection:
            assert sources.revive(connection, "wire") is not None
        assert ingest(house).counts["new"] == 1


def test_rests_of_hosts_and_robots_hold_across_processes(web: Web, tmp_path: Path) -> None:
    """What one run was told, the next process knows: robots.txt is not read again, and the host's other feed rests."""
    web.answers["/rss"] = Answer(429, headers={"Retry-After": "3600"})
    web.answers["/two"] = rss(web, ("/a", "Bitcoin climbs", "One."))
    web.answers["/robots.txt"] = Answer(200, b"User-agent: *\nDisallow: /private")
    polite = LOCAL.model_copy(update={"follow_robots": True})
    both = (feed(web, "/rss", fetch_pages=False), feed(web, "/two", "two", fetch_pages=False))
    clock = Hands()
    for pause, chosen in ((0, ("wire",)), (1, ("two",)), (58, ("two",))):
        clock.now += pause * MINUTE
        with a_house(tmp_path, *both, clock=clock, ingest=polite) as house:
            outcome = ingest(house, *chosen)
            assert outcome.word == ("failed" if chosen == ("wire",) else "ok")
    assert (len(web.requests("/two")), len(web.requests("/robots.txt"))) == (0, 1)
    clock.now += 2 * MINUTE
    with a_house(tmp_path, *both, clock=clock, ingest=polite) as house:
        assert ingest(house, "two").counts["new"] == 1
    assert len(web.requests("/robots.txt")) == 1


def test_a_body_that_cannot_be_read_is_not_fetched_whole_again(web: Web, tmp_path: Path) -> None:
    """A 304 to it is the same failure, told again, and nothing of the store changes."""
    broken = Answer(200, b"no feed", {"ETag": '"x"', "Content-Type": "application/rss+xml"})
    web.answers["/rss"] = lambda headers: Answer(304) if headers.get("if-none-match") == '"x"' else broken
    with a_house(tmp_path, feed(web, "/rss"), ingest=Ingest(**LOCAL.model_dump())) as house:
        first = ingest(house)
        before = digest_of(house)
        again = ingest(house)
        assert [one.partition(":")[2][:11] for one in (*first.failures, *again.failures)] == [" malformed:"] * 2
        assert digest_of(house) == before
        assert rows(house, "SELECT failures_in_row FROM source_state") == [(2,)]
    assert ["if-none-match" in headers for headers in web.requests("/rss")] == [False, True]


def test_a_source_may_say_how_often_at_most() -> None:
    from service.errors import BadInput

    with pytest.raises(BadInput, match=r"source\.every"):
        Source(name="x", url="https://x.example", every="often")


def test_a_feed_that_breaks_off_before_its_first_entry_is_not_a_quiet_one(web: Web, tmp_path: Path) -> None:
    """A failure of the source, not a success that brought nothing; an answer that is whole and empty is none."""
    told = {"Content-Type": "application/rss+xml"}
    web.answers["/broken"] = Answer(200, b"<rss version='2.0'><channel><title>Wire</title>", told)
    web.answers["/quiet"] = Answer(200, b"<rss version='2.0'><channel><title>Wire</title></channel></rss>", told)
    with a_house(tmp_path, feed(web, "/broken", "broken"), feed(web, "/quiet", "quiet")) as house:
        [failure] = ingest(house).failures
        asked = "SELECT source, failures_in_row, last_success_at IS NULL FROM source_state ORDER BY source"
        assert [tuple(row) for row in rows(house, asked)] == [("broken", 1, 1), ("quiet", 0, 0)]
    assert "malformed" in failure

"""How sources are listed, probed, added and let go on: on a real web server, with a real settings file."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs import probing, sources
from jobs.ingest import ingest_sources
from jobs.settings import Source
from jobs.settings_file import read_settings
from service.errors import BadInput, FetchFailed, ParseFailed
from service.news.manners.health import Yield
from storage import database, yields
from tests.jobs.houses import NOW, Hands, a_house, idle, rows
from tests.jobs.test_ingest import feed, page, rss
from tests.web_server import Answer, Web, serve

FRONT = b"""<!doctype html><html><head><link rel="alternate" type="application/rss+xml" href="/rss">
<link rel="alternate" type="application/atom+xml" href="/more"></head><body><p>News</p></body></html>"""
SETTINGS = """# mine
[[source]]                # the first, "keep"
name = "old"
url = "https://old.example/feed"   # checked in May
"""


@pytest.fixture
def web() -> Iterator[Web]:
    with serve({}) as server:
        server.answers["/rss"] = rss(server, ("/story", "Bitcoin climbs for a third day", "Short."))
        server.answers["/story"] = page("Bitcoin climbs for a third day")
        server.answers["/"] = Answer(200, FRONT, {"Content-Type": "text/html"})
        server.answers["/wall"] = Answer(200, b"<html><body>consent.google.com</body></html>")
        yield server


def test_a_front_page_is_probed_by_the_feed_it_names(web: Web, tmp_path: Path) -> None:
    with a_house(tmp_path) as house:
        found = probing.probe(house, web.url + "/")
        with pytest.raises(ParseFailed) as wall:
            probing.probe(house, web.url + "/wall")
        with pytest.raises(FetchFailed) as missing:
            probing.probe(house, web.url + "/none")
    assert (wall.value.reason, missing.value.reason) == ("consent_wall", "not_found")
    assert (found.url, found.kind, found.entries, found.dated) == (web.url + "/rss", "rss", 1, 1)
    assert found.others == (web.url + "/more",)
    assert found.page is not None
    assert found.page.words > 60
    assert "found on" in probing.as_text(found)


def test_adding_keeps_every_byte_and_refuses_what_is_there(web: Web, tmp_path: Path) -> None:
    """Comments and order stay; the block can be read as settings; a second time, or a second name, is refused."""
    file = tmp_path / "newscandle.toml"
    file.write_text(SETTINGS, encoding="utf-8")
    file.chmod(0o640)
    with a_house(tmp_path) as house:
        found = probing.probe(house, web.url + "/rss")
    assert probing.add(file, found, "wire") == "wire"
    text = file.read_text(encoding="utf-8")
    assert text.startswith(SETTINGS)
    assert [(one.name, one.url) for one in read_settings(file, {}).source][1] == ("wire", web.url + "/rss")
    assert file.stat().st_mode & 0o777 == 0o640
    with pytest.raises(BadInput, match="is read already, as wire"):
        probing.add(file, found, "again")
    with pytest.raises(BadInput, match="is a source already"):
        probing.add(file, found, "old")
    assert file.read_text(encoding="utf-8") == text
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    (tmp_path / "bare.toml").write_text("# only this\n", encoding="utf-8")
    with pytest.raises(BadInput, match="lists no sources"):
        probing.add(tmp_path / "bare.toml", found, "wire")


def test_what_a_reading_brought_is_kept_and_told(web: Web, tmp_path: Path) -> None:
    web.answers["/gone"] = Answer(410)
    clock = Hands()
    known = (feed(web, "/rss"), feed(web, "/gone", "paper"), Source(name="rest", url=web.url, enabled=False))
    with a_house(tmp_path, *known, clock=clock) as house:
        ingest_sources(house, frozenset(), idle)
        assert rows(house, "SELECT source, items, new, with_body, dated FROM source_yield") == [("wire", 1, 1, 1, 1)]
        by_name = {one.source.name: one for one in sources.examine(house)}
        assert [by_name[name].trouble for name in ("wire", "paper", "rest")] == ["", "stopped", "off"]
        assert "paper: answered 410" in sources.as_table(list(by_name.values()))
        assert "asked at the next run" in sources.revive(house, "paper")
        assert sources.examine(house, "paper")[0].trouble == "new"
        for name in ("revive", "forget_move"):
            with pytest.raises(BadInput, match="no such source"):
                getattr(sources, name)(house, "nobody")
        with pytest.raises(BadInput, match="no move"):
            sources.forget_move(house, "wire")


def test_a_broken_layout_and_a_silence_are_said(tmp_path: Path) -> None:
    """From readings alone; no more than the last 400 of a source are remembered."""
    source = Source(name="wire", url="https://wire.example/feed")
    with a_house(tmp_path, source) as house:
        with database.begin(house.engine) as connection:
            for hour in range(420):
                length = 0 if hour >= 416 else 300
                told = Yield(NOW - dt.timedelta(hours=420 - hour), 9, 2, 0, 0, 2 * bool(length), 2, 2 * length, length)
                yields.save(connection, told, source="wire")
        [broken] = sources.examine(house)
        assert len(broken.readings) == 400
        assert broken.trouble == "layout"
        assert "0% of articles have one, 100% had" in broken.reason
        assert "0% of the newest 8 have one" in sources.as_page(broken)
    with a_house(tmp_path, source, clock=Hands(NOW + dt.timedelta(days=3))) as house:
        with database.begin(house.engine) as connection:
            yields.save(connection, Yield(NOW, 9, 60, 0, 0, 60, 60, 18_000, 300.0), source="wire")
        [silent] = sources.examine(house)
        assert silent.trouble == "silent"
        assert silent.reason == "nothing new for 3 d; usually every 60 min"

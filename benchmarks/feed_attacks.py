"""XML documents made to harm a reader: what each costs, what comes of it, and whether anything was opened."""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from service.errors import ParseFailed
from service.news.syndication import feeds

BOMB, LARGE = 0.2, 2.0  # seconds of CPU
_WATCHED = frozenset({"open", "os.open", "socket.connect", "socket.getaddrinfo", "socket.__new__", "urllib.Request"})
_opened: list[str] = []
_state = {"is_watching": False, "is_hooked": False}


def attacks() -> Iterator[tuple[str, bytes, float]]:
    """(name, document, bound in seconds): entities, references outside, depth, size and number."""
    wrap = "<rss version='2.0'><channel><title>T</title>{}</channel></rss>"
    item = "<item><title>{}</title><link>https://a.example/{}</link><description>Text</description></item>"
    nested = "".join("<!ENTITY a{} '{}'>".format(n, f"&a{n - 1};" * 10) for n in range(1, 12))
    yield "billion laughs", f'<!DOCTYPE r [<!ENTITY a0 "lol">{nested}]>{wrap.format("&a11;")}'.encode(), BOMB
    blow = "<!DOCTYPE r [<!ENTITY a '" + "x" * 60_000 + "'>]>" + wrap.format("&a;" * 60_000)
    yield "quadratic blow-up", blow.encode(), BOMB
    yield "cycle", f'<!DOCTYPE r [<!ENTITY a "&b;"><!ENTITY b "&a;">]>{wrap.format("&a;")}'.encode(), BOMB
    for name, where in (("file", "file:///etc/passwd"), ("network", "http://127.0.0.1:9/x")):
        text = f'<!DOCTYPE r [<!ENTITY x SYSTEM "{where}">]>{wrap.format("<item><title>&x;</title></item>")}'
        yield f"external entity: {name}", text.encode(), BOMB
        yield f"external DTD: {name}", f'<!DOCTYPE rss SYSTEM "{where}">{wrap.format(item.format(1, 1))}'.encode(), BOMB
        yield f"parameter entity: {name}", f'<!DOCTYPE r [<!ENTITY % x SYSTEM "{where}">%x;]>{wrap}'.encode(), BOMB
        include = f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{where}"/>'
        yield f"inclusion: {name}", wrap.format(item.format(include, 1)).encode(), BOMB
        sheet = f'<?xml-stylesheet href="{where}" type="text/xsl"?>'
        yield f"style sheet: {name}", (sheet + wrap.format(item.format(1, 1))).encode(), BOMB
        yield f"body is an address: {name}", where.encode(), BOMB
    yield "utf-16 bomb", f'<!DOCTYPE r [<!ENTITY a0 "lol">{nested}]>{wrap.format("&a11;")}'.encode("utf-16"), BOMB
    many = " ".join(f"a{n}='1'" for n in range(50_000))
    yield "tag of 50,000 attributes", f"<rss {many}/>".encode(), BOMB
    yield "unclosed comment", ("<!--" * 100_000).encode(), BOMB
    yield "unclosed CDATA", ("<rss><channel><item><title>" + "<![CDATA[" * 50_000).encode(), LARGE
    yield "depth 100,000", wrap.format("<item>" + "<a>" * 100_000).encode(), LARGE
    yield "depth 10,000, closed", wrap.format("<item>" + "<a>" * 10_000 + "</a>" * 10_000 + "</item>").encode(), LARGE
    yield "50,000 items", wrap.format("".join(item.format(n, n) for n in range(50_000))).encode(), LARGE
    yield "5 MB title", wrap.format(item.format("long " * 1_000_000, 1)).encode(), LARGE
    yield "5 MB of references", wrap.format(item.format("&amp;lt;" * 625_000, 1)).encode(), LARGE
    yield "5 MB of tags in a title", wrap.format(item.format("&lt;b&gt;" * 555_000, 1)).encode(), LARGE
    folder = Path(os.environ.get("NEWSCANDLE_TEST_DATA", "../shared/data")) / "feeds" / "xml_bombs"
    for file in sorted(folder.glob("*.xml")):
        yield f"defusedxml {file.stem}", file.read_bytes(), BOMB


def run_attack(body: bytes) -> tuple[str, float, list[str]]:
    """(outcome, seconds of CPU, files and addresses opened) of reading a document."""
    if not _state["is_hooked"]:
        sys.addaudithook(_watch)
        _state["is_hooked"] = True
        feeds.parse(b"<rss><channel><title>warm</title></channel></rss>", quick=False)
        feeds.parse(b"<rss><channel><title>warm</title></channel></rss>")
    _opened.clear()
    _state["is_watching"] = True
    started = time.process_time()
    try:
        feed = feeds.parse(body)
        outcome = f"{len(feed.entries)} entries {','.join(feed.faults)}".strip()
    except ParseFailed as failed:
        outcome = failed.reason
    finally:
        taken = time.process_time() - started
        _state["is_watching"] = False
    return outcome, taken, [*_opened]


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if _state["is_watching"] and event in _WATCHED and not str(arguments[0]).endswith((".py", ".pyc")):
        _opened.append(f"{event} {arguments[0]}")

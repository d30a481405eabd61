"""What feedparser's own tests expect of titles, links, dates, guids, authors and summaries.

Each file of those tests carries an `Expect:` line, a Python condition on feedparser's result. Its clauses on what a
`FeedEntry` or `Feed` keeps are held against both readers with one yardstick: texts as plain lines (ours are), addresses
as they are, dates to the second.
"""

import ast
import io
import re
import tarfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.errors import ParseFailed
from service.news.article import Feed, FeedEntry
from service.news.syndication.feeds import parse
from service.news.text.decoding import decode
from service.news.text.markup import to_line

UNEXPLAINED = "unexplained"
_EXPECT = re.compile(r"Expect:\s*(.*)")
_HEADER = re.compile(r"Header:\s*([\w-]+):\s*(.*)")
_SERVER = "http://127.0.0.1:8097"
_TEXTS = {"title": "title", "description": "summary", "summary": "summary", "author": "author"}
_GUIDS = {"id": "guid", "guid": "guid"}
_DATES = {
    "published_parsed": "published",
    "created_parsed": "published",
    "issued_parsed": "published",
    "updated_parsed": "modified",
    "modified_parsed": "modified",
    "date_parsed": "modified",
}


@dataclass(frozen=True)
class Clause:
    """One clause of an `Expect:` line: of entry `entry` (None: the feed) the value `key` must be `expected`."""

    entry: int | None
    key: str
    expected: Any

    @property
    def field(self) -> str:
        """The field of ours that it is about."""
        return {**_TEXTS, **_GUIDS, **_DATES, "link": "link"}[self.key]


@dataclass(frozen=True)
class Verdict:
    """Whether each reader meets a clause, and what it read."""

    name: str
    clause: Clause
    ours: bool
    theirs: bool
    read: object


def judge(archive: Path, every: int = 1) -> Iterator[Verdict]:
    """The verdicts on all clauses of every `every`-th file of the archive."""
    with tarfile.open(archive) as files:
        for member in [one for one in files if one.isfile()][::every]:
            handle = files.extractfile(member)
            body = handle.read() if handle else b""
            text = decode(body).text
            if clauses := read_clauses(text):
                yield from _judge_file(member.name, body, text, clauses)


def read_clauses(text: str) -> list[Clause]:
    """The clauses that can be held against our feeds."""
    found = _EXPECT.search(text)
    try:
        tree = ast.parse(found[1].strip() if found else "", mode="eval").body
    except (SyntaxError, ValueError):
        return []
    parts = tree.values if isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And) else [tree]
    return [clause for part in parts if (clause := _read_clause(part)) is not None]


def _read_clause(part: ast.expr) -> Clause | None:
    """`entries[0]['title'] == 'x'` and `feed['title'] == 'x'`; anything else is None."""
    if not isinstance(part, ast.Compare) or len(part.ops) != 1 or not isinstance(part.ops[0], ast.Eq):
        return None
    path: list[Any] = []
    left: ast.expr = part.left
    while isinstance(left, ast.Subscript) and isinstance(left.slice, ast.Constant):
        path.insert(0, left.slice.value)
        left = left.value
    try:
        expected = ast.literal_eval(part.comparators[0])
    except ValueError:
        return None
    name = left.id if isinstance(left, ast.Name) else ""
    if len(path) > 1 and path[-1] == "value" and str(path[-2]).endswith("_detail"):
        path = [*path[:-2], str(path[-2]).removesuffix("_detail")]
    if name in ("feed", "channel") and path in (["title"], ["link"]):
        return Clause(None, path[0], expected)
    if name == "entries" and len(path) == 2 and path[1] in {**_TEXTS, **_GUIDS, **_DATES, "link": ""}:
        return Clause(path[0], path[1], expected)
    return None


def _judge_file(name: str, body: bytes, text: str, clauses: list[Clause]) -> Iterator[Verdict]:
    import feedparser

    headers = {key.lower(): value.strip() for key, value in _HEADER.findall(text)}
    is_served = bool(headers) or "/base/" in name or Path(name).name.startswith("http_")
    where = headers.get("content-location", f"/{name}" if is_served else "")
    headers["content-location"] = where if "://" in where or not where else _SERVER + where
    headers.setdefault("content-type", "application/xml")
    theirs = feedparser.parse(io.BytesIO(body), response_headers=headers)
    try:
        ours = parse(body, content_type=headers["content-type"], url=headers["content-location"])
    except ParseFailed:
        ours = None
    for clause in clauses:
        read = _value_of_ours(ours, clause)
        yield Verdict(name, clause, _agrees(clause, read), _agrees(clause, _value_of_theirs(theirs, clause)), read)


def _value_of_theirs(document: Any, clause: Clause) -> object:
    try:
        where = document.feed if clause.entry is None else document.entries[clause.entry]
        return where[clause.key]
    except (KeyError, IndexError):
        return None


def _value_of_ours(feed: Feed | None, clause: Clause) -> object:
    if feed is None or (clause.entry is not None and clause.entry >= len(feed.entries)):
        return None
    if clause.entry is None:
        return feed.title if clause.key == "title" else feed.url
    entry: FeedEntry = feed.entries[clause.entry]
    if clause.key in _DATES:
        dated = getattr(entry, _DATES[clause.key])
        return dated.instant.timetuple() if dated.instant else None
    if clause.key == "author":
        return entry.authors
    return {"link": entry.url, "id": entry.guid, "guid": entry.guid, "title": entry.title}.get(
        clause.key, entry.summary
    )


def _agrees(clause: Clause, read: object) -> bool:
    if clause.key in _DATES:
        return isinstance(read, tuple) and isinstance(clause.expected, tuple) and read[:6] == clause.expected[:6]
    if isinstance(read, tuple):  # our authors: one of them is who is expected, or all their parts are told
        return any(_plain(name) in _plain(clause.expected) for name in read) and bool(read)
    if clause.key in _TEXTS:
        return read is not None and _plain(read) == _plain(clause.expected)
    return read == clause.expected


def _plain(text: object) -> str:
    return to_line(str(text))


def report(archive: Path, every: int = 1) -> str:
    """Both scores by field, and every clause that feedparser meets and ours does not."""
    verdicts = [*judge(archive, every)]
    lines = ["field      clauses  feedparser  ours"]
    for field in sorted({verdict.clause.field for verdict in verdicts}):
        mine = [verdict for verdict in verdicts if verdict.clause.field == field]
        lines.append(f"{field:10} {len(mine):7} {sum(v.theirs for v in mine):11} {sum(v.ours for v in mine):5}")
    reached = sum(verdict.theirs for verdict in verdicts)
    both = sum(verdict.ours for verdict in verdicts if verdict.theirs)
    ours = sum(verdict.ours for verdict in verdicts)
    lines.append(f"{'all':10} {len(verdicts):7} {reached:11} {ours:5}")
    lines.append(f"of the {reached} that feedparser meets ours meets {both} ({both / max(reached, 1):.2%})")
    reasons: Counter[str] = Counter()
    for verdict in verdicts:
        if verdict.theirs and not verdict.ours:
            reasons[reason := reason_of(verdict)] += 1
            shown = f"{verdict.clause.key} expected {verdict.clause.expected!r}, read {verdict.read!r}"
            lines.append(f"  {verdict.name}: {shown[:150]} [{reason}]")
    lines += [f"{count:4} {reason}" for reason, count in reasons.most_common()]
    return "\n".join(lines)


def reason_of(verdict: Verdict) -> str:
    """Why ours differs where feedparser meets the clause, for the differences that are meant."""
    if verdict.clause.entry is None and verdict.clause.key == "link" and verdict.read is not None:
        return "a feed's address is where it was fetched, not the page it names"
    if "/cdf/" in verdict.name:
        return "channels of 1997 without an item are no feed"
    return UNEXPLAINED

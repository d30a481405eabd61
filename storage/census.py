"""How many articles there are, of which sources and languages, and when each source brought them."""

import datetime as dt
import functools
from collections import Counter
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from service.instants import Window
from storage.instant_column import UtcDateTime, to_micros
from storage.schema import article, revision


@dataclass(frozen=True, slots=True)
class Census:
    """The articles available in a window (first revisions), counted: most frequent first, then by name."""

    articles: int
    sources: tuple[tuple[str, int], ...]
    languages: tuple[tuple[str, int], ...]
    availability_assumed: int


def load_census(connection: sa.Connection, window: Window, *, as_of: dt.datetime | None = None) -> Census:
    """Count the articles available in `window`; with `as_of`, only what newscandle knew by then."""
    asked = {"start": window.start, "end": window.end, "as_of": as_of}
    counted = connection.execute(_count_articles(is_past=as_of is not None), asked).all()

    def count_by(column: int) -> tuple[tuple[str, int], ...]:
        numbers: Counter[str] = Counter()
        for row in counted:
            numbers[row[column]] += row.articles
        # names are text, which both databases and Python sort by code point
        return tuple(sorted(numbers.items(), key=lambda item: (-item[1], item[0])))

    total = sum(row.articles for row in counted)
    return Census(total, count_by(0), count_by(1), sum(row.articles for row in counted if row.is_assumed))


def load_arrivals(
    connection: sa.Connection, window: Window, parts: int, *, as_of: dt.datetime | None = None
) -> dict[str, tuple[int, ...]]:
    """How many articles of each source became available in each of `parts` equal parts of `window`, as in its census.

    Sources by name; with `as_of`, only what newscandle knew by then.
    """
    start, end = to_micros(window.start), to_micros(window.end)
    asked = {"start": window.start, "end": window.end, "as_of": as_of, "from": start, "span": end - start}
    arrivals: dict[str, list[int]] = {}
    for row in connection.execute(_count_arrivals(parts, is_past=as_of is not None), asked):
        arrivals.setdefault(row.source, [0] * parts)[row.part] = row.articles
    return {source: tuple(arrivals[source]) for source in sorted(arrivals)}


@functools.cache
def _count_arrivals(parts: int, *, is_past: bool) -> sa.Select[Any]:
    """Articles of `:start` … `:end` by source and part of the window."""
    passed = sa.type_coerce(revision.c.available_at, sa.BigInteger) - sa.bindparam("from", type_=sa.BigInteger)
    scaled = passed * sa.literal_column(str(parts), sa.BigInteger)
    part = (scaled // sa.bindparam("span", type_=sa.BigInteger)).label("part")
    counted = sa.select(article.c.source, part).select_from(_FIRSTS).where(*_inside(is_past=is_past)).subquery()
    return sa.select(counted.c.source, counted.c.part, sa.func.count().label("articles")).group_by(
        counted.c.source, counted.c.part
    )


@functools.cache
def _count_articles(*, is_past: bool) -> sa.Select[Any]:
    """How many articles of `:start` … `:end` there are of each source, language and kind of availability."""
    kinds = (article.c.source, revision.c.language, revision.c.is_assumed)
    return (
        sa.select(*kinds, sa.func.count().label("articles"))
        .select_from(_FIRSTS)
        .where(*_inside(is_past=is_past))
        .group_by(*kinds)
    )


_FIRSTS = revision.join(article, article.c.id == revision.c.article_id)


def _inside(*, is_past: bool) -> list[sa.ColumnElement[bool]]:
    inside = [
        revision.c.number == 1,
        revision.c.available_at >= sa.bindparam("start"),
        revision.c.available_at < sa.bindparam("end"),
    ]
    if is_past:
        as_of = sa.bindparam("as_of", type_=UtcDateTime())
        inside += [revision.c.available_at <= as_of, revision.c.recorded_at <= as_of]
    return inside

"""Keys and hashes that are made of a row's own words: made again, and held against what is stored.

Read in batches, by row id or key, so that memory stays bounded whatever the store holds.
"""

import contextlib
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import sqlalchemy as sa

from service.correlation.aggregation import read_declaration
from service.instants import format_instant
from service.news.article import key_of
from storage.aliases import guid_key
from storage.instant_column import from_micros
from storage.integrity.rule import Broken, micros, tell_rows
from storage.schema import article, article_alias, pruned_text, quarantined_candle, report, revision, series, skipped
from storage.series import Declaration

_MOST: Final = 1_000
_REPLACED: Final = "\ufffd"
"""What stands for signs no database takes: a hash is of the words before they were replaced."""


@dataclass(frozen=True, slots=True)
class Made:
    """A key made of other columns of its row. `holds` says whether a row is as it was made; `shown`: how many of the
    first columns tell it apart.
    """

    code: str
    table: str
    proves: str
    rows: sa.Select[Any]
    holds: Callable[..., bool]
    at_once: int = 2_000


@cache
def all_made() -> tuple[Made, ...]:
    """Every key that is made of its row."""
    r, q, s = revision.c, quarantined_candle.c, series.c
    alias = article_alias.c
    declared = (s.id, s.key, s.target, s.scorer, s.catalogue, s.venue, s.symbol, s.aggregation, s.declaration)
    unpruned = ~sa.exists().where(pruned_text.c.revision_id == r.id)
    refused = (q.id, q.key, q.reason, micros(q.open_at), q.row)
    k, p = skipped.c, report.c
    window = (micros(p.window_start), micros(p.window_end))
    return (
        Made(
            "article_key",
            "article",
            "the key of an article is the digest of its address",
            sa.select(article.c.id, article.c.key, article.c.url),
            lambda _, key, url: key == key_of(url),
        ),
        Made(
            "alias_key",
            "article_alias",
            "the key of a name is the digest of it",
            sa.select(alias.article_id, alias.key, alias.kind, alias.value, alias.source),
            _holds_alias,
        ),
        Made(
            "content_hash",
            "revision",
            "the hash of a revision is the digest of its title and text",
            sa.select(r.id, r.content_hash, r.title, r.text).where(unpruned),
            _holds_text,
        ),
        Made(
            "quarantine_key",
            "quarantined_candle",
            "the key of a refused row is the digest of it",
            sa.select(*refused),
            _holds_refused,
        ),
        Made(
            "series_key",
            "series",
            "the key of a series is the digest of its declaration",
            sa.select(*declared),
            _holds_series,
        ),
        Made(
            "report_key",
            "report",
            "the key of a report is the digest of its target, window, settings and document",
            sa.select(p.id, p.key, p.target, p.settings_digest, *window, sa.cast(p.document, sa.Text)),
            _holds_report,
            at_once=10,
        ),
        Made(
            "skipped_key",
            "skipped",
            "the key of what was skipped is the digest of whose, where, why and what",
            sa.select(k.id, k.key, k.source, k.stage, k.reason, k.what),
            lambda _, key, *told: key == _digest("\x00".join(told)) or any(_REPLACED in one for one in told),
        ),
    )


def find_unlike(connection: sa.Connection, made: Made) -> Broken | None:
    """The rows whose key is not what is made of the rest; at most 1,000."""
    rows = connection.execute(made.rows, execution_options={"yield_per": made.at_once})
    with contextlib.closing(rows):
        return tell_rows(list(_find(rows, made)))


def _find(rows: Any, made: Made) -> Iterator[dict[str, Any]]:
    found = 0
    names = tuple(rows.keys())[:2]
    for row in rows:
        if not _is_as_made(made, row):
            found += 1
            yield dict(zip(names, row[:2], strict=True))
            if found >= _MOST:
                return


def _is_as_made(made: Made, row: Any) -> bool:
    try:
        return made.holds(*row)
    except Exception:  # noqa: BLE001 - whatever a broken row raises, it is not what was made
        return False


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:32]


def _holds_alias(_: int, key: str, kind: str, value: str, source: str) -> bool:
    if _REPLACED in value:
        return True
    return key == (guid_key(source, value) if kind == "guid" else key_of(value))


def _holds_text(_: int, content_hash: str, title: str, text: str) -> bool:
    return content_hash == _digest(f"{title}\x00{text}") or _REPLACED in title or _REPLACED in text


def _holds_refused(_: int, key: str, reason: str, open_at: int | None, row: str) -> bool:
    return key == _digest(f"{reason}\x00{open_at}\x00{row}") or _REPLACED in row


def _holds_report(_: int, key: str, target: str, settings: str, start: int, end: int, document: str) -> bool:
    window = (format_instant(from_micros(start)), format_instant(from_micros(end)))
    return key == _digest("\x00".join((target, *window, settings, document)))


def _holds_series(_: int, key: str, *told: Any) -> bool:
    target, scorer, catalogue, venue, symbol, aggregation, declaration = told
    declared = read_declaration(declaration)
    made = Declaration(target, scorer, catalogue, venue, symbol, declared)
    return (key, aggregation) == (made.key, declared.digest)

"""One short string per table that says what it holds, the same on SQLite and PostgreSQL for the same history.

Rows are read in the order of their natural key and hashed with sha256: floats by `repr`, instants as microseconds,
references as the natural key they lead to. Left out is what depends on when and where something was written rather than
on what was (`LEFT_OUT`); run records, source states, entry fingerprints and how often something was skipped are
bookkeeping and not content. Of gaps, only those still open count, and holes that touch and have one reason count as
one; of candles and points, every statement.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from storage import schema
from storage.instant_column import UtcDateTime

LEFT_OUT = frozenset(
    {
        *(
            "id",
            "article_id",
            "revision_id",
            "scoring_id",
            "market_id",
            "series_id",
            "report_id",
            "extraction_id",
        ),  # row ids
        *(
            "first_seen_at",
            "recorded_at",
            "scored_at",
            "fetched_at",
            "noticed_at",
            "made_at",
            "filled_at",
            "extracted_at",
        ),  # the clock
        *("first_recorded_at", "last_recorded_at", "count"),  # how often and when something was skipped
        *("retried", "last_retried_at"),  # how often and when a hole was asked for again
    }
)
"""Columns that are not content, in whatever table they stand."""

_READ_AT_ONCE = 2_000


def digest(connection: sa.Connection) -> dict[str, str]:
    """64 hex digits for each table of content, by name."""
    found: dict[str, str] = {}
    for name, select in sorted(_select_content().items()):
        rows: Iterable[Sequence[Any]] = connection.execute(select, execution_options={"yield_per": _READ_AT_ONCE})
        found[name] = _hash_rows(_join_holes(rows) if name == "gap" else rows)
    return found


def total(connection: sa.Connection) -> str:
    """64 hex digits for the whole content."""
    return hashlib.sha256(json.dumps(digest(connection), sort_keys=True).encode()).hexdigest()


def _hash_rows(rows: Iterable[Sequence[Any]]) -> str:
    hashed = hashlib.sha256()
    for row in rows:
        hashed.update(json.dumps(list(row), ensure_ascii=False, sort_keys=True).encode() + b"\n")
    return hashed.hexdigest()


def _join_holes(rows: Iterable[Sequence[Any]]) -> Iterator[Sequence[Any]]:
    """Holes of one market and reason, given by start, those that touch as one: asks may have parted them."""
    held: list[Any] | None = None
    for *of_market, start, end, reason in rows:
        if held is not None and [*of_market, reason] == [*held[:-3], held[-1]] and start <= held[-2]:
            held[-2] = max(end, held[-2])
            continue
        if held is not None:
            yield held
        held = [*of_market, start, end, reason]
    if held is not None:
        yield held


def _content(table: sa.Table) -> list[sa.ColumnElement[Any]]:
    return [_plain(column) for column in table.c if column.name not in LEFT_OUT]


def _plain(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    if isinstance(column.type, UtcDateTime):
        return sa.type_coerce(column, sa.BigInteger)
    if isinstance(column.type, sa.JSON):
        return sa.cast(column, sa.Text)  # it was written one way (`encode_json`), so its text will do
    return column


def _select_content() -> dict[str, sa.Select[Any]]:
    article, revision, scoring, market = schema.article, schema.revision, schema.scoring, schema.market
    alias = schema.article_alias
    its_revision = (article.c.key, revision.c.number)
    its_scoring = (scoring.c.scorer, scoring.c.catalogue)
    extraction = schema.extraction
    its_extraction = (extraction.c.extractor, extraction.c.version, extraction.c.catalogue)
    its_market = (market.c.venue, market.c.symbol, market.c.interval)

    def of_revision(table: sa.Table, *keys: sa.ColumnElement[Any]) -> sa.Select[Any]:
        joined = table.join(revision, revision.c.id == table.c.revision_id)
        joined = joined.join(article, article.c.id == revision.c.article_id)
        if "scoring_id" in table.c:
            joined = joined.join(scoring, scoring.c.id == table.c.scoring_id)
            keys = (*its_scoring, *keys)
        if "extraction_id" in table.c:
            joined = joined.join(extraction, extraction.c.id == table.c.extraction_id)
            keys = (*its_extraction, *keys)
        return sa.select(*its_revision, *keys, *_content(table)).select_from(joined).order_by(*its_revision, *keys)

    def of_market(table: sa.Table, *keys: sa.ColumnElement[Any]) -> sa.Select[Any]:
        joined = table.join(market, market.c.id == table.c.market_id)
        return sa.select(*its_market, *_content(table)).select_from(joined).order_by(*its_market, *keys)

    candle, gap, point = schema.candle, schema.gap, schema.series_point
    return {
        "article": sa.select(*_content(article)).order_by(article.c.key),
        "article_alias": sa.select(article.c.key, *_content(alias))
        .join(article, article.c.id == alias.c.article_id)
        .order_by(article.c.key, alias.c.key),
        "revision": sa.select(article.c.key, *_content(revision))
        .join(article, article.c.id == revision.c.article_id)
        .order_by(*its_revision),
        "passage": of_revision(schema.passage, schema.passage.c.position),
        "returned": of_revision(schema.returned, schema.returned.c.number),
        "opinion": sa.select(*_content(schema.opinion)).order_by(schema.opinion.c.source, schema.opinion.c.record),
        "skipped": sa.select(*_content(schema.skipped)).order_by(schema.skipped.c.key),
        "tone": of_revision(schema.tone),
        "score": of_revision(schema.score, schema.score.c.target),
        "extracted": of_revision(schema.extracted),
        "story_member": of_revision(schema.story_member),
        **{table.name: of_revision(table, table.c.position) for table in (schema.quote, schema.event)},
        **{
            table.name: of_revision(table, table.c.position, table.c.place)
            for table in (schema.quote_target, schema.event_target)
        },
        "candle": of_market(candle, candle.c.open_at, candle.c.number),
        "quarantined_candle": of_market(schema.quarantined_candle, schema.quarantined_candle.c.key),
        "gap": of_market(gap, gap.c.reason, gap.c.start_at, gap.c.end_at).where(gap.c.filled_at.is_(None)),
        "series": sa.select(*_content(schema.series)).order_by(schema.series.c.key),
        "series_point": sa.select(schema.series.c.key, *_content(point))
        .join(schema.series, schema.series.c.id == point.c.series_id)
        .order_by(schema.series.c.key, point.c.open_at, point.c.number),
        "report": sa.select(*_content(schema.report)).order_by(schema.report.c.key),
        "trial": sa.select(schema.report.c.key, *_content(schema.trial))
        .join(schema.report, schema.report.c.id == schema.trial.c.report_id)
        .order_by(schema.trial.c.series_key, schema.report.c.key),
    }

"""How much there is of everything an operator wants to see grow, by its kinds: dear, so asked for seldom.

None of it is read from texts or explanations: what is counted lies in indexes and in tables of short rows.
"""

import datetime as dt
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from service.sentiment.disagreement import Disagreement, compare
from service.sentiment.scorer import Label
from storage.figures import By, add_folded, read_by, to_seconds
from storage.pruned import is_pruned
from storage.run_counts import count_runs
from storage.schema import (
    article,
    report,
    revision,
    score,
    scoring,
    skipped,
    source_yield,
    story_member,
    tone,
)
from storage.upsert import among, split

UNREAD = "unread"
_LATELY = dt.timedelta(days=7)
_A_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Counts:
    """What was counted at `at`. Each figure is named after its metric, and keyed by that metric's labels in order."""

    at: dt.datetime
    figures: Mapping[str, By]


def count(connection: sa.Connection, now: dt.datetime, *, scorer: str, targets: tuple[str, ...]) -> Counts:
    """Everything that is counted. `scorer`: the name/version whose readings tell the state of articles."""
    from storage.price_counts import count_prices  # it needs numpy, which a daemon nobody asks for metrics does without

    figures: dict[str, By] = {
        **_count_news(connection, scorer),
        **_weigh_sources(connection, now),
        **_compare_scorers(connection, now, targets),
        **count_prices(connection, now),
        **count_runs(connection),
        "store_size_bytes": {(): float(measure_size(connection))},
        "report_last_made_timestamp_seconds": read_by(
            connection, sa.select(report.c.target, to_seconds(sa.func.max(report.c.made_at))).group_by(report.c.target)
        ),
    }
    return Counts(now, figures)


def measure_size(connection: sa.Connection) -> int:
    """Bytes of the database on disk, on SQLite with its write-ahead log."""
    if connection.dialect.name == "postgresql":
        return connection.scalar(sa.text("SELECT pg_database_size(current_database())")) or 0
    asked = sa.text("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
    size = connection.scalar(asked) or 0
    log = Path(f"{connection.engine.url.database}-wal")
    return int(size) + (os.path.getsize(log) if log.exists() else 0)  # noqa: PTH202 - one call, gone between or not


def _count_news(connection: sa.Connection, scorer: str) -> dict[str, By]:
    sources = sa.select(article.c.source, sa.func.count()).group_by(article.c.source)
    edits = connection.scalar(sa.select(sa.func.count(revision.c.id)).where(revision.c.number > 1)) or 0
    told = sa.select(story_member.c.kind, sa.func.count()).group_by(story_member.c.kind)
    refused = sa.select(skipped.c.stage, skipped.c.reason, sa.func.sum(skipped.c.count))
    readings = sa.select(scoring.c.scorer, tone.c.state, sa.func.count()).join(tone, tone.c.scoring_id == scoring.c.id)
    copies = read_by(connection, told.where(story_member.c.kind.in_(("copy", "translation"))))
    return {
        "articles_total": read_by(connection, sources),
        "articles_held": _count_articles(connection, scorer),
        "revisions_total": {(): float(edits)},
        "duplicates_total": copies,
        "skipped_total": add_folded(
            connection, "skipped", read_by(connection, refused.group_by(skipped.c.stage, skipped.c.reason))
        ),
        "scores_total": read_by(connection, readings.group_by(scoring.c.scorer, tone.c.state)),
    }


def _count_articles(connection: sa.Connection, scorer: str) -> dict[tuple[str, ...], float]:
    """Articles by language and state of their newest revision; no row of a text that was read is touched."""
    later = revision.alias("later")
    is_newest = ~sa.exists().where(later.c.article_id == revision.c.article_id, later.c.number > revision.c.number)
    newest = sa.select(revision.c.id).where(is_newest).subquery()
    # of its catalogues the last: what was not read with that one is unread
    last = sa.select(sa.func.max(scoring.c.id)).where(scoring.c.scorer == scorer).scalar_subquery()
    read = (
        sa.select(tone.c.language, tone.c.state, sa.func.count())
        .join(newest, newest.c.id == tone.c.revision_id)
        .where(tone.c.scoring_id == last)
        .group_by(tone.c.language, tone.c.state)
    )
    is_read = sa.exists().where(tone.c.scoring_id == last, tone.c.revision_id == newest.c.id)
    unread = (
        sa.select(revision.c.language, sa.func.count())
        .join(newest, newest.c.id == revision.c.id)
        .where(~is_read, ~is_pruned())
        .group_by(revision.c.language)
    )
    found = read_by(connection, read)
    found.update({(*language, UNREAD): number for language, number in read_by(connection, unread).items()})
    return found


def _weigh_sources(connection: sa.Connection, now: dt.datetime) -> dict[str, By]:
    new = sa.func.sum(source_yield.c.new) * sa.literal_column("1.0")
    lately = (source_yield.c.read_at > now - _LATELY, source_yield.c.new > 0)
    name = source_yield.c.source
    texts = sa.select(name, sa.func.sum(source_yield.c.with_body) / new).where(*lately).group_by(name)
    dated = sa.select(name, sa.func.sum(source_yield.c.dated) / new).where(*lately).group_by(name)
    return {
        "extract_yield_ratio": read_by(connection, texts),
        "dated_ratio": read_by(connection, dated),
        "article_latency_seconds": _measure_latency(connection, now),
    }


def _measure_latency(connection: sa.Connection, now: dt.datetime) -> dict[tuple[str, ...], float]:
    """The median by source, of first texts known since a day whose date is told by their source."""
    waited = to_seconds(revision.c.first_seen_at) - to_seconds(revision.c.published_at)
    rows = connection.execute(
        sa.select(article.c.source, waited)
        .join(article, article.c.id == revision.c.article_id)
        .where(revision.c.available_at > now - _A_DAY, revision.c.number == 1, revision.c.is_assumed.is_(False))
        .where(revision.c.published_at.is_not(None))
        .order_by(article.c.source, waited)
    )
    by_source: dict[str, list[float]] = {}
    for source, seconds in rows:
        by_source.setdefault(source, []).append(float(seconds))
    return {(source,): waits[len(waits) // 2] for source, waits in by_source.items()}


def _compare_scorers(connection: sa.Connection, now: dt.datetime, targets: tuple[str, ...]) -> dict[str, By]:
    """As the view `v_disagreement` tells it, of what could be known lately and of these targets."""
    last = {}
    for row in connection.execute(sa.select(scoring).order_by(scoring.c.recorded_at, scoring.c.id)):
        last[row.id] = (row.catalogue, row.scorer.partition("/")[0])
    lately = connection.scalars(sa.select(revision.c.id).where(revision.c.available_at > now - _LATELY)).all()
    read: dict[tuple[int, str, str], dict[str, tuple[float, Label]]] = {}
    order = {number: place for place, number in enumerate(last)}
    for part in split(lately):
        rows = connection.execute(
            sa.select(score.c.revision_id, score.c.target, score.c.scoring_id, score.c.score, score.c.label).where(
                among(connection, score.c.revision_id, part)
            )
        ).all()
        for row in sorted(rows, key=lambda row: order[row.scoring_id]):  # of a scorer's versions the last counts
            catalogue, name = last[row.scoring_id]
            if row.target in targets and row.score is not None:
                read.setdefault((row.revision_id, row.target, catalogue), {})[name] = (row.score, Label(row.label))
    apart: dict[str, list[Disagreement]] = {}
    for (_, target, _), scored in read.items():
        found = compare(list(scored.values()))
        if found is not None:
            apart.setdefault(target, []).append(found)
    return {
        "scorer_disagreement_ratio": {
            (target,): sum(one.signs_differ for one in found) / len(found) for target, found in apart.items()
        },
        "scorer_spread": {(target,): sum(one.spread for one in found) / len(found) for target, found in apart.items()},
    }

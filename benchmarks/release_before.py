"""The release before the newest migration at work: its statements, and a process that writes or reads without pause.

The statements stand here as that release made them, so that they stay when ours change.
"""

import datetime as dt
import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.synchronize import Barrier, Event
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from service.news.article import UNDATED, Article, Dated, InstantOrigin, Passage, PassageKind
from storage import database, schema
from storage.article_rows import (
    ARTICLE_COLUMNS,
    REVISION_COLUMNS,
    write_article,
    write_passages,
    write_revision,
)
from storage.instant_column import from_micros, to_micros
from storage.upsert import among, insert_new
from tests.storage.builders import CATALOGUE, SCORER

_TONES = ("scoring_id", "revision_id", "language", "state", "tone", "scored_at")
_SCORES = (
    *("scoring_id", "target", "revision_id", "state", "score", "label", "relevance", "reasons"),
    *("mention_count", "explanation", "scored_at"),
)
_PASSAGES = ("revision_id", "position", "kind", "start_offset", "end_offset", "rule")
_WORDS = "bitcoin price law senate bank market miner rally fear court vote tax chain wallet fund"


@dataclass(frozen=True, slots=True)
class Worked:
    """When each transaction began and how long it took (s, monotonic), rows, and each failure with its begin."""

    spans: list[tuple[float, float]] = field(default_factory=list)
    rows: int = 0
    failures: list[tuple[float, str]] = field(default_factory=list)


def make_article(name: str, available_at: dt.datetime) -> Article:
    """A text of some 200 words, unlike any other."""
    seed = hashlib.sha256(name.encode()).digest() * 7
    words = _WORDS.split()
    title = f"{name} {words[seed[0] % len(words)]}"
    text = title + "\n" + " ".join(words[byte % len(words)] for byte in seed[:200])
    passages = (
        Passage(PassageKind.TITLE, 0, len(title), "t"),
        Passage(PassageKind.BODY, len(title) + 1, len(text), "b"),
    )
    dated = Dated(available_at, InstantOrigin.FEED, "")
    return Article(
        f"https://news.example/{name}", "example", title, text, passages, "en", 1.0, dated, UNDATED, available_at,
        available_at, is_assumed=False, guid=name, authors=(), tags=(),
    )  # fmt: skip


def write_as_before(connection: sa.Connection, some: Sequence[Article], now: dt.datetime) -> None:
    """Articles, texts, passages, tones and scores in the statements of the release before, which knows no months."""
    stamp = to_micros(now)
    insert_new(connection, schema.article, ARTICLE_COLUMNS, [write_article(one, stamp) for one in some])
    article, revision = schema.article, schema.revision
    keys = sa.select(article.c.key, article.c.id).where(among(connection, article.c.key, [one.key for one in some]))
    ids = dict(connection.execute(keys).all())
    told = [write_revision(one, ids[one.key], 1, one.content_hash, stamp) for one in some]
    insert_new(connection, revision, REVISION_COLUMNS, told)
    chosen = sa.select(revision.c.article_id, revision.c.id).where(
        among(connection, revision.c.article_id, list(ids.values()))
    )
    numbers = dict(connection.execute(chosen).all())
    numbered = [(numbers[ids[one.key]], one) for one in some]
    passages = [row[: len(_PASSAGES)] for number, one in numbered for row in write_passages(one, number)]
    insert_new(connection, schema.passage, _PASSAGES, passages)
    insert_new(connection, schema.scoring, ("scorer", "catalogue", "recorded_at"), [(SCORER, CATALOGUE, 0)])
    scoring = connection.scalar(sa.select(schema.scoring.c.id))
    insert_new(
        connection, schema.tone, _TONES, [(scoring, number, "en", "scored", 0.25, stamp) for number, _ in numbered]
    )
    rows = [(scoring, "bitcoin", number, "scored", 0.5, "positive", 80, "[]", 1, "[]", stamp) for number, _ in numbered]
    insert_new(connection, schema.score, _SCORES, rows)


def read_as_before(connection: sa.Connection, now: dt.datetime) -> None:
    """A window with its scores, a few texts by their ids, and how many there are."""
    revision, tone, score = schema.revision, schema.tone, schema.score
    joined = tone.join(revision, revision.c.id == tone.c.revision_id).join(
        score, sa.and_(score.c.scoring_id == tone.c.scoring_id, score.c.revision_id == tone.c.revision_id), isouter=True
    )
    window = revision.c.available_at.between(now - dt.timedelta(days=1), now)
    rows = connection.execute(
        sa.select(revision.c.id, score.c.score).select_from(joined).where(window).limit(500)
    ).all()
    chosen = among(connection, revision.c.id, [row[0] for row in rows[:50]])
    held = connection.execute(sa.select(revision).where(chosen)).all()
    assert len({row.id for row in held}) == len(held) == len({row[0] for row in rows[:50]}), (
        "a text twice, or not at all"
    )


def work_beside(url: str, kind: str, ready: Barrier, stop: Event, told: Any) -> None:
    """Write or read until told to stop, one short transaction after another; sends a `Worked`."""
    engine = database.open_engine(url)
    if engine.dialect.name == "postgresql":
        event.listen(engine, "connect", _name_session)
    worked, rows = Worked(), 0
    ready.wait()
    while not stop.is_set():
        now = from_micros(time.time_ns() // 1000)
        begun = time.monotonic()
        try:
            if kind == "write":
                some = [make_article(f"beside{rows + one}", now) for one in range(5)]
                with database.begin(engine) as connection:
                    write_as_before(connection, some, now)
                rows += len(some)
            else:
                with database.read(engine) as connection:
                    read_as_before(connection, now)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told and counts against the migration
            worked.failures.append((begun, f"{kind}: {type(error).__name__}: {error}"))
        worked.spans.append((begun, time.monotonic() - begun))
        time.sleep(0.05)  # SQLite gives its lock to whoever asks at the right moment: leave some
    told.put((kind, Worked(worked.spans, rows, worked.failures)))
    engine.dispose()


def _name_session(connection: Any, _record: object) -> None:
    connection.execute("SET application_name = 'beside'")
    connection.commit()

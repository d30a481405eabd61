"""Poison for articles, their texts and what scorers read in them."""

from typing import Any

import sqlalchemy as sa

from service.sentiment.events import EventKind
from service.sentiment.scorer import State
from storage.instant_column import to_micros
from storage.schema import article, event, extracted, metadata, quote, returned, revision, score, story_member, tone
from storage.scramble import LATER, Clock, Cut, Poisoned, copy_rows, highest, micros, rows_of

_DAY = 86_400_000_000
KEY_LENGTH = 32
"""Digits of an article's own key; those of invented ones are longer."""
OF_REVISIONS = tuple(table for table in metadata.sorted_tables if "revision_id" in table.c)
"""The tables of what is told of a text, whatever a release adds: each after those it refers to."""


def scramble_news(connection: sa.Connection, cut: Cut) -> Poisoned:
    """Invent articles and readings, give later ones other contents, and delete a tenth of them."""
    invented = _invent_articles(connection, cut)
    gone = _forget_returns(connection, cut)
    if cut.clock is Clock.KNOWN:
        invented += _invent_edits(connection, cut) + _invent_returns(connection, cut)
    changed = _change_texts(connection, cut) + _change_readings(connection, cut)
    changed += _change_told(connection, cut) + _change_stories(connection, cut)
    invented += _invent_scores(connection, cut)
    return Poisoned(changed, _delete(connection, cut) + gone, invented)


def _invent_articles(connection: sa.Connection, cut: Cut) -> int:
    """A fifth of the first texts once more as new articles: later ones, or known ones that come late."""
    later = cut.later_revisions()
    articles, revisions = highest(connection, article.c.id), highest(connection, revision.c.id)
    chosen = [
        _is_original(),
        later if cut.clock is Clock.AVAILABLE else ~later,
        sa.or_(cut.noise(revision.c.id, "article") < 0.2, revision.c.id.in_(_telling(cut))),
        revision.c.id <= revisions,
    ]
    ids, whole = sa.select(revision.c.id).where(*chosen), sa.select(revision.c.article_id).where(*chosen)
    made = {"id": article.c.id + articles, "key": article.c.key + cut.suffix, "guid": article.c.guid + cut.suffix}
    invented = rows_of(connection, copy_rows(article, article.c.id.in_(whole), **made, **_come_late(cut, article)))
    copied = {"id": revision.c.id + revisions, "article_id": revision.c.article_id + articles}
    rows_of(connection, copy_rows(revision, sa.and_(*chosen), **copied, **_come_late(cut, revision)))
    for table in OF_REVISIONS:
        its_revision = {"revision_id": table.c.revision_id + revisions}
        rows_of(connection, copy_rows(table, table.c.revision_id.in_(ids), **its_revision, **_come_late(cut, table)))
    return invented


def _telling(cut: Cut) -> sa.CompoundSelect[tuple[int]]:
    """For each extraction a text in which it found a quote, and one with an event: so that some are invented."""
    later = cut.later_revisions()
    chosen = (_is_original(), later if cut.clock is Clock.AVAILABLE else ~later)
    return sa.union(
        *(
            sa.select(sa.func.min(told.c.revision_id))
            .join(revision, revision.c.id == told.c.revision_id)
            .where(*chosen)
            .group_by(told.c.extraction_id)
            for told in (quote, event)
        )
    )


def _is_original() -> sa.ColumnElement[bool]:
    """The first text of an article that was not invented itself: else the copy would grow without bound."""
    original = sa.select(article.c.id).where(sa.func.length(article.c.key) == KEY_LENGTH)
    return sa.and_(revision.c.number == 1, revision.c.article_id.in_(original))


def _come_late(cut: Cut, table: sa.Table) -> dict[str, sa.ColumnElement[object]]:
    """By the clock of knowledge, a copied row is known after the cut."""
    if cut.clock is Clock.AVAILABLE:
        return {}
    known = sa.literal(cut.instant + LATER, revision.c.recorded_at.type)
    return {name: known for name in ("recorded_at", "scored_at", "extracted_at") if name in table.c}


def _invent_edits(connection: sa.Connection, cut: Cut) -> int:
    """A fifth of the known texts is edited, and newscandle comes to know the edit later."""
    edited = sa.and_(_is_original(), ~cut.later_revisions(), cut.noise(revision.c.id, "edit") < 0.2)
    edit = {
        "id": revision.c.id + highest(connection, revision.c.id),
        "number": sa.literal(_last_number(connection) + 1),
        "content_hash": revision.c.content_hash + cut.suffix,
        "text": revision.c.text + cut.suffix,
    }
    return rows_of(connection, copy_rows(revision, edited, **edit, **_come_late(cut, revision)))


def _last_number(connection: sa.Connection) -> int:
    return max(highest(connection, revision.c.number), highest(connection, returned.c.number))


def _invent_returns(connection: sa.Connection, cut: Cut) -> int:
    """A fifth of the known texts is gone back to, and newscandle comes to know it later."""
    known = sa.literal(cut.instant + LATER, returned.c.recorded_at.type)
    number = sa.literal(_last_number(connection) + 1)
    again = sa.select(revision.c.id, number, revision.c.available_at, known, known).where(
        ~cut.later_revisions(), cut.noise(revision.c.id, "return") < 0.2
    )
    return rows_of(connection, sa.insert(returned).from_select([column.name for column in returned.c], again))


def _forget_returns(connection: sa.Connection, cut: Cut) -> int:
    """Half of the later returns never were."""
    later: sa.ColumnElement[bool] = returned.c.available_at >= cut.instant
    if cut.clock is Clock.KNOWN:
        later = sa.or_(returned.c.available_at > cut.instant, returned.c.recorded_at > cut.instant)
    drawn = cut.noise(returned.c.revision_id, "forgotten") < 0.5
    return rows_of(connection, sa.delete(returned).where(later, drawn))


def _change_texts(connection: sa.Connection, cut: Cut) -> int:
    """Other words, another publication, before the instant or after, and where it is still to come another arrival."""
    start = to_micros(cut.instant)
    span = max(highest(connection, micros(revision.c.available_at)) - start, 0) + _DAY
    moved = start + sa.cast(cut.noise(revision.c.id, "arrival") * span, sa.BigInteger) + 1
    published = start + sa.cast((cut.noise(revision.c.id, "published") - 0.5) * 4.0 * _DAY, sa.BigInteger)
    values = {
        "title": sa.literal("scrambled ") + revision.c.title,
        "text": sa.literal("scrambled ") + revision.c.text,
        "published_at": published,
        "available_at": sa.case((revision.c.available_at >= cut.instant, moved), else_=micros(revision.c.available_at)),
    }
    return rows_of(connection, sa.update(revision).where(cut.later_revisions()).values(values))


def _change_readings(connection: sa.Connection, cut: Cut) -> int:
    """Scores of another sign and size, other relevance, and other states."""
    changed = 0
    for table, figure in ((tone, "tone"), (score, "score")):
        key = table.c.revision_id
        is_neutral = cut.noise(key, figure, "state") < 0.25
        values: dict[str, sa.ColumnElement[Any]] = {
            "state": sa.case((is_neutral, State.NO_SIGNAL.value), else_=State.SCORED.value),
            figure: sa.case((is_neutral, sa.null()), else_=2.0 * cut.noise(key, figure) - 1.0),
        }
        if table is score:
            values["relevance"] = sa.cast(100.0 * cut.noise(key, "relevance"), sa.Integer())
            for name in ("negative", "neutral", "positive", "low", "high"):
                values[name] = sa.case((table.c[name].is_(None), sa.null()), else_=cut.noise(key, name))
        read = table.c.state != State.UNSUPPORTED_LANGUAGE.value
        changed += rows_of(
            connection, sa.update(table).where(cut.later_readings(table, table.c.scored_at), read).values(values)
        )
    return changed


def _change_told(connection: sa.Connection, cut: Cut) -> int:
    """Quotes of other speakers, and events of other kinds."""
    changed = 0
    other_kind = sa.case((event.c.kind == EventKind.BAN.value, EventKind.HACK.value), else_=EventKind.BAN.value)
    others: tuple[tuple[sa.Table, dict[str, sa.ColumnElement[str]]], ...] = (
        (quote, {"speaker": quote.c.speaker + cut.suffix}),
        (event, {"kind": other_kind}),
    )
    for table, values in others:
        late = sa.select(extracted.c.revision_id).where(
            extracted.c.revision_id == table.c.revision_id,
            extracted.c.extraction_id == table.c.extraction_id,
            cut.later_readings(extracted, extracted.c.extracted_at),
        )
        changed += rows_of(connection, sa.update(table).where(late.exists()).values(values))
    return changed


def _change_stories(connection: sa.Connection, cut: Cut) -> int:
    """Later texts in other stories, some of them one story, and as new as chance has it."""
    key = story_member.c.revision_id
    later = cut.later_readings(story_member, story_member.c.recorded_at)
    values = {
        "story": sa.case((cut.noise(key, "one story") < 0.5, "scrambled" + cut.suffix), else_=story_member.c.story),
        "novelty": sa.cast(100.0 * cut.noise(key, "novelty"), sa.Integer()),
    }
    return rows_of(connection, sa.update(story_member).where(later).values(values))


def _invent_scores(connection: sa.Connection, cut: Cut) -> int:
    """Later articles speak of targets they never named."""
    targets = sa.select(score.c.target).distinct().subquery()
    held = sa.select(score.c.target).where(
        score.c.scoring_id == tone.c.scoring_id,
        score.c.revision_id == tone.c.revision_id,
        score.c.target == targets.c.target,
    )
    key = tone.c.revision_id + 977 * sa.func.length(targets.c.target)
    figure = 2.0 * cut.noise(key, "invented") - 1.0
    row = {
        "scoring_id": tone.c.scoring_id,
        "target": targets.c.target,
        "revision_id": tone.c.revision_id,
        "state": sa.literal(State.SCORED.value),
        "score": figure,
        "label": sa.literal("neutral"),
        "relevance": sa.literal(50),
        "reasons": sa.literal([], score.c.reasons.type),
        "mention_count": sa.literal(1),
        "explanation": sa.literal([], score.c.explanation.type),
        "scored_at": tone.c.scored_at,
    }
    named = sa.and_(cut.later_readings(tone, tone.c.scored_at), tone.c.state != State.UNSUPPORTED_LANGUAGE.value)
    chosen = (
        sa.select(*row.values())
        .select_from(tone.join(targets, sa.true()))
        .where(named, cut.noise(key, "naming") < 0.05, ~held.exists())
    )
    return rows_of(connection, sa.insert(score).from_select(list(row), chosen))


def _delete(connection: sa.Connection, cut: Cut) -> int:
    """A tenth of the later texts with all that was read in them."""
    gone = sa.select(revision.c.id).where(cut.later_revisions(), cut.noise(revision.c.id, "deleted") < 0.1)
    for table in reversed(OF_REVISIONS):
        rows_of(connection, sa.delete(table).where(table.c.revision_id.in_(gone)))
    return rows_of(
        connection,
        sa.delete(revision).where(cut.later_revisions(), cut.noise(revision.c.id, "deleted") < 0.1),
    )

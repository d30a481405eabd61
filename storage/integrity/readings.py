"""What must hold of what scorers and extractors read in revisions."""

from functools import cache
from typing import Any

import sqlalchemy as sa

from service.sentiment.events import EventKind
from service.sentiment.scorer import Label, State
from storage.integrity.rule import Rule, is_after, micros, outside
from storage.schema import (
    event,
    event_target,
    extracted,
    pruned_text,
    quote,
    quote_target,
    revision,
    score,
    scoring,
    tone,
)

_STATES = (State.SCORED.value, State.NO_SIGNAL.value, State.UNSUPPORTED_LANGUAGE.value)
_UNREAD = State.UNSUPPORTED_LANGUAGE.value
_LABELS = tuple(one.value for one in Label)
_TONE = (tone.c.scoring_id, tone.c.revision_id)
_SCORE = (score.c.scoring_id, score.c.target, score.c.revision_id)
_ROUNDING = 1e-6


@cache
def rules() -> tuple[Rule, ...]:
    """Every rule of scores, quotes and events."""
    return (*_of_scores(), *_of_extracts(quote), *_of_extracts(event))


def _of_scores() -> tuple[Rule, ...]:
    t, s = tone.c, score.c
    read = tone.join(revision, revision.c.id == t.revision_id)
    its_tone = score.join(tone, sa.and_(t.scoring_id == s.scoring_id, t.revision_id == s.revision_id))
    shares = (s.negative, s.neutral, s.positive)
    some = sa.or_(*(one.is_not(None) for one in shares))
    uneven = sa.and_(
        some, sa.not_(sa.func.coalesce(sa.func.abs(s.negative + s.neutral + s.positive - 1), 9) < _ROUNDING)
    )
    is_unread = s.state == _UNREAD
    return (
        Rule(
            "tone_range",
            "tone",
            "a tone is −1…1 where the text was scored, and null where not",
            sa.select(*_TONE, t.state, t.tone).where(
                sa.or_(t.state.not_in(_STATES), outside(t.tone, -1, 1), (t.state == "scored") != t.tone.is_not(None))
            ),
        ),
        Rule(
            "tone_time",
            "tone",
            "a text is scored after it is written down",
            sa.select(*_TONE).select_from(read).where(is_after(revision.c.recorded_at, t.scored_at)),
        ),
        Rule(
            "score_range",
            "score",
            "a score is −1…1 and labelled where it was scored, and null where not",
            sa.select(*_SCORE, s.state, s.score).where(
                sa.or_(
                    s.state.not_in(_STATES),
                    outside(s.score, -1, 1),
                    (s.state == "scored") != s.score.is_not(None),
                    is_unread != (s.label == ""),
                    s.label.not_in((*_LABELS, "")),
                    outside(s.relevance, 0, 100),
                    s.mention_count < 0,
                )
            ),
        ),
        Rule(
            "score_shares",
            "score",
            "shares are 0–1 and one together, and an interval within −1…1 holds its score",
            sa.select(*_SCORE).where(
                sa.or_(
                    uneven,
                    *(outside(one, 0, 1) for one in shares),
                    outside(s.low, -1, 1),
                    outside(s.high, -1, 1),
                    s.low > s.high,
                    (s.low.is_(None)) != (s.high.is_(None)),
                    s.score < s.low - _ROUNDING,
                    s.score > s.high + _ROUNDING,
                )
            ),
        ),
        Rule(
            "score_tone",
            "score",
            "a score is read when the tone of its text is, in the same language",
            sa.select(*_SCORE)
            .select_from(its_tone)
            .where(sa.or_(micros(s.scored_at) != micros(t.scored_at), is_unread != (t.state == _UNREAD))),
        ),
        Rule(
            "score_alone",
            "score",
            "no score is without a tone",
            sa.select(*_SCORE).where(~sa.exists().where(t.scoring_id == s.scoring_id, t.revision_id == s.revision_id)),
        ),
        Rule(
            "scoring_name",
            "scoring",
            "a scorer is name/version, under a catalogue",
            sa.select(scoring.c.id, scoring.c.scorer).where(
                sa.or_(sa.not_(scoring.c.scorer.like("%_/_%")), scoring.c.catalogue == "")
            ),
        ),
    )


def _of_extracts(table: sa.Table) -> tuple[Rule, ...]:
    """Quotes and events are kept alike."""
    name, t = table.name, table.c
    targets = quote_target if table is quote else event_target
    keys = (t.revision_id, t.extraction_id)
    place = sa.func.row_number().over(partition_by=keys, order_by=t.position).label("place")
    lain = sa.select(*keys, t.position, place).subquery()
    pruned = sa.exists().where(pruned_text.c.revision_id == t.revision_id)
    is_odd: list[sa.ColumnElement[bool]] = [t.start_offset < 0, t.start_offset >= t.end_offset]
    is_odd += [t.kind.not_in([one.value for one in EventKind])] if table is event else [t.speaker == ""]
    its_read = sa.and_(extracted.c.revision_id == t.revision_id, extracted.c.extraction_id == t.extraction_id)
    of_target = (targets.c.revision_id, targets.c.extraction_id, targets.c.position)
    same: Any = sa.and_(*(t[column.name] == column for column in of_target))
    return (
        Rule(
            f"{name}_shape",
            name,
            f"a {name} is of a known kind and some words long, and its language was read",
            sa.select(*keys, t.position)
            .join(extracted, its_read)
            .where(sa.or_(*is_odd, sa.not_(extracted.c.is_language_read))),
        ),
        Rule(
            f"{name}_order",
            name,
            f"the {name}s of a text are numbered 0, 1 …",
            sa.select(lain.c.revision_id, lain.c.position).where(lain.c.position != lain.c.place - 1),
        ),
        Rule(
            f"{name}_within",
            name,
            f"a {name} lies within its text",
            sa.select(*keys, t.position)
            .join(revision, revision.c.id == t.revision_id)
            .where(t.end_offset > sa.func.length(revision.c.text), ~pruned),
        ),
        Rule(
            f"{name}_alone",
            name,
            f"each {name} belongs to a reading, each of its targets to it",
            sa.select(
                sa.union_all(
                    sa.select(t.revision_id, t.position).where(~sa.exists().where(its_read)),
                    sa.select(targets.c.revision_id, targets.c.position).where(~sa.exists().where(same)),
                ).subquery()
            ),
        ),
    )

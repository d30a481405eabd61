"""What must hold of articles, their revisions, passages, names and stories."""

from functools import cache

import sqlalchemy as sa

from service.news.article import InstantOrigin, PassageKind
from service.news.stories.matching import Kind
from storage.integrity.rule import Rule, is_after, micros, outside, plain
from storage.prune import OPENING
from storage.schema import article, article_alias, opinion, passage, pruned_text, returned, revision, story_member

_TEXT = (revision.c.id, revision.c.article_id, revision.c.number)
_PASSAGE = (passage.c.revision_id, passage.c.position)


@cache
def rules() -> tuple[Rule, ...]:
    """Every rule of news."""
    return (*_of_texts(), *_of_passages(), *_of_stories())


def _of_texts() -> tuple[Rule, ...]:
    r, published = revision.c, micros(revision.c.published_at)
    seen, known = micros(r.first_seen_at), micros(r.available_at)
    live = sa.and_(sa.not_(r.is_assumed), known != sa.case((published > seen, published), else_=seen))
    assumed = sa.and_(r.is_assumed, sa.or_(r.published_at.is_(None), known < published))
    texts = sa.select(revision.c.article_id, revision.c.number)
    returns = sa.select(revision.c.article_id, returned.c.number).join(
        revision, revision.c.id == returned.c.revision_id
    )
    told = sa.union_all(texts, returns).subquery()
    a = article.c
    origins = [one.value for one in InstantOrigin]
    return (
        Rule(
            "article_alone",
            "article",
            "each article has a text",
            sa.select(a.id, a.key).where(~sa.exists().where(revision.c.article_id == a.id)),
        ),
        Rule(
            "article_instants",
            "article",
            "an article is seen before it is written down",
            sa.select(a.id, a.key).where(is_after(a.first_seen_at, a.recorded_at)),
        ),
        Rule(
            "revision_numbers",
            "revision",
            "the texts of an article and its returns to earlier ones are numbered 1, 2 …",
            sa.select(told.c.article_id, sa.func.count().label("texts"))
            .group_by(told.c.article_id)
            .having(sa.or_(sa.func.min(told.c.number) != 1, sa.func.max(told.c.number) != sa.func.count())),
        ),
        Rule(
            "revision_available",
            "revision",
            "a text is known from the later of first sight and publication, in an archive not before its publication",
            sa.select(*_TEXT, plain(r.available_at)).where(sa.or_(live, assumed)),
        ),
        Rule(
            "revision_instants",
            "revision",
            "a text is seen before it is written down",
            sa.select(*_TEXT).where(is_after(r.first_seen_at, r.recorded_at)),
        ),
        Rule(
            "revision_dates",
            "revision",
            "a date that is missing says why, and each says where it was read",
            sa.select(*_TEXT).where(
                sa.or_(
                    sa.and_(r.published_at.is_(None), r.published_reason == ""),
                    r.published_origin.not_in(origins),
                    sa.and_(r.modified_at.is_(None), r.modified_reason == ""),
                    r.modified_origin.not_in(origins),
                )
            ),
        ),
        Rule(
            "revision_language",
            "revision",
            "a language is a code, and how sure it is 0–1",
            sa.select(*_TEXT, r.language).where(sa.or_(r.language == "", outside(r.language_confidence, 0, 1))),
        ),
        Rule(
            "returned_later",
            "returned",
            "an article goes back to a text after it had it",
            sa.select(returned.c.revision_id, returned.c.number)
            .join(revision, r.id == returned.c.revision_id)
            .where(returned.c.number <= r.number),
        ),
        Rule(
            "alias_kind",
            "article_alias",
            "a name is an address or a GUID, and seen before it is written down",
            sa.select(article_alias.c.key, article_alias.c.article_id).where(
                sa.or_(
                    article_alias.c.kind.not_in(("url", "guid")),
                    is_after(article_alias.c.first_seen_at, article_alias.c.recorded_at),
                )
            ),
        ),
        Rule(
            "opinion_range",
            "opinion",
            "percentages lie within −100…100 and 0…100",
            sa.select(opinion.c.source, opinion.c.record).where(
                sa.or_(
                    outside(opinion.c.tone, -100, 100),
                    outside(opinion.c.positive, 0, 100),
                    outside(opinion.c.negative, 0, 100),
                    outside(opinion.c.polarity, 0, 100),
                    opinion.c.words < 0,
                )
            ),
        ),
    )


def _of_passages() -> tuple[Rule, ...]:
    p = passage.c
    before = sa.func.lag(p.end_offset).over(partition_by=p.revision_id, order_by=p.position).label("before")
    place = sa.func.row_number().over(partition_by=p.revision_id, order_by=p.position).label("place")
    lain = sa.select(p.revision_id, p.position, p.start_offset, p.end_offset, before, place).subquery()
    askew = sa.or_(
        lain.c.position != lain.c.place - 1,
        lain.c.start_offset >= lain.c.end_offset,
        lain.c.start_offset < sa.func.coalesce(lain.c.before, 0),
    )
    ends = sa.select(p.revision_id, sa.func.max(p.end_offset).label("last")).group_by(p.revision_id).subquery()
    pruned = sa.exists().where(pruned_text.c.revision_id == revision.c.id)
    without = ~sa.exists().where(p.revision_id == revision.c.id)
    return (
        Rule(
            "passage_order",
            "passage",
            "passages are numbered 0, 1 … and lie one after another, none overlapping",
            sa.select(lain.c.revision_id, lain.c.position).where(askew),
        ),
        Rule(
            "passage_within",
            "passage",
            "the last passage ends within its text",
            sa.select(ends.c.revision_id, ends.c.last)
            .join(revision, revision.c.id == ends.c.revision_id)
            .where(ends.c.last > sa.func.length(revision.c.text), ~pruned),
        ),
        Rule(
            "passage_kind",
            "passage",
            "each passage is of a known kind, and how sure that is 0–1",
            sa.select(*_PASSAGE, p.kind).where(
                sa.or_(p.kind.not_in([one.value for one in PassageKind]), outside(p.confidence, 0, 1))
            ),
        ),
        Rule(
            "passage_missing",
            "revision",
            "each text that has words has passages, unless it was pruned",
            sa.select(*_TEXT).where(without, sa.func.trim(revision.c.text) != "", ~pruned),
        ),
        Rule(
            "pruned_text",
            "pruned_text",
            "a pruned text is empty, or the opening words of one without a title, and has no passages",
            sa.select(pruned_text.c.revision_id)
            .join(revision, revision.c.id == pruned_text.c.revision_id)
            .where(
                sa.or_(
                    sa.exists().where(p.revision_id == revision.c.id),
                    sa.func.length(revision.c.text) > OPENING,
                    sa.and_(revision.c.text != "", sa.func.trim(revision.c.title) != ""),
                )
            ),
        ),
    )


def _of_stories() -> tuple[Rule, ...]:
    m = story_member.c
    own = revision.join(article, article.c.id == revision.c.article_id)
    teller, parent = article.alias("teller"), article.alias("parent_article")
    return (
        Rule(
            "story_member",
            "story_member",
            "a text is of a known kind, at place 1 or later, novelty and likeness in range; "
            "the first of a story tells its own, every other has a parent",
            sa.select(m.revision_id, m.story, m.kind)
            .select_from(story_member.join(own, revision.c.id == m.revision_id))
            .where(
                sa.or_(
                    m.kind.not_in([one.value for one in Kind]),
                    m.place < 1,
                    outside(m.novelty, 0, 100),
                    outside(m.similarity, 0, 1),
                    m.parent_number < 0,
                    (m.kind == Kind.FIRST.value) != (m.parent == ""),
                    sa.and_(m.kind == Kind.FIRST.value, m.story != article.c.key),
                )
            ),
        ),
        Rule(
            "story_told",
            "story_member",
            "the article that told a story first is held",
            sa.select(m.revision_id, m.story).where(~sa.exists().where(teller.c.key == m.story)),
        ),
        Rule(
            "story_parent",
            "story_member",
            "the text that one is nearest to is held",
            sa.select(m.revision_id, m.parent).where(
                m.parent != "",
                ~sa.exists().where(
                    parent.c.key == m.parent, parent.c.id == revision.c.article_id, revision.c.number == m.parent_number
                ),
            ),
        ),
        Rule(
            "story_time",
            "story_member",
            "a text is placed after it is written down",
            sa.select(m.revision_id)
            .join(revision, revision.c.id == m.revision_id)
            .where(is_after(revision.c.recorded_at, m.recorded_at)),
        ),
    )

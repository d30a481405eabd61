"""Tools for articles: one as it reads, how it was scored toward a target, and what made a bar."""

import datetime as dt
from typing import Any, Final

import sqlalchemy as sa

from jobs.assistants.answering import read_as_of, reading, tell
from jobs.assistants.arguments import OneArticle, OnePoint, OneScore
from jobs.assistants.quoting import quote
from jobs.assistants.rows import load_rows, require_target, units_of
from jobs.explain import explain_point as lead_back
from jobs.explain import write_mention
from jobs.house import House
from jobs.read import name_key
from service.errors import BadInput
from service.instants import format_instant
from service.news.article import Article
from service.sentiment.scorer import State
from storage import lookup, scores
from storage.articles import StoredRevision
from storage.pruned import find_pruned

MOST_SIGNS: Final = 40_000
"""So many signs of text an answer holds; a longer passage comes alone, cut."""
_SCORE_FIELDS: Final = (
    *("revision", "scorer", "target", "state", "score", "label", "relevance", "mention_count", "negative", "neutral"),
    *("positive", "low", "high", "scored_at"),
)
_READING = {
    "weight": "of the article in its bar; of a word in its mention's score",
    "contribution": "weight × value / total weight: together they are the bar's sentiment, −1…1",
    "relevance": "0–100",
    "score": "−1…1",
    "start, end": "code points of the article's stored text",
    "explanation": "mentions with their place, passage and the words that made their score",
}


def get_article(house: House, asked: OneArticle) -> dict[str, Any]:
    """An article as it reads, or read then: passages, scores by scorer and target, revisions."""
    as_of = read_as_of(house, asked.as_of)
    with reading(house) as connection:
        key, found, pruned_at = _find(connection, asked.article, as_of)
        pairs = [("article", key)]
        read = load_rows(connection, house, "scores", [*pairs, ("fields", ",".join(_SCORE_FIELDS))], asked.as_of)
        tones = load_rows(connection, house, "tones", pairs, asked.as_of)
        tellings = load_rows(connection, house, "tellings", pairs, asked.as_of)
    passages, following = ([], None) if pruned_at else _cut(found.article, asked.passage)
    told = {
        **_describe(key, found),
        "text_pruned_at": None if pruned_at is None else format_instant(pruned_at),
        "passages": passages,
        "scores": read,
        "tones": tones,
        "tellings": tellings,
    }
    units = {**units_of("scores", _SCORE_FIELDS), **units_of("tones", ["tone"]), **units_of("tellings", ["is_return"])}
    origin = "v_articles, v_scores, v_tones, v_tellings"
    return tell(house, origin, quote(told), as_of=as_of, units=units, following=following)


def explain_score(house: House, asked: OneScore) -> dict[str, Any]:
    """How each scorer came to what it says of one article toward one target, or why it says nothing."""
    as_of = read_as_of(house, asked.as_of)
    require_target(house, asked.target)
    with reading(house) as connection:
        key, found, pruned_at = _find(connection, asked.article, as_of)
        tones = load_rows(connection, house, "tones", [("article", key)], asked.as_of)
        read = [
            _explain(connection, found, one, asked.target, as_of)
            for one in tones
            if one["revision_id"] == found.id and asked.scorer in (None, one["scorer"])
        ]
    if not read and asked.scorer is not None:
        there = ", ".join(sorted({one["scorer"] for one in tones})) or "none yet"
        raise BadInput("scorer", asked.scorer, f"has not read this article; scorers that have: {there}")
    told = {
        **_describe(key, found),
        "target": asked.target,
        "text_pruned_at": None if pruned_at is None else format_instant(pruned_at),
        "readings": read,
    }
    return tell(house, "v_scores, v_tones", quote(told), as_of=as_of, units=_READING)


def explain_point(house: House, asked: OnePoint) -> dict[str, Any]:
    """The articles that made a bar, with contributions that sum to its sentiment."""
    as_of = read_as_of(house, asked.as_of)
    with reading(house):
        pass  # what is gone is told before the point is looked for
    return tell(house, "v_series, v_lineage, v_candles", quote(lead_back(house, asked.point, asked.as_of)),
                as_of=as_of, units=_READING)  # fmt: skip


def _find(
    connection: sa.Connection, what: str, as_of: dt.datetime | None
) -> tuple[str, StoredRevision, dt.datetime | None]:
    """Key, text and when it was pruned. Raises `BadInput` where no such article is stored."""
    key = name_key(what)
    if key is None:
        raise BadInput("article", what, "give a key of 32 hex digits, or an address that begins with http")
    found = lookup.load_latest(connection, key, as_of=as_of)
    if found is None:
        held = "no such article is stored" if as_of is None else "no such article was known then"
        raise BadInput("article", what, f"{held}; query_listing articles shows those there are")
    return key, found, find_pruned(connection, [found.id]).get(found.id)


def _describe(key: str, found: StoredRevision) -> dict[str, Any]:
    one = found.article
    published = one.published.instant
    return {
        "article": key,
        "revision_id": found.id,
        "title": one.title,
        "url": one.url,
        "authors": list(one.authors),
        "source": one.source,
        "language": one.language,
        "published_at": None if published is None else format_instant(published),
        "available_at": format_instant(one.available_at),
        "available_is_assumed": one.is_assumed,
    }


def _cut(article: Article, first: int) -> tuple[list[dict[str, Any]], int | None]:
    """Passages from the `first` on, as many as an answer holds, and the number that leads on."""
    if first and first >= len(article.passages):
        raise BadInput("passage", first, f"the article has {len(article.passages)} passages, counted from 0")
    told: list[dict[str, Any]] = []
    signs = 0
    for number, one in enumerate(article.passages[first:], first):
        signs += one.end - one.start
        if told and signs > MOST_SIGNS:
            return told, number
        end = min(one.end, one.start + MOST_SIGNS)
        told.append({"passage": number, "kind": one.kind.value, "start": one.start, "end": one.end,
                     "is_cut": end < one.end, "text": article.text[one.start : end]})  # fmt: skip
    return told, None


def _explain(
    connection: sa.Connection, found: StoredRevision, tone: dict[str, Any], target: str, as_of: dt.datetime | None
) -> dict[str, Any]:
    """What one scorer says; without a score beside its tone the target is absent, or nothing was read."""
    scorer, catalogue = tone["scorer"], tone["catalogue"]
    read = scores.load_weighty(connection, [found.id], target=target, scorer=scorer, catalogue=catalogue, as_of=as_of)
    told = {"scorer": scorer, "catalogue": catalogue, "tone_of_the_whole": tone["tone"]}
    if not read or read[0].state is State.NO_MENTION:
        unread = State.UNSUPPORTED_LANGUAGE.value
        state = unread if tone["state"] == unread else State.NO_MENTION.value
        return {**told, "state": state, "score": None, "explanation": []}
    one = read[0]
    return {
        **told,
        "state": one.state.value,
        "score": one.score,
        "relevance": one.relevance,
        "probabilities": None if one.probabilities is None else list(one.probabilities),
        "interval": None if one.interval is None else list(one.interval),
        "explanation": [write_mention(mention, found) for mention in one.mentions],
    }

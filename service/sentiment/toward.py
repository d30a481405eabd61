"""From an article to its score toward each target it mentions.

prepared.prepare ─▶ MentionContext per mention ─▶ scorer (one call a batch)
         ─▶ MentionScore ─▶ pooling.combine per target, relevance ─▶ Score ─▶ ArticleReading
"""

from collections.abc import Sequence
from typing import Final

from service.news.article import Article, PassageKind
from service.sentiment import relevance
from service.sentiment.catalogue import Catalogue
from service.sentiment.contexts import Placed, rebase
from service.sentiment.pooling import combine
from service.sentiment.prepared import Prepared, prepare
from service.sentiment.score import ArticleReading, Mention, MentionScore, Score
from service.sentiment.scorer import Explaining, MentionContext, Reading, Scorer, State, identify

_UNREAD: Final = Reading(State.UNSUPPORTED_LANGUAGE, None, None)
_NO_SCORES: tuple[Score, ...] = ()


def score_article(article: Article, *, catalogue: Catalogue, scorer: Scorer) -> ArticleReading:
    """What `scorer` reads in one article; see `score_articles`."""
    return score_articles([article], catalogue=catalogue, scorer=scorer)[0]


def score_articles(articles: Sequence[Article], *, catalogue: Catalogue, scorer: Scorer) -> list[ArticleReading]:
    """What `scorer` reads in each article, in their order; all mentions go to the scorer in one call.

    Only title and body passages are read. Titles such as “SEC chair” mean who held the office when the article was
    published. An article in a language the scorer does not read is UNSUPPORTED_LANGUAGE: no tone, no scores.
    Sentences that several articles share (syndication) are read once.
    """
    return score_prepared([prepare(article, catalogue) for article in articles], catalogue=catalogue, scorer=scorer)


def score_prepared(prepared: Sequence[Prepared], *, catalogue: Catalogue, scorer: Scorer) -> list[ArticleReading]:
    """The same for articles made ready with this `catalogue`: several scorers then need not find mentions each."""
    readable = [one for one in prepared if one.article.language in scorer.languages]
    readings = read_contexts([placed for one in readable for placed in one.placed], scorer)
    name = identify(scorer)
    result: list[ArticleReading] = []
    for one in prepared:
        language = one.article.language
        whole, scores = _UNREAD, _NO_SCORES
        if language in scorer.languages:
            whole, scores = scorer.score_tone(one.text, language), _score_targets(one, readings)
        result.append(ArticleReading(name, catalogue.digest, language, whole.state, whole.score, scores))
    return result


def read_contexts(placed: Sequence[Placed], scorer: Scorer, *, explain: bool = False) -> dict[MentionContext, Reading]:
    """The scorer's reading of each distinct context, asked for in one call, neighbours of a sentence together.

    With `explain` each is explained by itself, where the scorer can: evidence that it does not give in bulk.
    """
    distinct = list(dict.fromkeys(one.read_as for one in placed))
    if explain and isinstance(scorer, Explaining):
        return {context: scorer.explain(context) for context in distinct}
    return dict(zip(distinct, scorer.score_mentions(distinct), strict=True)) if distinct else {}


def _score_targets(one: Prepared, readings: dict[MentionContext, Reading]) -> tuple[Score, ...]:
    """A score for each target of the article, the most relevant first."""
    by_target: dict[str, list[Placed]] = {}
    for placed in one.placed:
        by_target.setdefault(placed.mention.target, []).append(placed)
    counted = {
        target: [placed.mention for placed in group if placed.repeats is None] for target, group in by_target.items()
    }
    layout = _lay_out(one, list(counted.values()))
    scores: list[Score] = []
    for target, group in by_target.items():
        rated, reasons = relevance.rate(counted[target], layout)
        pooled = combine([readings[placed.context] for placed in group if placed.repeats is None])
        items: tuple[MentionScore, ...] = tuple(rebase(placed, readings[placed.read_as]) for placed in group)
        figure = (pooled.state, pooled.score, pooled.label)
        scores.append(Score(target, *figure, rated, reasons, items, pooled.probabilities, pooled.interval))
    return tuple(sorted(scores, key=lambda score: (-score.relevance, score.target)))


def _lay_out(one: Prepared, counted: Sequence[Sequence[Mention]]) -> relevance.Layout:
    weights = [relevance.weigh(group) for group in counted]
    titles = [passage for passage in one.article.passages if passage.kind is PassageKind.TITLE]
    title = (titles[0].start, titles[0].end) if titles else None
    body = [span for span in one.sentences if title is None or not title[0] <= span[0] < title[1]]
    lead = (body[0][0], body[min(1, len(body) - 1)][1]) if body else None
    openings = frozenset(start for start, _ in one.sentences)
    return relevance.Layout(title, lead, openings, sum(weights), max(weights, default=0.0))

"""From an article to its score toward each target it mentions.

prepared.prepare ─▶ MentionContext per mention ─▶ scorer (one call a batch)
         ─▶ MentionScore ─▶ mean per target, relevance ─▶ Score ─▶ ArticleReading
"""

from collections.abc import Sequence
from typing import Final

from service.news.article import Article, PassageKind
from service.sentiment import relevance
from service.sentiment.catalogue import Catalogue
from service.sentiment.contexts import Placed, rebase
from service.sentiment.prepared import Prepared, prepare
from service.sentiment.score import ArticleReading, MentionScore, Score
from service.sentiment.scorer import Label, MentionContext, Reading, Scorer, State, identify

LABEL_AT: Final = 0.1  # a mean over mentions of unlike labels is positive from here up, negative from its opposite down

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


def read_contexts(placed: Sequence[Placed], scorer: Scorer) -> dict[MentionContext, Reading]:
    """The scorer's reading of each distinct context, asked for in one call, neighbours of a sentence together."""
    distinct = list(dict.fromkeys(one.context for one in placed))
    return dict(zip(distinct, scorer.score_mentions(distinct), strict=True)) if distinct else {}


def _score_targets(one: Prepared, readings: dict[MentionContext, Reading]) -> tuple[Score, ...]:
    """A score for each target of the article, the most relevant first."""
    by_target: dict[str, list[Placed]] = {}
    for placed in one.placed:
        by_target.setdefault(placed.mention.target, []).append(placed)
    layout = _lay_out(one, by_target)
    scores: list[Score] = []
    for target, group in by_target.items():
        rated, reasons = relevance.rate([placed.mention for placed in group], layout)
        state, score, label = combine([readings[placed.context] for placed in group])
        items: tuple[MentionScore, ...] = tuple(rebase(placed, readings[placed.context]) for placed in group)
        scores.append(Score(target, state, score, label, rated, reasons, items))
    return tuple(sorted(scores, key=lambda score: (-score.relevance, score.target)))


def _lay_out(one: Prepared, by_target: dict[str, list[Placed]]) -> relevance.Layout:
    weights = [relevance.weigh([placed.mention for placed in group]) for group in by_target.values()]
    titles = [passage for passage in one.article.passages if passage.kind is PassageKind.TITLE]
    title = (titles[0].start, titles[0].end) if titles else None
    body = [span for span in one.sentences if title is None or not title[0] <= span[0] < title[1]]
    lead = (body[0][0], body[min(1, len(body) - 1)][1]) if body else None
    openings = frozenset(start for start, _ in one.sentences)
    return relevance.Layout(title, lead, openings, sum(weights), max(weights, default=0.0))


def combine(readings: Sequence[Reading]) -> tuple[State, float | None, Label]:
    """One state, score and label of a target's mentions (at least one reading).

    The plain mean, a mention without signal counting as 0 once any is scored: neutrals are never dropped and extremes
    never taken, which correlates best with readers' own view of a text. No mention scored: NO_SIGNAL, and no figure.
    """
    scores = [reading.score for reading in readings if reading.score is not None]
    if not scores:
        return State.NO_SIGNAL, None, Label.NEUTRAL
    mean = sum(scores) / len(readings)
    return State.SCORED, mean, _label(mean, readings)


def _label(mean: float, readings: Sequence[Reading]) -> Label:
    """The label all mentions agree on; else the likeliest by their mean probabilities; else by LABEL_AT."""
    labels = {reading.label for reading in readings}
    if len(labels) == 1 and (label := labels.pop()) is not None:
        return label
    known = [reading.probabilities or (0.0, 1.0, 0.0) for reading in readings]
    if any(reading.probabilities for reading in readings):
        sums = [sum(column) for column in zip(*known, strict=True)]
        return tuple(Label)[sums.index(max(sums))]
    if mean >= LABEL_AT:
        return Label.POSITIVE
    return Label.NEGATIVE if mean <= -LABEL_AT else Label.NEUTRAL

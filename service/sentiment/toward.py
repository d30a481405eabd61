"""From an article to its score toward each target it mentions.

passages ─▶ scored spans ─▶ sentences ─▶ mentions.find ─▶ MentionContext per mention ─▶ scorer (one batch)
         ─▶ MentionScore ─▶ mean per target, relevance ─▶ Score ─▶ ArticleReading
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from service.news.article import Article, PassageKind
from service.news.passages import scored_spans, scored_text
from service.sentiment import mentions as finding
from service.sentiment import relevance
from service.sentiment.catalogue import Catalogue
from service.sentiment.score import ArticleReading, Mention, MentionScore, Score
from service.sentiment.scorer import Label, MentionContext, Reading, Scorer, State, identify

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Placed:
    """A mention, the sentence it stands in, and how a scorer sees it; `offset` is the sentence's start in the text."""

    mention: Mention
    context: MentionContext
    offset: int


@dataclass(frozen=True, slots=True)
class _Prepared:
    """An article ready to be read."""

    article: Article
    sentences: list[Span]
    placed: list[Placed]


def score_article(article: Article, *, catalogue: Catalogue, scorer: Scorer) -> ArticleReading:
    """What `scorer` reads in one article; see `score_articles`."""
    return score_articles([article], catalogue=catalogue, scorer=scorer)[0]


def score_articles(articles: Sequence[Article], *, catalogue: Catalogue, scorer: Scorer) -> list[ArticleReading]:
    """What `scorer` reads in each article, in their order; all mentions go to the scorer in one call.

    Only title and body passages are read. An article in a language the scorer does not read has no tone and no scores.
    """
    prepared = [_prepare(article, catalogue) if article.language in scorer.languages else None for article in articles]
    contexts = [placed.context for one in prepared if one is not None for placed in one.placed]
    readings = iter(scorer.score_mentions(contexts))
    result = []
    for article, one in zip(articles, prepared, strict=True):
        if one is None:
            unread = State.UNSUPPORTED_LANGUAGE
            result.append(ArticleReading(identify(scorer), catalogue.digest, article.language, unread, None, ()))
            continue
        scored = [rebase(placed, next(readings)) for placed in one.placed]
        tone = scorer.score_tone(scored_text(article.text, article.passages), article.language)
        scores = _combine_all(one, scored)
        reading = ArticleReading(identify(scorer), catalogue.digest, article.language, tone.state, tone.score, scores)
        result.append(reading)
    return result


def _prepare(article: Article, catalogue: Catalogue) -> _Prepared:
    spans = scored_spans(article.passages)
    sentences = finding.cut_sentences(article.text, article.language, spans)
    found = finding.find(
        article.text,
        language=article.language,
        catalogue=catalogue,
        spans=spans,
        at=article.published.instant,
        sentences=sentences,
    )
    return _Prepared(article, sentences, place(article.text, article.language, sentences, found))


def place(text: str, language: str, sentences: Sequence[Span], found: Sequence[Mention]) -> list[Placed]:
    """Each mention in its sentence, the sentence's other mentions told apart: the same target's and others'."""
    starts = [start for start, _ in sentences]
    by_sentence: dict[int, list[Mention]] = {}
    for mention in found:
        at = bisect_right(starts, mention.start) - 1
        if at >= 0 and mention.end <= sentences[at][1]:
            by_sentence.setdefault(at, []).append(mention)
    placed = []
    for at, group in sorted(by_sentence.items()):
        start, end = sentences[at]
        sentence = text[start:end]
        spans = [(mention.start - start, mention.end - start) for mention in group]
        for mention, span in zip(group, spans, strict=True):
            same = [s for m, s in zip(group, spans, strict=True) if m is not mention and m.target == mention.target]
            others = [s for m, s in zip(group, spans, strict=True) if m.target != mention.target]
            context = MentionContext(sentence, span, language, tuple(same), tuple(others))
            placed.append(Placed(mention, context, start))
    return placed


def rebase(placed: Placed, reading: Reading) -> MentionScore:
    """A reading of a sentence as one of the text: evidence offsets count from the text's start."""
    evidence = tuple(
        replace(one, start=one.start + placed.offset, end=one.end + placed.offset) for one in reading.evidence
    )
    return MentionScore(placed.mention, reading.state, reading.score, reading.label, evidence)


def _combine_all(one: _Prepared, scored: Sequence[MentionScore]) -> tuple[Score, ...]:
    by_target: dict[str, list[MentionScore]] = {}
    for item in scored:
        by_target.setdefault(item.mention.target, []).append(item)
    total = relevance.weigh([item.mention for item in scored])
    contexts = {placed.mention: placed.context for placed in one.placed}
    title = _first_span(one.article, PassageKind.TITLE)
    lead = _first_span(one.article, PassageKind.BODY)
    scores = []
    for target, items in by_target.items():
        rated, reasons = relevance.rate(
            [item.mention for item in items], total=total, title=title, lead=lead, sentences=one.sentences
        )
        state, score, label = combine(items, contexts)
        scores.append(Score(target, state, score, label, rated, reasons, tuple(items)))
    return tuple(sorted(scores, key=lambda score: (-score.relevance, score.target)))


def _first_span(article: Article, kind: PassageKind) -> Span | None:
    return next(((passage.start, passage.end) for passage in article.passages if passage.kind is kind), None)


LABEL_AT = 0.1
"""A mean over several mentions is called positive from 0.1, negative from −0.1; a single one keeps its own label."""


def combine(
    items: Sequence[MentionScore], contexts: Mapping[Mention, MentionContext] | None = None
) -> tuple[State, float | None, Label]:
    """One state, score and label of a target's mentions (at least one).

    The plain mean, a mention without signal counting as neutral once any is scored (neutrals dropped or extremes taken
    correlate worse with readers). A mention in a sentence already counted word for word counts once: syndicated
    lines would otherwise vote twice. No mention scored: NO_SIGNAL, and no figure.
    """
    distinct = list({_sentence_key(item, contexts): item for item in reversed(items)}.values())
    values = [item.score for item in distinct if item.score is not None]
    if not values:
        return State.NO_SIGNAL, None, Label.NEUTRAL
    mean = sum(values) / len(distinct)
    if len(distinct) == 1 and distinct[0].label is not None:
        return State.SCORED, mean, distinct[0].label
    label = Label.POSITIVE if mean >= LABEL_AT else Label.NEGATIVE if mean <= -LABEL_AT else Label.NEUTRAL
    return State.SCORED, mean, label


def _sentence_key(item: MentionScore, contexts: Mapping[Mention, MentionContext] | None) -> object:
    context = contexts.get(item.mention) if contexts else None
    return item.mention if context is None else (context.text, context.span)

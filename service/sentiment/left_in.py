"""What passages that are not read would have done to the scores, had they been read: the reason to leave them out.

article ─ per kind of passage: the same article with that kind as body ─▶ toward.score_articles, all in one call
        ─▶ per kind: each target's score and the tone, without and with
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from service.news.article import Article, Passage, PassageKind
from service.sentiment import toward
from service.sentiment.catalogue import Catalogue
from service.sentiment.score import ArticleReading, Score
from service.sentiment.scorer import Scorer


@dataclass(frozen=True, slots=True)
class Changed:
    """A target whose score (−1…1, None where there is none) or number of mentions the passages would change."""

    target: str
    without: float | None
    left_in: float | None
    mentions_without: int
    mentions_left_in: int


@dataclass(frozen=True, slots=True)
class LeftIn:
    """The passages of some kinds, read as if they were the article: what would change.

    `kinds` in the order of the text, one or all that are there; `passages` and `words` are how many; `targets` those
    that change, the most changed first; the tones are of the whole text (−1…1, None where nothing is found).
    """

    kinds: tuple[PassageKind, ...]
    passages: int
    words: int
    tone_without: float | None
    tone_left_in: float | None
    targets: tuple[Changed, ...]


def leave_in(article: Article, *, catalogue: Catalogue, scorer: Scorer) -> tuple[LeftIn, ...]:
    """Each kind of passage that is not read, by itself, then all of them together where there are several.

    Empty where all was read or the scorer does not read the language.
    """
    kinds = list(dict.fromkeys(passage.kind for passage in article.passages if not passage.kind.is_scored))
    if not kinds or article.language not in scorer.languages:
        return ()
    choices = [(kind,) for kind in kinds] + ([tuple(kinds)] if len(kinds) > 1 else [])
    variants = [_read_as_body(article, choice) for choice in choices]
    without, *others = toward.score_articles([article, *variants], catalogue=catalogue, scorer=scorer)
    return tuple(_compare(article, kinds, without, other) for kinds, other in zip(choices, others, strict=True))


def _read_as_body(article: Article, kinds: Sequence[PassageKind]) -> Article:
    def turn(passage: Passage) -> Passage:
        return replace(passage, kind=PassageKind.BODY) if passage.kind in kinds else passage

    return replace(article, passages=tuple(turn(passage) for passage in article.passages))


def _compare(
    article: Article, kinds: tuple[PassageKind, ...], without: ArticleReading, left_in: ArticleReading
) -> LeftIn:
    chosen = [passage for passage in article.passages if passage.kind in kinds]
    words = sum(len(article.text[passage.start : passage.end].split()) for passage in chosen)
    before, after = ({score.target: score for score in reading.scores} for reading in (without, left_in))
    changes = [_change(target, before.get(target), after.get(target)) for target in dict.fromkeys([*before, *after])]
    moved = [one for one in changes if (one.without, one.mentions_without) != (one.left_in, one.mentions_left_in)]
    ordered = sorted(moved, key=lambda one: (-abs((one.left_in or 0.0) - (one.without or 0.0)), one.target))
    return LeftIn(kinds, len(chosen), words, without.tone, left_in.tone, tuple(ordered))


def _change(target: str, before: Score | None, after: Score | None) -> Changed:
    figures = [(score.score, len(score.mentions)) if score is not None else (None, 0) for score in (before, after)]
    (without, mentions), (left_in, more) = figures
    return Changed(target, without, left_in, mentions, more)

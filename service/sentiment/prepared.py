"""An article made ready once for whoever reads it: scorers, and the extractors of quotes and events.

passages ─▶ scored spans ─▶ sentences ─▶ mentions.find ─▶ MentionContext per mention
"""

from collections.abc import Sequence
from dataclasses import dataclass

from service.news.article import Article
from service.news.passage.passages import scored_spans, scored_text
from service.sentiment import mentions as finding
from service.sentiment.catalogue import Catalogue
from service.sentiment.contexts import Placed, place
from service.sentiment.score import Mention

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Prepared:
    """An article with what is found in its title and body passages; spans are [start, end) in code points, sorted.

    `mentions` are all of the catalogue's, `placed` those a scorer reads; `text` is what has a tone, a passage a line.
    """

    article: Article
    spans: Sequence[Span]
    sentences: Sequence[Span]
    mentions: Sequence[Mention]
    placed: Sequence[Placed]
    text: str


def prepare(article: Article, catalogue: Catalogue) -> Prepared:
    """Find the mentions of `catalogue` in an article, as of the day it was published."""
    spans = sorted(scored_spans(article.passages))
    sentences = finding.cut_sentences(article.text, article.language, spans)
    found = finding.find(
        article.text,
        language=article.language,
        catalogue=catalogue,
        spans=spans,
        at=article.published.instant,
        sentences=sentences,
    )
    placed = place(article.text, article.language, sentences, found)
    return Prepared(article, spans, sentences, found, placed, scored_text(article.text, article.passages))

"""One article read closely, for a page that somebody looks at: several scorers, word by word, quotes and events.

article ─┬─ toward.score_article, one scorer after another, each showing its words ─▶ ScorerReading
         ├─ mentions.find ─▶ every mention, those too that were read together with another
         ├─ quotes.find, events.find
         └─ left_in.leave_in, by one quick scorer: what the passages left out would have done
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol, runtime_checkable

from service.news.article import Article
from service.news.passage.passages import scored_spans
from service.sentiment import events, mentions, quotes, toward
from service.sentiment.catalogue import Catalogue
from service.sentiment.composite import CompositeScorer
from service.sentiment.events import Event
from service.sentiment.left_in import LeftIn, leave_in
from service.sentiment.quotes import Quote
from service.sentiment.score import ArticleReading, Mention
from service.sentiment.scorer import Explaining, MentionContext, Reading, Scorer, State, identify

MOST_EXPLAINED: Final = 40  # sentences of an article explained by leaving words out: each costs a reading a word

Span = tuple[int, int]


@runtime_checkable
class StartsSomewhere(Protocol):
    """A scorer whose evidence adds up only together with a start."""

    def bias(self, language: str) -> float:
        """The start, in the unit of the evidence's weights."""
        ...


@dataclass(frozen=True, slots=True)
class ScorerReading:
    """What one scorer read in the article.

    `asked` is its `name/version`, `reader` that of who reads the article's language for it (the same, but where a
    companion does). `start`, where not None, is what the weights of a mention's words add up from.
    """

    asked: str
    reader: str
    reading: ArticleReading
    start: float | None = None


@dataclass(frozen=True, slots=True)
class CloseReading:
    """An article with all that was read in it; offsets are code points of `article.text`.

    `scorers` in the order asked for, each reader once: `doubles` names the scorers left out as (`asked`, `reader`)
    because that reader already stands among them. In a language no scorer reads, `sentences`, `mentions`, `quotes` and
    `events` are empty. `left_in` tells what the passages that are not read would have done to the scores of
    `left_in_by` (`name/version`); both are empty where nobody was asked. `catalogue` gives the targets' names.
    """

    article: Article
    catalogue: Catalogue
    scorers: tuple[ScorerReading, ...]
    doubles: tuple[tuple[str, str], ...]
    sentences: tuple[Span, ...]
    mentions: tuple[Mention, ...]
    quotes: tuple[Quote, ...]
    events: tuple[Event, ...]
    left_in: tuple[LeftIn, ...] = ()
    left_in_by: str = ""

    @property
    def is_read(self) -> bool:
        """Whether any scorer reads the article's language."""
        return any(one.reading.state is not State.UNSUPPORTED_LANGUAGE for one in self.scorers)


def read_closely(
    article: Article, *, catalogue: Catalogue, scorers: Sequence[Scorer], weigher: Scorer | None = None
) -> CloseReading:
    """Everything `scorers` (at least one) read in `article`, with the words that moved each reading.

    `weigher`, a quick scorer, reads the article again with each kind of passage that is left out.
    Where a scorer shows its words only by leaving them out, at most `MOST_EXPLAINED` sentences are shown so.
    """
    language = article.language
    read: dict[str, ScorerReading] = {}
    doubles: list[tuple[str, str]] = []
    for scorer in scorers:
        reader = _reader(scorer, language)
        asked, name = identify(scorer), identify(reader)
        if name in read:
            if asked not in read:
                doubles.append((asked, name))
            continue
        reading = toward.score_article(article, catalogue=catalogue, scorer=_WordByWord(scorer, reader))
        start = reader.bias(language) if isinstance(reader, StartsSomewhere) and language in reader.languages else None
        read[name] = ScorerReading(asked, name, reading, start)
    spans = scored_spans(article.passages) if any(language in scorer.languages for scorer in scorers) else []
    sentences = mentions.cut_sentences(article.text, language, spans)
    found = mentions.find(
        article.text,
        language=language,
        catalogue=catalogue,
        spans=spans,
        at=article.published.instant,
        sentences=sentences,
    )
    said = quotes.find(article.text, found, language=language, catalogue=catalogue, spans=spans, sentences=sentences)
    told = events.find(article.text, found, language=language, sentences=sentences)
    left_in = leave_in(article, catalogue=catalogue, scorer=weigher) if weigher is not None else ()
    return CloseReading(
        *(article, catalogue, tuple(read.values()), tuple(doubles), tuple(sentences), found, said, told),
        left_in=left_in,
        left_in_by=identify(weigher) if weigher is not None and left_in else "",
    )


def _reader(scorer: Scorer, language: str) -> Scorer:
    """Who reads the language for this scorer."""
    return (scorer.reader(language) or scorer) if isinstance(scorer, CompositeScorer) else scorer


class _WordByWord:
    """The scorer with the words of each mention, asked for where its readings do not carry them."""

    def __init__(self, scorer: Scorer, reader: Scorer) -> None:
        self._scorer, self._reader = scorer, reader
        self.name, self.version, self.languages = scorer.name, scorer.version, scorer.languages

    def score_mentions(self, contexts: Sequence[MentionContext]) -> list[Reading]:
        """The scorer's own readings; the words are added, nothing else changes."""
        readings = self._scorer.score_mentions(contexts)
        if isinstance(self._reader, Explaining):
            for at, context in enumerate(contexts[:MOST_EXPLAINED]):
                readings[at] = replace(readings[at], evidence=self._reader.explain(context).evidence)
        return readings

    def score_tone(self, text: str, language: str) -> Reading:
        """The scorer's own."""
        return self._scorer.score_tone(text, language)

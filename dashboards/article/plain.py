"""A close reading as plain text for a terminal; control characters of the article stay out of it."""

from collections.abc import Iterable

from dashboards.article import words
from dashboards.article.left_out import tell_left_out
from dashboards.report.words import moment
from service.news.text.characters import fold
from service.sentiment import explain
from service.sentiment.close_reading import CloseReading
from service.sentiment.score import Score

_MOST_SAID = 8  # quotes and events of a kind; the page shows all


def render(close: CloseReading) -> str:
    """Title and instants, a table of targets by scorers, the words behind each score, quotes, events, versions."""
    article = close.article
    first_seen, available = (f"{moment(at)} UTC" for at in (article.first_seen_at, article.available_at))
    assumed = " (assumed)" if article.is_assumed else ""
    lines = [
        fold(article.title) or "(no title)",
        f"  {fold(article.source)}, {words.name_language(article.language)}, {fold(article.url)}",
        f"  published {words.tell_instant(article.published)}; first seen {first_seen}; available {available}{assumed}",
        "",
        *words.summarise(close),
    ]
    if close.is_read and close.scorers[0].reading.scores:
        lines += ["", *_table(close), "", *_targets(close)]
    if close.left_in:
        lines += [
            "",
            f"had it been read as well, by {close.left_in_by}:",
            *(f"  {line}" for line in tell_left_out(close)),
        ]
    lines += [*_told("said", _quotes(close)), *_told("happened", _events(close)), ""]
    versions = ", ".join(read.reader for read in close.scorers)
    return "\n".join([*lines, f"scorers {versions}; catalogue {close.catalogue.digest}", *_doubles(close)])


def _table(close: CloseReading) -> list[str]:
    """A row a target, a column a scorer."""
    columns = words.name_scorers(close.scorers)
    rows = [["target", "relevance", "mentions", *columns]]
    for first in close.scorers[0].reading.scores:
        cells = [_tell_score(score) for score in words.scores_of(close, first.target)]
        counted = sum(mention.target == first.target for mention in close.mentions)
        rows.append([close.catalogue.name(first.target, "en"), str(first.relevance), str(counted), *cells])
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _tell_score(score: Score | None) -> str:
    figure = words.signed(score.score) if score is not None and score.score is not None else ""
    held = ""
    if score is not None and score.interval is not None:
        held = f" ({' … '.join(words.signed(end) for end in score.interval)})"
    return f"{figure} {words.tell_verdict(score)}{held}".strip()


def _targets(close: CloseReading) -> Iterable[str]:
    """Each target's reasons, then a line a scorer with its heaviest words."""
    columns = words.name_scorers(close.scorers)
    for first in close.scorers[0].reading.scores:
        name = close.catalogue.name(first.target, "en")
        yield f"{name}: {words.tell_reasons(first)}"
        for column, score in zip(columns, words.scores_of(close, first.target), strict=True):
            if score is not None:
                yield f"  {column}: {fold(explain.sentence(score, name=name))}"


def _quotes(close: CloseReading) -> list[str]:
    told = []
    for one in close.quotes:
        speaker = close.catalogue.name(one.speaker, "en") if one.is_target else fold(one.speaker)
        of = ", ".join(close.catalogue.name(key, "en") for key in one.targets)
        text = fold(close.article.text[one.start : one.end])
        told.append(f"{speaker} ({fold(one.verb)}): “{text}”{f' of {of}' if of else ''}")
    return told


def _events(close: CloseReading) -> list[str]:
    told: dict[str, list[str]] = {}
    for one in close.events:
        told.setdefault(one.kind.value, []).append(fold(close.article.text[one.start : one.end]))
    return [f"{kind}: {', '.join(dict.fromkeys(texts))}" for kind, texts in told.items()]


def _told(heading: str, lines: list[str]) -> list[str]:
    if not lines:
        return []
    more = [f"  and {len(lines) - _MOST_SAID} more"] if len(lines) > _MOST_SAID else []
    return ["", f"{heading}:", *(f"  {line}" for line in lines[:_MOST_SAID]), *more]


def _doubles(close: CloseReading) -> list[str]:
    language = words.name_language(close.article.language)
    return [
        f"{asked} does not read {language} itself: {reader} reads it in its place" for asked, reader in close.doubles
    ]

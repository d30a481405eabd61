"""Codes of a reading as people read them, and the answer in a few sentences."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from dashboards.report.words import LANGUAGE_NAMES as _LANGUAGE_NAMES
from dashboards.report.words import MISSING, STATE_NAMES, moment
from dashboards.report.words import signed as _signed
from service.news.article import Dated, InstantOrigin, Passage, PassageKind
from service.sentiment.close_reading import CloseReading, ScorerReading
from service.sentiment.score import MentionForm, MentionScore, Score

NOT_READ: Final = {
    PassageKind.PROMO: ("advert", "adverts"),
    PassageKind.AFFILIATE: ("affiliate notice", "affiliate notices"),
    PassageKind.SPONSOR: ("sponsor mark", "sponsor marks"),
    PassageKind.NEWSLETTER: ("newsletter box", "newsletter boxes"),
    PassageKind.DISCLAIMER: ("disclaimer", "disclaimers"),
    PassageKind.BIO: ("author line", "author lines"),
    PassageKind.COUNTER: ("view counter", "view counters"),
    PassageKind.SHARE: ("share bar", "share bars"),
    PassageKind.RELATED: ("list of links", "lists of links"),
    PassageKind.CAPTION: ("picture caption", "picture captions"),
    PassageKind.COMMENTS: ("stretch of comments", "stretches of comments"),
}
FORM_NAMES: Final = {
    MentionForm.ALIAS: "name",
    MentionForm.TICKER: "ticker",
    MentionForm.SURNAME: "surname",
    MentionForm.ROLE: "title or office",
    MentionForm.PRONOUN: "pronoun or noun for it",
    MentionForm.LITERAL: "name as asked for",
}
LANGUAGE_NAMES: Final = {**_LANGUAGE_NAMES, "und": "not known"}
ORIGIN_NAMES: Final = {
    InstantOrigin.FEED: "from the feed",
    InstantOrigin.PAGE: "from the page",
    InstantOrigin.ARCHIVE: "from the archive",
    InstantOrigin.HEADER: "from the server's header",
    InstantOrigin.CLOCK: "by the clock",
    InstantOrigin.STATED: "as stated",
    InstantOrigin.UNKNOWN: "",
}
_NOTES: Final = {"date_day_only": "day only", "date_two_digit": "year of two digits"}
_REASONS: Final = {
    "in_title": "in the title",
    "in_lead": "in the lead",
    "opens_sentence": "opens sentences",
    "passing": "in passing",
}
_MOST_TOLD: Final = 4  # targets in the answer
_PASSING: Final = 20  # relevance up to which a target is not what the article is about


def signed(value: float | None, digits: int = 2) -> str:
    """A figure with its sign; one that rounds to nothing has none."""
    shown = _signed(value, digits)
    return shown if value is None or any(digit in "123456789" for digit in shown) else shown[1:]


def name_language(code: str) -> str:
    """The language's English name, or its code."""
    return LANGUAGE_NAMES.get(code, code)


def tell_instant(dated: Dated) -> str:
    """An instant with where it comes from, or why there is none."""
    if dated.instant is None:
        return f"not known ({dated.reason.removeprefix('date_').replace('_', ' ') or 'missing'})"
    zone = "zone not given, read as UTC" if dated.zone_assumed else ""
    notes = [note for note in (ORIGIN_NAMES[dated.origin], _NOTES.get(dated.reason, ""), zone) if note]
    return f"{moment(dated.instant)} UTC" + (f" ({', '.join(notes)})" if notes else "")


def tell_reasons(score: Score) -> str:
    """What the relevance came from."""
    told = []
    for code in score.reasons:
        if code.startswith("share_"):
            told.append(f"{code.removeprefix('share_')} % of all mentions")
        elif not code.startswith("mentions_"):
            told.append(_REASONS.get(code, code.replace("_", " ")))
    return ", ".join(told)


def tell_verdict(read: Score | MentionScore | None) -> str:
    """The label of what was scored, else the state."""
    if read is None:
        return MISSING
    if read.score is None or read.label is None:
        return STATE_NAMES[read.state.value]
    return read.label.value


def tell_unread(passages: Iterable[Passage]) -> str:
    """How many passages of each kind were left out: `1 advert, 2 author lines`; "" where all was read."""
    counted = Counter(passage.kind for passage in passages if not passage.kind.is_scored)
    return ", ".join(count_passages(kind, number) for kind, number in counted.items())


def count_passages(kind: PassageKind, number: int) -> str:
    """`1 advert`, `2 author lines`."""
    return f"{number} {NOT_READ[kind][number > 1]}"


def name_scorers(readings: Sequence[ScorerReading]) -> list[str]:
    """What each column is called: the scorer's name, with its version where two share the name."""
    names = [one.reader.partition("/")[0] for one in readings]
    return [name if names.count(name) == 1 else one.reader for name, one in zip(names, readings, strict=True)]


def summarise(close: CloseReading) -> tuple[str, ...]:
    """The answer in plain words: what it is about, how each scorer reads it toward the main targets, what was left."""
    if not close.is_read:
        language = name_language(close.article.language)
        return (
            f"No scorer chosen here reads its language ({language}); nothing was scored, which is not the same as 0.",
        )
    scores = close.scorers[0].reading.scores
    if not scores:
        sentences = ["It names none of the targets in the catalogue: there is nothing to be for or against."]
    else:
        sentences = [_tell_topics(close, scores)]
        sentences += [_tell_target(close, one.target) for one in scores[:_MOST_TOLD]]
    unread = tell_unread(close.article.passages)
    return (*sentences, f"Left out of every figure: {unread}.") if unread else tuple(sentences)


def _tell_topics(close: CloseReading, scores: Sequence[Score]) -> str:
    """`It is mostly about Bitcoin (relevance 92 of 100), then El Salvador (73); 2 more are named.`"""
    first, *rest = [(close.catalogue.name(one.target, "en"), one.relevance) for one in scores]
    if first[1] <= _PASSING:
        return (
            f"It names {', '.join(name for name, _ in (first, *rest))} only in passing (relevance {first[1]} of 100)."
        )
    then = ", ".join(f"{name} ({relevance})" for name, relevance in rest[: _MOST_TOLD - 1])
    more = len(scores) - _MOST_TOLD
    tail = "" if more < 1 else f"; {more} more {'is' if more == 1 else 'are'} named"
    return f"It is mostly about {first[0]} (relevance {first[1]} of 100){f', then {then}' if then else ''}{tail}."


def _tell_target(close: CloseReading, target: str) -> str:
    """`Toward Bitcoin: neutral (rules +0.08, linear +0.02).`"""
    columns = zip(name_scorers(close.scorers), scores_of(close, target), strict=True)
    told = [(name, tell_verdict(score), score.score if score else None) for name, score in columns]
    name, verdicts = close.catalogue.name(target, "en"), {verdict for _, verdict, _ in told}
    if len(verdicts) == 1:
        figures = ", ".join(f"{scorer} {signed(value)}" for scorer, _, value in told if value is not None)
        return f"Toward {name}: {verdicts.pop()}{f' ({figures})' if figures else ''}."
    unlike = ", ".join(f"{scorer} {verdict} {signed(value)}" for scorer, verdict, value in told)
    return f"Toward {name} the scorers disagree: {unlike}."


def scores_of(close: CloseReading, target: str) -> list[Score | None]:
    """The score toward `target` by each scorer, in their order."""
    return [next((one for one in read.reading.scores if one.target == target), None) for read in close.scorers]

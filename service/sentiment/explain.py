"""Scores in words a reader accepts: which word, which weight, which rule."""

from collections.abc import Sequence
from typing import Any

from service.sentiment.score import Score
from service.sentiment.scorer import Evidence, State

_MOST_WORDS = 5
_PHRASES = {
    "en": {
        "toward": "{score} toward {name}, from {count}, relevance {relevance}: {words}.",
        "none": "{name} is mentioned ({count}) and nothing is said for or against it.",
        "mention": ("1 mention", "{} mentions"),
    },
    "nl": {
        "toward": "{score} ten opzichte van {name}, uit {count}, relevantie {relevance}: {words}.",
        "none": "{name} wordt genoemd ({count}); er wordt niets voor of tegen gezegd.",
        "mention": ("1 vermelding", "{} vermeldingen"),
    },
}


def as_records(evidence: Sequence[Evidence]) -> list[dict[str, Any]]:
    """Evidence as plain values, in order of the text; weights to four decimals."""
    return [
        {"word": one.word, "start": one.start, "end": one.end, "weight": round(one.weight, 4), "rule": one.rule}
        for one in sorted(evidence, key=lambda one: (one.start, one.end, one.rule))
    ]


def describe(score: Score, name: str, *, language: str = "en") -> str:
    """One sentence on a score: its value, its mentions and the words that weigh most, heaviest first."""
    phrases = _PHRASES[language]
    number = len(score.mentions)
    count = phrases["mention"][0] if number == 1 else phrases["mention"][1].format(number)
    if score.state is not State.SCORED or score.score is None:
        return str(phrases["none"]).format(name=name, count=count)
    evidence = {(one.start, one.end, one.rule): one for mention in score.mentions for one in mention.evidence}
    heaviest = sorted(evidence.values(), key=lambda one: (-abs(one.weight), one.start))[:_MOST_WORDS]
    words = ", ".join(f"“{one.word}” {_signed(one.weight)} ({one.rule})" for one in heaviest)
    return str(phrases["toward"]).format(
        score=_signed(score.score), name=name, count=count, relevance=score.relevance, words=words
    )


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")

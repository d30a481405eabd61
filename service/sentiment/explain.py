"""Scores in words a reader accepts: which word, which weight, which rule, where."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from service.sentiment.score import Score
from service.sentiment.scorer import Evidence, Reading, State

_MOST_WORDS: Final = 5
_PHRASES: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "toward": "{score} toward {name} from {count}: {words}",
        "tone": "{score} in tone: {words}",
        "silent": "no opinion of {name} found in {count}",
        "silent tone": "no word of judgement found",
        "unread": "not read: the scorer does not know this language",
        "absent": "{name} is not mentioned",
        "wordless": "no single words stand out",
        "one": "1 mention",
        "many": "{} mentions",
        "more": "and {} more",
        "particle": "with “{}”",
    },
    "nl": {
        "toward": "{score} over {name} uit {count}: {words}",
        "tone": "{score} van toon: {words}",
        "silent": "geen oordeel over {name} gevonden in {count}",
        "silent tone": "geen oordelend woord gevonden",
        "unread": "niet gelezen: de scorer kent deze taal niet",
        "absent": "{name} wordt niet genoemd",
        "wordless": "geen enkel woord springt eruit",
        "one": "1 vermelding",
        "many": "{} vermeldingen",
        "more": "en nog {}",
        "particle": "met “{}”",
    },
}
_RULES: Final[Mapping[str, Mapping[str, str]]] = {  # the scorers' codes; a code not listed is shown as it is
    "en": {
        "lexicon:vader": "general word",
        "lexicon:pattern": "general word",
        "lexicon:market": "market word",
        "lexicon:politics": "political word",
        "lexicon:compound": "part of a compound",
        "lexicon:compounds": "compound",
        "negated": "negated",
        "intensity": "strengthened or weakened",
        "modal": "only possible",
        "question": "in a question",
        "conceded": "conceded",
        "inverted": "turned round, as with a bad thing that falls",
        "level": "a level rather than a change",
        "clause": "from another clause",
        "doer_damped": "about what it acts upon",
        "speaker_damped": "said by, not about",
        "left_out": "how far the score moves without it",
        "learned": "learned from examples",
    },
    "nl": {
        "lexicon:vader": "algemeen woord",
        "lexicon:pattern": "algemeen woord",
        "lexicon:market": "beurswoord",
        "lexicon:politics": "politiek woord",
        "lexicon:compound": "deel van een samenstelling",
        "lexicon:compounds": "samenstelling",
        "negated": "ontkend",
        "intensity": "versterkt of verzwakt",
        "modal": "slechts mogelijk",
        "question": "in een vraag",
        "conceded": "toegegeven",
        "inverted": "omgekeerd, zoals bij iets slechts dat daalt",
        "level": "een niveau, geen verandering",
        "clause": "uit een andere bijzin",
        "doer_damped": "over wat het raakt",
        "speaker_damped": "gezegd door, niet over",
        "left_out": "zoveel verschuift het oordeel zonder dit woord",
        "learned": "geleerd uit voorbeelden",
    },
}


def sentence(scored: Score | Reading, *, name: str = "", language: str = "en") -> str:
    """One line on a score toward `name` (its display name), or on the tone of a whole text.

    `−0.42 toward Bitcoin from 3 mentions: “plunges” −0.60 (market word), …`: the value, the mentions it is the mean of,
    and up to five words, the heaviest first; weights in the scorer's own unit. `language`: en or nl.
    """
    phrases = _PHRASES[language]
    if isinstance(scored, Score):
        number, kind, silent = len(scored.counted), "toward", "silent"
        evidence = [one for mention in scored.mentions for one in mention.evidence]
    else:
        number, kind, silent = 0, "tone", "silent tone"
        evidence = list(scored.evidence)
    count = phrases["one"] if number == 1 else phrases["many"].format(number)
    if scored.state is State.SCORED and scored.score is not None:
        words = _words(evidence, language)
        return phrases[kind].format(score=_signed(scored.score), name=name, count=count, words=words)
    unscored = {State.UNSUPPORTED_LANGUAGE: "unread", State.NO_MENTION: "absent"}.get(scored.state, silent)
    return phrases[unscored].format(name=name, count=count)


def _words(evidence: Iterable[Evidence], language: str) -> str:
    """The heaviest words, each once for the place it stands at."""
    by_place: dict[tuple[int, int], Evidence] = {}
    for one in sorted(evidence, key=lambda one: -abs(one.weight)):
        by_place.setdefault((one.start, one.end), one)
    heaviest = list(by_place.values())
    if not heaviest:
        return _PHRASES[language]["wordless"]
    shown = [f"“{one.word}” {_signed(one.weight)} ({name_rules(one.rule, language)})" for one in heaviest[:_MOST_WORDS]]
    if len(heaviest) > _MOST_WORDS:
        shown.append(_PHRASES[language]["more"].format(len(heaviest) - _MOST_WORDS))
    return ", ".join(shown)


def name_rules(codes: str, language: str = "en") -> str:
    """The rules a word went through (codes with blanks between) in plain words of `language` (en or nl)."""
    return ", ".join(_name_rule(code, language) for code in codes.split())


def _name_rule(code: str, language: str) -> str:
    kind, _, word = code.partition(":")
    if kind == "particle":
        return _PHRASES[language]["particle"].format(word)
    return _RULES[language].get(code, code.replace("_", " "))


def as_record(evidence: Evidence) -> dict[str, Any]:
    """Evidence as plain values: word, start, end (code points), weight to four decimals, rule."""
    return {
        "word": evidence.word,
        "start": evidence.start,
        "end": evidence.end,
        "weight": round(evidence.weight, 4),
        "rule": evidence.rule,
    }


def as_records(evidence: Sequence[Evidence]) -> list[dict[str, Any]]:
    """All of it in the order of the text, the very same piece once (two mentions of a sentence share its words)."""
    distinct = dict.fromkeys(sorted(evidence, key=lambda one: (one.start, one.end, one.rule, one.weight)))
    return [as_record(one) for one in distinct]


def _signed(value: float) -> str:
    """Two decimals with a sign; a value that rounds to nothing has none."""
    shown = f"{value:+.2f}".replace("-", "−")
    return "0.00" if shown[1:] == "0.00" else shown

"""Dutch: the Pattern list of adjectives and lists of our own, with separable verbs and compounds."""

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from typing import Final

from service.sentiment.clauses import SentenceReader
from service.sentiment.hits import Hit, Sentence, Turn, Weights
from service.sentiment.lexicons import read_rows, read_text
from service.sentiment.vocabulary import Entry, Term, Vocabulary, load_grammar, load_lists

WEIGHTS: Final = Weights()
PATTERN_SCALE: Final = 3.0  # Pattern's −1…1 to the −4…4 of the other lists
PATTERN_FLOOR: Final = 0.3  # weaker polarities say little about news
HEAD_SHARE: Final = 0.7
_SENSE: Final = re.compile(r'<word form="([^"]+)"[^>]*? polarity="([^"]+)"')
_PARTICIPLE: Final = re.compile(
    r"(?:af|aan|in|op|uit|toe|goed|vrij|weg|terug)?(?:ge\w+(?:d|t|en)|(?:be|ver|ont|her)\w{3,}d)$"
)
_LONGEST: Final = 40  # letters of a word worth splitting


def pattern_polarities() -> dict[str, float]:
    """Pattern's word forms with the mean polarity (−1…1) of their senses."""
    senses: dict[str, list[float]] = defaultdict(list)
    for form, polarity in _SENSE.findall(read_text("nl_pattern/nl-sentiment.xml")):
        senses[form].append(float(polarity))
    return {form: sum(values) / len(values) for form, values in senses.items()}


def inflect(adjective: str) -> Iterator[str]:
    """The written forms of a Dutch adjective: groot, grote, groter, grotere, grootst, grootste."""
    stem = adjective
    if re.search(r"[^aeiou](aa|ee|oo|uu)[^aeiouwjx]$", adjective):
        stem = adjective[:-2] + adjective[-1]
    elif re.search(r"(^|[^aeiou])[aeiou][bdfgklmnpst]$", adjective) and not adjective.endswith(("ig", "lijk", "isch")):
        stem = adjective + adjective[-1]
    if stem.endswith("f") and not stem.endswith("ff"):
        stem = stem[:-1] + "v"
    elif stem.endswith("s") and not stem.endswith("ss"):
        stem = stem[:-1] + "z"
    yield from (adjective, stem + "e", stem + "er", stem + "ere")
    yield from (adjective + ending for ending in (("t", "te") if adjective.endswith("s") else ("st", "ste")))


@cache
def _compounds() -> dict[str, frozenset[str]]:
    return {kind: frozenset(words.split()) for kind, words in read_rows("nl_compounds.tsv")}


def _guess(vocabulary: Vocabulary, form: str) -> Term | None:
    """Forms that are not listed: the last part of a hyphenated word, and compounds."""
    head, _, tail = form.rpartition("-")
    if head and tail:
        return vocabulary.terms.get(tail) or _split(vocabulary, tail)
    return _split(vocabulary, form)


def _split(vocabulary: Vocabulary, form: str) -> Term | None:
    parts = _compounds()
    if len(form) > _LONGEST or form in parts["not"] or not form.isalpha():
        return None
    for cut in range(3, len(form) - 2):
        if form[cut:] in parts["tail"]:
            return _as_tail(vocabulary, form[:cut], form[cut:])
    for cut in range(len(form) - 3, 3, -1):
        term = vocabulary.terms.get(form[:cut]) if form[:cut] in parts["head"] else None
        if term is not None and term.entry is not None:
            whole = term.entry.whole * HEAD_SHARE
            return Term(Entry(whole, whole, whole, term.entry.kind, "lexicon:compound"))
    return None


def _as_tail(vocabulary: Vocabulary, head: str, tail: str) -> Term | None:
    """A compound is what its tail says; over a bad thing a direction turns (werkloosheidsdaling)."""
    term = vocabulary.terms.get(tail)
    if term is None or term.entry is None:
        return None
    entry = term.entry
    first = vocabulary.terms.get(head) or vocabulary.terms.get(head.removesuffix("s"))
    turns = first is not None and first.entry is not None and first.entry.kind in ("bad", "burden")
    sign = -0.8 if turns and entry.kind in ("up", "down") else 1.0
    return Term(
        Entry(entry.whole * sign, entry.subject * sign, entry.object * sign, entry.kind, "lexicon:compound"),
        roles=frozenset(),
    )


def turn(sentence: Sentence, hit: Hit) -> Turn:
    """How a directed verb stands: “geprezen door”, “heeft … geprezen”, “wil … verbieden”, “omdat … prijst”."""
    entry, word = hit.entry, sentence.words[hit.first]
    if abs(entry.object) <= abs(entry.subject):
        return "active"
    if sentence.plays(hit.first, "noun"):
        if any(sentence.plays(place, "subject") for place in range(hit.first - 3, hit.first)):
            return "passive"
        return "active" if sentence.plays(hit.last + 1, "toward") else "passive"
    if _PARTICIPLE.match(word) or sentence.plays(hit.first, "participle"):
        return "final" if any(sentence.plays(place, "have") for place in range(hit.first - 8, hit.first)) else "passive"
    after = hit.last + 1
    is_last = after >= len(sentence.words) or sentence.plays(after, "stop", "strong", "cause", "soft", "preposition")
    return "final" if is_last and (word.endswith("en") or _is_subordinate(sentence, hit)) else "active"


def _is_subordinate(sentence: Sentence, hit: Hit) -> bool:
    """Whether a conjunction that sends the verb to the end opens the clause."""
    border = sentence.borders[hit.first]
    for place in range(hit.first - 1, max(hit.first - 12, -1), -1):
        if sentence.plays(place, "cause", "relative") or sentence.words[place] in ("terwijl", "hoewel"):
            return True
        if sentence.borders[place] != border:
            return False
    return False


@cache
def reader() -> SentenceReader:
    """The reader of Dutch sentences (built once)."""
    vocabulary = Vocabulary(_guess)
    for form, polarity in pattern_polarities().items():
        if abs(polarity) >= PATTERN_FLOOR and form.isalpha():
            valence = polarity * PATTERN_SCALE
            for written in inflect(form.lower()):
                vocabulary.add_entry(written, Entry(valence, valence, valence, "", "lexicon:pattern"))
    for _, words in read_rows("nl_stop.tsv"):
        for word in words.split():
            for written in inflect(word):
                vocabulary.drop_entry(written)
    load_lists(vocabulary, ("nl_politics.tsv", "nl_market.tsv"))
    load_grammar(vocabulary, "nl_grammar.tsv")
    return SentenceReader(vocabulary, WEIGHTS, turn)

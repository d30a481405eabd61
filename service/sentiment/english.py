"""English: VADER's valences without the words that mean something else in the news, and lists of our own."""

from functools import cache
from typing import Final

from service.sentiment import vader
from service.sentiment.clauses import SentenceReader
from service.sentiment.hits import Hit, Sentence, Turn, Weights
from service.sentiment.lexicons import read_rows
from service.sentiment.vocabulary import Entry, Term, Vocabulary, load_grammar, load_lists

WEIGHTS: Final = Weights()


def _guess(vocabulary: Vocabulary, form: str) -> Term | None:
    """Forms that are not listed: possessives, and the last part of a hyphenated word."""
    if form.endswith("'s"):
        return vocabulary.terms.get(form[:-2])
    head, _, tail = form.rpartition("-")
    return vocabulary.terms.get(tail) if head else None


def turn(sentence: Sentence, hit: Hit) -> Turn:
    """Whether a directed word is passive: was sued by, accused of, “Binance probe widens”, “gets praise”."""
    after = hit.last + 1
    word = sentence.words[hit.first]
    earlier = range(hit.first - 3, hit.first)
    if word.endswith("ed") or sentence.plays(hit.first, "participle"):
        if any(sentence.plays(place, "passive") for place in earlier):
            return "passive"
        leads_on = after >= len(sentence.words) or sentence.plays(after, "by", "preposition", "stop")
        return "passive" if leads_on and not any(sentence.plays(place, "have") for place in earlier) else "active"
    if not sentence.plays(hit.first, "noun") or _has_object(sentence, after):
        return "active"
    if any(sentence.plays(place, "subject", "passive") for place in earlier):
        return "passive"
    return "active" if sentence.plays(after, "toward") else "passive"


def _has_object(sentence: Sentence, after: int) -> bool:
    """Whether a name, a figure or an article follows, so that a word like “ban” is a verb here."""
    if after >= len(sentence.words):
        return False
    return sentence.plays(after, "determiner") or not sentence.text[sentence.starts[after]].islower()


@cache
def reader() -> SentenceReader:
    """The reader of English sentences (built once)."""
    vocabulary = Vocabulary(_guess)
    for word, valence in vader.tables().lexicon.items():
        if word.isalpha() and len(word) > 2:
            kind = "bad" if valence < 0 else ""
            vocabulary.add_entry(word, Entry(valence, valence, valence, kind, "lexicon:vader"))
    for _, words in read_rows("en_stop.tsv"):
        for word in words.split():
            vocabulary.drop_entry(word)
    for head, words in read_rows("en_grammar.tsv"):
        if head == "negate":
            for word in words.split():
                vocabulary.drop_entry(word)
    load_lists(vocabulary, ("en_politics.tsv", "en_market.tsv"))
    load_grammar(vocabulary, "en_grammar.tsv")
    return SentenceReader(vocabulary, WEIGHTS, turn)

"""English: VADER's valences without the words that mean something else in the news, and lists of our own."""

from functools import cache
from typing import Final

from service.sentiment import vader
from service.sentiment.clauses import Hit, Sentence, SentenceReader, Turn, Weights
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
    """Whether a directed verb is passive: was sued by, accused of, “Binance probe widens”."""
    after = hit.last + 1
    leads_on = after >= len(sentence.words) or sentence.plays(after, "by", "preposition", "stop")
    word = sentence.words[hit.first]
    if not (word.endswith("ed") or sentence.plays(hit.first, "participle")):
        is_noun = leads_on and not word.endswith(("s", "ing")) and hit.first == hit.last
        return "passive" if is_noun else "active"
    earlier = range(hit.first - 3, hit.first)
    if any(sentence.plays(place, "passive") for place in earlier):
        return "passive"
    return "passive" if leads_on and not any(sentence.plays(place, "have") for place in earlier) else "active"


@cache
def reader() -> SentenceReader:
    """The reader of English sentences (built once)."""
    vocabulary = Vocabulary(_guess)
    for word, valence in vader.tables().lexicon.items():
        if word.isalpha() and len(word) > 2:
            vocabulary.add_entry(word, Entry(valence, valence, valence, "", "lexicon:vader"))
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

"""What is told is found in title and body only, and every version changes with what it is made of."""

from service.sentiment import events, extraction, keywords, quotes, targets
from service.sentiment.extraction import Extracted, extract, extractors
from service.sentiment.lexicons import content_hash
from service.sentiment.prepared import prepare
from tests.sentiment.articles import make_article

CATALOGUE = targets.load()
SAID = 'Nayib Bukele said: "We keep buying bitcoin every day."'


def extract_all(*parts: tuple[str, str], language: str = "en") -> dict[str, Extracted]:
    ready = prepare(make_article(*parts, language=language), CATALOGUE)
    return {one.name: extract(ready, catalogue=CATALOGUE, extractor=one) for one in extractors()}


def test_each_extractor_finds_its_own() -> None:
    found = extract_all(("title", "The SEC sues Binance"), ("body", SAID))
    assert [one.speaker for one in found["quotes"].found] == ["bukele"]  # type: ignore[union-attr]
    assert [one.rule for one in found["events"].found] == ["lawsuit"]  # type: ignore[union-attr]
    assert {one.catalogue for one in found.values()} == {CATALOGUE.digest}


def test_marks_that_open_in_one_passage_do_not_close_in_another() -> None:
    """An advert between two paragraphs is neither read nor taken for the end of what somebody says."""
    advert = 'Donald Trump said: "We will give bitcoin away."'
    assert extract_all(("body", "It rose."), ("promo", advert))["quotes"].found == ()
    (quote,) = extract_all(("body", 'A 5" screen.'), ("promo", 'Buy now"'), ("body", SAID))["quotes"].found
    assert quote.speaker == "bukele"  # type: ignore[union-attr]
    assert (
        extract_all(("body", '"We keep buying bitcoin every day,"'), ("bio", "said Nayib Bukele."))["quotes"].found
        == ()
    )


def test_an_unread_language_is_not_an_empty_text() -> None:
    assert not any(one.is_language_read for one in extract_all(("body", SAID), language="fr").values())
    assert all(one.is_language_read for one in extract_all(("body", "Rain fell.")).values())


def test_versions_name_code_and_words() -> None:
    """Other words, other rules or other code give another version, and so another reading of every article."""
    named = dict(extractors())
    assert named == {"quotes": quotes.version(), "events": events.version()}
    assert named["quotes"].endswith(content_hash(("en_grammar.tsv", "nl_grammar.tsv", "quoting.tsv")))
    assert named["quotes"].split("-")[0].isdigit()
    assert extraction.extractors() is extractors()


def test_a_key_word_stands_in_every_text_that_has_the_phrase() -> None:
    """Whole words, beginnings, ends and middles; short and frequent words are not chosen where another is there."""
    phrases = ["into law", "prohibit*", "*verbod", "*beursfonds*", "bitcoin reserve", "bitcoin fund"]
    keys = keywords.choose(phrases, phrases)
    for word in ("into", "prohibited", "rookverbod", "indexbeursfondsen", "reserve", "fund"):
        assert keys.may_hold(word), word
    for word in ("law", "bitcoin", "prohibi", "verboden", "beurs"):
        assert not keys.may_hold(word), word

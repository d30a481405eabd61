"""Who says what of whom: sentences of our own, labelled before the finder was run."""

import re
import sys
from pathlib import Path

import pytest

from service.sentiment import mentions, quotes, targets
from service.sentiment.quotes import Quote

CATALOGUE = targets.load()
ROWS = [
    line.split(" ", 4)
    for line in Path(__file__).with_name("quote_cases.txt").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]


def find(text: str, language: str = "en") -> tuple[Quote, ...]:
    spans = [(0, len(text))]
    found = mentions.find(text, language=language, catalogue=CATALOGUE, spans=spans, at=None)
    return quotes.find(
        text,
        found,
        language=language,
        catalogue=CATALOGUE,
        spans=spans,
        sentences=mentions.cut_sentences(text, language, spans),
    )


def read(row: list[str]) -> tuple[str, set[tuple[str, str, bool]], set[str]]:
    """The text, the quotes it should give as (speaker, words, is_direct), and who is spoken of in any of them."""
    _, form, speaker, spoken, marked = row
    said = {(speaker.replace("_", " "), words, form == "d") for words in re.findall("<(.*?)>", marked)}
    return re.sub("[<>]", "", marked), said, set(spoken.split(",")) - {"-"}


@pytest.mark.parametrize("language", ["en", "nl"])
def test_quotes_have_the_right_speaker_and_words(language: str, capsys: pytest.CaptureFixture[str]) -> None:
    """≥ 80 sentences: precision ≥ 0.9 and recall ≥ 0.75 by speaker, exact words and directness; targets agree."""
    right = given = wanted = 0
    for row in (row for row in ROWS if row[0] == language):
        text, expected, spoken = read(row)
        found = find(text, language)
        answers = {(one.speaker, text[one.start : one.end], one.is_direct) for one in found}
        right, given, wanted = right + len(answers & expected), given + len(answers), wanted + len(expected)
        if answers == expected:
            assert {target for one in found for target in one.targets} == spoken, text
    with capsys.disabled():
        sys.stdout.write(f"\nquotes {language}: precision {right}/{given}, recall {right}/{wanted}\n")
    assert len(ROWS) >= 80
    assert right >= 0.9 * given
    assert right >= 0.75 * wanted


def test_a_quote_over_two_sentences_is_one() -> None:
    """Direct speech is read across full stops; its verb and speaker are kept."""
    text = '"We buy bitcoin. We never sell bitcoin," said Nayib Bukele. Prices rose.'
    (quote,) = find(text)
    assert (quote.speaker, quote.is_target, quote.verb, quote.targets) == ("bukele", True, "said", ("bitcoin",))


def test_a_followed_pronoun_speaks() -> None:
    """“He” counts where it is followed to a target, and not elsewhere."""
    (quote,) = find("Nayib Bukele met his cabinet. He said that bitcoin would rise.")
    assert quote.speaker == "bukele"
    assert find("He said that bitcoin would rise.") == ()


def test_an_unknown_language_gives_none() -> None:
    assert find('"Nous achetons du bitcoin," said Nayib Bukele.', "fr") == ()


def test_an_asset_does_not_speak() -> None:
    """“Bitcoin predicts” is a slip of the subject: what cannot speak is nobody's speaker."""
    assert find("Bitcoin predicts that rates will fall.") == ()
    assert [one.speaker for one in find("Binance predicts that rates will fall.")] == ["binance"]

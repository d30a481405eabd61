"""Finding mentions: labelled sentences of our own, what must never be found, and properties that always hold."""

import datetime as dt
import itertools
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.sentiment import mentions, targets
from service.sentiment.aliases import fold
from service.sentiment.naming import find_names
from service.sentiment.score import Mention, MentionForm
from tests.sentiment.mention_cases import Case, read_cases

CATALOGUE = targets.load()
CASES = read_cases()


def find(text: str, language: str = "en", at: dt.datetime | None = None) -> tuple[Mention, ...]:
    return mentions.find(text, language=language, catalogue=CATALOGUE, spans=[(0, len(text))], at=at)


def shown(text: str, language: str = "en", at: dt.datetime | None = None) -> list[tuple[str, str]]:
    return [(mention.target, text[mention.start : mention.end]) for mention in find(text, language, at)]


def test_labelled_cases_reach_precision_and_recall(capsys: pytest.CaptureFixture[str]) -> None:
    """≥ 120 sentences of our own in both languages: precision ≥ 0.95 and recall ≥ 0.9, by exact span and target."""
    assert len(CASES) >= 120
    assert {case.language for case in CASES} == {"en", "nl"}
    for language in ("en", "nl"):
        right = wrong = missed = 0
        for case in (case for case in CASES if case.language == language):
            found = {(one.target, one.start, one.end) for one in find(case.text, case.language, case.at)}
            right += len(found & case.expected)
            wrong += len(found - case.expected)
            missed += len(case.expected - found)
        precision, recall = right / (right + wrong), right / (right + missed)
        with capsys.disabled():
            sys.stdout.write(
                f"\nmentions {language}: precision {precision:.3f}, recall {recall:.3f} of {right + missed}\n"
            )
        assert precision >= 0.95
        assert recall >= 0.9


@pytest.mark.data
def test_founding_article_names_its_five_actors(shared_data: Path) -> None:
    """The Dutch page on Bukele and Trump: all five are found in the body, in every form they take there."""
    text = (shared_data / "news" / "article_nl_bukele_trump_bitcoin.txt").read_text("utf-8")
    body = (0, text.index("Koop je crypto"))
    at = dt.datetime(2025, 4, 10, tzinfo=dt.UTC)
    found = mentions.find(text, language="nl", catalogue=CATALOGUE, spans=[body], at=at)
    surfaces: dict[str, set[str]] = {}
    for mention in found:
        surfaces.setdefault(mention.target, set()).add(text[mention.start : mention.end])
    assert surfaces["trump"] == {"Donald Trump", "Trump", "Trumps"}
    assert surfaces["bukele"] == {"Nayib Bukele", "Bukele"}
    assert surfaces["bitcoin"] == {"Bitcoin", "BTC"}
    assert surfaces["el-salvador"] == {"El Salvador", "het land"}
    assert surfaces["united-states"] == {"VS", "Verenigde Staten", "Amerikaanse", "Amerikaans"}
    assert set(surfaces) <= {"trump", "bukele", "bitcoin", "el-salvador", "united-states", "venezuela"}


def test_tickers_have_boundaries() -> None:
    """BTC, $BTC and BTC/USD are bitcoin; longer words, other capitals, addresses and the quoted currency are not."""
    assert shown("BTC, $BTC, #BTC, BTC/USD, BTC-USD and BTCUSDT") == [("bitcoin", "BTC")] * 5 + [("bitcoin", "BTCUSDT")]
    assert shown("BTCX XBTC btc BTC_USD wBTC BTC2 https://btc.example/BTC a@BTC.com") == []


def test_undated_titles_count_only_undisputed() -> None:
    """Without a date “the Salvadoran president” has one known holder and “the US president” several."""
    assert shown("The Salvadoran president left") == [("bukele", "Salvadoran president")]
    assert shown("The US president left") == [("united-states", "US")]


def test_a_title_beside_its_holder_is_one_mention() -> None:
    """“SEC chair Gary Gensler” is one mention of him, by name."""
    at = dt.datetime(2024, 5, 1, tzinfo=dt.UTC)
    assert shown("SEC chair Gary Gensler spoke", at=at) == [("gensler", "Gary Gensler")]
    assert shown("Gary Gensler, the SEC chair, spoke", at=at) == [("gensler", "Gary Gensler")]
    assert shown("Bitcoin (BTC) rose") == [("bitcoin", "Bitcoin")]


def test_a_title_before_another_name_is_not_the_holder() -> None:
    """“SEC chair Mary Schapiro” in 2024 is not Gensler, nor is the former, next or a would-be one."""
    at = dt.datetime(2024, 5, 1, tzinfo=dt.UTC)
    for text in (
        "In a note SEC chair Mary Schapiro spoke",
        "The former SEC chair spoke",
        "The next SEC chair will speak",
        "He ran for SEC chair twice",
        "The SEC chair nominee spoke",
    ):
        assert [target for target, _ in shown(text, at=at)] == ["sec"], text


def test_only_the_spans_given_are_read() -> None:
    """A mention outside the spans, or across their border, is not found."""
    text = "Bitcoin fell. El Salvador bought Bitcoin."
    found = mentions.find(text, language="en", catalogue=CATALOGUE, spans=[(14, 20), (24, len(text))], at=None)
    assert [(one.target, one.start) for one in found] == [("bitcoin", 33)]


def test_unknown_language_finds_names_only() -> None:
    """A text in a language without aliases of its own is still searched for names that are the same everywhere."""
    assert shown("Der Bitcoin fällt, sagt Trump. Er verkauft. He sells.", "de") == [
        ("bitcoin", "Bitcoin"),
        ("trump", "Trump"),
    ]


def test_folding_keeps_every_code_point_in_place() -> None:
    """No code point of Unicode changes the length of the folded text: “İ”.lower() alone would."""
    everything = "".join(map(chr, range(sys.maxunicode + 1)))
    for start in range(0, len(everything), 4096):
        part = everything[start : start + 4096]
        assert len(fold(part)) == len(part)
    assert shown("İİİ Bitcoin İ") == [("bitcoin", "Bitcoin")]


PIECES = """
Bitcoin BTC bitcoin Trump Trumps Melania Donald Bukele’s U.S. US the SEC chair president of El Salvador he He she his
The bank country , . ! “ ” ( ) BTC/USD Mt. Gox Fed Powell Jerome İ 500 USD Strategy MicroStrategy - is was said het land
De hij zij VS Amerikaanse minister van Financiën www.btc.com @trump 's ’s
"""
WORDS = st.sampled_from([*PIECES.split(), "\n\n", " "])
TEXTS = st.one_of(
    st.lists(WORDS, max_size=40).map(" ".join), st.text(max_size=80), st.lists(WORDS, max_size=30).map("".join)
)


@settings(max_examples=300, deadline=None)
@given(text=TEXTS, language=st.sampled_from(["en", "nl", "de"]), cut=st.integers(0, 60))
def test_mentions_are_sorted_apart_and_inside(text: str, language: str, cut: int) -> None:
    """Whatever the text: sorted, never overlapping, inside one span, not empty, known keys, and the same every time."""
    cut = min(cut, len(text))
    spans = [(cut, len(text)), (0, cut)]
    at = dt.datetime(2025, 6, 1, tzinfo=dt.UTC)
    found = mentions.find(text, language=language, catalogue=CATALOGUE, spans=spans, at=at)
    for earlier, later in itertools.pairwise(found):
        assert earlier.end <= later.start
    for mention in found:
        assert CATALOGUE.get(mention.target) is not None
        assert mention.start < mention.end
        assert any(start <= mention.start and mention.end <= end for start, end in spans)
    assert found == mentions.find(text, language=language, catalogue=CATALOGUE, spans=spans, at=at)


@pytest.mark.parametrize(
    "unit",
    [
        "Bitcoin ",
        "Trump said he and his bank ",
        "Trump, he and he " * 40 + ". ",
        "The SEC chair said that the agency ",
        "El Salvador buys. The country sells. ",
        "Powell Powell ",
        "the the the ",
        "“He, ",
        "B.T.C-",
        "  \n",
        "500,000,000 USD ",
        "a@b.c www.x ",
    ],
)
def test_time_is_linear_in_the_text(unit: str) -> None:
    """Eight times the text takes at most some twenty times as long, whatever it consists of."""

    def best(text: str) -> float:
        times = []
        for _ in range(3):
            begin = time.process_time()
            find(text)
            times.append(time.process_time() - begin)
        return min(times)

    short, long = best(unit * (10_000 // len(unit))), best(unit * (80_000 // len(unit)))
    assert long <= 20 * short + 0.05


def test_names_are_matched_at_speed() -> None:
    """At least 1,500 articles of 3 kB a second for names alone (measured: about 4,000 on one idle core)."""
    sentences = [case.text for case in CASES if case.language == "en"]
    filler = (
        "Analysts had expected a quieter week after the report, and volumes stayed thin through the afternoon session. "
    )
    text = "".join(f"{sentence}. {filler}" for sentence in sentences)[
        :3_000
    ]  # 20 mentions; news of Bitcoin has about 12
    at = dt.datetime(2025, 6, 1, tzinfo=dt.UTC)
    rates = []
    for _ in range(5):
        begin = time.process_time()
        for _ in range(50):
            find_names(text, language="en", catalogue=CATALOGUE, spans=[(0, len(text))], at=at)
        rates.append(50 / (time.process_time() - begin))
    assert max(rates) >= 1_500


def test_literal_names_are_found_as_written_then_folded_then_begun() -> None:
    """Exact spelling first; else other capitals; else the beginning of a word; whole words before parts."""

    def where(text: str, name: str) -> list[str]:
        found = mentions.find_literal(text, name, [(0, len(text))])
        assert all(one.form is MentionForm.LITERAL and one.target == name for one in found)
        return [text[one.start : one.end] for one in found]

    assert where("Acme, ACME and acmes", "Acme") == ["Acme"]
    assert where("ACME and acmes", "Acme") == ["ACME"]
    assert where("De acmekoers", "Acme") == ["acme"]
    assert where("pacme", "Acme") == []
    assert where("AT&T's bid, at AT&T.", "AT&T") == ["AT&T", "AT&T"]
    assert where("New\nYork", "New York") == ["New\nYork"]
    assert where("C++ and (C++)", "C++") == ["C++", "C++"]
    assert where("anything", "  ") == []
    assert mentions.find_literal("Acme Acme", "Acme", [(4, 9)])[0].start == 5


@given(text=st.text(max_size=60), name=st.text(min_size=1, max_size=6))
def test_literal_finding_never_fails(text: str, name: str) -> None:
    """Any name, pattern characters included, is searched as itself; the surface folds to the name."""
    for one in mentions.find_literal(text, name, [(0, len(text))]):
        assert fold(" ".join(text[one.start : one.end].split())) == fold(" ".join(name.split()))


@pytest.mark.parametrize("case", [case for case in CASES if not case.expected], ids=lambda case: case.text[:40])
def test_traps_find_nothing(case: Case) -> None:
    """The sentences that mention nobody, one by one, so that a failing one is named."""
    assert find(case.text, case.language, case.at) == ()

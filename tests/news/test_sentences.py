"""Sentence spans: exact on hard cases in both languages, complete and ordered on anything, linear in length."""

import csv
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.news.text import sentences

# Each text is written with "|" where a sentence must end; everything else must hold together.
ENGLISH = [
    "Bitcoin rose 1.15% on Tuesday.|It closed at $63.2k.|Traders cheered.",
    "Mr. Powell spoke at 2 p.m. on Wednesday.|Markets fell.",
    "The meeting starts at 9 a.m.|The Fed decides later.",
    "The U.S. Securities and Exchange Commission sued.|Coinbase fell.",
    "He left the U.S.|The company stayed behind.",
    "Marathon Digital Holdings Inc. said it mined 700 coins.|It sold none of them.",
    "They bought from Acme Corp.|The price was not disclosed.",
    "Samuel L. Jackson and J.K. Rowling bought coins.|J. P. Morgan sold.",
    "“We will buy more.”|Saylor smiled.",
    '"Stop!" cried the trader.|Nobody did.',
    "Was it a hack?|The exchange denies it!|It paused withdrawals.",
    "Crypto.com and Blockchain.info were slow.|Node.js was not to blame.",
    "The site is Bitcoin.org.|Visit it.",
    "He sold all his BTC.|Then he bought ETH.",
    "It fell... and then it rose.|Nobody knew why.",
    "It fell…|Then it rose.",
    "See No. 3 on the list.|There is no.|That was all.",
    "On Jan. 3 the block was mined.|On Feb. 9 it was sold.",
    "The proposal (see Sec. 4 of the act) passed.|It is law.",
    "Prices, wages, rents, etc. rose in the quarter.|Yields fell.",
    "Some coins, e.g. Dogecoin, doubled.|Others, i.e. the rest, halved.",
    "Sen. Cynthia Lummis and Rep. Patrick McHenry agreed.|The bill passed.",
    "The court ruled for Ripple Labs vs. the agency.|An appeal followed.",
    "The fund holds 1.5 million.|3,000 coins were added.",
    "It has its Plan B.|The model failed.",
    "(The report is public.)|It was filed on Friday.",
    "The rate was cut by 0.25 points!!|Really?!|Yes.",
    "The app was late.|iPhone users waited.|eToro said nothing.",
    "1. Bitcoin leads.\n|2. Ether follows.\n|a. Both are up.",
    "A heading without a stop\n|The first paragraph begins here.|It ends.",
    "Dr. Wright v. Kleiman went on for years.|It is over.",
    "The fund trades above its NAV.|Lawyers warned the SEC.|4 firms replied.",
    "El Salvador holds 6,000 BTC.|President Bukele said so.",
]
DUTCH = [
    "De koers steeg 1,15% op dinsdag.|Daarna daalde hij.|Beleggers juichten.",
    "Volgens dhr. Jansen en mevr. De Vries is dat veilig.|Niemand geloofde het.",
    "Sommige munten, bijv. Dogecoin, verdubbelden.|Andere niet.",
    "Dat is riskant, d.w.z. je kunt alles verliezen.|Wees gewaarschuwd.",
    "De bank kocht o.a. Bitcoin en goud.|De rest bleef in euro's.",
    "Prijzen, huren, lonen, enz. stegen in het kwartaal.|De rente daalde.",
    "Hij verkocht aandelen, munten, enz.|De opbrengst was groot.",
    "Op 3 jan. 2009 werd het eerste blok gemaakt.|Dat is lang geleden.",
    "Dit staat in art. 5 van de wet.|Het is duidelijk.",
    "Het gaat om 3 mln. euro.|De rechter beslist morgen.",
    "Bitcoinmagazine.nl meldde het eerst.|Crypto.com reageerde niet.",
    "'s Avonds steeg de koers.|'s Nachts daalde hij.|'t Was een wilde dag.",
    '"We kopen meer."|De president lachte.',
    "“Koop nu!” riep de handelaar.|Niemand luisterde.",
    "‘Nee.’|Hij zweeg.",
    "Komt er een verbod?|De minister ontkent.|Toch daalt de koers!",
    "Het bedrijf Bitonic B.V. uit Amsterdam won de zaak.|DNB verloor.",
    "T.o.v. vorig jaar is dat veel.|I.v.m. de feestdagen was het stil.",
    "De prof. dr. ir. sprak lang.|Er werd geklapt.",
    "De koers zakte... en herstelde.|Niemand wist waarom.",
    "De koers zakte…|Toen herstelde hij.",
    "Hij bezit alleen BTC.|Daarna kwam ETH.",
    "De wet geldt m.i.v. volgend jaar.|Banken klagen.",
    "De zaak van J. de Vries loopt nog.|A. Bakker getuigde.",
    "Nr. 1 is Bitcoin.|Nr. 2 is ether.",
    "Dat zegt ING.|Rabobank wil dat niet.",
    "Het bedrag is 1.250,50 euro.|Dat is 12.5% meer.",
    "1. Bitcoin daalt.\n|2. Goud stijgt.",
    "Kop zonder punt\n|De alinea begint hier.|En eindigt.",
]


def _cut(text: str, language: str) -> list[str]:
    return [text[start:end] for start, end in sentences.split(text, language)]


@pytest.mark.parametrize(
    ("language", "marked"), [("en", text) for text in ENGLISH] + [("nl", text) for text in DUTCH], ids=str
)
def test_sentences_end_where_a_reader_ends_them(language: str, marked: str) -> None:
    assert _cut(marked.replace("|", " "), language) == [part.strip() for part in marked.split("|")]


def test_chinese_and_japanese_stops_need_no_space() -> None:
    assert _cut("比特币上涨。以太坊下跌!", "zh") == ["比特币上涨。", "以太坊下跌!"]


def test_a_lower_cased_text_is_still_split() -> None:
    """Some archives are lower-cased: there a small letter after a stop says nothing."""
    assert _cut("bitcoin fell. it rose later.", "en") == ["bitcoin fell.", "it rose later."]
    assert _cut("Bitcoin fell vs. it rose. not new", "en") == ["Bitcoin fell vs. it rose. not new"]


def test_another_language_uses_both_lists() -> None:
    assert _cut("Mr. X und dhr. Y gehen. Sie kommen.", "de") == ["Mr. X und dhr. Y gehen.", "Sie kommen."]


@settings(deadline=None)
@given(st.text(alphabet=st.sampled_from(list("aB1. !?…\n\r\t\u2028'\"”)(。」é-")), max_size=60) | st.text(max_size=200))
def test_spans_are_ordered_disjoint_and_cover_all_but_white_space(text: str) -> None:
    spans = sentences.split(text, "nl")
    covered = [False] * len(text)
    previous = 0
    for start, end in spans:
        assert previous <= start < end <= len(text)
        assert text[start:end] == text[start:end].strip()
        covered[start:end] = [True] * (end - start)
        previous = end
    assert all(is_covered or letter.isspace() for is_covered, letter in zip(covered, text, strict=True))
    assert all("\n" not in text[start:end] for start, end in spans)


@pytest.mark.parametrize(
    "unit", [".", ". ", ".\t", " ", ".)", "a.\u00a0", '"', "A. ", "'s ", "... ", 'x. "', "\n", "1"]
)
def test_a_megabyte_of_anything_is_read_in_linear_time(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    began = time.process_time()
    sentences.split(text, "en")
    assert time.process_time() - began < 5


@pytest.mark.data
def test_real_articles_keep_their_abbreviations_together(shared_data: Path) -> None:
    """In 330 real articles no sentence ends on "U.S." before a name, on a title or on an initial."""
    with (shared_data / "news/uic_2017_2019/coindesk.csv").open(encoding="utf-8") as file:
        text = "\n".join(row["text"] for row in csv.DictReader(file))
    found = _cut(text, "en")
    assert 5_500 < len(found) < 7_000
    assert not [
        sentence for sentence in found if sentence.endswith((" Mr.", " Dr.", " vs.", " e.g.", " i.e.", " Jan. "))
    ]
    assert sum(sentence[0].islower() for sentence in found) < 60

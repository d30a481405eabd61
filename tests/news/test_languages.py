"""Languages: own headlines, claims that lie, and the real collections whose language is known."""

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.news.text import languages

HEADLINES = {
    "en": """
        Bitcoin slides after minister's remarks
        Fed holds rates, gold steady
        Trump signs order on strategic reserve
        Bukele to visit Washington next week
        SEC drops case against exchange
        Miners sell record number of coins
        ETF inflows hit six-week high
        Why is bitcoin falling today?
        Crypto firms welcome new bill
        Hackers drain bridge of $90 million
        Powell hints at cut in September
        Stablecoin law clears Senate
        Ether jumps 8% overnight
        Analysts see $120K by December
        Exchange halts withdrawals
        Judge rejects appeal
        Whale moves 10,000 BTC
        Gold and bitcoin part ways
        Tariff fears return
        Bank opens crypto desk
    """,
    "nl": """
        Bitcoin daalt na uitspraak van minister
        Koers stijgt verder
        Bukele reist naar Washington
        Beleggers nemen winst
        Rente blijft gelijk
        Hack kost beurs 90 miljoen
        Bank begint met crypto
        Waarom daalt Bitcoin vandaag?
        Minister wil strenger toezicht op crypto
        Wet op stablecoins aangenomen
        Goud en bitcoin gaan uiteen
        Handelaren wachten op de Fed
        Beurs staakt uitbetalingen
        Rechter wijst beroep af
        El Salvador koopt weer bitcoin
        Ether springt 8 procent omhoog
        Angst voor heffingen keert terug
        Europa stemt over digitale euro
        Grote houder verplaatst 10.000 munten
        DNB waarschuwt voor risico's
        Ons geld is minder waard
        Dit is wat jy nodig hebt
        Die koers is hoog
        Wat is die munt nou waard?
    """,
    "de": """
        Bitcoin fällt nach Äußerung des Ministers
        Trump will eine strategische Reserve
        EZB lässt Leitzins unverändert
        Kurs steigt weiter
        Hacker erbeuten 90 Millionen Dollar
    """,
    "fr": """
        Le bitcoin chute après les propos du ministre
        La Fed maintient ses taux
        Trump veut une réserve stratégique
        Les investisseurs prennent leurs bénéfices
        Pourquoi le bitcoin baisse-t-il aujourd'hui ?
    """,
    "es": """
        El bitcoin cae tras las palabras del ministro
        La Fed mantiene los tipos
        Los inversores recogen beneficios
        El Salvador compra más bitcoin
    """,
    "it": """
        Il bitcoin scende dopo le parole del ministro
        La Fed mantiene i tassi
        Gli investitori prendono profitto
        Perché il bitcoin scende oggi?
    """,
    "pt": """
        Bitcoin cai após fala do ministro
        Investidores realizam lucros
        O banco central mantém os juros
        Por que o bitcoin está caindo hoje?
    """,
    "pl": """
        Bitcoin spada po słowach ministra
        Inwestorzy realizują zyski
        Bank centralny utrzymuje stopy
    """,
    "tr": """
        Bitcoin bakanın açıklamasının ardından düştü
        Yatırımcılar kâr aldı
        Merkez bankası faizi sabit tuttu
    """,
    "ru": """
        Биткоин упал после слов министра
        Инвесторы фиксируют прибыль
        Центральный банк сохранил ставку
    """,
    "uk": """
        Біткоїн впав після слів міністра
        Інвестори фіксують прибуток
    """,
    "ja": """
        ビットコインが大臣の発言後に下落
        日銀は金利を据え置いた
    """,
    "zh": """
        比特币在部长讲话后下跌
        投资者获利了结
        央行维持利率不变
    """,
    "ko": """
        비트코인, 장관 발언 이후 하락
        투자자들이 이익을 실현했다
    """,
    "ar": """
        انخفض سعر البيتكوين بعد تصريح الوزير
    """,
    "sv": """
        Bitcoin faller efter ministerns uttalande
        Räntan lämnas oförändrad
    """,
    "da": """
        Bitcoin falder efter ministerens udtalelse
        Renten forbliver uændret, siger banken
    """,
    "no": """
        Bitcoin faller etter statsrådens uttalelse
        Renten holdes uendret, sier sentralbanken
    """,
    "fi": """
        Bitcoin laskee ministerin lausunnon jälkeen
    """,
    "cs": """
        Bitcoin po slovech ministra klesá
    """,
    "ro": """
        Bitcoin scade după declarațiile ministrului
    """,
    "hu": """
        Esik a bitcoin a miniszter szavai után
    """,
    "el": """
        Το bitcoin πέφτει μετά τις δηλώσεις του υπουργού
    """,
    "id": """
        Harga bitcoin turun setelah pernyataan menteri
    """,
    "vi": """
        Giá bitcoin giảm sau phát biểu của bộ trưởng
    """,
}
CASES = [(code, line.strip()) for code, lines in HEADLINES.items() for line in lines.strip().splitlines()]

# Dutch that a detector knowing Afrikaans calls Afrikaans.
LOOKS_AFRIKAANS = ["Koers stijgt verder", "Ons geld is minder waard", "Die koers is hoog", "Rechter wijst beroep af"]

DUTCH_LEAD = (
    "Kamer stemt over belasting op crypto. De Tweede Kamer stemt volgende week over een voorstel om winst op munten "
    "anders te belasten. Het kabinet verwacht dat de wet in januari kan ingaan."
)
ENGLISH_LEAD = (
    "House votes on crypto tax. Lawmakers will vote next week on a proposal to tax gains on coins in another way. "
    "The government expects that the law can take effect in January."
)


@pytest.mark.parametrize(("code", "headline"), CASES)
def test_a_bare_headline_is_told_without_a_claim(code: str, headline: str) -> None:
    found, confidence = languages.detect(headline)
    assert (found, 0.25 <= confidence <= 1) == (code, True)


def test_there_are_headlines_enough_in_languages_enough() -> None:
    assert len(CASES) >= 90
    assert len(HEADLINES) >= 20


@pytest.mark.parametrize("headline", LOOKS_AFRIKAANS)
def test_short_dutch_is_not_afrikaans_unless_that_is_claimed(headline: str) -> None:
    assert languages.detect(headline)[0] == "nl"


def test_afrikaans_is_found_where_it_is_claimed() -> None:
    assert (
        languages.detect("Die munt se prys het gister skerp gedaal nadat die bank sy besluit bekend gemaak het", "af")[
            0
        ]
        == "af"
    )


@pytest.mark.parametrize("claim", ["en", "en-US", "EN_gb", "de", "fr-FR", "English"])
def test_a_lying_claim_does_not_turn_a_dutch_lead(claim: str) -> None:
    """A Dutch broadcaster's feed says it is English."""
    found, confidence = languages.detect(DUTCH_LEAD, claim)
    assert found == "nl"
    assert confidence > 0.9


@pytest.mark.parametrize("claim", ["nl", "nl-NL", "nl_BE.UTF-8", "af", "de"])
def test_a_lying_claim_does_not_turn_an_english_lead(claim: str) -> None:
    assert languages.detect(ENGLISH_LEAD, claim)[0] == "en"


@pytest.mark.parametrize(
    ("text", "claim", "code"),
    [
        ("Hypotheek", "nl", "nl"),
        ("Trump wil Bitcoin in reserve", "nl-NL", "nl"),
        ("BTC $100,000", "en", "en"),
        ("BTC $100,000", "nl-BE", "nl"),
        ("Bitcoin", "Dutch", "nl"),
        ("Bank startet Krypto-Handel", "de-AT", "de"),
        ("Bukele viaja a Washington", "es", "es"),
    ],
)
def test_the_claim_decides_where_the_text_says_too_little(text: str, claim: str, code: str) -> None:
    assert languages.detect(text, claim)[0] == code


@pytest.mark.parametrize(
    "text", ["", "   ", "123 456", "?!", "🚀🚀", "$BTC #btc", "https://example.org/nieuws/de", "1.5%"]
)
@pytest.mark.parametrize("claim", ["", "nl", "en-GB"])
def test_text_without_words_is_undetermined_whatever_is_claimed(text: str, claim: str) -> None:
    assert languages.detect(text, claim) == ("und", 0.0)


@pytest.mark.parametrize("claim", ["", "xx", "x-default", "klingon", "123", "zxx", "-", "nl,en", "\x00"])
def test_a_claim_that_names_no_language_changes_nothing(claim: str) -> None:
    assert languages.detect(DUTCH_LEAD, claim) == languages.detect(DUTCH_LEAD)


def test_an_odd_claim_before_does_not_change_the_next_answer() -> None:
    """The set of languages is per claim, not a state that one caller leaves behind for another."""
    before = languages.detect("Ons geld is minder waard")
    languages.detect("Ons geld is minder waard", "af")
    assert languages.detect("Ons geld is minder waard") == before


@settings(deadline=None)  # the first call loads the model
@given(st.text(max_size=200), st.text(max_size=12))
def test_any_text_and_any_claim_get_an_answer(text: str, claim: str) -> None:
    code, confidence = languages.detect(text, claim)
    assert code == "und" or len(code) == 2
    assert 0 <= confidence <= 1


def _share(texts: list[str], code: str, claim: str = "") -> float:
    return sum(languages.detect(text, claim)[0] == code for text in texts) / len(texts)


def _column(path: Path, column: str) -> list[str]:
    with path.open(encoding="utf-8") as file:
        return [row[column] for row in csv.DictReader(file)][::7]


@pytest.mark.data
def test_real_collections_come_out_in_their_language(shared_data: Path) -> None:
    """Floors just under what was measured on the whole collections; bare headlines, no lead."""
    leads = _column(shared_data / "news/bitcoin_sentiments_2021_2024/bitcoin_sentiments_21_24.csv", "Short Description")
    assert _share(leads, "en") == 1.0
    assert _share(leads, "en", "nl") >= 0.999
    assert _share(_column(shared_data / "sentiment/sentfin/train.csv", "Title"), "en") >= 0.99
    dutch = _column(shared_data / "sentiment/ecosent_nl/train.csv", "headline")
    assert _share(dutch, "nl") >= 0.97
    assert _share(dutch, "nl", "nl-NL") >= 0.995
    assert _share(dutch, "nl", "en") >= 0.955


@pytest.mark.data
def test_real_dutch_articles_are_dutch_whatever_is_claimed(shared_data: Path) -> None:
    folder = shared_data / "news"
    files = [
        folder / "article_nl_bukele_trump_bitcoin.txt",
        *(folder / "dutch_bitcoin_articles/konsensus").glob("*.md"),
    ]
    assert len(files) == 11
    for file in files:
        start = file.read_text(encoding="utf-8")[:600]
        assert [languages.detect(start, claim)[0] for claim in ("", "nl", "en")] == ["nl"] * 3

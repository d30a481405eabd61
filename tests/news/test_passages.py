"""Passages: single lines of each kind, what must stay body, whole pages in both languages, and hostile text."""

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.news import passages
from service.news.article import Passage, PassageKind

# A line of the named kind wherever it stands in an article.
LABELLED = {
    "counter": """
        1,204 views
        312 weergaven
        58 totale weergaven
        2.4k reads | 6 comments
        5 min read
        3-minute read
        Leestijd: 6 minuten
        4 min. leestijd
        Reading time: 2 minutes
        17 keer gelezen
        12 reacties
        Geen reacties
        Comments (8)
        Published: 12 May 2024, 14:05 UTC
        Updated June 3, 2023 at 9:15 am
        Gepubliceerd op 4 maart 2025 om 08:30
        Laatst bijgewerkt: 17-02-2025 10:41
        wo 5 mrt 2025, 16:20
        3 hours ago
        2 uur geleden
        14:32 CET
    """,
    "caption": """
        Foto: Jan Smit
        Beeld: ANP / Sem Bakker
        Photo: Alamy
        Image: Shutterstock
        Image credit: Shutterstock
        Bron: TradingView
        Source: Federal Reserve Bank of St. Louis
        Featured image from Unsplash, chart from TradingView.com
        Afbeelding via Shutterstock
        Photo by Ana Silva on Unsplash
        Grafiek: CoinGecko
        The president on the steps of the palace. Photo: AP
        De minister na het debat (Foto: Peter de Boer)
        Traders on the floor of the exchange (AP Photo/Maria Lopez)
        Het gebouw van de centrale bank | © Bloomberg
        Twee ministers schudden elkaar de hand |
    """,
    "disclaimer": """
        Disclaimer: the text above is meant to inform and nothing else.
        Disclosure: the writer of this piece owns some ether.
        Risk warning: trading leveraged products can cost you more than you put in.
        This article is not financial advice.
        Nothing on this site should be taken as investment, legal or tax advice.
        This content is for informational purposes only.
        Always do your own research before you buy any coin.
        Your capital is at risk.
        Past performance is not a guide to what comes next.
        Investing in crypto carries a high level of risk and you may lose all of your money.
        Don't invest unless you can afford to lose it all, and never invest more than you can afford to lose.
        The author may hold positions in the assets mentioned.
        The views expressed in this article are those of the author alone.
        We may earn a commission when you buy through links on this page.
        This page contains affiliate links, for which we receive a small commission.
        74% of retail investor accounts lose money when trading these products.
        Dit is geen financieel advies.
        Deze informatie is niet bedoeld als beleggingsadvies.
        Let op: handelen in crypto brengt grote risico's met zich mee.
        Let op: munten zijn een volatiele belegging, dus doe altijd je eigen onderzoek.
        Beleggen brengt risico's met zich mee.
        Beleggen in cryptovaluta is risicovol: je kunt je inleg verliezen.
        Je kunt je volledige inleg verliezen.
        Doe altijd zelf je eigen onderzoek.
        In het verleden behaalde resultaten bieden geen garantie voor de toekomst.
        Dit artikel bevat affiliate links, waarvoor wij een vergoeding ontvangen.
        De auteur heeft posities in bitcoin en ether.
        Redactioneel beleid
        Our editorial policy is to check every claim with two sources.
        © 2025 Voorbeeldkrant
        All rights reserved. No part may be copied.
        Deze website gebruikt cookies om je een betere ervaring te geven, zie ons privacybeleid.
        Editor's note: an earlier version of this story gave the wrong year.
        First published in The Example Review.
    """,
    "related": """
        Lees ook: Zo werkt een halving
        Lees ook Zo werkt een halving
        Lees meer over de halving
        Zie ook: Wat is een wallet?
        Read more: How a halving works
        READ NEXT: How a halving works
        Also read: What a wallet is
        Related: The long road to an ETF
        Related articles
        Gerelateerde artikelen
        Meest gelezen
        Most read
        Tags: bitcoin, politiek
        Trefwoorden: rente, inflatie
        See also
        You may also like
        Watch: the minister answers questions
        Bekijk ook: de uitleg in drie minuten
        Click here to read the full ruling
        Lees het volledige artikel
        Meer nieuws »
        >> Miners move to Texas
        Back to top
        Volgende artikel
    """,
    "bio": """
        By Jane Q. Roe
        Door: Anna de Wit
        Door Anna de Wit
        Written by Tom Baker and Lisa Stone
        Auteur: Piet van den Berg
        By Jane Roe, BBC News
        By Jane Roe | May 4, 2024
        Door onze redactie
        Edited by Tom Baker
        Reporting by Tom Baker in London; editing by Lisa Stone
        Lisa Stone contributed to this report.
        Dit artikel is geschreven door Anna de Wit.
        Follow Lisa on Twitter @lisastone_news
        Volg Anna op X: @annadewit_
        About the author
        Over de auteur
        E-mail: anna@voorbeeld.example
        @lisastone_news
        With files from The Associated Press
    """,
    "promo": """
        Koop je bitcoin via Muntplein
        Koop nu crypto bij Muntplein
        Koop bitcoin nu
        Buy your bitcoin with Coinharbor
        Trade crypto now on Coinharbor
        Buy Bitcoin Now
        Wil je zelf bitcoin kopen? Maak dan gratis een account aan bij Muntplein.
        Want to buy bitcoin? Sign up with Coinharbor and start in minutes.
        Ontvang 10 euro gratis bitcoin als je je vandaag aanmeldt.
        Get a $50 sign-up bonus when you open your account.
        Use code EXAMPLE10 and claim your welcome bonus.
        Gebruik kortingscode VOORBEELD en krijg € 20 korting.
        Claim your free tokens today
        Claim nu je bonus
        Join the $EXMPL presale before it ends
        Doe nu mee met de presale van $EXMPL
        Open een gratis account
        Meld je nu gratis aan
        Start vandaag nog met beleggen bij Muntplein
        Bezoek Muntplein nu
        Visit Coinharbor today
        Advertentie
        Advertisement
        Sponsored content
        Gesponsord
        Partner content
        Artikel gaat verder onder de advertentie
        Story continues below advertisement
        This is a sponsored article.
        Dit is een gesponsord artikel.
        Sign up for our daily newsletter
        Subscribe to our newsletter and never miss a story.
        Get the best crypto stories straight to your inbox.
        Meld je aan voor onze nieuwsbrief
        Schrijf je in voor de nieuwsbrief en blijf op de hoogte.
        Nieuwsbrief
        Already a subscriber? Log in
        Dit artikel is alleen voor abonnees
        Download our free app
        Download de app in de App Store of Google Play
        Follow us on Twitter and Telegram
        Volg ons op Instagram
        Join our Telegram channel for live updates
        Share this article
        Deel dit artikel
        Facebook Twitter LinkedIn WhatsApp
        Deel via Facebook | X | WhatsApp
        What do you think? Let us know in the comments.
        Laat hieronder je reactie achter
        Got a tip? Get in touch with our reporters at tips@example.org
        Support our journalism
    """,
}

# Ordinary sentences and headings that sound like the above and must be read.
BODY = """
    The wallet was drained within minutes, the company wrote in a statement on Monday.
    A spokesman for the exchange said users should not buy the token.
    Buying bitcoin through a broker costs about one percent in fees.
    He told reporters that this is not financial advice and laughed.
    "Do your own research," the senator said when asked about the coin.
    The committee acted on the advice of the attorney general.
    Investors took the central bank's advice and sold their bonds.
    Jane Roe is a reporter who was held in prison for a year, and her release moved the talks forward.
    According to the author of the bill, miners must report their use of power.
    By Monday the price had recovered most of its losses.
    By selling its coins the government raised two billion dollars.
    The airdrop was delayed because the presale raised too little money.
    The presale raised ten million dollars in four days, data showed.
    Shares of the miner rose eight percent after the earnings call.
    Views on the plan are divided within the coalition.
    Comments by the chair sent yields higher.
    Read literally, the law bans every wallet that a user holds alone.
    The disclaimer at the bottom of the page did not protect the bank, the judge ruled.
    Disclosure rules for lobbyists will be tightened next year.
    The newsletter reached a million readers before it was sold in March.
    Users must sign up for an account before they can trade, the regulator found.
    Tags on the crates showed that the machines came from Texas.
    The photo shows the president holding a hardware wallet.
    Source code of the wallet was published in 2019.
    Images of the meeting spread quickly on social media.
    Follow-up talks are planned for the autumn.
    The share of women among the buyers doubled in a year.
    More on average was paid for land near the dam than a year before.
    A bonus of two million dollars was paid to the chief executive in 2021.
    The code was reviewed by three teams and no bug was found.
    Join forces or lose the race
    Sell the rumour, buy the news
    Trading halts in Asia
    What comes next
    Risks ahead
    The advert for the exchange was banned by the authority last week.
    Warning: debts rise faster than incomes, says the bank
    Related parties of the fund had been paid twice.
    The app was removed from the store after complaints.
    Let op de rente, zegt de econoom, want die bepaalt de koers.
    Let op: morgen maakt de centrale bank haar besluit bekend.
    Volgens de minister is dat geen advies maar een opdracht.
    De koper betaalde via een tussenpersoon in Zwitserland.
    Koop van staatsobligaties helpt de koers, denkt de bank.
    Handel met China neemt verder af
    Verkoop van bitcoin via veiling levert miljoenen op
    Door de lage rente kochten meer mensen een huis.
    Door Trumps besluit daalde de koers met vier procent.
    De schrijver van het rapport verwacht een tekort.
    Het advies van de raad is negatief.
    Beleggen wordt populairder onder jongeren
    De wallet van de president bleek leeg te zijn.
    Gratis geld bestaat niet, waarschuwde de toezichthouder.
    De nieuwsbrief van de gemeente meldde het plan als eerste.
    Volg het geld, luidde het devies van de rechercheurs.
    Foto's van de ontmoeting werden breed gedeeld.
    Bronnen rond het kabinet bevestigen het plan.
    Reacties uit de Kamer bleven uit.
    Steun voor het voorstel groeit
    Advertenties voor gokken worden verboden, meldt het ministerie.
    De waarschuwing van de toezichthouder kwam te laat.
    Meer over de hele linie dalende koersen
    De auteur van de wet wil mijnwerkers laten betalen voor stroom.
    Je kunt met het geld een huis kopen, maar dan moet de koers meewerken.
    Disclaimer of niet, de rechter vond de bank aansprakelijk voor de schade.
    De deelnemers aan de presale kregen hun geld terug.
    Lees het maar terug in de notulen, zei de voorzitter.
    Het kabinet deelt de zorgen van de toezichthouder.
"""

BEFORE = "De regering besloot vandaag om de rente op leningen aan gemeenten niet verder te verhogen dan nodig is."
AFTER = (
    "In de Kamer was een meerderheid tevreden met dat besluit, al bleef een deel van de oppositie bij haar bezwaren."
)


def _lines(block: str) -> list[str]:
    return [line.strip() for line in block.strip().splitlines()]


def _kind_of(line: str, text: str) -> tuple[PassageKind, str]:
    """The passage of `text` that holds all of `line`."""
    start = text.index(line)
    holder = next(p for p in passages.label(text) if p.start <= start and start + len(line) <= p.end)
    return holder.kind, holder.rule


@pytest.mark.parametrize(("kind", "line"), [(kind, line) for kind, block in LABELLED.items() for line in _lines(block)])
def test_a_line_of_clutter_is_known_between_paragraphs(kind: str, line: str) -> None:
    found, rule = _kind_of(line, f"{BEFORE}\n\n{line}\n\n{AFTER}")
    assert found.value == kind, rule
    assert rule.startswith(f"{kind}.")


@pytest.mark.parametrize("line", _lines(BODY))
@pytest.mark.parametrize(
    "template", ["{before}\n\n{line}\n\n{after}", "{before}\n{line}\n{after}", "{before}\n\n{line}\n\n• {after}"]
)
def test_a_sentence_or_heading_that_sounds_like_clutter_stays_body(template: str, line: str) -> None:
    assert _kind_of(line, template.format(before=BEFORE, line=line, after=AFTER)) == (PassageKind.BODY, "body")


def test_the_tables_are_as_long_as_they_must_be() -> None:
    assert sum(len(_lines(block)) for block in LABELLED.values()) >= 150
    assert len(_lines(BODY)) >= 60


DUTCH_PAGE = """\
Twee presidenten praten over een gezamenlijke reserve
1.482 weergaven
Leestijd: 4 minuten
De presidenten op het balkon van het paleis |

De presidenten van twee landen spraken woensdag over een reserve van digitale munten. Het was hun eerste ontmoeting.

Toenadering na jaren van ruzie

De ontmoeting geldt als een keerpunt. Jaren lang verweten de landen elkaar dat zij de grens niet bewaakten.

Lees ook:
Wat is een strategische reserve?
Vijf vragen over de grens

Gevolgen voor de markt

Analisten zagen de koers na afloop stijgen. Volgens een bank is dat vooral opluchting.

Koop je munten via Zilver Wallet
Zilver Wallet is een handige wallet waarmee je zelf je munten bewaart.
Zilver Wallet - veilig en eenvoudige wallet

Zilver Wallet - veilig en eenvoudige wallet
  • Meer dan veertig ketens
  • Lage kosten
  • Snelle hulp
Let op: munten zijn een volatiele belegging. Doe je eigen onderzoek.

Lees meer over:
Grensbeleid
Reserve

Door: Karel van Dam

Karel van Dam is journalist en schrijver bij Voorbeeldkrant. Hij volgt de markt sinds 2016.
Hij woont in Zwolle.
"""
DUTCH_KINDS = (
    "title counter caption body body body related body body promo disclaimer related bio"  # a reader's own labels
)

ENGLISH_PAGE = """\
Two Presidents Discuss a Shared Reserve
By Mary Poe, Staff Writer
Updated May 4, 2024 at 10:15 am
The presidents on the palace balcony. Photo: Reuters

The presidents of two countries spoke on Wednesday about a reserve of digital coins. It was their first meeting.

A thaw after years of rows

The meeting is seen as a turning point. For years each side blamed the other for failing to guard the border.
Read more: What is a strategic reserve?
Analysts saw the price rise afterwards. One bank called it relief above all.

Buy your coins with Silver Wallet
Silver Wallet is a handy app where you keep your own coins.
• More than forty chains
• Low fees
Visit Silver Wallet today
Disclaimer
Nothing here is meant to make anyone buy or sell, and coins can fall to zero.

Related articles
Five questions about the border
How reserves work

About the author
Mary Poe is a staff writer at Example News, where she covers markets.
She lives in Leeds.
Follow Mary on Twitter @marypoe_example
"""
ENGLISH_KINDS = "title bio counter caption body body body related body promo disclaimer related bio"


def _kinds(found: tuple[Passage, ...]) -> str:
    """The kinds in order; passages of one kind other than body that follow each other count once."""
    kinds: list[str] = []
    for passage in found:
        if passage.kind is PassageKind.BODY or not kinds or kinds[-1] != passage.kind.value:
            kinds.append(passage.kind.value)
    return " ".join(kinds)


@pytest.mark.parametrize(
    ("page", "kinds", "promo_from", "promo_to"),
    [
        (DUTCH_PAGE, DUTCH_KINDS, "Koop je munten", "Snelle hulp"),
        (ENGLISH_PAGE, ENGLISH_KINDS, "Buy your coins", "Visit Silver Wallet today"),
    ],
    ids=["dutch", "english"],
)
@pytest.mark.parametrize("gives_title", [True, False])
def test_a_whole_page_comes_apart_as_a_reader_would_cut_it(
    page: str, kinds: str, promo_from: str, promo_to: str, *, gives_title: bool
) -> None:
    found = passages.label(page, title=page.splitlines()[0] if gives_title else "")
    assert _kinds(found) == kinds
    promos = [passage for passage in found if passage.kind is PassageKind.PROMO]
    assert promos[0].start == page.index(promo_from)
    assert promos[-1].end == page.index(promo_to) + len(promo_to)


def test_headings_are_body_and_lead_links_do_not_swallow_them() -> None:
    """A heading after a list of links, with its paragraph below, belongs to the article."""
    found = passages.label(DUTCH_PAGE)
    texts = {DUTCH_PAGE[p.start : p.end]: p for p in found}
    for heading in ("Toenadering na jaren van ruzie", "Gevolgen voor de markt"):
        assert texts[heading].kind is PassageKind.BODY


def test_an_advert_in_the_middle_lets_the_article_resume() -> None:
    text = f"{BEFORE}\n\nKoop je bitcoin via Muntplein\n• Lage kosten\n• Snel\n\nDe reacties\n\n{AFTER}\n\n{BEFORE}"
    kinds = [passage.kind.value for passage in passages.label(text)]
    assert kinds == ["body", "promo", "body", "body", "body"]


def test_a_person_in_the_news_is_not_the_author() -> None:
    """The last paragraph introduces whom the story is about: it is the story."""
    subject = "Jane Roe is a reporter at Example News who was held for a year."
    thanks = "The family of Jane Roe thanked the ministers for their help on Monday."
    told = f"Reporter freed\n\n{BEFORE}\n\n{thanks}\n\n{subject}"
    assert passages.label(told)[-1].kind is PassageKind.BODY
    untold = f"Rates unchanged\n\n{BEFORE}\n\n{AFTER}\n\n{subject}"
    assert passages.label(untold)[-1].kind is PassageKind.BIO


def test_what_a_page_glued_to_its_last_paragraph_is_cut_off() -> None:
    paragraph = f"{AFTER} {BEFORE} {AFTER}"
    text = f"{paragraph} Disclosure: The author holds no coins. Border fence image via Shutterstock"
    found = passages.label(f"Kop\n\n{text}")
    assert [(p.kind.value, f"Kop\n\n{text}"[p.start : p.end]) for p in found[1:]] == [
        ("body", paragraph),
        ("disclaimer", "Disclosure: The author holds no coins."),
        ("caption", "Border fence image via Shutterstock"),
    ]


def test_the_given_title_is_the_title_even_if_it_looks_like_something_else() -> None:
    found = passages.label(
        f"Read more: the law that changed mining\n\n{BEFORE}", title="Read more: the law that changed mining"
    )
    assert [p.kind.value for p in found] == ["title", "body"]


@pytest.mark.parametrize("text", ["", " \n\t\n", "\u200b", "\ufeff \n"])
def test_nothing_in_gives_nothing_out(text: str) -> None:
    assert passages.label(text) == ()


def test_a_single_line_is_body() -> None:
    """A post has no title of its own."""
    assert passages.label("Bitcoin rises again.") == (Passage(PassageKind.BODY, 0, 20, "body"),)


def test_only_title_and_body_are_scored() -> None:
    found = passages.label(DUTCH_PAGE)
    scored = passages.scored_text(DUTCH_PAGE, found)
    assert scored.startswith("Twee presidenten praten")
    assert not [
        word for word in ("Zilver", "volatiele", "Karel", "weergaven", "balkon", "Vijf vragen") if word in scored
    ]
    assert "Gevolgen voor de markt" in scored
    assert passages.scored_text(DUTCH_PAGE, found, limit=10) == scored[:10]
    assert passages.scored_spans(found) == [(p.start, p.end) for p in found if p.kind.value in ("title", "body")]


_INVISIBLE = "\u200b\u200e\u200f\u2060\ufeff\u00ad"
_PIECES = st.sampled_from(
    [line for block in LABELLED.values() for line in _lines(block)][::3]
    + _lines(BODY)[::3]
    + [
        "",
        " ",
        "•",
        "- x",
        "\u00a0",
        "...",
        "|",
        "Lees ook:",
        "Disclaimer",
        "Door: Jan Bos",
        "a" * 300,
        "\ud800",
        "Photo: " * 60,
    ]
)


@settings(max_examples=150)
@given(st.lists(_PIECES, max_size=12).map("\n".join) | st.text(max_size=300), st.sampled_from(["", "Lees ook:", "x"]))
def test_any_text_is_covered_in_order_without_overlap(text: str, title: str) -> None:
    covered = [False] * len(text)
    previous = 0
    for passage in passages.label(text, title=title):
        assert previous <= passage.start < passage.end <= len(text)
        inside = text[passage.start : passage.end]
        assert inside == inside.strip()
        assert passage.rule.split(".")[0] == passage.kind.value
        covered[passage.start : passage.end] = [True] * len(inside)
        previous = passage.end
    for is_covered, sign in zip(covered, text, strict=True):
        assert is_covered or sign.isspace() or sign in _INVISIBLE


@settings(max_examples=60)
@given(st.lists(_PIECES, max_size=10))
def test_every_line_but_a_glued_one_is_in_one_passage(lines: list[str]) -> None:
    text = "\n".join(line for line in lines if len(line) < 200)
    found = passages.label(text)
    at = 0
    for line in text.split("\n"):
        if line.strip() and line.strip() not in _INVISIBLE:
            begin, end = at + len(line) - len(line.lstrip()), at + len(line.rstrip())
            assert sum(p.start <= begin and end <= p.end for p in found) == 1
        at += len(line) + 1


_HOSTILE = {
    "one line": "a" * 1_000_000,
    "one line of words": "affiliate we " * 80_000,
    "many lines": "Bitcoin rose again today.\n" * 100_000,
    "many links": "Read more:\n" + "Title\n" * 99_999,
    "many adverts": "Koop je munten via Zilver Wallet\n" + "je wallet hier gratis\n" * 45_000,
    "stamps": ("1 may 2020 " * 10 + "x\n") * 9_000,
    "credits": ("Photo by " + "A" * 140 + "!\n") * 6_600,
    "addresses": ("a@b." + "at" * 40 + " x@" * 20 + "!\n") * 6_000,
    "share bars": ("copy link " * 13 + "q\n") * 7_000,
    "names": ("By " + "Aa " * 40 + "\n") * 8_000,
    "introductions": "Jane Roe is a reporter at X.\n" * 30_000,
    "nearly a disclaimer": ("this not " * 160 + "financial advicf\n") * 700,
    "glued": ". Photo: " * 111_111,
    "white space": " \t" * 500_000,
}


@pytest.mark.parametrize("text", list(_HOSTILE.values()), ids=list(_HOSTILE))
def test_a_megabyte_of_anything_is_read_in_linear_time(text: str) -> None:
    """Measured under 2 s of CPU time each; the bound leaves room for a machine that is slow or busy."""
    began = time.process_time()
    passages.label(text)
    assert time.process_time() - began < 6


@pytest.mark.data
def test_the_founding_article_comes_out_right(shared_data: Path) -> None:
    """Kinds by line number (from 1), as read by a person; figures only."""
    text = (shared_data / "news/article_nl_bukele_trump_bitcoin.txt").read_text(encoding="utf-8")
    expected = {
        **dict.fromkeys((8, 10, 12, 14, 16, 18, 20, 22, 24, 26), "body"),
        **dict.fromkeys((28, 29, 30, 31, 33, 35, 36, 37, 38), "promo"),
        **dict.fromkeys((43, 44), "related"),
        **dict.fromkeys((46, 48), "bio"),
    } | {1: "title", 3: "counter", 4: "caption", 39: "disclaimer"}
    for title in ("", text.splitlines()[0]):
        found = passages.label(text, title=title)
        kinds: dict[int, str] = {}
        at = 0
        for number, line in enumerate(text.split("\n"), 1):
            if line.strip():
                begin = at + len(line) - len(line.lstrip())
                kinds[number] = next(p.kind.value for p in found if p.start <= begin < p.end)
            at += len(line) + 1
        assert kinds == expected
        assert [p.kind.value for p in found] == (
            ["title", "counter", "caption", *["body"] * 10, "promo", "disclaimer", "related", "bio", "bio"]
        )

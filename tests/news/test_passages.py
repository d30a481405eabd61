"""Passages: single lines of each kind, what must stay body, and whole pages in both languages."""

from pathlib import Path

import pytest

from service.news.article import Passage, PassageKind
from service.news.passage import passages

# One a line: the kind a reader would give it, its language, the line. Those of kind body must be read.
TABLE = [
    (line.split("|", 2)[0], line.split("|", 2)[2])
    for line in Path(__file__).with_name("passage_lines.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]
CLUTTER = [(kind, line) for kind, line in TABLE if kind != "body"]
BODY = [line for kind, line in TABLE if kind == "body"]

BEFORE = "De regering besloot vandaag om de rente op leningen aan gemeenten niet verder te verhogen dan nodig is."
AFTER = (
    "In de Kamer was een meerderheid tevreden met dat besluit, al bleef een deel van de oppositie bij haar bezwaren."
)


def _kind_of(line: str, text: str) -> tuple[PassageKind, str]:
    """The passage of `text` that holds all of `line`."""
    start = text.index(line)
    holder = next(p for p in passages.label(text) if p.start <= start and start + len(line) <= p.end)
    return holder.kind, holder.rule


def test_a_line_of_clutter_is_known_between_paragraphs() -> None:
    wrong = []
    for kind, line in CLUTTER:
        found, rule = _kind_of(line, f"{BEFORE}\n\n{line}\n\n{AFTER}")
        if found.value != kind or not rule.startswith(f"{kind}."):
            wrong.append((line, kind, rule))
    assert not wrong


@pytest.mark.parametrize(
    "template", ["{before}\n\n{line}\n\n{after}", "{before}\n{line}\n{after}", "{before}\n\n{line}\n\n• {after}"]
)
def test_a_sentence_or_heading_that_sounds_like_clutter_stays_body(template: str) -> None:
    found = {line: _kind_of(line, template.format(before=BEFORE, line=line, after=AFTER)) for line in BODY}
    assert {line: rule for line, (_, rule) in found.items() if rule != "body"} == {}


def test_the_tables_are_as_long_as_they_must_be() -> None:
    assert len(CLUTTER) >= 200
    assert len(BODY) >= 100


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


def test_praise_above_a_call_to_visit_goes_with_it() -> None:
    praise = "Zilver Munt: de nieuwe munt\nZilver Munt is een nieuwe munt die je vroeg kunt kopen."
    text = f"{BEFORE}\n\n{praise}\nBezoek Zilver Munt nu\n\n{AFTER}"
    assert [passage.kind.value for passage in passages.label(text)] == ["body", "promo", "body"]
    story = f"De koers van Zilver Munt daalde met tien procent nadat de beurs de handel stillegde.\n\n{text}"
    assert [passage.kind.value for passage in passages.label(story)] == [
        "body",
        "body",
        "body",
        "body",
        "promo",
        "body",
    ]


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
    [found] = passages.label("Bitcoin rises again.")
    assert (found.kind, found.start, found.end, found.rule) == (PassageKind.BODY, 0, 20, "body")


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

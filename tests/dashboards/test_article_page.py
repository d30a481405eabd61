"""The page of one article: all that was read is on it, nothing is loaded, nothing hostile survives."""

import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from dashboards.article import html, left_out, marks, plain, view, words
from service.news.article import Passage, PassageKind
from service.sentiment import rules, targets
from service.sentiment.close_reading import CloseReading, read_closely
from service.sentiment.score import Mention, MentionForm
from service.sentiment.scorer import Evidence
from tests.dashboards import readings
from tests.sentiment.articles import make_article

VOID = {"meta", "input", "br", "img", "link"}


class Page(HTMLParser):
    """Elements with their attributes, the text of each element of `text` and the style sheet."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.unbalanced: list[str] = []
        self.shown: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.unbalanced.append(tag)

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.shown.append(data)

    @property
    def text(self) -> str:
        return "".join(self.shown)

    def spans(self, *classes: str) -> set[tuple[int, int]]:
        """The offsets on elements that have all these classes (any element, if none are given)."""
        return {
            (int(found["data-start"] or 0), int(found["data-end"] or 0))
            for _, found in self.elements
            if "data-start" in found and set(classes) <= set((found.get("class") or "").split())
        }


def made(close: CloseReading) -> Page:
    return Page(html.render(close, made_by="newscandle 0"))


@pytest.mark.parametrize("read", [readings.english, readings.dutch, readings.hostile])
def test_it_is_whole_loads_nothing_and_runs_nothing(read: Callable[[], CloseReading]) -> None:
    """Balanced tags, a forbidding policy, no element that loads, no address but the article's own as a link."""
    text = html.render(read(), made_by="newscandle 0")
    page = Page(text)
    assert page.unbalanced == []
    assert page.open == []
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "img", "link", "iframe", "object", "embed", "form", "svg", "base"}
    assert not [name for _, found in page.elements for name in found if name.startswith("on") or name == "src"]
    assert not re.search(r"url\(|@import|expression", re.sub(r"<body.*", "", text, flags=re.DOTALL))
    links = {found["href"] for _, found in page.elements if "href" in found}
    assert {link for link in links if not str(link).startswith("#")} <= {"https://a.example/1"}
    [policy] = [found["content"] for _, found in page.elements if found.get("http-equiv")]
    assert str(policy).startswith("default-src 'none'")
    ids = [found["id"] for _, found in page.elements if "id" in found]
    assert len(ids) == len(set(ids))
    assert {str(link)[1:] for link in links if str(link).startswith("#")} <= set(map(str, ids))


def test_what_is_hostile_is_shown_as_text() -> None:
    """Title, body and advert come out letter for letter, template marks and quotes too."""
    page = made(readings.hostile())
    assert page.text.count(readings.HOSTILE) >= 4  # title twice, body, advert
    assert "javascript:alert(4)" in page.text


@pytest.mark.parametrize("read_article", [readings.english, readings.dutch])
def test_every_mention_and_every_weighed_word_is_marked_and_listed(read_article: Callable[[], CloseReading]) -> None:
    """In the text each stands at its offsets, and its number is on the page without pointing at anything."""
    close = read_article()
    page = made(close)
    assert page.spans("m") == {(one.start, one.end) for one in close.mentions}
    listed = {(found.get("data-start"), found.get("data-end")) for tag, found in page.elements if tag == "li"}
    marked = {place for start, end in page.spans("w") for place in range(start, end)}
    for read in close.scorers:
        for score in read.reading.scores:
            for mention in score.mentions:
                for word in filter(marks.is_shown, mention.evidence):
                    assert (str(word.start), str(word.end)) in listed
                    assert words.signed(word.weight) in page.text
                    assert marked >= {*range(word.start, word.end)}


def test_two_targets_of_opposite_sign_in_one_sentence_stand_apart() -> None:
    """Bukele up and the Fed down, in both languages, with a mark that needs no colour."""
    for close, up, down in ((readings.english(), "bukele", "federal-reserve"), (readings.dutch(), "bukele", "ecb")):
        numbered = {row.key: row.number for row in view.lay_out(close).targets}
        found = [found for _, found in made(close).elements if "data-n" in found]
        by_target = {
            key: {str(one["class"]) for one in found if one["data-n"] == str(numbered[key])} for key in numbered
        }
        assert any("v0p" in classes for classes in by_target[up])
        assert not any("v0n" in classes for classes in by_target[up])
        assert any("v0n" in classes for classes in by_target[down])
        assert not any("v0p" in classes for classes in by_target[down])


def test_each_form_of_a_mention_has_its_own_mark() -> None:
    close = readings.dutch()
    forms = {one.form for one in close.mentions}
    assert {MentionForm.ALIAS, MentionForm.SURNAME, MentionForm.PRONOUN} <= forms
    page = made(close)
    for form in forms:
        expected = {(one.start, one.end) for one in close.mentions if one.form is form}
        assert page.spans("m", f"f-{form.value}") == expected


def test_what_was_not_read_is_grey_labelled_and_unmarked() -> None:
    """The advert's “best” and the disclaimer's “terrible” weigh nothing and say so."""
    close = readings.english()
    page = made(close)
    for label in ("view counter, not read", "advert, not read", "disclaimer, not read", "author line, not read"):
        assert label in page.text
    assert "1 view counter, 1 advert, 1 disclaimer, 1 author line" in page.text
    unread = [(one.start, one.end) for one in close.article.passages if not one.kind.is_scored]
    assert not [(a, b) for a, b in page.spans() for start, end in unread if a < end and start < b]
    assert "Best Wallet is the best and safest wallet for Bitcoin." in page.text


def test_the_whole_text_is_there_in_order() -> None:
    """Nothing of the article is lost or repeated between the marks."""
    close = readings.english()
    shown = made(close).text
    text = shown[shown.index("a mention leads there.") : shown.index("3. Sentence by sentence")]
    at = 0
    for part in close.article.passages:
        at = text.index(close.article.text[part.start : part.end], at)


def test_instants_and_versions_are_named() -> None:
    close = readings.english()
    text = made(close).text
    for told in ("2025-05-02 12:00 UTC (from the feed)", close.catalogue.digest, close.article.content_hash):
        assert told in text
    for read in close.scorers:
        assert read.reader in text


def test_a_language_nobody_reads_has_no_figure_at_all() -> None:
    """The text is shown, and that it was not read is said; there is no 0."""
    article = make_article(("title", "Bitcoin stürzt ab"), ("body", "Der Bitcoin fällt."), language="de")
    close = readings.read(article)
    page = made(close)
    assert not close.is_read
    assert "No scorer chosen here reads its language (German)" in page.text
    assert "Der Bitcoin fällt." in page.text
    assert page.spans() == set()
    assert "0.00" not in page.text
    assert "German" in plain.render(close)


def test_an_article_without_targets_says_so() -> None:
    close = readings.read(make_article(("title", "Rain in April"), ("body", "It rained all day in the hills.")))
    assert "names none of the targets" in made(close).text
    assert "names none of the targets" in plain.render(close)


def test_a_target_named_in_passing_is_not_what_it_is_about() -> None:
    parts = (("title", "Rain in April"), ("body", "It rained all day in the hills. It rained again. Bitcoin fell."))
    assert words.summarise(readings.read(make_article(*parts)))[0].startswith("It names Bitcoin only in passing")


def test_a_single_scorer_needs_no_choice() -> None:
    close = read_closely(make_article(*readings.ENGLISH), catalogue=targets.load(), scorers=(rules.build(),))
    page = made(close)
    assert not [found for tag, found in page.elements if found.get("type") == "radio"]
    assert "labels differ" not in page.text


def test_what_was_left_out_is_told_with_what_it_would_have_done() -> None:
    """The disclaimer would pull Bitcoin down, the advert dilute its praise; the counter nothing."""
    close = readings.english()
    rows = {row.label: row for row in left_out.list_left_out(close)}
    assert list(rows) == ["1 view counter", "1 advert", "1 disclaimer", "1 author line", "all of them"]
    [up], [down] = rows["1 advert"].targets, rows["1 disclaimer"].targets
    assert (up.name, down.name) == ("Bitcoin", "Bitcoin")
    assert up.without is not None
    assert up.left_in is not None
    assert down.left_in is not None
    assert down.left_in < up.left_in < up.without
    text = plain.render(close)
    assert f"Bitcoin {words.signed(up.left_in)} instead of {words.signed(up.without)}" in text
    assert "nothing would change with: 1 view counter" in text
    page = made(close)
    assert "5. What was left out, and what it would have done" in page.text
    assert "Nothing would change with: 1 view counter" in page.text
    assert "What was left out, and" not in made(replace(close, left_in=(), left_in_by="")).text


@pytest.mark.parametrize(
    ("without", "left_in", "told"),
    [
        (0.1, 0.124, "+0.02"),
        (0.084, 0.076, "unmoved"),
        (None, 0.3, "new"),
        (0.3, None, "gone"),
        (None, None, "unmoved"),
    ],
)
def test_how_far_a_figure_moves_fits_the_figures_shown(without: float | None, left_in: float | None, told: str) -> None:
    assert left_out.tell_moved(without, left_in) == told


def test_equal_readings_are_equal_bytes() -> None:
    first, again = (html.render(readings.english(), made_by="x") for _ in range(2))
    assert first == again


def test_plain_text_holds_the_figures_and_no_controls() -> None:
    close = readings.english()
    text = plain.render(close)
    for score in close.scorers[0].reading.scores:
        assert close.catalogue.name(score.target, "en") in text
        assert words.signed(score.score) in text
    title = "Bitcoin soars \x1b[31m\x07"
    article = replace(make_article(("title", title)), source="a\x1b]0;x")
    assert not re.search(r"[\x00-\x09\x0b-\x1f]", plain.render(readings.read(article)))


def test_a_word_for_one_target_and_against_another_is_mixed() -> None:
    """Pieces are cut at every border; each scorer's heaviest weight tints, unless both ways are strong."""
    text = "Fed cuts Bitcoin"
    found = (Mention("federal-reserve", 0, 3, MentionForm.ALIAS), Mention("bitcoin", 9, 16, MentionForm.ALIAS))
    weighed = [
        marks.Weighed(0, "rules", "Fed", Evidence("cuts", 4, 8, -2.5, "lexicon:market")),
        marks.Weighed(0, "rules", "Bitcoin", Evidence("cuts", 4, 8, 1.5, "lexicon:market")),
        marks.Weighed(1, "linear", "Fed", Evidence("cuts Bit", 4, 12, 0.9, "learned")),
        marks.Weighed(1, "linear", "Fed", Evidence("Fed", 0, 3, 0.001, "learned")),
    ]
    marked = marks.MarkedText(text, found, weighed)
    pieces = [piece for run in marked.runs(0, len(text)) for piece in run.pieces]
    assert "".join(piece.text for piece in pieces) == text
    assert [(piece.text, piece.tint) for piece in pieces if piece.tint] == [
        ("cuts", "k0x3 k1p2"), (" ", "k1p2"), ("Bit", "k1p2"),
    ]  # fmt: skip
    assert [run.mention.target for run in marked.runs(0, len(text)) if run.mention] == ["federal-reserve", "bitcoin"]
    assert [piece.text for run in marked.runs(5, 10) for piece in run.pieces] == ["uts", " ", "B"]


def test_passages_of_every_kind_have_a_name() -> None:
    for kind in PassageKind:
        told = words.tell_unread([Passage(kind, 0, 1, "x"), Passage(kind, 1, 2, "x")])
        assert bool(told) != kind.is_scored


def test_chances_and_range_of_a_learned_scorer_stand_on_page_and_terminal() -> None:
    """Rules give neither; what the linear scorer gives is printed to the per cent and the hundredth."""
    close = readings.read(make_article(("body", "Trump praises Bitcoin. Bukele attacks the IMF over Bitcoin.")))
    page, terminal = made(close).text, plain.render(close)
    by_rules, by_linear = ({one.target: one for one in read.reading.scores} for read in close.scorers)
    bitcoin = by_linear["bitcoin"]
    assert bitcoin.interval is not None
    assert bitcoin.probabilities is not None
    ends = " … ".join(words.signed(end) for end in bitcoin.interval)
    against, neither, favour = (f"{100 * share:.0f}\u202f%" for share in bitcoin.probabilities)
    assert f"90 %: {ends}" in page
    assert f"− {against} · 0 {neither} · + {favour}" in page
    assert f"({ends})" in terminal
    assert by_rules["bitcoin"].interval is None
    assert page.count("90 %:") == sum(one.interval is not None for one in by_linear.values())

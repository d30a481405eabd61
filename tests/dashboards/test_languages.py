"""A report in another language: all of our own words in it, the figures the same, and nothing English left."""

import re
import string
from html.parser import HTMLParser

import jinja2.nodes
import pytest

from dashboards.report import html, markdown
from dashboards.report.languages import LANGUAGES, read_catalogue
from dashboards.report.words import Words
from service.correlation.results import CorrelationReport
from service.wording import word
from tests.dashboards import messages
from tests.reports import make_report

TITLE = "Uitstroom keert the market and the fund"
OTHERS = [language for language in LANGUAGES if language != "en"]


@pytest.fixture(scope="module")
def report() -> CorrelationReport:
    """A study with findings, gaps, refusals and other scorers."""
    return make_report(link=2.0, title=TITLE)


@pytest.mark.parametrize("language", OTHERS)
def test_every_message_has_both_languages_and_none_is_left_over(language: str) -> None:
    catalogue, said = set(read_catalogue(language)), messages.all_messages()
    assert said - catalogue == set()
    assert catalogue - said == set()


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_has_the_fields_and_the_markup_of_its_message(language: str) -> None:
    def parts(message: str) -> tuple[set[str], list[str]]:
        fields = {f"{name}:{spec}" for _, name, spec, _ in string.Formatter().parse(message) if name is not None}
        return fields, sorted(re.findall(r"<[^>]+>", message))

    for message, translation in read_catalogue(language).items():
        assert parts(message) == parts(translation), message


def test_no_template_says_anything_but_through_its_messages() -> None:
    """Letters outside tags would be English on every page; so would attributes that are read aloud."""
    for name, template in messages.templates():
        literal = "\x00".join(data.data for data in template.find_all(jinja2.nodes.TemplateData))
        assert not re.search(r'(aria-label|data-label|title|alt)="[^"\x00]*[^\W\d_]', literal), name
        outside = re.sub(r"<[^>]*>", " ", re.sub(r"<(svg|style|script).*?</\1>", " ", literal, flags=re.DOTALL))
        left = set(re.findall(r"[^\W\d_]+", outside)) - {*"nrptzF", "newscandle", "nats", "ADF", "KPSS"}
        assert not left, (name, left)


class _Texts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.inside: list[str | None] = ["nl"]
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "br", "input"):
            quoted = tag in ("script", "style", "code", "pre", "bdi")
            self.inside.append("" if quoted else dict(attrs).get("lang") or self.inside[-1])

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Nothing stands inside."""

    def handle_endtag(self, tag: str) -> None:
        self.inside.pop()

    def handle_data(self, data: str) -> None:
        if self.inside[-1] == "nl":
            self.found.append(data)
        assert self.inside[-1] != "en", f"marked as English: {data}"


def test_no_english_is_left_on_the_dutch_page(report: CorrelationReport) -> None:
    """Of the texts in the page none is an English message, and no word stands that only English has."""
    parser = _Texts()
    page = html.render(report, "nl")
    parser.feed(re.sub(r"<title id=[^>]*>|<title>|</title>", " ", page))
    dutch = read_catalogue("nl")
    own = {english for english, translated in dutch.items() if english != translated and len(english) > 4}
    said = {" ".join(text.split()) for text in parser.found}
    assert not said & own
    everything = " ".join(said) + " " + " ".join(re.findall(r'data-label="([^"]*)"', page))
    everything = everything.replace(TITLE, "")
    assert not re.findall(r"\b(the|and|with|which|this|not|shown|articles?|price|known|because|market)\b", everything)
    assert '<html lang="nl">' in page


def test_the_markdown_is_dutch_too(report: CorrelationReport) -> None:
    text = markdown.render(report, "nl").replace(TITLE, "")
    assert "Wie beweegt eerst" in text
    assert not re.findall(r"\b(the|and|with|which|this|shown|because)\b", text)


def test_both_languages_tell_the_same_figures(report: CorrelationReport) -> None:
    """Every number with decimals of the English page stands on the Dutch one, with a comma, and the other way."""

    def numbers(page: str, mark: str) -> list[str]:
        body = re.sub(r"<(svg|style|script|code|pre|span lang).*?</\1>", " ", page, flags=re.DOTALL)
        texts = re.sub(r"<[^>]*>", " ", body).replace("0.1.0", "").replace("vader/3.3.2", "")
        return sorted(re.findall(rf"[+−]?\d+\{mark}\d+", texts))

    english, dutch = numbers(html.render(report), "."), numbers(html.render(report, "nl"), ",")
    assert len(english) > 100
    assert [number.replace(",", ".") for number in dutch] == english


def test_names_of_targets_are_those_of_the_language(report: CorrelationReport) -> None:
    page = html.render(report, "nl", {"bitcoin": "De bitcoin"})
    assert "De bitcoin: gaat de toon van het nieuws samen met BTC/USD?" in page
    assert "Bitcoin" not in re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)


def test_a_sentence_is_told_again_with_its_values() -> None:
    """Nested sentences too; numbers with the language's marks; a sentence without words here stays as it is."""
    inner = word("{venue} {n:,}", venue="kraken", n=1440)
    outer = word("Bars held: {each}.", each=inner)
    assert outer == "Bars held: kraken 1,440."
    dutch = Words("nl")
    assert dutch.say(outer) == "Bars aanwezig: kraken 1.440."
    assert dutch.knows(outer)
    assert dutch.retell("Never heard of {this}.") == "Never heard of {this}."
    assert not dutch.knows("Never heard of {this}.")


def test_what_has_no_words_here_is_marked_as_english(report: CorrelationReport) -> None:
    """A note from elsewhere is shown rather than hidden, in its own language for those who hear the page."""
    import dataclasses

    noted = dataclasses.replace(report, sample=dataclasses.replace(report.sample, notes=("Told <b>elsewhere</b>.",)))
    assert '<span lang="en">Told &lt;b&gt;elsewhere&lt;/b&gt;.</span>' in html.render(noted, "nl")
    assert '<p class="note">Told &lt;b&gt;elsewhere&lt;/b&gt;.</p>' in html.render(noted)

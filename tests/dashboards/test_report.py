"""One report in three forms: the same numbers, nothing loaded, nothing hostile that survives."""

import base64
import hashlib
import json
import re
import subprocess
import sys
from html import unescape
from html.parser import HTMLParser

import pytest

from dashboards.report import dependence_words, document, html, markdown
from dashboards.report.glossary import GLOSSARY
from dashboards.report.words import MISSING, STATE_NAMES, Words
from service.correlation.results import CorrelationReport, Direction
from tests.reports import make_report

ENGLISH = Words()
HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(2)> | [x](javascript:alert(3)) \u202egnp.exe $\\frac{1}{2}$"
)


@pytest.fixture(scope="module")
def report() -> CorrelationReport:
    """A study with a planted answer of the news to the market, and one hostile title."""
    return make_report(link=2.0, title=HOSTILE, url="javascript:alert(4)")


@pytest.fixture(scope="module")
def page(report: CorrelationReport) -> str:
    """Its HTML."""
    return html.render(report)


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def elements(page: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = _Elements()
    parser.feed(page)
    return parser.found


def test_the_page_loads_nothing_and_runs_nothing(page: str) -> None:
    """No image, no style sheet, no font from anywhere; links are only links."""
    found = elements(page)
    assert not [tag for tag, _ in found if tag in ("img", "link", "iframe", "object", "embed", "form")]
    assert not [name for _, attributes in found for name in attributes if name.startswith("on")]
    assert not re.search(r"url\((?!#)|@import", page)
    references = [a.get("href") or a.get("xlink:href") or a.get("src") or "" for _, a in found]
    assert not [one for one in references if one and not one.startswith(("#", "https://sample.invalid/"))]


def test_the_one_script_is_ours_small_and_named_by_the_policy(page: str) -> None:
    """The policy lets a script run by its hash alone, so nothing that slips into the page could."""
    (script,) = re.findall(r"<script>(.*?)</script>", page, flags=re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    (policy,) = [a["content"] or "" for tag, a in elements(page) if a.get("http-equiv") == "Content-Security-Policy"]
    assert f"script-src 'sha256-{digest}';" in policy
    assert "default-src 'none'" in policy
    assert len(script.encode()) < 6000
    assert not re.search(r"fetch|XMLHttp|import|eval|localStorage", script)


def test_hostile_titles_are_text_in_every_form(report: CorrelationReport, page: str) -> None:
    assert page.count("<script") == 1
    marked_up = re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)
    assert "javascript:" not in re.sub(r">[^<]*<", "><", marked_up)
    text = markdown.render(report)
    assert "<script" not in text.replace("\\<script", "")
    assert "](javascript" not in text
    assert json.loads(document.render(report))["weighty"][0]["title"] == HOSTILE


def test_ids_are_unique_so_that_labels_and_clip_paths_meet_their_own(page: str) -> None:
    ids = [attributes["id"] for _, attributes in elements(page) if "id" in attributes]
    assert len(ids) == len(set(ids))
    used = set(re.findall(r'(?:url\(|xlink:href="|href=")#([^)"]+)', page))
    assert used <= set(ids)


def test_every_form_tells_the_same_figures(report: CorrelationReport, page: str) -> None:
    text, told = markdown.render(report), json.loads(document.render(report))
    for item, record in zip(report.conclusions, told["conclusions"], strict=True):
        assert (record["verdict"], record["r"], record["p_family"]) == (item.verdict.value, item.r, item.p_family)
        for form in (page, text):
            assert ENGLISH.signed(item.r) in form
            assert ENGLISH.probability(item.p_family).replace("<", "&lt;" if form is page else "<") in form
    for row in report.stationarity:
        assert ENGLISH.signed(row.adf_statistic, 2) in page
        assert ENGLISH.signed(row.adf_statistic, 2) in text


def test_no_figure_stands_in_one_form_alone(report: CorrelationReport, page: str) -> None:
    """Every number with decimals of the Markdown is on the page, and every one of the page in the Markdown."""

    def figures(text: str) -> set[str]:
        return set(re.findall(r"[+−]?\d+\.\d+", text.replace("0.1.0", "").replace("vader/3.3.2", "")))

    shown = re.sub(r"<(svg|style|script)\b.*?</\1>", " ", page, flags=re.DOTALL)
    shown = re.sub(r'<th scope="col" class="track">.*?</th>', " ", shown)  # the ends of an axis
    on_page, in_text = figures(unescape(re.sub(r"<[^>]*>", " ", shown))), figures(markdown.render(report))
    assert len(on_page) > 500
    assert on_page == in_text


def test_what_stands_beside_the_verdicts_is_told_alike_and_said_to_be_no_verdict(
    report: CorrelationReport, page: str
) -> None:
    text = markdown.render(report)
    assert report.events
    assert report.information
    assert report.stability
    windows = [window for one in report.events.sets for window in one.windows]
    figures = [ENGLISH.change(window.mean) for window in windows]
    figures += [ENGLISH.signed(row.coefficient) for row in report.information.horizons]
    figures += [ENGLISH.change(row.spread) for row in report.information.horizons]
    for relation in report.stability.relations:
        figures += [ENGLISH.signed(window.r) for window in relation.windows]
        figures += [ENGLISH.signed(side) for split in relation.regimes for side in (split.first_r, split.second_r)]
        assert relation.break_test
        figures.append(ENGLISH.plain(relation.break_test.statistic))
    assert report.placebo
    assert report.predictors
    assert report.other_targets
    figures += [ENGLISH.signed(row.r) for row in report.placebo.rows]
    figures += [ENGLISH.signed(cell.r) for cell in (*report.predictors.cells, *report.other_targets.cells)]
    assert len(windows) >= 6
    for figure in figures:
        assert figure in page
        assert figure in text
    assert page.count("no verdict rests on it") == text.count("no verdict rests on it") == 7
    told = json.loads(document.render(report))
    assert [one["label"] for one in told["events"]["sets"]][4:] == ["hack", "hack"]
    assert told["stability"]["relations"][0]["lag"] == -1


def test_dependence_beyond_the_scan_is_told_alike_reverse_first(report: CorrelationReport, page: str) -> None:
    text = markdown.render(report)
    figures = [ENGLISH.signed(row.r) for row in report.horizons]
    figures += [ENGLISH.signed(row.t_transformed, 2) for row in report.horizons]
    figures += [ENGLISH.signed(row.partial) for row in report.partial]
    figures += [ENGLISH.plain(row.transfer, 4) for row in report.transfer_entropy]
    figures += [ENGLISH.plain(row.distance, 3) for row in report.distance]
    figures += [f"{row.called} of {row.computed}" for row in report.granger_by_order]
    figures += [ENGLISH.plain(row.f) for row in report.toda_yamamoto]
    assert len(figures) > 40
    for figure in figures:
        assert figure in page
        assert figure in text
    told = json.loads(document.render(report))
    assert len(told["granger_by_order"][0]["p"]) == 24
    assert [row["q"] for row in told["families"]] == [row.q for row in report.families]
    for form in (page, text):
        section = form[form.index("All families together</h2>" if form is page else ". All families together") :]
        places = [section.index(dependence_words.name_way(direction, ENGLISH)) for direction in (*Direction, None)]
        assert places == sorted(places)
    least_q = len(report.families) / (report.horizons[0].worlds + 1)
    assert f"a q of {least_q:.3f} at best" in page
    assert f"a q of {least_q:.3f} at best" in text
    assert all(row.analysis in dependence_words.ANALYSIS_NAMES for row in report.families)


def test_what_was_not_studied_says_so() -> None:
    report = make_report(bars=15)
    assert report.events is None
    assert "Not studied" in html.render(report)
    assert "Not studied" in markdown.render(report)


def test_the_certificate_stands_on_page_one_and_reverse_before_forward(page: str) -> None:
    """Before any figure of a section: the answer, the certificate, every finding beside chance."""
    names = ("certificate", "answers", "sample", "verdicts", "lead-lag", "same-bar", "articles", "stationarity")
    places = [page.index('class="answer"'), *(page.index(f'id="{name}"') for name in names)]
    assert places == sorted(places)
    order = [page.index(f'colspan="5">{direction.value}') for direction in Direction]
    assert order == sorted(order)
    order = [page.index(f"<h3>{direction.value}</h3>") for direction in Direction]
    assert order == sorted(order)
    assert page.index("market first</td>") < page.index("news first</td>")


def test_what_is_not_shown_is_said_as_fully_as_what_is(report: CorrelationReport, page: str) -> None:
    """Every conclusion has its sentence in both forms, whatever the verdict, and every refusal too."""
    texts = {"page": unescape(page), "markdown": markdown.render(report).replace("\\", "")}
    for text in texts.values():
        for sentence in (*(item.sentence for item in report.conclusions), *report.refusals):
            assert sentence in text


def test_terms_are_explained_once_and_where_they_are_first_used(page: str) -> None:
    for key, term in GLOSSARY.items():
        assert page.count(f'id="term-{key}"') == 1, key
        assert unescape(page).count(term.meaning) == 1


def test_evidence_words_are_told_by_sign_and_marked_in_the_title() -> None:
    """Not by colour alone: a sign, a kind of line and a number; inside words nothing is marked."""
    page = html.render(make_report(title="Outflows hit a record; recordings <b>stay</b>"))
    assert '<mark class="against">Outflows</mark> hit a <mark class="for">record</mark>; recordings &lt;b&gt;' in page
    assert re.search(r'▼ <bdi lang="en">outflows</bdi> −1.80', page)
    assert re.search(r'▲ <bdi lang="en">record</bdi> \+0.60', page)


def test_all_four_states_are_named_and_a_sample_says_so(page: str) -> None:
    for name in STATE_NAMES.values():
        assert f"{name}</th>" in page
    assert "This is a sample" in page


def test_what_could_not_be_computed_is_a_dash_and_null_never_zero() -> None:
    report = make_report(bars=20)
    assert all(item.p_family is None for item in report.conclusions)
    told = json.loads(document.render(report))
    assert all(record["p_family"] is None for record in told["conclusions"])
    assert MISSING in html.render(report)
    assert MISSING in markdown.render(report)


def test_equal_reports_are_equal_bytes_in_another_process(report: CorrelationReport, page: str) -> None:
    code = (
        "import sys; from tests.reports import make_report; from dashboards.report import html;"
        f"made = make_report(link=2.0, title={HOSTILE!r}, url='javascript:alert(4)');"
        "sys.stdout.buffer.write(html.render(made).encode())"
    )
    again = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env={"PYTHONHASHSEED": "99"})
    assert again.stdout.decode() == page


@pytest.mark.parametrize(
    ("value", "shown"), [(None, "–"), (0.0004, "< 0.001"), (0.05, "0.050"), (1.0, "1.000"), (0.9996, "1.000")]
)
def test_probabilities_are_printed_plainly(value: float | None, shown: str) -> None:
    assert ENGLISH.probability(value) == shown


def test_signs_are_real_minus_signs() -> None:
    assert (ENGLISH.signed(-0.5), ENGLISH.signed(0.5), ENGLISH.signed(None)) == ("−0.500", "+0.500", "–")

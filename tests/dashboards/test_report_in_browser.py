"""The report as a browser shows it: on a phone, wide, dark and printed, with a hostile title in it."""

import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dashboards.report import html
from tests.reports import make_report

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
HOSTILE = "<script>document.title='owned'</script>\u202e\u2066" + "W" * 300

pytestmark = [
    pytest.mark.chromium,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]


@pytest.fixture(scope="module")
def report_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report on disk."""
    file = tmp_path_factory.mktemp("report") / "report.html"
    file.write_text(html.render(make_report(link=2.0, title=HOSTILE)), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A headless Chromium."""
    from playwright.sync_api import sync_playwright

    with warnings.catch_warnings(), sync_playwright() as play:
        opened = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


def open_page(browser: Any, file: Path, width: int, scheme: str = "light") -> tuple[Any, list[str]]:
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("request", lambda request: told.append(request.url) if not request.url.startswith("file:") else None)
    page.goto(file.as_uri())
    return page, told


@pytest.mark.parametrize("width", [360, 1000])
def test_it_fits_the_screen_and_runs_nothing(browser: Any, report_file: Path, width: int) -> None:
    page, told = open_page(browser, report_file, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert told == []
    assert "owned" not in page.title()
    page.close()


@pytest.mark.parametrize(("width", "shown", "hidden"), [(360, ".narrow", ".wide"), (1000, ".wide", ".narrow")])
def test_each_width_shows_the_drawings_made_for_it(
    browser: Any, report_file: Path, width: int, shown: str, hidden: str
) -> None:
    page, _ = open_page(browser, report_file, width)
    charts = page.locator(f"{shown} svg")
    assert charts.count() == 2  # the drawing and the plot within it
    assert charts.first.is_visible()
    assert all(chart.is_visible() for chart in page.locator(".multiples svg").all())
    assert not page.locator(f"{hidden} svg").first.is_visible()
    smallest = page.evaluate(
        f"""() => Math.min(...[...document.querySelectorAll('{shown} svg text')]
            .map(e => e.getBoundingClientRect().height))"""
    )
    assert smallest >= 9  # CSS pixels: still readable
    page.close()


def test_dark_mode_turns_the_paper_and_the_drawings(browser: Any, report_file: Path) -> None:
    light, _ = open_page(browser, report_file, 1000)
    dark, _ = open_page(browser, report_file, 1000, "dark")
    colours = [
        (
            page.evaluate("getComputedStyle(document.body).backgroundColor"),
            page.evaluate("getComputedStyle(document.querySelector('.wide svg text')).fill"),
        )
        for page in (light, dark)
    ]
    assert colours[0][0] != colours[1][0]
    assert colours[0][1] != colours[1][1]
    for page in (light, dark):
        page.close()


def test_it_prints(browser: Any, report_file: Path) -> None:
    page, _ = open_page(browser, report_file, 1000)
    assert page.pdf(format="A4").startswith(b"%PDF")
    page.close()


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_is_wider_than_the_screen_whatever_the_title(browser: Any, report_file: Path, width: int) -> None:
    """A title of three hundred letters, a script and turned writing: the page stays as wide as the screen."""
    page, told = open_page(browser, report_file, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    outside = page.evaluate(
        """width => [...document.querySelectorAll('main *, header *')].filter(e => {
            if (e.closest('.scroll, pre, svg, thead, .skip, .zoom[hidden], details:not([open])')) return false;
            return e.getBoundingClientRect().right > width + 1;
        }).map(e => e.outerHTML.slice(0, 80))""",
        width,
    )
    assert outside == []
    assert told == []
    page.close()


def test_without_its_script_the_page_shows_the_same(browser: Any, report_file: Path) -> None:
    """Every text and every row is there; only the tools of the script stay away."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(report_file.as_uri())
    assert page.locator("table").count() > 20
    assert page.locator(".chart").first.is_visible()
    assert not page.locator(".zoom").is_visible()
    assert page.locator("th button").count() == 0
    context.close()


def test_a_table_is_sorted_by_keyboard_and_says_so(browser: Any, report_file: Path) -> None:
    """By value, not by text; minus signs and missing figures in their places."""
    page, _ = open_page(browser, report_file, 1280)
    table = page.locator("section[aria-labelledby=same-bar] table.sortable").first
    button = table.locator("th button").nth(3)  # r
    cells = "rows => rows.map(row => parseFloat(row.cells[3].textContent.replace('−', '-')))"
    for way in ("ascending", "descending"):
        button.press("Enter")
        found = table.locator("tbody tr").evaluate_all(cells)
        assert found == sorted(found, reverse=way == "descending")
        assert table.locator("th").nth(3).get_attribute("aria-sort") == way
    assert len(set(found)) == 4
    page.close()


def test_the_price_is_zoomed_by_keyboard_and_by_dragging(browser: Any, report_file: Path) -> None:
    """The plot shows the span chosen, the ticks are its own, and the whole period comes back."""
    page, told = open_page(browser, report_file, 1280)
    plot, tools = page.locator(".wide .plot"), page.locator(".zoom")
    whole, ticks = plot.get_attribute("viewBox"), page.locator(".wide .times").inner_html()
    for _ in range(20):
        tools.locator("input").first.press("ArrowRight")
    assert plot.get_attribute("viewBox").split()[0] == "100"
    assert page.locator(".wide .times").inner_html() != ticks
    assert "2024-01-31" in tools.locator("output").inner_text()
    tools.locator("button").press("Enter")
    assert (plot.get_attribute("viewBox"), page.locator(".wide .times").inner_html()) == (whole, ticks)
    box = page.locator(".wide svg.chart").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.75, box["y"] + 100)
    page.mouse.up()
    left, _, width, _ = map(float, plot.get_attribute("viewBox").split())
    assert 440 < left < 500
    assert 240 < width < 300
    assert told == []
    page.close()


def test_forced_colours_leave_lines_and_words(browser: Any, report_file: Path) -> None:
    """With the colours of the system alone price and sentiment are still drawn, in one of them."""
    context = browser.new_context(forced_colors="active", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(report_file.as_uri())
    assert page.evaluate("matchMedia('(forced-colors: active)').matches")
    ink = page.evaluate("getComputedStyle(document.body).color")
    for drawn in (".wide path.price", ".wide path.tone"):
        assert page.locator(drawn).first.evaluate("e => getComputedStyle(e).stroke") == ink
    context.close()


def test_print_shows_addresses_and_what_is_folded_away(browser: Any, report_file: Path) -> None:
    page, _ = open_page(browser, report_file, 1000)
    page.emulate_media(media="print")
    told = page.locator(".articles a").first.evaluate("e => getComputedStyle(e, '::after').content")
    assert "attr(href)" in told or "https://sample.invalid/1" in told
    folded = page.locator("details:not([open]):not(.screen) table")
    assert folded.count() > 3
    assert all(table.bounding_box() for table in folded.all())
    for hidden in (".zoom", "nav", ".narrow"):
        assert not page.locator(hidden).first.is_visible()
    wider = "() => [...document.querySelectorAll('.scroll')].filter(e => e.scrollWidth > e.clientWidth + 1).length"
    page.set_viewport_size({"width": 688, "height": 900})  # A4 less its margins
    assert page.evaluate(wider) == 0
    page.close()

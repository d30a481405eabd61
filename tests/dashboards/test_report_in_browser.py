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
HOSTILE = "<script>document.title='owned'</script>" + "W" * 300

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

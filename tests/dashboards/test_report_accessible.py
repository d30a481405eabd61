"""What a checker of accessibility finds in the report: nothing serious, on any screen, in either language.

axe-core is no Python package: it is read from AXE_CORE_FILE (its axe.min.js), or from node_modules beside the project
as `npm install axe-core` leaves it.
"""

import os
from pathlib import Path
from typing import Any

import pytest

from dashboards.report import html
from tests.dashboards.test_report_in_browser import CHROMIUM, browser, open_page  # noqa: F401 - a fixture
from tests.reports import make_report

AXE = Path(os.environ.get("AXE_CORE_FILE") or Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js")
FAULTS = """async () => (await axe.run(document, {resultTypes: ['violations']})).violations
    .filter(one => ['serious', 'critical', 'moderate'].includes(one.impact))
    .map(one => [one.id, one.impact, one.nodes.length, one.nodes[0].html.slice(0, 160)])"""

pytestmark = [
    pytest.mark.chromium,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
    pytest.mark.skipif(not AXE.exists(), reason="no axe-core: npm install axe-core, or set AXE_CORE_FILE"),
]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The report in both languages, on disk."""
    folder, report = tmp_path_factory.mktemp("accessible"), make_report(link=2.0)
    for language in ("en", "nl"):
        (folder / f"{language}.html").write_text(html.render(report, language), encoding="utf-8")
    return {language: folder / f"{language}.html" for language in ("en", "nl")}


@pytest.mark.parametrize(
    ("language", "width", "scheme"), [("en", 1280, "light"), ("nl", 1280, "dark"), ("nl", 390, "light")]
)
def test_axe_finds_no_fault(
    browser: Any,  # noqa: F811
    pages: dict[str, Path],
    language: str,
    width: int,
    scheme: str,
) -> None:
    page, _ = open_page(browser, pages[language], width, scheme)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert page.evaluate(FAULTS) == []
    page.close()


def test_axe_sees_a_fault_where_one_is_planted(browser: Any, pages: dict[str, Path]) -> None:  # noqa: F811
    """The oracle works: without the page's language it complains."""
    page, _ = open_page(browser, pages["en"], 1280)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    page.evaluate("document.documentElement.removeAttribute('lang')")
    asked = "{runOnly: ['html-has-lang', 'color-contrast'], resultTypes"
    assert {one[0] for one in page.evaluate(FAULTS.replace("{resultTypes", asked))} == {"html-has-lang"}
    page.close()

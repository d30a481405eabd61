"""The article page as a browser shows it: wide and on a phone, dark, by keyboard, with hostile text in it."""

from pathlib import Path
from typing import Any

import pytest

from dashboards.article import html
from tests.dashboards import readings
from tests.dashboards.test_report_in_browser import CHROMIUM, browser, open_page  # noqa: F401 - a fixture

pytestmark = [
    pytest.mark.chromium,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]
CONTRAST = """() => {
  const parse = colour => colour.match(/[\\d.]+/g).map(Number);
  const over = (top, under) => top.slice(0, 3).map((c, i) => c * (top[3] ?? 1) + under[i] * (1 - (top[3] ?? 1)));
  const paper = element => {
    if (!element) return parse(getComputedStyle(document.body).backgroundColor);
    const own = parse(getComputedStyle(element).backgroundColor);
    return (own[3] ?? 1) === 1 ? own : over(own, paper(element.parentElement));
  };
  const light = rgb => rgb.slice(0, 3).map(c => c / 255).map(c => c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [.2126, .7152, .0722][i], 0);
  const ratio = (a, b) => (Math.max(light(a), light(b)) + .05) / (Math.min(light(a), light(b)) + .05);
  const faint = [];
  for (const element of document.querySelectorAll('body *')) {
    const says = [...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
    if (!says && !element.matches('.m')) continue;
    for (const pseudo of element.matches('.m[data-n]') ? [null, '::after'] : [null]) {
      const found = ratio(parse(getComputedStyle(element, pseudo).color), paper(element));
      if (found < 4.5) faint.push([element.className, element.textContent.slice(0, 20), found]);
    }
  }
  return faint;
}"""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The pages on disk."""
    folder = tmp_path_factory.mktemp("article")
    made = {"english": readings.english, "dutch": readings.dutch, "hostile": readings.hostile}
    for name, read in made.items():
        (folder / f"{name}.html").write_text(html.render(read(), made_by="newscandle 0"), encoding="utf-8")
    return {name: folder / f"{name}.html" for name in made}


@pytest.mark.parametrize("width", [420, 1280])
def test_it_fits_the_screen_and_runs_nothing(browser: Any, files: dict[str, Path], width: int) -> None:  # noqa: F811
    for file in files.values():
        page, told = open_page(browser, file, width)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, file
        assert told == []
        page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_can_be_read_on_its_ground(browser: Any, files: dict[str, Path], scheme: str) -> None:  # noqa: F811
    """4.5 : 1 or more for every text, tinted words and numbers of targets too, whichever scorer tints."""
    page, _ = open_page(browser, files["english"], 1280, scheme)
    for column in (0, 1):
        page.locator(f"#by{column}").evaluate("element => element.click()")
        assert page.evaluate(CONTRAST) == []
    page.close()


def test_choosing_a_scorer_tints_by_it(browser: Any, files: dict[str, Path]) -> None:  # noqa: F811
    """By mouse and by keyboard, without a script."""
    page, _ = open_page(browser, files["english"], 1280)
    tinted = """() => [...document.querySelectorAll('.text .w')]
        .filter(e => getComputedStyle(e).backgroundColor !== 'rgba(0, 0, 0, 0)').map(e => e.textContent)"""
    by_rules = page.evaluate(tinted)
    assert {"praised", "slammed"} <= set(by_rules)
    page.locator("label[for=by1]").click()
    by_linear = page.evaluate(tinted)
    assert by_linear != by_rules
    page.locator("#by1").press("ArrowLeft")
    assert page.evaluate(tinted) == by_rules
    page.close()


def test_focus_shows_what_hover_shows(browser: Any, files: dict[str, Path]) -> None:  # noqa: F811
    """Every mention and strong word is a stop for the Tab key, and its numbers then stand at the foot of the window."""
    page, _ = open_page(browser, files["english"], 420)
    shown = "element => { element.focus(); return getComputedStyle(element, '::before').content; }"
    stops = page.locator(".text a.m, .text [tabindex]")
    assert stops.count() > 8
    for place in range(stops.count()):
        assert "toward" in (told := stops.nth(place).evaluate(shown)) or "neutral" in told or "positive" in told
        assert page.evaluate("document.activeElement.hasAttribute('data-tip')")
    assert page.evaluate("document.documentElement.scrollWidth") <= 420
    page.close()


def test_it_prints(browser: Any, files: dict[str, Path]) -> None:  # noqa: F811
    page, _ = open_page(browser, files["dutch"], 1000)
    assert page.pdf(format="A4").startswith(b"%PDF")
    page.close()

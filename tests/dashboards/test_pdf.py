"""The PDF: the page's own figures, equal bytes again, nothing loaded; and one clear error without WeasyPrint."""

import re
import sys

import pytest

from dashboards.report import html, pdf
from service.errors import BadInput, WorkFailed
from tests.reports import make_report

PAGE = """<!doctype html><html lang="en"><head><title>t</title><style>
p{color:var(--ink)}.chart .a{fill:var(--ink)}.hatch{stroke:var(--band)}
@media (forced-colors:active){.chart .a{fill:Highlight}p{color:red}}
@media print{:root{--ink:#123456;--band:#dfe8f0}}</style></head>
<body><p>r = 0.123</p><svg class="chart" width="9" height="9"><rect class="a" width="9" height="9"/></svg></body>
</html>
"""


def test_without_weasyprint_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(BadInput, match=r"^--pdf: .*newscandle\[pdf\]"):
        pdf.render(PAGE)


@pytest.fixture
def _weasyprint() -> None:
    """Skips where the extra or Pango is not installed."""
    try:
        pdf.find_weasyprint()
    except BadInput as error:
        pytest.skip(str(error))


@pytest.mark.usefixtures("_weasyprint")
@pytest.mark.filterwarnings("default")
class TestWithWeasyPrint:
    def test_equal_pages_give_equal_bytes(self) -> None:
        made = pdf.render(PAGE)
        assert made.startswith(b"%PDF-")
        assert made == pdf.render(PAGE)
        assert made != pdf.render(PAGE.replace("0.123", "0.124"))
        assert b"CreationDate" not in made

    @pytest.mark.parametrize("address", ["http://127.0.0.1:9/x.png", "file:///etc/hostname"])
    def test_a_page_that_would_load_something_is_refused(self, address: str) -> None:
        with pytest.raises(WorkFailed, match=address):
            pdf.render(PAGE.replace("</body>", f'<img src="{address}"></body>'))

    def test_a_picture_within_the_page_is_drawn(self) -> None:
        dot = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
        assert pdf.render(PAGE.replace("</body>", f'<img src="{dot}"></body>')).startswith(b"%PDF-")


def test_drawings_are_given_the_rules_for_print() -> None:
    """WeasyPrint would draw all of them black: no rule for another medium goes in, and no variable."""
    told = pdf._dress_drawings(PAGE)
    [rules] = re.findall(r"<svg[^>]*><style>([^<]*)</style>", told)
    assert "".join(rules.split()) == ".chart.a{fill:#123456}.hatch{stroke:#dfe8f0}"


def test_the_reports_own_drawings_have_no_colour_left_open() -> None:
    page = html.render(make_report(bars=20))
    rules = "".join(re.findall(r"<svg[^>]*><style>([^<]*)</style>", pdf._dress_drawings(page)))
    assert ".chart .price{" in rules
    assert "var(" not in rules

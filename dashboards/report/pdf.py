"""The page as PDF, laid out by WeasyPrint from the same HTML. The only file that meets it; it may load nothing."""

import hashlib
import re
from typing import Any

from service.errors import BadInput, WorkFailed

MISSING = "PDF needs WeasyPrint and Pango: pip install 'newscandle[pdf]', and libpango-1.0-0 with libpangoft2-1.0-0"

_STYLE = (
    "@page{size:A4;margin:16mm 15mm}"
    "dl.card{grid-template-columns:1fr 1fr 1fr!important}ul.tally{grid-template-columns:1fr 1fr!important}"
)
"""WeasyPrint does not know `auto-fit`."""

_PRINT = re.compile(r"@media print\{:root\{([^}]*)\}")
_TOKEN = re.compile(r"(--[\w-]+):([^;}]+)")
_USE = re.compile(r"var\((--[\w-]+)\)")
_CONDITIONAL = re.compile(r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}")
_OF_DRAWINGS = re.compile(r"[^{}]*\.(?:chart|hatch)\b[^{}]*\{[^{}]*\}")
_DRAWING = re.compile(r"(<svg\b[^>]*>)")


def render(page: str) -> bytes:
    """A4 pages of the HTML `page`; equal pages give equal bytes with equal versions of WeasyPrint and equal fonts.

    Raises `BadInput` where WeasyPrint is not there, `WorkFailed` for a page that would load something.
    """
    weasyprint = find_weasyprint()
    laid_out = weasyprint.HTML(string=_dress_drawings(page), url_fetcher=_make_refusing_fetcher(weasyprint))
    # WeasyPrint would name the file by chance; its page names it.
    identifier = hashlib.sha256(page.encode()).hexdigest()[:32].encode()
    try:
        made: bytes = laid_out.write_pdf(
            pdf_identifier=identifier, pdf_tags=True, stylesheets=[weasyprint.CSS(string=_STYLE)]
        )
    except weasyprint.urls.FatalURLFetchingError as error:
        raise WorkFailed("pdf_loads", str(error)) from error
    return made


def _dress_drawings(page: str) -> str:
    """The page with the rules for drawings inside each of them, in the print colours.

    WeasyPrint applies no style sheet of the page to SVG in it, and resolves no variables there: all would be black.
    """
    head, mark, body = page.partition("</head>")
    print_rule = _PRINT.search(head)
    tokens = dict(_TOKEN.findall(print_rule[1])) if print_rule else {}
    rules = "".join(_OF_DRAWINGS.findall(_CONDITIONAL.sub("", head)))
    style = _USE.sub(lambda use: tokens.get(use[1], use[0]), f"<style>{rules}</style>")
    return head + mark + _DRAWING.sub(lambda drawing: drawing[1] + style, body)


def find_weasyprint() -> Any:
    """WeasyPrint, imported. Raises `BadInput` naming the extra where it, or Pango under it, is missing."""
    try:
        import weasyprint
    except (ImportError, OSError) as error:  # the latter where Pango is not found
        raise BadInput("--pdf", str(error), MISSING) from error
    return weasyprint


def _make_refusing_fetcher(weasyprint: Any) -> Any:
    """A report is self-contained: whatever it would load is a fault, and must not leave the machine."""

    class Refusing(weasyprint.urls.URLFetcher):  # type: ignore[misc] # no type information
        def fetch(self, url: str, headers: Any = None) -> Any:
            if url.startswith("data:"):  # is in the page already
                return super().fetch(url, headers)
            raise weasyprint.urls.FatalURLFetchingError(f"a report loads nothing, and this page asks for {url}")

    return Refusing()

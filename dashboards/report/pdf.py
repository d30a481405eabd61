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


def render(page: str) -> bytes:
    """A4 pages of the HTML `page`; equal pages give equal bytes with equal versions of WeasyPrint and equal fonts.

    Raises `BadInput` where WeasyPrint is not there, `WorkFailed` for a page that would load something.
    """
    weasyprint = find_weasyprint()
    laid_out = weasyprint.HTML(string=_name_colours(page), url_fetcher=_make_refusing_fetcher(weasyprint))
    # WeasyPrint would name the file by chance; its page names it.
    identifier = hashlib.sha256(page.encode()).hexdigest()[:32].encode()
    try:
        made: bytes = laid_out.write_pdf(
            pdf_identifier=identifier, pdf_tags=True, stylesheets=[weasyprint.CSS(string=_STYLE)]
        )
    except weasyprint.urls.FatalURLFetchingError as error:
        raise WorkFailed("pdf_loads", str(error)) from error
    return made


def _name_colours(page: str) -> str:
    """The page with the print colours written out in its drawings: WeasyPrint resolves no variables in SVG."""
    print_rule = _PRINT.search(page)
    tokens = dict(_TOKEN.findall(print_rule[1])) if print_rule else {}
    head, mark, body = page.partition("</head>")
    return head + mark + _USE.sub(lambda use: tokens.get(use[1], use[0]), body)


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

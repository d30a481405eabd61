"""Markup to plain text: one line for titles and summaries, paragraphs for bodies. Nothing is rendered or fetched."""

import html
import re

from service.news.characters import clean, fold

_INLINE_WORDS = (
    "a abbr acronym b bdi bdo big cite code del dfn em font i ins kbd label mark nobr q s samp small span strike "
    "strong sub sup time tt u var wbr"
)
_INLINE = frozenset(_INLINE_WORDS.split())
_BLOCK_WORDS = (
    "address article aside blockquote body br button caption center dd details dir div dl dt fieldset figcaption "
    "figure footer form h1 h2 h3 h4 h5 h6 head header hr html img input legend li main menu nav ol option p pre "
    "section select summary table tbody td textarea tfoot th thead title tr ul iframe video audio picture source "
    "embed object param script style noscript template svg link meta base canvas map area amp-img"
)
_BLOCK = frozenset(_BLOCK_WORDS.split())
_DROPPED_WORDS = "script style noscript template svg iframe object embed canvas head title select textarea"
_DROPPED = frozenset(_DROPPED_WORDS.split())
_TAG = re.compile(
    r"<(/?)([a-zA-Z][a-zA-Z0-9-]{0,20})(?=[\s/>])(?:[^<>\"']|\"[^\"]*\"|'[^']*')*+>|<!--.*?-->|<!\[CDATA\[|\]\]>",
    re.DOTALL,
)
_OPENING = re.compile(r"</?([a-zA-Z][a-zA-Z0-9-]{0,20})[\s/>]|<!--|<!\[CDATA\[")
_HIDDEN = re.compile(r"<(script|style)\b[^>]*>.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_ROWS = frozenset({"li", "tr", "dd", "dt", "td", "th", "br", "img"})
_LONGEST_LINE = 5_000  # above it the linear parser takes over: patterns are quadratic on hostile input
_BLANK_LINES = re.compile(r"\n{3,}")


def to_line(markup: str) -> str:
    """Plain text on one line: tags out, entities read, white space folded, control characters gone.

    Two rounds, since feeds escape twice. Only names of HTML elements count as tags: "a < b" and "<SEC>" stay.
    """
    if len(markup) > _LONGEST_LINE:
        return fold(to_text(markup))
    text = clean(markup)
    for _ in range(2):
        if "<" in text:
            text = _TAG.sub(_space_for, _HIDDEN.sub(" ", text))
        if "&" not in text:
            break
        text = html.unescape(text)
    return fold(text)


def _space_for(tag: re.Match[str]) -> str:
    """What stands where a tag stood: nothing inside words (`<b>B</b>itcoin`), a space between blocks."""
    name = (tag.group(2) or "").lower()
    if not name or name in _INLINE:
        return ""
    return " " if name in _BLOCK else tag.group(0)


def _has_tags(text: str) -> bool:
    return any(
        found.group(1) is None or found.group(1).lower() in _INLINE | _BLOCK for found in _OPENING.finditer(text)
    )


def to_text(markup: str) -> str:
    """Plain text of a fragment or page with a blank line between blocks; scripts, styles and frames are left out.

    Text without any tag is taken as it stands, entities read. Never raises on any string.
    """
    if not _has_tags(markup):
        return _tidy(html.unescape(markup))
    from lxml import etree

    source = ("<div>" + clean(markup) + "</div>").encode()
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        root = etree.fromstring(source, parser)
    except etree.XMLSyntaxError:
        return _tidy(to_line(markup))
    return "" if root is None else _tidy("".join(_pieces(root)))


def _pieces(root: object) -> list[str]:
    """Text of the tree in document order with line breaks round blocks (iterative: nesting is the sender's choice)."""
    from lxml import etree

    pieces: list[str] = []
    dropped = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        name = element.tag if isinstance(element.tag, str) else ""
        is_block = name not in _INLINE
        if event == "start":
            dropped += name in _DROPPED
            if not dropped:
                pieces.append(_break_before(name) if is_block else "")
                pieces.append(_spaces(element.text))
        else:
            if not dropped and is_block:
                pieces.append("" if name in _ROWS else "\n\n")
            dropped -= name in _DROPPED
            if not dropped:
                pieces.append(_spaces(element.tail))
    return pieces


def _break_before(name: str) -> str:
    if name in ("td", "th"):
        return " "
    return "\n" if name in ("br", "li", "tr", "dd", "dt") else "\n\n"


def _spaces(text: str | None) -> str:
    """In HTML a line end inside a paragraph is a space."""
    return (text or "").replace("\n", " ")


def _tidy(text: str) -> str:
    """One space between words, no spaces at line ends, at most one blank line in a row."""
    lines = (" ".join(line.split()) for line in clean(text).split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()

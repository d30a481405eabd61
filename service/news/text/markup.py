"""Markup to plain text: one line for titles and summaries, paragraphs for bodies. Nothing is rendered or fetched."""

import html
import re

from service.news.text.characters import clean, compose, fold, scrub

_INLINE_WORDS = (
    "a abbr acronym b bdi bdo big cite code del dfn em font i ins kbd label mark nobr q s samp small span strike "
    "strong sub sup time tt u var wbr blink command data keygen marquee meter output progress rb rp rt ruby"
)
_INLINE = frozenset(_INLINE_WORDS.split())
_BLOCK_WORDS = (
    "address article aside blockquote body br button caption center dd details dir div dl dt fieldset figcaption "
    "figure footer form h1 h2 h3 h4 h5 h6 head header hr html img input legend li main menu nav ol option p pre "
    "section select summary table tbody td textarea tfoot th thead title tr ul iframe video audio picture source "
    "embed object param script style noscript template svg link meta base canvas map area amp-img "
    "applet col colgroup datalist frame frameset hgroup math noframes optgroup search"
)
_BLOCK = frozenset(_BLOCK_WORDS.split())
_DROPPED_WORDS = "script style noscript template svg math iframe object embed canvas head title select textarea"
_DROPPED = frozenset(_DROPPED_WORDS.split())
_MARKS: dict[str, str] = {**dict.fromkeys(_INLINE, ""), **dict.fromkeys(_BLOCK, " ")}
_FORMS = ("<{}>", "</{}>", "<{}/>", "<{} />")
# Every pattern here is linear on any text: what was once read is not read again from another start.
_OPENED = (
    r"<(?:/?[a-zA-Z][a-zA-Z0-9-]{0,20}(?=[\s/>])(?:[^<>\"']*+(?:(?:\"[^\"]*+\"|'[^']*+')[^<>\"']*+)*+>|[^<>]*+>)"
    r"|!--(?:.*?-->|(?>.*?--)[^>]*+>|.*\Z)|!\[CDATA\[)"
)
_TAG = re.compile(rf"({_OPENED}|\]\]>)", re.DOTALL)
_OPENED_TAG = re.compile(f"({_OPENED})", re.DOTALL)  # quicker: all that it finds begins with one character
_TAG_NAME = re.compile(r"</?([a-zA-Z][a-zA-Z0-9-]*)")
_OPENING = re.compile(r"</?([a-zA-Z][a-zA-Z0-9-]{0,20})[\s/>]|<!--|<!\[CDATA\[")
_HIDDEN = re.compile(r"<(script|style|svg|math|template|noscript)(?=[\s/>])[^<>]*+>", re.IGNORECASE | re.ASCII)
_CLOSING = {name: re.compile(rf"</{name}\s*+>", re.IGNORECASE | re.ASCII) for name in _DROPPED}
_ROWS = frozenset({"li", "tr", "dd", "dt", "td", "th", "br", "img"})
_BLANK_LINES = re.compile(r"\n{3,}")


class _MarkOf(dict[str, str]):
    """What stands where a tag stood, by the whole tag: at once for those without attributes."""

    def __missing__(self, tag: str) -> str:
        mark = self.get(tag.partition(" ")[0] + ">")
        if mark is None:
            found = _TAG_NAME.match(tag)
            mark = _MARKS.get(found[1].lower(), tag) if found else ""
        return mark


_MARK_OF = _MarkOf({form.format(name): mark for name, mark in _MARKS.items() for form in _FORMS})


def to_line(markup: str) -> str:
    """Plain text on one line: tags out, entities read, white space folded, control characters gone.

    Two rounds, since feeds escape twice. Only names of HTML elements count as tags: "a < b" and "<SEC>" stay.
    """
    if "<" not in markup and "&" not in markup:
        return fold(markup)
    text = markup.replace("\n", " ").replace("\t", " ")
    if not text.isprintable():
        text = scrub(markup)
    if "<" in text:
        text = _without_tags(_without_hidden(text))
    if "&" not in text:
        return " ".join(compose(text).split())
    text = html.unescape(text)
    if "<" in text:
        text = _without_tags(_without_hidden(text))
    return fold(html.unescape(text) if "&" in text else text)


def _without_hidden(text: str) -> str:
    """The text without what is between the tags of scripts, styles, drawings and the like; unclosed ones stay."""
    kept: list[str] = []
    place = start = 0
    unclosed: set[str] = set()
    while (opening := _HIDDEN.search(text, place)) is not None:
        name, place = opening[1].lower(), opening.end()
        closing = None if name in unclosed else _CLOSING[name].search(text, place)
        if closing is None:
            unclosed.add(name)
            continue
        kept += (text[start : opening.start()], " ")
        start = place = closing.end()
    return text if not kept else "".join((*kept, text[start:]))


def _without_tags(text: str) -> str:
    """What stands where tags stood: nothing inside words (`<b>B</b>itcoin`), a space between blocks."""
    pieces = (_TAG if "]]>" in text else _OPENED_TAG).split(text)
    pieces[1::2] = map(_MARK_OF.__getitem__, pieces[1::2])
    return "".join(pieces)


def _has_tags(text: str) -> bool:
    return any(
        found.group(1) is None or found.group(1).lower() in _INLINE | _BLOCK for found in _OPENING.finditer(text)
    )


def to_text(markup: str) -> str:
    """Plain text of a fragment or page with a blank line between blocks; scripts, styles and frames are left out.

    Text without any tag is taken as it stands, entities read. Never raises on any string.
    """
    return _tidy(_flow(markup))


def _flow(markup: str) -> str:
    """The text with its line breaks, not yet tidied."""
    if not _has_tags(markup):
        return html.unescape(markup)
    from lxml import etree

    source = ("<div>" + clean(markup) + "</div>").encode()
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        root = etree.fromstring(source, parser)
    except etree.XMLSyntaxError:
        return html.unescape(markup)
    return "" if root is None else "".join(_pieces(root))


def _pieces(root: object) -> list[str]:
    """Text of the tree in document order with line breaks round blocks (iterative: nesting is the sender's choice)."""
    from lxml import etree

    pieces: list[str] = []
    add = pieces.append
    dropped = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        name = element.tag
        if event == "start":
            if name in _DROPPED:
                dropped += 1
            elif not dropped:
                if name not in _INLINE:
                    add(_break_before(name))
                if text := element.text:
                    add(text.replace("\n", " "))  # in HTML a line end inside a paragraph is a space
        else:
            if not dropped and name not in _INLINE and name not in _ROWS:
                add("\n\n")
            if name in _DROPPED:
                dropped -= 1
            if not dropped and (text := element.tail):
                add(text.replace("\n", " "))
    return pieces


def _break_before(name: str) -> str:
    if name in ("td", "th"):
        return " "
    return "\n" if name in ("br", "li", "tr", "dd", "dt") else "\n\n"


def _tidy(text: str) -> str:
    """One space between words, no spaces at line ends, at most one blank line in a row."""
    lines = "\n".join([" ".join(line.split()) for line in clean(text).split("\n")])
    return (_BLANK_LINES.sub("\n\n", lines) if "\n\n\n" in lines else lines).strip()

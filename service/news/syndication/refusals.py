"""What is refused before a parser sees it: entity bombs, and pages that stand where a feed should be."""

import re

from service.errors import ParseFailed
from service.news.page.walls import name_wall

# Legal in XML, and used by a few old feeds as abbreviations; beyond this they are a bomb.
LARGEST_EXPANSION = 100_000
_MISC = re.compile(r"(?:\s++|<\?.*?\?>|<!--.*?-->)*+", re.DOTALL)
_SUBSET = re.compile(r"\"[^\"]*\"|'[^']*'|<!--.*?-->|<\?.*?\?>|[\[\]>]", re.DOTALL)
_ELEMENT = re.compile(r"<\w")
_DECLARATION = re.compile(r"<!ENTITY", re.IGNORECASE)
_HARMLESS = re.compile(r"<!ENTITY\s+([\w.:-]{1,100})\s+(?:\"([^\"&%<]*)\"|'([^'&%<]*)')\s*>")
_LATIN_SETS = re.compile(
    r"<!ENTITY\s+%\s+[\w.-]+\s+PUBLIC\s+[\"'][^\"']*//(?:W3C|Netscape)[^\"']*//[^\"']*[\"']", re.IGNORECASE
)
_EXTERNAL = re.compile(r"<!ENTITY\s+(?:%\s+)?\S{1,100}\s+(?:SYSTEM|PUBLIC)\b", re.IGNORECASE)
_LONG_TAG = 8_000
_STEP = _LONG_TAG // 2
_ATTRIBUTE = re.compile(r"\s[\w:.-]+\s*=\s*[\"']")
MOST_ATTRIBUTES = 500
_PAGE_ROOT = re.compile(r"<(?:html|head|body|meta|script|title|div|p|center)[\s>]", re.IGNORECASE)


def refuse_entities(text: str) -> None:
    """Raise `ParseFailed` where the document type declares entities that could expand without bound or reach outside.

    Reasons: `entity_expansion`, `external_entity`. Linear in the length; nothing is expanded or fetched. Entities of
    plain text whose uses add up to at most 100,000 characters pass.
    """
    # Parsers differ on where the prolog ends (comments may hold tags): look up to the later of both readings.
    first = _ELEMENT.search(text)
    prolog = text[: max(_end_of_doctype(text), first.start() if first else 0)]
    if "<!" not in prolog:
        return
    expansion = 0
    for found in _DECLARATION.finditer(prolog):
        if _LATIN_SETS.match(prolog, found.start()):
            continue  # the character names of HTML, which parsers know by heart and do not fetch
        if _EXTERNAL.match(prolog, found.start()):
            raise ParseFailed("external_entity", "the document type names an entity outside the document")
        harmless = _HARMLESS.match(prolog, found.start())
        if harmless is None:
            raise ParseFailed("entity_expansion", "the document type declares nested entities")
        length = len(harmless.group(2) or harmless.group(3) or "")
        expansion += length * text.count(f"&{harmless.group(1)};")
        if expansion > LARGEST_EXPANSION:
            raise ParseFailed("entity_expansion", f"entities expand beyond {LARGEST_EXPANSION} characters")


def has_long_tags(body: bytes) -> bool:
    """Whether there may be a tag that `refuse_attributes` looks into: a quick look at the bytes of a UTF-8 document."""
    return any(body.find(b"<", start, start + _STEP) < 0 for start in range(0, len(body) - _STEP, _STEP))


def refuse_attributes(text: str) -> None:
    """Raise `ParseFailed("malformed")` for a tag with more than 500 attributes: parsing them takes quadratic time."""
    # XML allows no "<" inside a tag, so a long one covers a whole step of half its length.
    start = 0
    while start + _STEP < len(text):
        if text.find("<", start, start + _STEP) >= 0:
            start += _STEP
            continue
        opening, closing = text.rfind("<", 0, start), text.find("<", start)
        closing = closing if closing >= 0 else len(text)
        is_long = opening >= 0 and closing - opening > _LONG_TAG
        is_long = is_long and text.count("=", opening, closing) > MOST_ATTRIBUTES
        if is_long and sum(1 for _ in _ATTRIBUTE.finditer(text, opening, closing)) > MOST_ATTRIBUTES:
            raise ParseFailed("malformed", f"a tag has more than {MOST_ATTRIBUTES} attributes")
        start = closing


def _end_of_doctype(text: str) -> int:
    """Where the document type declaration ends (the whole text if it never does), 0 where there is none."""
    start = _end_of_misc(text)
    if text[start : start + 9].upper() != "<!DOCTYPE":
        return 0
    depth = 0
    for token in _SUBSET.finditer(text, start + 9):
        mark = token.group()
        if mark == ">" and depth == 0:
            return token.end()
        depth += (mark == "[") - (mark == "]")
    return len(text)


def _end_of_misc(text: str) -> int:
    found = _MISC.match(text)
    return found.end() if found else 0


def name_page(text: str) -> str:
    """Which page stands where a feed was asked: `challenge`, `consent_wall`, `html_instead`; "" if it is no page."""
    start = max(_end_of_doctype(text), _end_of_misc(text))
    root = text[start : start + 2_000]
    if (first := _ELEMENT.search(root)) is None or _PAGE_ROOT.match(root, first.start()) is None:
        return ""
    return name_wall(text) or "html_instead"

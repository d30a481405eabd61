"""The texts of a parsed feed, mended and read as feedparser does."""

import contextlib
import html.entities
import re
from functools import lru_cache
from typing import Any
from urllib.parse import urljoin

from service.news.syndication.feedrecord import Unsure
from service.news.syndication.treenames import attributes_of
from service.news.text.characters import WINDOWS_1252
from service.news.urls import is_plain

MARKUP_TYPES = frozenset({"html", "text/html"})
PLAIN_TYPES = frozenset({"text", "plain", "text/plain"})
_C1 = re.compile("[\x80-\x9f]")
_SLASHES = re.compile(r"^([A-Za-z][A-Za-z0-9+,\-.]*://)/+")
_REFERENCE = re.compile(r"&#?\w+;")
_NAMED = re.compile(r"&(\w+);")
_MAIL = re.compile(r"[\w.+-]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,4}(?![\w?.\]-])", re.ASCII)


class Texts:
    """How the texts of one document are mended, as feedparser does: UTF-8 read as Latin-1, and C1 controls.

    `is_misread` and `has_c1` are false where nothing in the document can need it.
    """

    def __init__(self, base: str, *, is_atom: bool, is_misread: bool, has_c1: bool) -> None:
        self.base, self.is_atom = base, is_atom
        self._is_misread, self._has_c1 = is_misread, has_c1
        self.is_sound = not is_misread and not has_c1

    def of(self, element: Any) -> str:
        """The mended text of an element without children."""
        text: str | None = element.text
        if len(element):
            raise Unsure
        if not text:
            return ""
        return text.strip() if self.is_sound else self.mend(text.strip())

    def mend(self, text: str) -> str:
        """The text with its encoding mended."""
        if self._is_misread and not text.isascii():
            with contextlib.suppress(UnicodeError):
                text = text.encode("iso-8859-1").decode("utf-8")
        return _C1.sub(_to_windows, text) if self._has_c1 else text

    def address_of(self, element: Any) -> str:
        """The text of an element as an absolute address."""
        if len(element):
            raise Unsure
        return self.mend(self.resolve(text.strip())) if (text := element.text) else ""

    def resolve(self, address: str) -> str:
        """An address against that of the feed; "" stays."""
        if not address or is_plain(address):
            return address
        try:
            return urljoin(self.base, _SLASHES.sub(r"\1", address))
        except ValueError:
            return ""


def _to_windows(found: re.Match[str]) -> str:
    return WINDOWS_1252.get(ord(found[0]), found[0])


def language_in(attributes: dict[str, str], outer: str | None) -> str | None:
    """The language an element is in; `outer` is that around it."""
    return attributes.get("xml:lang", attributes.get("lang", outer)) or None


def described(element: Any, *, is_plain: bool = True) -> tuple[dict[str, str], bool]:
    """The attributes of a text and whether it is plain; `Unsure` for XHTML and types nobody should use."""
    attributes = attributes_of(element)
    kind = attributes.get("type")
    if kind is None:
        return attributes, is_plain
    if kind not in PLAIN_TYPES and kind not in MARKUP_TYPES:
        raise Unsure
    return attributes, kind in PLAIN_TYPES


def has_references(text: str) -> bool:
    """Whether a text without tags looks like markup to feedparser: by references, all of them HTML's."""
    if "&" not in text or not _REFERENCE.search(text):
        return False
    return all(found[1] in html.entities.entitydefs for found in _NAMED.finditer(text))


def split_mail(author: str) -> tuple[str, str]:
    """Name and mail address of `name (mail)`, `mail (name)` and the like. `Unsure` for addresses of an odd form."""
    return _split_mail(author) if "@" in author else (author, "")


@lru_cache(256)
def _split_mail(author: str) -> tuple[str, str]:
    found = _MAIL.findall(author)
    if len(found) != 1 or author.count("@") != 1:
        raise Unsure
    name = author.replace(found[0], "")
    for empty in ("()", "<>", "&lt;&gt;"):
        name = name.replace(empty, "")
    name = name.strip()
    name = name.removeprefix("(")
    name = name.removesuffix(")")
    return name.strip(), found[0]

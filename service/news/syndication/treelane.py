"""The items that nearly all feeds are made of, in one pass: what `Item` reads of them without its care for the rare.

An item is ordinary where nothing is told twice but categories and descriptions, and its elements are flat but for an
author's name and the captions of pictures. Others are left to `Item`, which can read every item; where both read one,
they read the same.
"""

from collections.abc import Callable
from itertools import repeat
from typing import Any, ClassVar, Final

from service.news.syndication.feedrecord import Record
from service.news.syndication.treeitem import AUTHORS, DATES, DESCRIPTIONS, LEAVES, PAGE_TYPES, Item, plain_link
from service.news.syndication.treenames import RDF, Names, attributes_of
from service.news.syndication.treetext import MARKUP_TYPES, PLAIN_TYPES, Texts, has_references, split_mail

_ABOUT: Final = [f"{{{RDF}}}about"]
_PERMALINK: Final = ["isPermaLink"]
_TYPE: Final = ["type"]
_SCHEMES: Final = (["domain"], ["scheme"])
_OF_LINKS: Final = frozenset({"href", "rel", "type", "hreflang", "title", "length"})
_OF_TERMS: Final = frozenset({"term", "scheme", "label"})
_TYPES: Final = MARKUP_TYPES | PLAIN_TYPES
_CAPTION: Final = "media_title"


class Lane:
    """Reads the ordinary items of one document, one after the other."""

    def __init__(self, names: Names, texts: Texts) -> None:
        self._names, self._texts = names, texts
        self._slots = _Slots(names)
        self._begin()

    def _begin(self) -> None:
        self._found: dict[str, str] = {}
        self._contents: list[tuple[str, bool]] = []
        self._tags: list[str] = []
        self._authors: list[str] = []
        self._is_caption = False  # the summary

    def read(self, item: Any, language: str | None) -> Record | None:
        """The record of an item as `Item` reads it, None where only that can; it may raise `Unsure` as that would."""
        self._begin()
        found, slots = self._found, self._slots
        if given := item.keys():
            if given != _ABOUT or not (about := item.get(_ABOUT[0])):
                return None
            found["guid"] = about
        for element in item:
            slot, take = slots[element.tag]
            if take is not None:
                if len(element):
                    if slot != "author" or not self._read_person(element):
                        return None
                elif not take(self, element, slot, (element.text or "").strip()):
                    return None
            elif len(element) and (slot or not self._passes(element)):
                return None
        return self._record(language)

    def _record(self, language: str | None) -> Record:
        get, contents = self._found.get, self._contents
        summary = get("summary")
        if author := get("author"):
            self._authors.append(author)
        return Record(
            get("link") or get("address", ""),
            get("guid", ""),
            get("title", ""),
            summary if summary is not None else contents[0][0] if contents else "",
            contents,
            get("published") or get("created", ""),
            get("updated", ""),
            None,
            None,
            self._authors,
            (get("language"), None if summary is None and get("title") is None else language),
            self._tags,
            is_quick=True,
        )

    def _take_last(self, _element: Any, slot: str, text: str) -> bool:
        self._found[slot] = text
        return True

    def _take_first(self, element: Any, slot: str, text: str) -> bool:
        is_first = slot not in self._found
        self._found[slot] = text
        return is_first and (not element.keys() or (slot == "title" and _type_of(element) is not None))

    def _take_author(self, _element: Any, slot: str, text: str) -> bool:
        name, mail = split_mail(text)
        self._authors.append(name or mail)
        self._found[slot] = text
        return True

    def _take_words(self, element: Any, _slot: str, text: str) -> bool:
        self._tags += [term for word in text.split(",") if (term := word.strip())]
        return not element.keys()

    def _take_title_of_picture(self, element: Any, _slot: str, _text: str) -> bool:
        return self._is_titled() and _type_of(element) is not None

    def _take_content(self, element: Any, slot: str, text: str) -> bool:
        kind = _type_of(element)
        if kind is None:
            return False
        if slot == "summary" and (self._contents or slot not in self._found):
            self._found[slot] = text
            self._is_caption = False
            return True
        is_plain = kind in PLAIN_TYPES if kind else slot != "content_encoded"
        if is_plain and not self._texts.is_atom and "<" not in text and has_references(text):
            is_plain = False
        self._contents.append((text, is_plain))
        return True

    def _take_tag(self, element: Any, _slot: str, text: str) -> bool:
        given = element.keys()
        if given and given not in _SCHEMES:
            term = element.get("term")
            if not term or not _OF_TERMS.issuperset(given):
                return False
            self._tags.append(term)
        elif given and not text:
            return False
        if text:
            self._tags.append(text)
        return True

    def _take_link(self, element: Any, slot: str, text: str) -> bool:
        if given := element.keys():
            address = element.get("href")
            if not address or not _OF_LINKS.issuperset(given):
                return False
            rel = element.get("rel", "alternate").lower()
            if rel not in ("alternate", "via"):
                return True
            address = self._texts.resolve(address)
            if rel == "via" or element.get("type", "html").lower() not in PAGE_TYPES:
                return False
        else:
            address = plain_link(self._texts.resolve(text))
        is_first = slot not in self._found
        self._found[slot] = address
        return is_first and address != ""

    def _take_guid(self, element: Any, slot: str, text: str) -> bool:
        given = element.keys()
        if not given or (given == _PERMALINK and element.get("isPermaLink") == "true"):
            text = self._found["address"] = self._texts.resolve(text)
        elif given != _PERMALINK:
            return False
        is_first = slot not in self._found
        self._found[slot] = text
        return is_first

    def _is_titled(self) -> bool:
        """Whether the item has a title that the caption of a picture does not replace."""
        return bool(self._found.get("title")) and "image" not in self._found

    def _passes(self, box: Any) -> bool:
        """Take in what stands in an element without meaning: captions are told apart from the item's own texts."""
        if box.keys():
            attributes = attributes_of(box)
            if "xml:lang" in attributes or "lang" in attributes:
                return False
        for element in box:
            slot, take = self._slots[element.tag]
            if len(element):
                return False
            if take is None:
                continue
            if slot == _CAPTION:
                is_ordinary = self._is_titled() and _type_of(element) is not None
            else:
                is_ordinary = slot == "summary" and self._take_caption(element)
            if not is_ordinary:
                return False
        return True

    def _take_caption(self, element: Any) -> bool:
        """A description of something within the item: its summary where it has none, its text beside a summary."""
        is_first = "summary" not in self._found
        if not is_first and self._contents:
            return not self._is_caption and _type_of(element) is not None
        is_ordinary = self._take_content(element, "summary", (element.text or "").strip())
        self._is_caption = is_first or self._is_caption
        return is_ordinary

    def _read_person(self, author: Any) -> bool:
        """Take in an author told by name and address of mail."""
        if self._authors or (author.text or "").strip():
            return False
        person: dict[str, str] = {}
        for element in author:
            name = self._names.of(element.tag)
            if name not in ("name", "email", "uri") or len(element) or (element.tail or "").strip() or name in person:
                return False
            person[name] = (element.text or "").strip()
        called, mail = person.get("name", ""), person.get("email", "")
        if called or mail:
            self._authors.append(called or mail)
        self._found["author"] = f"{called} ({mail})" if called and mail else ""
        return True

    def _refuse(self, _element: Any, _slot: str, _text: str) -> bool:
        return False

    # Where the text of an element belongs, by the element's name, and what takes it in.
    SLOTS: ClassVar[dict[str, tuple[str, Callable[["Lane", Any, str, str], bool] | None]]] = {
        **dict.fromkeys(Item.HANDLERS, ("other", _refuse)),
        **dict.fromkeys(LEAVES, ("leaf", None)),
        **dict(zip(DATES, zip(DATES.values(), repeat(_take_last), strict=False), strict=True)),
        **dict.fromkeys(AUTHORS, ("author", _take_author)),
        **dict.fromkeys(DESCRIPTIONS, ("summary", _take_content)),
        **dict.fromkeys(("title", "dc_title"), ("title", _take_first)),
        **dict.fromkeys(("guid", "id"), ("guid", _take_guid)),
        **dict.fromkeys(("language", "dc_language"), ("language", _take_first)),
        **dict.fromkeys(("category", "keywords", "dc_subject"), ("tag", _take_tag)),
        **dict.fromkeys(("media_keywords", "itunes_keywords"), ("words", _take_words)),
        "link": ("link", _take_link),
        "content": ("content", _take_content),
        "content_encoded": ("content_encoded", _take_content),
        "image": ("image", _take_first),
        _CAPTION: (_CAPTION, _take_title_of_picture),
    }


class _Slots(dict[str, tuple[str, Callable[[Lane, Any, str, str], bool] | None]]):
    """The slots of a document's elements, by tag; ("", None) for those without meaning."""

    def __init__(self, names: Names) -> None:
        super().__init__()
        self._names = names

    def __missing__(self, tag: str) -> tuple[str, Callable[[Lane, Any, str, str], bool] | None]:
        slot = self[tag] = Lane.SLOTS.get(self._names.of(tag), ("", None))
        return slot


def _type_of(element: Any) -> str | None:
    """The type a text declares, "" where it declares none; None where that or another attribute needs thought."""
    if not (given := element.keys()):
        return ""
    kind = element.get("type")
    return kind if given == _TYPE and kind in _TYPES else None

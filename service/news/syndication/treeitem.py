"""One item of a parsed feed to a record, by the rules feedparser reads items with.

Those rules remember what stood before (a second description is the full text, a title deeper in the tree does not
replace the item's own, a guid is the link where there is none), hence a reader with a state.
"""

import re
from collections.abc import Callable
from typing import Any, ClassVar

from service.news.syndication.feedrecord import Record, Unsure
from service.news.syndication.treenames import Names, attributes_of
from service.news.syndication.treetext import MARKUP_TYPES, Texts, described, has_references, language_in, split_mail

Tag = tuple[str | None, str | None, str | None]  # term, scheme, label
_DEEPEST = 30
_NO_ATTRIBUTES: dict[str, str] = {}
_NOTHING: tuple[object, ...] = ()
_SCHEMED = frozenset({"media_category", "itunes_category"})
_PERMALINK = ["isPermaLink"]  # as nearly all are written
_AMPERSAND = re.compile(r"&([A-Za-z0-9_]+);")
PAGE_TYPES = MARKUP_TYPES | {"xhtml", "application/xhtml+xml"}
_LEAF_WORDS = (
    "info subtitle tagline rights copyright dc_rights generator webmaster dc_publisher cloud enclosure email name url "
    "uri homepage width height expirationdate dc_contributor media_credit media_license media_player media_rating "
    "media_restriction media_thumbnail itunes_image itunes_link itunes_block itunes_explicit itunes_subtitle "
    "itunes_name itunes_email"
)
LEAVES = frozenset(_LEAF_WORDS.split())
"""Elements that say nothing a record keeps and hold no elements."""
PERSON = frozenset({"name", "email", "url", "uri", "homepage", "itunes_name", "itunes_email"})
_SOURCE_WORDS = "title id guid link updated published author icon logo rights subtitle generator category"
_OF_SOURCE = frozenset(_SOURCE_WORDS.split()) | PERSON


DATES = {
    **dict.fromkeys(("published", "issued", "pubdate", "dcterms_issued"), "published"),
    **dict.fromkeys(("updated", "modified", "lastbuilddate", "dc_date", "dcterms_modified"), "updated"),
    **dict.fromkeys(("created", "dcterms_created"), "created"),
}
DESCRIPTIONS = ("description", "dc_description", "media_description", "summary", "itunes_summary")
AUTHORS = ("author", "managingeditor", "dc_author", "dc_creator", "itunes_author")
_REFUSED_WORDS = "item items entry entries feed channel rss rdf_rdf textinput itunes_owner dcterms_valid"
_REFUSED = frozenset(_REFUSED_WORDS.split())


def plain_link(address: str) -> str:
    """The text of a link without the escapes that were escaped again."""
    return _AMPERSAND.sub(r"&\1", address.replace("&amp;", "&")) if "&" in address else address


class Item:
    """Reads one item. `has_content` is what the elements before it left behind."""

    __slots__ = (
        "_contents",
        "_depths",
        "_has_content",
        "_links",
        "_names",
        "_people",
        "_readers",
        "_summary_language",
        "_tags",
        "_texts",
        "_texts_of",
        "_title_depth",
        "_title_language",
        "_told",
    )

    def __init__(self, names: Names, texts: Texts, readers: "Readers", *, has_content: bool = False) -> None:
        self._names, self._texts, self._readers = names, texts, readers
        self._has_content = has_content
        self._texts_of: dict[str, str] = {}
        self._depths: dict[str, int] = {}
        self._title_depth = -1
        self._title_language: str | None = None
        self._summary_language: str | None = None
        self._links: list[str] = []  # those to the story
        self._people: list[dict[str, str]] = []
        self._tags: list[Tag] = []
        self._told: set[Tag] = set()
        self._contents: list[tuple[str, bool]] = []

    def read(self, element: Any, language: str | None) -> Record:
        """The record of an item; `language` is what the elements around it claim. Raises `Unsure`."""
        if element.keys():
            attributes = attributes_of(element)
            if "href" in attributes or "lang" in attributes:
                raise Unsure
            if about := attributes.get("rdf:about"):
                self._texts_of["id"] = about
            language = attributes.get("xml:lang", language) or None
        self._read_children(element, 1, language)
        found = self._texts_of.get
        people = [person.get("name") or person.get("email") for person in self._people]
        return Record(
            found("feedburner_origlink") or found("link") or next(iter(self._links), ""),
            found("id", ""),
            found("title", ""),
            found("summary", ""),
            self._contents,
            found("published") or found("created", ""),
            found("updated", ""),
            None,
            None,
            [*people, found("author")] if people else _NOTHING,
            [found("language"), self._title_language, self._summary_language],
            [term or label for term, _, label in self._tags] if self._tags else _NOTHING,
            is_quick=True,
        )

    def _read_children(self, parent: Any, depth: int, language: str | None) -> None:
        if depth > _DEEPEST:
            raise Unsure
        readers = self._readers
        for element in parent:
            reader = readers[element.tag]
            if reader is not None:
                reader[0](self, element, reader[1], depth, language)
            elif len(element):
                own = attributes_of(element)
                self._read_children(element, depth + 1, language_in(own, language))

    def _store(self, name: str, text: str, depth: int) -> None:
        """Keep a text unless one nearer to the item is there."""
        if self._depths.get(name, depth) >= depth:
            self._depths[name] = depth
            self._texts_of[name] = text

    def _leaf(self, element: Any, _name: str, _depth: int, _language: str | None) -> None:
        if len(element):
            raise Unsure

    def _refuse(self, _element: Any, _name: str, _depth: int, _language: str | None) -> None:
        raise Unsure

    def _title(self, element: Any, name: str, depth: int, language: str | None) -> None:
        if element.keys():
            language = language_in(described(element)[0], language)
        text = self._texts.of(element)
        if not -1 < self._title_depth <= depth:
            self._store("title", text, depth)
            self._title_language = language
        if text and name != "media_title":
            self._title_depth = depth

    def _description(self, element: Any, name: str, depth: int, language: str | None) -> None:
        if not self._has_content and "summary" in self._texts_of:
            self._content(element, name, depth, language)
            return
        if element.keys():
            language = language_in(described(element)[0], language)
        self._store("summary", self._texts.of(element), depth)
        self._summary_language = language

    def _content(self, element: Any, name: str, _depth: int, _language: str | None) -> None:
        self._has_content = True
        is_plain = name != "content_encoded"
        if element.keys():
            is_plain = described(element, is_plain=is_plain)[1]
        text = self._texts.of(element)
        if is_plain and not self._texts.is_atom and "<" not in text and has_references(text):
            is_plain = False
        self._contents.append((text, is_plain))
        self._texts_of.setdefault("summary", text)

    def _date(self, element: Any, name: str, depth: int, _language: str | None) -> None:
        self._store(DATES[name], self._texts.of(element), depth)

    def _text(self, element: Any, name: str, depth: int, _language: str | None) -> None:
        if element.keys():
            raise Unsure
        self._store(name.removeprefix("dc_"), self._texts.of(element), depth)

    def _guid(self, element: Any, _name: str, depth: int, _language: str | None) -> None:
        if (given := element.keys()) == _PERMALINK:
            is_link = element.get("isPermaLink") == "true"
        else:
            is_link = not given or attributes_of(element).get("ispermalink", "true") == "true"
        text = self._texts.address_of(element) if is_link else self._texts.of(element)
        self._store("id", text, depth)
        if is_link:
            self._texts_of.setdefault("link", text)

    def _link(self, element: Any, _name: str, _depth: int, _language: str | None) -> None:
        attributes = attributes_of(element) if element.keys() else _NO_ATTRIBUTES
        rel = attributes.get("rel", "alternate")
        given = [attributes[name] for name in ("url", "uri", "href") if name in attributes] if attributes else None
        if given:
            if len(element) or len(given) > 1 or given == [""]:
                raise Unsure
            address = self._texts.resolve(given[0])
            if rel == "alternate" and attributes.get("type", "html") in PAGE_TYPES:
                self._texts_of["link"] = address
        else:
            address = self._texts_of["link"] = plain_link(self._texts.address_of(element))
        if rel in ("alternate", "via") and (given or address):
            self._links.append(address)

    def _category(self, element: Any, name: str, _depth: int, _language: str | None) -> None:
        if element.keys() or name in _SCHEMED:
            given = attributes_of(element)
            term, scheme, label = given.get("term"), given.get("scheme", given.get("domain")), given.get("label")
            if name == "media_category":
                scheme = given.get("scheme", "http://search.yahoo.com/mrss/category_schema")
            elif name == "itunes_category":
                term, scheme, label = given.get("text"), "http://www.itunes.com/", None
            self._add_tag(term, scheme, label)
        if text := self._texts.of(element):
            if self._tags and not (last := self._tags[-1])[0]:
                self._tags[-1] = tag = (text, last[1], last[2])
                self._told.remove(last)  # which stood there once: only those with a term can be there twice
                self._told.add(tag)
            else:
                self._add_tag(text, None, None)

    def _keywords(self, element: Any, name: str, _depth: int, _language: str | None) -> None:
        if element.keys():
            raise Unsure
        scheme = "http://www.itunes.com/" if name == "itunes_keywords" else None
        for term in self._texts.of(element).split(","):
            if term.strip():
                self._add_tag(term.strip(), scheme, None)

    def _add_tag(self, term: str | None, scheme: str | None, label: str | None) -> None:
        tag = (term, scheme, label)
        if (term or scheme or label) and tag not in self._told:
            self._tags.append(tag)
            self._told.add(tag)

    def _author(self, element: Any, _name: str, depth: int, _language: str | None) -> None:
        person: dict[str, str] = {}
        self._people.append(person)
        if len(element):
            self._read_person(element, person)
        text = self._texts.mend((element.text or "").strip())
        if len(element) and (text or any((child.tail or "").strip() for child in element)):
            raise Unsure
        self._store("author", text, depth)
        self._name(person)

    def _read_person(self, element: Any, person: dict[str, str]) -> None:
        for child in element:
            name = self._names.of(child.tag)
            if len(child) or (name not in PERSON and (name in self.HANDLERS or (child.text or "").strip())):
                raise Unsure
            if name in PERSON:
                key = "name" if name.endswith("name") else "email" if name.endswith("email") else "href"
                self._name(person)
                text = (child.text or "").strip()
                person[key] = self._texts.mend(self._texts.resolve(text)) if key == "href" else text

    def _name(self, person: dict[str, str]) -> None:
        """Name the author after the last person; a person without a name has that of the author's text."""
        name, mail = person.get("name"), person.get("email")
        if name or mail:
            self._texts_of["author"] = f"{name} ({mail})" if name and mail else name or mail or ""
        elif not person and (author := self._texts_of.get("author")):
            name, mail = split_mail(author)
            person.update({"name": name} if name else {})
            person.update({"email": mail} if mail else {})

    def _source(self, element: Any, _name: str, depth: int, _language: str | None) -> None:
        self._title_depth = -1
        for child in element:
            name = self._names.of(child.tag)
            if name not in _OF_SOURCE or (len(child) and name != "author"):
                raise Unsure
            if name == "title" and self._texts.of(child):
                described(child)
                self._title_depth = depth + 1
            for deeper in child:
                if len(deeper) or self._names.of(deeper.tag) not in PERSON:
                    raise Unsure

    def _image(self, element: Any, _name: str, _depth: int, _language: str | None) -> None:
        if len(element):
            raise Unsure
        self._title_depth = -1

    def _contributor(self, element: Any, _name: str, _depth: int, _language: str | None) -> None:
        for child in element:
            if len(child) or self._names.of(child.tag) not in PERSON:
                raise Unsure

    # The names whose meaning in an item is kept, with what keeps it.
    HANDLERS: ClassVar[dict[str, Callable[["Item", Any, str, int, str | None], None]]] = {
        **dict.fromkeys(_REFUSED, _refuse),
        **dict.fromkeys(LEAVES, _leaf),
        **dict.fromkeys(DATES, _date),
        **dict.fromkeys(("title", "dc_title", "media_title"), _title),
        **dict.fromkeys(DESCRIPTIONS, _description),
        **dict.fromkeys(("content", "content_encoded"), _content),
        **dict.fromkeys(("guid", "id"), _guid),
        **dict.fromkeys(AUTHORS, _author),
        **dict.fromkeys(("category", "keywords", "dc_subject", "media_category", "itunes_category"), _category),
        **dict.fromkeys(("media_keywords", "itunes_keywords"), _keywords),
        **dict.fromkeys(("language", "dc_language", "feedburner_origlink"), _text),
        "link": _link,
        "source": _source,
        "image": _image,
        "contributor": _contributor,
    }

    @classmethod
    def check(cls, element: Any, names: Names) -> None:
        """Raise `Unsure` where an item that is not kept holds what feedparser might stumble over."""
        for inner in element.iterdescendants():
            if names.of(inner.tag) in _REFUSED:
                raise Unsure


class Readers(dict[str, tuple[Callable[[Item, Any, str, int, str | None], None], str] | None]):
    """What reads the elements of a document's items, by tag: a handler and the element's name, or None."""

    def __init__(self, names: Names) -> None:
        super().__init__()
        self._names = names

    def __missing__(self, tag: str) -> tuple[Callable[[Item, Any, str, int, str | None], None], str] | None:
        name = self._names.of(tag)
        handler = Item.HANDLERS.get(name)
        reader = self[tag] = None if handler is None else (handler, name)
        return reader

"""The quick reader: well-formed RSS, RDF and Atom through lxml, in the very words feedparser would have read.

It takes a document only where it knows how feedparser reads everything in it: no document type, known or meaningless
namespaces, no markup outside CDATA or escapes, no bases of addresses. All others it leaves to feedparser, so it
changes how fast a feed is read and nothing else.
"""

import re
from typing import Any

from service.errors import ParseFailed
from service.news.article import Feed, FeedEntry
from service.news.syndication.feedlimits import Faults, language_of, link_of, title_of
from service.news.syndication.feedrecord import Unsure, make_entry
from service.news.syndication.refusals import has_long_tags, refuse_attributes
from service.news.syndication.treeitem import LEAVES, PERSON, Item, Readers
from service.news.syndication.treelane import Lane
from service.news.syndication.treenames import ATOM, NETSCAPE, RSS_1, Names, attributes_of
from service.news.syndication.treetext import Texts
from service.news.syndication.xml_parser import make_parser
from service.news.urls import is_plain

_DECLARATION = re.compile(rb"<\?xml[^>]*?>")
_ELEMENT = re.compile(rb"<\w")
_DOCTYPE = re.compile(rb"<!(?!--)")
# What mending could change: UTF-8 read as Latin-1, whose second character may stand behind a mark, and C1 controls;
# and characters told by number that could be either.
_MISREAD = re.compile(rb"\xc3[\x82-\xb4](?:\xc2|<[!?]|\]\]>|&#)")
_CONTROL = re.compile(rb"\xc2[\x80-\x9f]")
_REFERENCE = re.compile(rb"&#(?:0*(?:1[2-9]|2[0-5])\d|x0*[89a-fA-F][0-9a-fA-F]);")
_IN_PICTURE = frozenset({"title", "link", "description", "url", "width", "height"})
_CONTENT = frozenset({"content", "content_encoded"})
_SUMMARIES = frozenset({"summary", "itunes_summary"})
_LINES_WORDS = (
    "docs ttl rating pubdate published issued updated modified lastbuilddate created category keywords dc_subject "
    "dc_date dcterms_created dcterms_issued dcterms_modified id guid media_category itunes_keywords "
    "media_keywords"
)
_LINES = LEAVES | frozenset(_LINES_WORDS.split())
_PEOPLE_WORDS = "author managingeditor dc_author dc_creator itunes_author itunes_owner contributor itunes_category"
_PEOPLE = frozenset(_PEOPLE_WORDS.split())
_IN_PEOPLE = PERSON | {"itunes_category"}
_MEANINGFUL = (
    _CONTENT
    | _SUMMARIES
    | frozenset(
        [
            "title",
            "dc_title",
            "media_title",
            "link",
            "language",
            "dc_language",
            "description",
            "dc_description",
            "media_description",
            "item",
            "entry",
            "feed",
            "channel",
            "rss",
            "rdf_rdf",
            "image",
            "textinput",
            "source",
            "dcterms_valid",
        ]
    )
)


def read_tree_feed(body: bytes, *, url: str, zone: str | None, faults: Faults, most_entries: int) -> Feed | None:
    """The feed in an XML document exactly as `read_xml_feed` reads its text, or None where only that can.

    `body` is UTF-8, whatever it declares itself to be; `faults` are noted only where a feed is returned.
    """
    if url and not is_plain(url):
        return None
    first = _ELEMENT.search(body)
    if first is None or _DOCTYPE.search(body, 0, first.start()) or b"\x7f" in body:
        return None
    noted = Faults()
    try:
        if has_long_tags(body):
            refuse_attributes(body.decode("utf-8", "replace"))
        feed = _Document(body, url).read(zone, noted, most_entries)
    except (Unsure, ParseFailed):
        return None
    for code in noted.codes():
        faults.add(code)
    return feed


class _Document:
    """A parsed document and what has been read of the feed itself."""

    def __init__(self, body: bytes, url: str) -> None:
        if declaration := _DECLARATION.match(body):
            declared = declaration[0].decode("utf-8", "replace")
            if not declared.replace("\n", "").isprintable():
                raise Unsure
            if "encoding" in declared and "utf-8" not in declared.lower():
                body = body[declaration.end() :]
        self._root = _parse(body)
        if not url and _names_bases(self._root):
            raise Unsure  # without an address of its own the feed keeps a base that was meant for one element
        self._names = Names(body, self._root)
        self._kind = _kind(self._root, self._names)
        is_told = _REFERENCE.search(body) is not None
        is_misread = is_told or (b"\xc3" in body and _MISREAD.search(body) is not None)
        has_c1 = is_told or (b"\xc2" in body and _CONTROL.search(body) is not None)
        self._texts = Texts(url, is_atom=self._kind == "atom", is_misread=is_misread, has_c1=has_c1)
        self._url = url
        self._said: dict[str, str] = {}
        self._has_content = False
        self._items: list[tuple[Any, str | None]] = []

    def read(self, zone: str | None, faults: Faults, most_entries: int) -> Feed:
        attributes = attributes_of(self._root)
        language = attributes.get("xml:lang", attributes.get("lang")) or None
        if language and self._kind != "rdf":
            self._said["language"] = language
        self._read_children(self._root, language, is_channel=self._kind == "atom")
        if len(self._items) > most_entries:
            faults.add("too_many_items")
        claim = language_of(self._said.get("language")) or language_of(self._said.get("title_language"))
        base = self._url or self._said.get("link", "")
        return Feed(
            kind=self._kind,
            title=title_of(self._said.get("title", ""), faults),
            url=self._url or link_of(base, "", faults),
            language_claim=claim,
            entries=self._entries(base, claim, zone, faults, most_entries),
        )

    def _entries(
        self, base: str, claim: str, zone: str | None, faults: Faults, most_entries: int
    ) -> tuple[FeedEntry, ...]:
        entries = []
        readers, lane = Readers(self._names), Lane(self._names, self._texts)
        for number, (element, language) in enumerate(self._items):
            if number >= most_entries:
                Item.check(element, self._names)
                continue
            has_content = self._has_content and number == 0
            record = lane.read(element, language) if self._texts.is_sound and not has_content else None
            if record is None:
                record = Item(self._names, self._texts, readers, has_content=has_content).read(element, language)
            entries.append(make_entry(record, base=base, language=claim, zone=zone, faults=faults))
        return tuple(entries)

    def _read_children(self, parent: Any, language: str | None, *, is_channel: bool) -> None:
        for element in parent:
            name = self._names.of(element.tag)
            if name in ("item", "entry"):
                self._items.append((element, language))
            elif name == "channel" and not is_channel:
                attributes = attributes_of(element)
                if "href" in attributes or "lang" in attributes:
                    raise Unsure
                inner = attributes.get("xml:lang", language) or None
                self._read_children(element, inner, is_channel=True)
            elif is_channel:
                self._read_own(element, name, language)
            else:
                self._read_beside(element, name)

    def _read_beside(self, element: Any, name: str) -> None:
        """What stands beside the channel (RDF's picture): said of no item and not of the feed."""
        if name in _MEANINGFUL and name not in ("image", "textinput"):
            raise Unsure
        self._skip(element, name)

    def _read_own(self, element: Any, name: str, language: str | None) -> None:
        """Take in what the feed says of itself."""
        if name == "title":
            self._read_title(element, language)
        elif name == "link":
            self._read_link(element)
        elif name in ("id", "guid"):
            self._read_identifier(element)
        elif name in ("language", "dc_language"):
            self._said["language"] = self._texts.of(element)
        elif name in ("description", "dc_description") or name in _SUMMARIES:
            self._read_description(element, name)
        else:
            self._skip(element, name)

    def _read_identifier(self, element: Any) -> None:
        is_link = attributes_of(element).get("ispermalink", "true") == "true"
        if is_link and not self._url:  # a feed without a link leads to its identifier
            self._said.setdefault("link", self._texts.address_of(element))
        self._skip(element, "id")

    def _read_description(self, element: Any, name: str) -> None:
        if len(element):
            raise Unsure
        # A description after a summary is taken for the full text, and the first item is told so.
        if "summary" in self._said:
            if self._items:
                raise Unsure
            self._has_content = True
        if name in _SUMMARIES:
            self._said["summary"] = "said"

    def _read_title(self, element: Any, language: str | None) -> None:
        attributes = attributes_of(element) if element.keys() else {}
        if "title" in self._said or attributes.get("type", "text") not in ("text", "html", "text/plain", "text/html"):
            raise Unsure
        self._said["title"] = self._texts.of(element)
        self._said["title_language"] = attributes.get("xml:lang", attributes.get("lang", language)) or ""

    def _read_link(self, element: Any) -> None:
        if len(element):
            raise Unsure
        if self._url:
            return
        attributes = attributes_of(element) if element.keys() else {}
        if attributes:
            given = [attributes[name] for name in ("url", "uri", "href") if name in attributes]
            if len(given) != 1 or not given[0]:
                raise Unsure
            if attributes.get("rel", "alternate") == "alternate":
                if attributes.get("type", "html") not in ("html", "text/html"):
                    raise Unsure
                self._said["link"] = self._texts.resolve(given[0])
        else:
            self._said["link"] = self._texts.address_of(element)
            if "&" in self._said["link"]:
                raise Unsure

    def _skip(self, element: Any, name: str) -> None:
        """Pass over what a feed says that is not kept, if it can have no meaning for what is."""
        if name in ("image", "textinput"):
            allowed = _IN_PICTURE if name == "image" else _IN_PICTURE | {"name"}
            if any(len(child) or self._names.of(child.tag) not in allowed for child in element):
                raise Unsure
        elif name in _MEANINGFUL or (name in _LINES and len(element)):
            raise Unsure
        elif len(element):
            for child in element.iterdescendants():
                inner = self._names.of(child.tag)
                if inner in _MEANINGFUL or (inner in _LINES and inner not in _IN_PEOPLE):
                    raise Unsure


def _parse(raw: bytes) -> Any:
    """The root of a document without document type in which the parser found nothing to complain of."""
    from lxml import etree

    # What is kept is stripped, so white space between elements need not be; sections of CDATA read as text.
    parser = make_parser(remove_blank_text=True, strip_cdata=False)
    try:
        root = etree.fromstring(raw, parser)
    except etree.XMLSyntaxError:
        raise Unsure from None
    if root is None or len(parser.error_log) or root.getroottree().docinfo.doctype:
        raise Unsure
    return root


def _names_bases(root: Any) -> bool:
    return bool(root.xpath("boolean(//@*[translate(local-name(), 'BASE', 'base') = 'base'])"))


def _kind(root: Any, names: Names) -> str:
    """rss, rdf or atom, where the version that feedparser would find does not hang on the order of declarations."""
    versions = {uri for uri in names.root.values() if uri in (ATOM, RSS_1, NETSCAPE)}
    name = names.of(root.tag)
    if name == "rss" and not versions - {ATOM}:
        return "rss"
    if name == "feed" and not versions - {ATOM}:
        return "atom"
    if name == "rdf_rdf" and len(versions) == 1 and names.root.get(None) in (RSS_1, NETSCAPE):
        return "rdf"
    raise Unsure

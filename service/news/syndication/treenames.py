"""Under which name feedparser would treat an element or attribute: the part of its rules that the quick reader keeps.

feedparser maps known namespaces to fixed prefixes, unknown ones to the prefix they were declared with, drops the case
of names, and then looks for a handler of that name. Whatever it would do that is not kept here ends in `Unsure`.
"""

import re
from functools import lru_cache
from typing import Any

from service.news.syndication.feedrecord import Unsure

ATOM = "http://www.w3.org/2005/atom"
RSS_1 = "http://purl.org/rss/1.0/"
NETSCAPE = "http://my.netscape.com/rdf/simple/0.9/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XML = "http://www.w3.org/XML/1998/namespace"
BARE = ""  # namespaces of feeds themselves: their elements are known without a prefix
_USERLAND = "backend.userland.com/rss"
_PREFIXES = {
    **dict.fromkeys((ATOM, RSS_1, NETSCAPE, "http://purl.org/atom/ns#", "http://blogs.law.harvard.edu/tech/rss"), BARE),
    RDF: "rdf",
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://search.yahoo.com/mrss": "media",
    "http://search.yahoo.com/mrss/": "media",
    "http://purl.org/rss/1.0/modules/slash/": "slash",
    "http://purl.org/rss/1.0/modules/syndication/": "sy",
    "http://purl.org/rss/1.0/modules/threading/": "thr",
    "http://purl.org/rss/1.0/modules/taxonomy/": "taxo",
    "http://wellformedweb.org/commentapi/": "wfw",
    "http://madskills.com/public/xml/rss/module/trackback/": "trackback",
    "http://madskills.com/public/xml/rss/module/pingback/": "pingback",
    "http://webns.net/mvcb/": "admin",
    "http://www.w3.org/2003/01/geo/wgs84_pos#": "geo",
    "http://xmlns.com/foaf/0.1/": "foaf",
    "http://creativecommons.org/ns#license": "cc",
    "http://web.resource.org/cc/": "cc",
    "http://cyber.law.harvard.edu/rss/creativecommonsrssmodule.html": "creativecommons",
    "http://backend.userland.com/creativecommonsrssmodule": "creativecommons",
    "http://www.georss.org/georss": "georss",
    "http://www.opengis.net/gml": "gml",
    "http://podlove.org/simple-chapters": "psc",
    "http://www.w3.org/1999/xhtml": "xhtml",
}
_FIXED = frozenset(_PREFIXES.values()) - {BARE}
# Namespaces that feedparser knows by other names and that feeds of news do not use.
_ELSEWHERE = re.compile(
    r"http://(?:example\.com/|purl\.org/(?:echo|pie)/|purl\.org/rss/1\.0/modules/|backend\.userland\.com/|media\.tangent"
    r"|my\.theinfo|freshmeat|postneo|prismstandard\.org/namespaces/1\.2/basic|www\.w3\.org/2000/01/rdf-schema"
    r"|schemas\.(?:xmlsoap|pocketsoap)|hacks\.benhammersley|www\.w3\.org/1999/xlink)|uri/of/echo"
)
_OTHER_WORDS = (
    "ag annotate audio blogchannel co cp email ev fm icbm image l prism rdfs ref reqv search soap ss str sub szf "
    "ti wiki xlink xml"
)
_OTHER = frozenset(_OTHER_WORDS.split())
# Handlers of feedparser that are not kept (some of them raise on what they do not expect), and keys of its results.
_NOT_KEPT_WORDS = (
    "abstract body fullitem newlocation tags where geom georssgeom xhtml_body feedburner_browserfriendly "
    "psc_chapter psc_chapters cc_license creativecommons_license georss_box georss_line georss_point "
    "georss_polygon georss_where gml_exterior gml_linearring gml_linestring gml_point gml_polygon gml_pos "
    "gml_poslist admin_generatoragent admin_errorreportsto date date_parsed href links authors guidislink "
    "author_detail title_detail summary_detail description_detail published_parsed updated_parsed created_parsed "
    "modified_parsed issued_parsed copyright_detail tagline_detail entries publisher publishers contributors "
    "license validity generator_detail publisher_detail"
)
NOT_KEPT = frozenset(_NOT_KEPT_WORDS.split())
_TELLING_WORDS = "href url uri rel type ispermalink lang base mode term scheme domain label text lastmod src"
_TELLING = frozenset(_TELLING_WORDS.split())
_BASES = frozenset({"xml:base", "base", "lastmod"})
_DECLARED = re.compile(rb"xmlns(?::([^\s=]+))?\s*=\s*(?:\"([^\"<]*)\"|'([^'<]*)')")


class Names:
    """The names of one document's elements. Raises `Unsure` where its declarations of namespaces contradict."""

    def __init__(self, body: bytes, root: Any) -> None:
        self.root = {prefix: uri.lower() for prefix, uri in root.nsmap.items()}
        declared = {(prefix or "", uri) for prefix, uri in root.nsmap.items()}
        opening = "<" + (f"{root.prefix}:" if root.prefix else "") + _local(root.tag)
        # Those further down, and what only looks like one: a contradiction more than there is costs time, no truth.
        place = body.find(b"xmlns", body.index(b">", body.index(opening.encode())))
        while place >= 0:
            if found := _DECLARED.match(body, place):
                uri = found[2] if found[3] is None else found[3]
                declared.add(((found[1] or b"").decode("utf-8", "replace"), uri.decode("utf-8", "replace")))
            place = body.find(b"xmlns", place + 5)
        self._prefix_of = _read_declarations(frozenset(declared))
        self.known: dict[str, str] = {}
        """The names found so far, by tag."""

    def of(self, tag: str) -> str:
        """feedparser's name of an element: `title`, `dc_creator`; of unknown namespaces some name without meaning."""
        name = self.known.get(tag)
        if name is None:
            name = self.known[tag] = self._find(tag)
        return name

    def _find(self, tag: str) -> str:
        uri, _, local = tag[1:].rpartition("}") if tag.startswith("{") else ("", "", tag)
        local = local.lower()
        if not local.isascii():
            raise Unsure
        prefix = self._prefix_of.get(uri) if uri else BARE
        if prefix is None:
            raise Unsure
        name = f"{prefix}_{local}" if prefix else local
        if name in NOT_KEPT:
            raise Unsure
        return name


@lru_cache(64)
def _read_declarations(declared: frozenset[tuple[str, str]]) -> dict[str, str]:
    """The prefix under which each namespace is known, "" for those of feeds."""
    known: dict[str, str] = {}
    unknown: dict[str, str] = {}
    nameless: set[str] = set()  # their elements are taken for the feed's own
    for prefix, uri in sorted(declared):
        fixed = _fixed_prefix(uri)
        lower = prefix.lower()
        if not uri or lower in _OTHER or (fixed is None and _ELSEWHERE.match(uri.lower())):
            raise Unsure
        if fixed is not None:
            known[uri] = fixed
            if lower in _FIXED and prefix != fixed:
                raise Unsure
        elif prefix:
            # Of two prefixes the first in the document counts; only where neither has a meaning is that the same.
            both = {lower, unknown.get(uri, lower)}
            if (len(both) > 1 and both & _FIXED) or lower == "rdf" or (prefix != lower and lower in _FIXED):
                raise Unsure
            unknown[uri] = lower
        else:
            nameless.add(uri)
    named = [prefix.lower() for prefix, _ in declared if prefix]
    if len(named) != len(set(named)) or _FIXED & {*known.values()} & {*unknown.values()} or nameless & {*unknown}:
        raise Unsure
    return {**dict.fromkeys(nameless, BARE), **unknown, **known}


def _fixed_prefix(uri: str) -> str | None:
    return BARE if _USERLAND in uri.lower() else _PREFIXES.get(uri.lower())


def attributes_of(element: Any) -> dict[str, str]:
    """The attributes of an element as feedparser keeps them: names in lower case, `xml:lang`, `rdf:about`.

    Raises `Unsure` for bases of addresses, encoded content, and attributes that could stand for others.
    """
    kept: dict[str, str] = {}
    for name, value in element.items():
        known = _attribute_name(name)
        if not known:
            continue
        if known in kept or (known == "mode" and value == "base64"):
            raise Unsure
        kept[known] = value.lower() if known in ("rel", "type") else value
    return kept


@lru_cache(256)
def _attribute_name(name: str) -> str:
    """The name an attribute is kept under, "" where it is not kept."""
    if name.startswith("{"):
        uri, _, local = name[1:].rpartition("}")
        fixed = "xml" if uri == XML else _fixed_prefix(uri)
        lower = local.lower()
        if not fixed:  # feedparser takes attributes of unknown namespaces for the element's own
            if lower in _TELLING:
                raise Unsure
            return ""
        lower = f"{fixed}:{lower}"
    else:
        lower = name.lower()
    if lower in _BASES or not lower.isascii():
        raise Unsure
    return lower


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]

"""Who wrote a page: names as JSON-LD, meta elements or the visible byline give them, without "By" and roles."""

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from service.news.page.jsonld import names_in
from service.news.syndication.feedlimits import names_of
from service.news.text.markup import to_line

_METAS = (
    *("author", "article:author", "article:author_name", "parsely-author", "sailthru.author", "byl", "byline"),
    *("dc.creator", "dcterms.creator", "dc.contributor", "cxenseparse:author", "citation_author", "authors"),
)
_BY_WORDS = (
    "by|written by|posted by|published by|reported by|story by|words by|text by|author|authors|door|geschreven door"
    "|tekst|auteur|auteurs|van onze redacteur|von|autor|par|por"
)
_BY = re.compile(rf"^[^\w]*(?:{_BY_WORDS})\b\s*:?\s*", re.IGNORECASE)
_OPENS_BYLINE = re.compile(r"^\s*(?:by|written by|door|geschreven door)\s*:?\s+(?=[^\W\d_])", re.IGNORECASE)
_END = re.compile(
    r"\s*(?:[|•·\n\t(/]|\s[–—-]\s|\bpublished\b|\bupdated\b|\bposted\b|\bgepubliceerd\b|\bon [A-Z]|@|\d"
    r"|\b(?:jan|feb|aug|sept?|oct|nov|dec)(?:uary|ruary|ust|ember|ober)?\.?$).*",
    re.DOTALL,
)
_BETWEEN = re.compile(r"\s*(?:[,;&]|\band\b|\ben\b|\bund\b|\bwith\b|\bmet\b)\s*")
_ROLE = re.compile(
    r"\b(?:reporter|editor|correspondent|writer|staff|contributor|columnist|journalist|producer|analyst|redacteur|redactie"
    r"|verslaggever|correspondent|columnist|senior|chief|desk|team|follow|view|more|share|read|guest|admin|administrator"
    r"|no author|unknown|author|byline|posted|profile|jr|sr)\b",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"(?:^|[-_\s])(?:author|byline|by-line|auteur|writer|contributor)s?(?:[-_\s]|$)|author-?name|vcard", re.IGNORECASE
)
_NOT_OURS = re.compile(r"comment|reacties|related|recommend|popular|footer|teaser|card", re.IGNORECASE)
_MOST_LOOKED_AT = 5_000  # elements
_LONGEST_LINE = 160
_LONGEST_NAME = 60


def read_authors(article: Mapping[str, Any], metas: Mapping[str, str], root: Any, *, site: str) -> tuple[str, ...]:
    """Names, the surest source first: JSON-LD, meta elements, what is marked as byline, a line that begins with "By".

    People go before organisations, and the name of the `site` counts only where it stands alone.
    """
    for told in (_declared(article), [metas[name] for name in _METAS if name in metas], _shown(root)):
        lines = [*told]
        # The site's name is set aside before lines are cut: it may hold an "and".
        people = [name for line in lines if _letters(line) != _letters(site) for name in split_names(line)]
        names = [name for name in people if _letters(name) != _letters(site)] or [to_line(line) for line in lines]
        if names := [name for name in names if _is_name(name)]:
            return names_of(names)
    return ()


def split_names(line: str) -> list[str]:
    """The names in a byline: `By An Vos and Bo de Wit, political editor` → An Vos, Bo de Wit."""
    line = to_line(line[: 10 * _LONGEST_LINE])
    if "://" in line or line.startswith(("@", "www.")):
        return []
    line = _END.sub("", _BY.sub("", line)) or ""
    return [name for part in _BETWEEN.split(line) if _is_name(name := part.strip(" .,:;'\"*"))]


def _is_name(name: str) -> bool:
    words = name.split()
    return (
        bool(words) and len(words) <= 6 and len(name) <= _LONGEST_NAME and name[0].isalpha() and not _ROLE.search(name)
    )


def _is_capitalised(name: str) -> bool:
    """Whether it begins and ends as names do: in prose "by" is followed by anything."""
    words = name.split()
    return len(words) > 1 and words[0][0].isupper() and words[-1][0].isupper()


def _declared(article: Mapping[str, Any]) -> list[str]:
    """The authors JSON-LD names; organisations only where it names no person."""
    told = article.get("author") or article.get("creator")
    listed = told if isinstance(told, list) else [told]
    people = [one for one in listed if not (isinstance(one, dict) and "Organization" in str(one.get("@type")))]
    return [*names_in(people or listed)]


def _shown(root: Any) -> Iterator[str]:
    """The first visible byline, if there is one."""
    for element in islice(
        root.iter("a", "span", "div", "p", "address", "li", "cite", "h4", "h5", "strong"), _MOST_LOOKED_AT
    ):
        get = element.get
        name = f"{get('class') or ''} {get('id') or ''}"
        is_marked = "author" in (get("rel") or get("itemprop") or "") or (name != " " and _NAMED.search(name[:200]))
        if not is_marked and not _OPENS_BYLINE.match((element.text or "")[:40]):
            continue
        line = " ".join("".join(islice(element.itertext(), 12)).split())
        names = split_names(line) if 2 < len(line) <= _LONGEST_LINE else []
        if names and (is_marked or all(map(_is_capitalised, names))) and not _is_foreign(element):
            yield line
            return


def _is_foreign(element: Any) -> bool:
    return any(
        _NOT_OURS.search(f"{one.get('class') or ''} {one.get('id') or ''}"[:300])
        for one in islice(element.iterancestors(), 6)
    )


def _letters(text: str) -> str:
    return re.sub(r"[\W_]", "", text.lower())

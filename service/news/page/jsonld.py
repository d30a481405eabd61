"""The article a page declares in JSON-LD (schema.org), found in whatever graph it is buried."""

import json
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

ARTICLE_TYPES = frozenset(
    {
        *("Article", "NewsArticle", "ReportageNewsArticle", "AnalysisNewsArticle", "OpinionNewsArticle", "BlogPosting"),
        *("LiveBlogPosting", "BackgroundNewsArticle", "ReviewNewsArticle", "AskPublicNewsArticle", "TechArticle"),
        *("SocialMediaPosting", "Report", "AdvertiserContentArticle", "SatiricalArticle", "ScholarlyArticle"),
    }
)
_LARGEST_SCRIPT = 1_000_000
_MOST_NODES = 5_000


def read_nodes(scripts: Iterator[str]) -> list[Mapping[str, Any]]:
    """Every object in the texts of a page's `application/ld+json` elements; unreadable ones are passed over."""
    return [node for script in scripts for node in _walk(_load(script))]


def find_article(nodes: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The first declared article with a headline or date; else a web page's node with a date; else an empty mapping."""
    articles = [node for node in nodes if not _types(node).isdisjoint(ARTICLE_TYPES)]
    told = [node for node in articles if node.get("datePublished") or node.get("headline")]
    pages = [node for node in nodes if "WebPage" in _types(node) and node.get("datePublished")]
    return next(iter([*told, *pages, *articles]), {})


def read_trail(nodes: Sequence[Mapping[str, Any]]) -> list[str]:
    """The names of the steps from the front page to this one (`BreadcrumbList`), [] where none is declared."""
    trail = next((node for node in nodes if "BreadcrumbList" in _types(node)), {}).get("itemListElement")
    steps = [step for step in trail if isinstance(step, dict)] if isinstance(trail, list) else []
    return [text_of(step.get("name")) or text_of(step.get("item")) for step in steps]


def text_of(value: object) -> str:
    """The text of a property: itself, the first of a list, or the name of an object."""
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, dict):
        value = value.get("name") or value.get("@value") or value.get("@id") or ""
    return value if isinstance(value, str) else ""


def names_in(value: object) -> Iterator[str]:
    """Each name in a property that holds people or organisations."""
    for person in value if isinstance(value, list) else [value]:
        name = person.get("name") if isinstance(person, dict) else person
        yield from (part for part in (name if isinstance(name, list) else [name]) if isinstance(part, str))


def _load(script: str) -> object:
    script = script.strip().removeprefix("<![CDATA[").removesuffix("]]>").strip().removesuffix(";")
    if len(script) > _LARGEST_SCRIPT:
        return None
    try:
        return json.loads(script, strict=False)  # line ends inside strings are common
    except (ValueError, RecursionError):
        return None


def _walk(document: object) -> Iterator[Mapping[str, Any]]:
    """Every object of the document, outer ones first (iterative: nesting is the sender's choice)."""
    waiting, seen = deque([document]), 0
    while waiting and seen < _MOST_NODES:
        node = waiting.popleft()
        seen += 1
        if isinstance(node, dict):
            yield node
            waiting += [value for value in node.values() if isinstance(value, dict | list)]
        elif isinstance(node, list):
            waiting += node


def _types(node: Mapping[str, Any]) -> frozenset[str]:
    """The node's types without their namespace."""
    kinds = node.get("@type")
    listed = kinds if isinstance(kinds, list) else [kinds]
    return frozenset(kind.rsplit("/", 1)[-1] for kind in listed if isinstance(kind, str))

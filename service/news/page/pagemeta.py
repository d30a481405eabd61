"""What a page says about itself: title, address, language, authors, site. All of it is the page's claim."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.errors import BadInput
from service.news.page.bylines import read_authors
from service.news.page.jsonld import find_article, read_nodes, read_trail, text_of
from service.news.page.pagedates import PageDates, read_dates
from service.news.syndication.feedlimits import LONGEST_TITLE, language_of
from service.news.text.characters import clean, fold
from service.news.text.markup import to_line
from service.news.urls import canonical, host_of

_SUFFIX = re.compile(r"\s+(?:[|–—·»-]|::)\s+")

_SECTIONS = ("article:section", "og:article:section", "parsely-section", "cxenseparse:section", "section", "dc.subject")
_LONGEST_SECTION = 60
_TIERS = ("article:content_tier", "og:article:content_tier", "access", "paywall", "content-tier", "cxenseparse:access")
_PAID_TIERS = frozenset(["locked", "paid", "premium", "subscriber", "subscribers", "subscription", "hard", "plus"])


@dataclass(frozen=True, slots=True)
class PageClaims:
    """The claims of a page, made plain. `body` is the article's text where JSON-LD carries it, `is_free` its access."""

    title: str
    canonical_url: str
    language: str
    site: str
    authors: tuple[str, ...]
    section: str
    dates: PageDates
    body: str
    is_free: bool


def read_claims(root: Any, *, url: str, zone: str | None) -> PageClaims:
    """The claims of a parsed page that came from `url` ("" for a file); dates without a zone are read in `zone`."""
    metas = _metas(root)
    scripts = root.iter("script")
    nodes = read_nodes(
        script.text or ""
        for script in scripts
        if (script.get("type") or "").strip().lower().startswith("application/ld+json")
    )
    article = find_article(nodes)
    language = _language(root, article, metas)
    site = fold(metas.get("og:site_name", "") or text_of(article.get("publisher")))[:200]
    return PageClaims(
        title=_title(root, article, metas, (site, url)),
        canonical_url=_address(root, article, metas, url),
        language=language,
        site=site,
        authors=read_authors(article, metas, root, site=site),
        section=_section(article, metas, nodes),
        dates=read_dates(article, metas, root, url=url, zone=zone, language=language),
        body=clean(text_of(article.get("articleBody"))),
        is_free=_is_free(article, metas),
    )


def _metas(root: Any) -> dict[str, str]:
    """Content of meta elements by name, property or itemprop in lower case; the first of each."""
    metas: dict[str, str] = {}
    for meta in root.iter("meta"):
        name = meta.get("property") or meta.get("name") or meta.get("itemprop") or meta.get("http-equiv") or ""
        if (content := meta.get("content")) and name:
            metas.setdefault(name.strip().lower(), content[:4_000])
    return metas


def _title(root: Any, article: Mapping[str, Any], metas: Mapping[str, str], owners: tuple[str, str]) -> str:
    """The headline: declared, else shown, without the name of the site that social titles carry."""
    headings = ["".join(heading.itertext()) for heading in root.iter("h1")]
    candidates = [
        text_of(article.get("headline")),
        metas.get("og:title", ""),
        headings[0] if len(headings) == 1 else "",
        metas.get("twitter:title", ""),
        "".join(root.xpath("string(//head/title | //title)")),
        *headings,
    ]
    lines = (to_line(candidate[: 5 * LONGEST_TITLE]) for candidate in candidates)
    return next((_without_site(line, owners)[:LONGEST_TITLE].rstrip() for line in lines if line), "")


def _without_site(title: str, owners: tuple[str, str]) -> str:
    """`Bitcoin falls | Site News` → `Bitcoin falls`, where the last part names the site or its host."""
    marks = [*_SUFFIX.finditer(title)]
    if not marks or marks[-1].start() == 0:
        return title
    tail = _letters(title[marks[-1].end() :])
    site, host = _letters(owners[0]), _letters(_host(owners[1]))
    if tail and ((site and (tail in site or site in tail)) or (host and len(tail) > 2 and tail in host)):
        return _without_site(title[: marks[-1].start()], owners)
    return title


def _letters(text: str) -> str:
    return re.sub(r"[\W_]", "", text.lower())


def _address(root: Any, article: Mapping[str, Any], metas: Mapping[str, str], url: str) -> str:
    """The canonical address a page claims, if it may: another site's address or the bare front page is not its own."""
    links = [
        link.get("href") or "" for link in root.iter("link") if "canonical" in (link.get("rel") or "").lower().split()
    ]
    for claim in [
        *links[:1],
        metas.get("og:url", ""),
        text_of(article.get("mainEntityOfPage")),
        text_of(article.get("url")),
    ]:
        try:
            claimed = canonical(claim.strip(), url) if claim.strip() else ""
            own = canonical(url) if url else claimed
        except BadInput:
            continue
        if claimed and _is_related(_host(claimed), _host(own)) and (_has_path(claimed) or not _has_path(own)):
            return claimed
    return ""


def _has_path(url: str) -> bool:
    return not url.split("://", 1)[-1].endswith("/")


def _is_related(first: str, second: str) -> bool:
    """Whether two hosts are the same or one is below the other."""
    return first == second or first.endswith("." + second) or second.endswith("." + first)


def _host(url: str) -> str:
    try:
        return host_of(url) if url else ""
    except BadInput:
        return ""


def _language(root: Any, article: Mapping[str, Any], metas: Mapping[str, str]) -> str:
    html = root if root.tag == "html" else next(root.iter("html"), root)
    claims = (html.get("lang"), html.get("xml:lang"), metas.get("content-language"), metas.get("og:locale"))
    return next((claim for one in [*claims, text_of(article.get("inLanguage"))] if (claim := language_of(one))), "")


def _section(article: Mapping[str, Any], metas: Mapping[str, str], nodes: Sequence[Mapping[str, Any]]) -> str:
    """The part of the paper: declared, else the last step but one of the way to the page."""
    names = [
        text_of(article.get("articleSection")),
        *(metas.get(name, "") for name in _SECTIONS),
        *read_trail(nodes)[-2:-1],
    ]
    lines = (to_line(name[:200]) for name in names)
    return next((line for line in lines if line and len(line) <= _LONGEST_SECTION and "://" not in line), "")


def _is_free(article: Mapping[str, Any], metas: Mapping[str, str]) -> bool:
    """Whether all may read it, as far as the page says; a page that says nothing is free."""
    parts = article.get("hasPart")
    listed = [article, *(parts if isinstance(parts, list) else [parts])]
    claims = [
        str(one["isAccessibleForFree"]).lower()
        for one in listed
        if isinstance(one, dict) and "isAccessibleForFree" in one
    ]
    if claims:
        return claims[0] not in ("false", "0", "no") and not claims[0].endswith("/false")
    return not any(metas.get(name, "").strip().lower() in _PAID_TIERS for name in _TIERS)

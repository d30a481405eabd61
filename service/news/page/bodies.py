"""The story on a page, read from its tree: where it stands, and which blocks in it are its own.

What is weighed are paragraphs: text outside links, outside regions whose class or id names them as frame
(`weights.py`, `frames.py`). The *core* is the element that is marked as the body, or else the deepest one that holds
most of that weight. All of the core is taken but its frame; of what stands above it only a standfirst.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from service.news.page.frames import body_mark, is_label, is_standfirst_name, points_elsewhere
from service.news.page.weights import PROSE, Weights, length_of, names_of
from service.news.text.characters import clean

_NEVER = (
    *("script", "style", "noscript", "template", "svg", "math", "iframe", "object", "embed", "canvas", "map"),
    *("button", "select", "textarea", "input", "nav", "footer", "dialog", "menu", "audio", "video", "picture"),
)
_LISTS = ("ul", "ol", "table", "blockquote", "p")
_INLINE_WORDS = (
    "a abbr acronym b bdi bdo big cite code data dfn del em font i ins kbd label mark nobr q s samp small span strike "
    "strong sub sup time tt u var wbr"
)
_INLINE = frozenset(_INLINE_WORDS.split())
_HEADINGS = frozenset(["h2", "h3", "h4", "h5", "h6"])
_CELLS = frozenset(["td", "th"])
_VOID = frozenset(["img", "hr", "source", "link", "meta", "h1"])  # h1: the title has a place of its own
_DOMINANT = 0.85  # share of the prose that makes a child the way down
_SURE = (0.6, 400)  # share of the page's prose and characters from which the reading is believed
_LONGEST_POINTER = 250
_SHORTEST_STANDFIRST = 60


@dataclass(frozen=True, slots=True)
class Body:
    """The story's text, a paragraph, heading or list item per line; `is_sure` unless the page gave little to go by."""

    text: str
    is_sure: bool


@dataclass(frozen=True, slots=True)
class _Block:
    text: str
    kind: str  # the tag that made it
    links: int  # characters inside links


def read_body(root: Any) -> Body:
    """The story on the page. Strips `root` of scripts, menus and the like: read what else is wanted before."""
    from lxml import etree

    etree.strip_elements(root, *_NEVER, with_tail=False)
    weights = Weights(root)
    if not weights.total:
        return Body("", is_sure=False)
    core = _find_core(weights)
    blocks = _tidy([*_lead_in(core, weights), *_blocks(core, weights)])
    share, least = _SURE
    is_sure = weights.of[core] >= max(share * weights.total, least)
    return Body(clean("\n".join(block.text for block in blocks)), is_sure)


def _find_core(weights: Weights) -> Any:
    """Down from the top, into the child that holds most of the prose, until the body's own mark is met."""
    core = weights.root
    while True:
        below = _way_down(core, weights)
        if below is None:
            return core
        core = below


def _way_down(core: Any, weights: Weights) -> Any | None:
    held, mark = weights.of[core], _mark(core)
    best = next((child for child in core if 2 * weights.of.get(child, 0) >= held and child.tag not in _LISTS), None)
    if best is not None:
        is_way = weights.of[best] >= _DOMINANT * held or _mark(best) >= max(1, mark)
        return best if is_way and (mark < 2 or _mark(best) == 2) else None
    parts = core.iterdescendants("div", "section", "article", "main")
    marked = (part for part in parts if 2 * weights.of.get(part, 0) >= held and _mark(part) > mark)
    return max(marked, key=_mark, default=None)


def _mark(element: Any) -> int:
    """2 where the element is marked as the body of an article, 1 where it is likely to hold it, else 0."""
    if (element.get("itemprop") or "").lower() == "articlebody":
        return 2
    return max(body_mark(names_of(element)), int(element.tag in ("article", "main")))


def _lead_in(core: Any, weights: Weights) -> list[_Block]:
    """Paragraphs between the headline and the core: the standfirst, an opening set apart."""
    found: list[_Block] = []
    element = core
    while (parent := element.getparent()) is not None and parent.tag not in ("body", "html"):
        has_headline = next(parent.iter("h1"), None) is not None
        for sibling in element.itersiblings(preceding=True):
            if not weights.in_frame(sibling):
                found[:0] = _standfirst(sibling, weights, has_headline=has_headline)
        if has_headline or parent.tag == "main":
            break
        element = parent
    return found


def _standfirst(element: Any, weights: Weights, *, has_headline: bool) -> Iterator[_Block]:
    blocks = _blocks(element, weights)
    is_short = len(blocks) < 6
    is_named = is_short and is_standfirst_name(names_of(element))
    for block in blocks:
        is_kind = (
            block.kind in ("p", "li") or is_named or (has_headline and is_short and block.kind in ("h2", "h3", "div"))
        )
        if is_kind and len(block.text) > _SHORTEST_STANDFIRST and block.links < 0.3 * len(block.text):
            yield block


def _blocks(core: Any, weights: Weights) -> list[_Block]:
    """The blocks of the core in order, frames left out (iterative: nesting is the sender's choice)."""
    writer = _Writer()
    writer.add(core.text)
    stack = [(core, iter(core), "p" if core.tag == "p" else "div")]
    while stack:
        element, children, kind = stack[-1]
        child = next(children, None)
        if child is None:
            stack.pop()
            writer.links_open -= element.tag == "a"
            if element.tag not in _INLINE and element.tag not in _CELLS:
                writer.flush(kind)
            if stack:
                writer.add(element.tail)
        elif child.tag == "br":
            writer.flush(kind) if _is_double(child) else writer.add(" ")
            writer.add(child.tail)
        elif _is_left_out(child, weights):
            if child.tag not in _INLINE:
                writer.flush(kind)
            writer.add(child.tail)
        else:
            if child.tag in _INLINE:
                inner = kind
            else:
                inner = _kind_of(child.tag, kind)
                if child.tag in _CELLS:
                    writer.add(" ")
                else:
                    writer.flush(kind)
            writer.links_open += child.tag == "a"
            writer.add(child.text)
            stack.append((child, iter(child), inner))
    return writer.blocks


class _Writer:
    """Collects pieces of text into blocks and counts what of it is linked."""

    def __init__(self) -> None:
        self.blocks: list[_Block] = []
        self.links_open = 0
        self._pieces: list[str] = []
        self._linked = 0

    def add(self, text: str | None) -> None:
        if text:
            self._pieces.append(text)
            if self.links_open:
                self._linked += len(text)

    def flush(self, kind: str) -> None:
        if self._pieces:
            if text := " ".join("".join(self._pieces).split()):
                self.blocks.append(_Block(text, kind, self._linked))
            self._pieces.clear()
        self._linked = 0


def _kind_of(tag: str, outer: str) -> str:
    if tag in _HEADINGS or tag in PROSE:
        return tag
    if tag in _CELLS:
        return outer
    return "row" if tag == "tr" else "p" if outer == "p" else "div"


def _is_left_out(element: Any, weights: Weights) -> bool:
    tag = element.tag
    if tag in _VOID:
        return True
    if tag in ("ul", "ol", "table") and _is_menu(element):
        return True
    return (tag not in _INLINE or element.get("class") is not None) and weights.is_frame(element)


def _is_double(br: Any) -> bool:
    following = br.getnext()
    return following is not None and following.tag == "br" and not (br.tail or "").strip()


def _is_menu(element: Any) -> bool:
    """Whether a list or table is mostly links."""
    return 2 * sum(length_of(link) for link in element.iter("a")) > length_of(element)


def _tidy(blocks: list[_Block]) -> list[_Block]:
    """Without link lines, labels of adverts, headings of nothing, and long blocks said before."""
    kept: list[_Block] = []
    seen: set[str] = set()
    for block in blocks:
        is_again = len(block.text) > _SHORTEST_STANDFIRST and block.text in seen
        if is_again or is_label(block.text) or _is_pointer(block):
            continue
        seen.add(block.text)
        kept.append(block)
    while kept and kept[-1].kind in _HEADINGS:
        kept.pop()
    return kept


def _is_pointer(block: _Block) -> bool:
    """Whether the block only points elsewhere: a line that is a link, "Read more: …"."""
    if not block.links or len(block.text) > _LONGEST_POINTER or block.kind == "row":
        return False
    share = block.links / len(block.text)
    return (share > 0.8 and block.kind != "li") or (share > 0.3 and points_elsewhere(block.text))

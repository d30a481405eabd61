"""Where the prose of a page stands: characters of paragraphs below each element, the frame left out."""

from collections.abc import Iterable
from typing import Any

from service.news.page.frames import Frame, name_frame

PROSE = ("p", "blockquote", "pre", "li", "dd")
_LOOSE = ("div", "td", "section", "span", "article", "main", "body", "font", "center")
_LEAST = 25  # characters: shorter paragraphs say nothing of where the story is
_LITTLE = 400  # characters of prose below which text outside paragraphs counts too
_THIN = 0.2  # likewise the share of the page's text
_MOST = 0.35  # share of the prose above which a part is no frame, whatever its name
_LONGEST_CAPTION = 400
_MOST_HYPHENS = 4


class Weights:
    """The prose of a page, and which of its elements are frame.

    `of` maps elements to the characters of prose below them that are not in a frame; `total` is all of it. Elements
    are kept alive here: lxml would make them anew, and a new one is another key.
    """

    def __init__(self, root: Any) -> None:
        self.root = root
        self.of: dict[Any, int] = {}
        self.total = 0
        self._frames: dict[Any, bool] = {}
        self._above_headline = _ancestors_of_headline(root)
        prose = _find_prose(root)
        self._raw = _sum_upwards(prose)
        self._most = _MOST * self._raw.get(root, 0)
        for trusted in (Frame.PICTURE, Frame.FOREIGN, Frame.FOREIGN + 1):
            # Where most would be frame, the story itself is called like one: fewer names are believed.
            self._least_trusted = trusted
            self._sum_up(prose)
            if self.total >= self._most:
                break

    def _sum_up(self, prose: list[tuple[Any, int]]) -> None:
        self._frames = {}
        self.of = _sum_upwards([(element, weight) for element, weight in prose if not self.in_frame(element)])
        self.total = self.of.get(self.root, 0)

    def is_frame(self, element: Any) -> bool:
        """Whether the element is frame: by its tag, its name, or because it is hidden; unless too much is in it."""
        kind = _frame_of(element)
        if kind < self._least_trusted or kind is Frame.NONE or element in self._above_headline:
            return False
        if kind is Frame.FOREIGN:
            return True
        return self._raw.get(element, 0) <= (_LONGEST_CAPTION if kind is Frame.PICTURE else self._most)

    def in_frame(self, element: Any) -> bool:
        """Whether the element or one above it is frame."""
        chain = []
        verdict = False
        while element is not None:
            if (known := self._frames.get(element)) is not None:
                verdict = known
                break
            chain.append(element)
            element = element.getparent()
        for one in reversed(chain):
            verdict = verdict or self.is_frame(one)
            self._frames[one] = verdict
        return verdict


def names_of(element: Any) -> str:
    """Class and id of an element as one text; an id that is a headline with hyphens says nothing of what it marks."""
    mark = element.get("id") or ""
    return f"{element.get('class') or ''} {mark if mark.count('-') <= _MOST_HYPHENS else ''}"


def length_of(element: Any) -> int:
    """Characters of all text below the element, white space folded."""
    return len(" ".join("".join(element.itertext()).split()))


def _find_prose(root: Any) -> list[tuple[Any, int]]:
    prose = _weigh(root.iter(*PROSE))
    found = sum(weight for _, weight in prose)
    if found < _LITTLE or found < _THIN * root.xpath("string-length(normalize-space(.))"):
        prose += _weigh(root.iter(*_LOOSE))
    return prose


def _weigh(elements: Iterable[Any]) -> list[tuple[Any, int]]:
    """The elements that hold enough text outside links, with its length; half of it for items of lists."""
    found = []
    for element in elements:
        is_paragraph = element.tag == "p"
        weight = length_of(element) if is_paragraph else _own_length(element)
        if weight < _LEAST:
            continue
        links = element.iter("a") if is_paragraph else element.iterchildren("a")
        if weight >= 2 * sum(length_of(link) for link in links):
            found.append((element, weight // 2 if element.tag == "li" else weight))
    return found


def _own_length(element: Any) -> int:
    """Characters of the element's text and of what follows its children."""
    pieces = [element.text or "", *((child.tail or "") for child in element)]
    return sum(len(" ".join(piece.split())) for piece in pieces)


def _ancestors_of_headline(root: Any) -> frozenset[Any]:
    """The elements around a page's only h1: they may hold the story whatever they are called."""
    headlines = [*root.iter("h1")]
    return frozenset(headlines[0].iterancestors()) if len(headlines) == 1 else frozenset()


def _sum_upwards(prose: list[tuple[Any, int]]) -> dict[Any, int]:
    """The weight of each element and of all below it. Paragraphs of one parent climb together."""
    sums: dict[Any, int] = {}
    climbing: dict[Any, int] = {}
    for element, weight in prose:
        sums[element] = sums.get(element, 0) + weight
        parent = element.getparent()
        climbing[parent] = climbing.get(parent, 0) + weight
    for parent, weight in climbing.items():
        element = parent
        while element is not None:
            sums[element] = sums.get(element, 0) + weight
            element = element.getparent()
    return sums


def _is_hidden(element: Any) -> bool:
    style = element.get("style")
    return (
        element.get("hidden") is not None
        or element.get("aria-hidden") == "true"
        or (style is not None and "display:none" in style.replace(" ", "").lower())
    )


def _frame_of(element: Any) -> Frame:
    tag, get = element.tag, element.get
    if tag in ("html", "body", "main"):
        return Frame.NONE
    if tag in ("aside", "form"):
        return Frame.LIKELY
    if tag in ("figure", "figcaption"):
        return Frame.PICTURE
    # Hidden paragraphs among shown ones are the rest of a story that opens on a click.
    if tag != "p" and _is_hidden(element):
        return Frame.LIKELY
    name = f"{names_of(element)} {get('role') or ''}"
    kind = Frame.NONE if name == "  " else name_frame(name)
    return Frame.NONE if tag == "article" and kind is not Frame.FOREIGN else kind

"""The pen of all drawings: shapes with class names for the style sheet to colour, text that stays text."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Scale:
    """Maps values `low`…`high` onto `start`…`end` in drawing units; `end` may lie before `start`."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Where `value` lies in the drawing."""
        span = self.high - self.low
        return self.start + (self.end - self.start) * ((value - self.low) / span if span else 0.5)


@dataclass(slots=True)
class Canvas:
    """A drawing in the making, `width` × `height` units, which are CSS pixels at its natural size."""

    width: float
    height: float
    _parts: list[str] = field(default_factory=list)

    def text(self, at: Point, text: str, *, anchor: str = "start", kind: str = "") -> None:
        """A line of text, its baseline at `at`; anchor: start, middle or end."""
        placed = "" if anchor == "start" else f' text-anchor="{anchor}"'
        self._add("text", f"{_at(at)}{_named(kind)}{placed}", escape(text))

    def line(self, start: Point, end: Point, kind: str) -> None:
        """A straight line."""
        x1, y1, x2, y2 = map(short, (*start, *end))
        self._add("line", f'x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"{_named(kind)}')

    def box(self, corner: Point, size: Point, kind: str, told: str = "") -> None:
        """A rectangle; `told` is shown by a pointer that rests on it."""
        self._add("rect", f'{_at(corner)} width="{short(size[0])}" height="{short(size[1])}"{_named(kind)}', _tip(told))

    def path(self, steps: str, kind: str) -> None:
        """A path, `steps` as SVG spells them."""
        if steps:
            self._add("path", f'd="{steps}"{_named(kind)}')

    def dot(self, centre: Point, radius: float, kind: str, told: str = "") -> None:
        """A round mark."""
        x, y = map(short, centre)
        self._add("circle", f'cx="{x}" cy="{y}" r="{short(radius)}"{_named(kind)}', _tip(told))

    def open(self, tag: str, attributes: str) -> None:
        """Begin a group; `attributes` are ours, never text from outside."""
        self._parts.append(f"<{tag} {attributes}>")

    def close(self, tag: str) -> None:
        """End the group begun last."""
        self._parts.append(f"</{tag}>")

    def render(self, *, name: str, title: str, description: str, attributes: str = "") -> str:
        """The `<svg>` element; `name` makes its ids its own, `title` and `description` are read aloud."""
        return (
            f'<svg viewBox="0 0 {short(self.width)} {short(self.height)}" class="chart" role="img" '
            f'aria-labelledby="{name}-title {name}-text"{attributes}><title id="{name}-title">{escape(title)}</title>'
            f'<desc id="{name}-text">{escape(description)}</desc>{"".join(self._parts)}</svg>'
        )

    def render_mute(self) -> str:
        """The `<svg>` element of a drawing that says nothing the text beside it does not say."""
        box = f"0 0 {short(self.width)} {short(self.height)}"
        return f'<svg viewBox="{box}" class="chart" aria-hidden="true" focusable="false">{"".join(self._parts)}</svg>'

    def _add(self, tag: str, attributes: str, inner: str = "") -> None:
        self._parts.append(f"<{tag} {attributes}>{inner}</{tag}>" if inner else f"<{tag} {attributes}/>")


def polyline(points: Sequence[Point | None]) -> str:
    """The steps of a line through `points`, broken where there is none; a point alone becomes a short dash."""
    steps, pen = [], False
    for place, point in enumerate(points):
        if point is None:
            pen = False
            continue
        steps.append(f"{'L' if pen else 'M'}{short(point[0])} {short(point[1])}")
        following = points[place + 1] if place + 1 < len(points) else None
        if not pen and following is None:
            steps.append("h1")
        pen = True
    return "".join(steps)


def stems(foot: float, tips: Iterable[Point]) -> str:
    """The steps of upright lines from `foot` to each tip."""
    return "".join(f"M{short(x)} {short(foot)}V{short(y)}" for x, y in tips)


def area(upper: Sequence[Point], lower: Sequence[Point]) -> str:
    """The steps round the ground between two lines over the same places."""
    if not upper:
        return ""
    around = [*upper, *reversed(lower)]
    return "M" + "L".join(f"{short(x)} {short(y)}" for x, y in around) + "Z"


def short(value: float) -> str:
    """A coordinate to a tenth, in as few characters as it takes."""
    return f"{value:.1f}".removesuffix(".0").replace("-0.", "-.") if value else "0"


def _at(point: Point) -> str:
    return f'x="{short(point[0])}" y="{short(point[1])}"'


def _named(kind: str) -> str:
    return f' class="{kind}"' if kind else ""


def _tip(told: str) -> str:
    return f"<title>{escape(told)}</title>" if told else ""

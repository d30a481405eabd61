"""A matplotlib figure as inline SVG: equal bytes every time, colours by CSS variable, text that stays text.

matplotlib draws with marker colours; here they become `var(--…)`, so one drawing serves light, dark and print.
"""

import io
import re
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INK = "#010203"
MUTED = "#020304"
FAINT = "#030405"
PRICE = "#040506"
SENTIMENT = "#050607"
BAND = "#060708"
NEGATIVE = "#070809"
PAPER = "#08090a"
_VARIABLES = {
    INK: "var(--ink)",
    MUTED: "var(--muted)",
    FAINT: "var(--faint)",
    PRICE: "var(--price)",
    SENTIMENT: "var(--sentiment)",
    BAND: "var(--band)",
    NEGATIVE: "var(--negative)",
    PAPER: "var(--paper)",
}
STYLE: dict[Any, Any] = {
    "svg.hashsalt": "newscandle",
    "svg.fonttype": "none",
    "font.size": 11.0,
    "font.family": ["DejaVu Sans"],
    "text.color": INK,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.facecolor": "none",
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 11.0,
    "axes.titlelocation": "left",
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "legend.frameon": False,
    "path.simplify": True,
    "text.parse_math": False,
    "axes.unicode_minus": True,
}


def to_inline_svg(figure: "Figure", *, name: str, title: str, description: str) -> str:
    """The figure as an `<svg>` element; `name` makes its ids its own, `title` and `description` are read aloud."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    text = buffer.getvalue().decode()
    body = text[text.index("<svg") :]
    opening, rest = body.split(">", 1)
    view = re.search(r'viewBox="([^"]+)"', opening)
    assert view is not None
    rest = re.sub(r"<metadata>.*?</metadata>\s*", "", rest, flags=re.DOTALL)
    rest = re.sub(r'\bid="', f'id="{name}-', rest)
    rest = re.sub(r'(xlink:href="#|url\(#)', rf"\g<1>{name}-", rest)
    rest = re.sub(r"font: ([\d.]+)px [^;\"]+", r"font-size: \1px", rest)
    for marker, variable in _VARIABLES.items():
        rest = rest.replace(marker, variable)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="{view[1]}" '
        f'role="img" aria-labelledby="{name}-title {name}-description" class="chart">'
        f'<title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-description">{escape(description)}</desc>{rest.strip()}'
    )

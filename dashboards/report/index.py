"""All reports on one page, and the same list as text: what on, over which window, and what each concludes."""

from collections.abc import Sequence
from typing import Any

from dashboards.templating import make_environment, read_style
from service.correlation.results import Direction, Verdict
from service.instants import format_instant
from storage.reports import ReportCard

CLASSES = {
    Verdict.NOT_SHOWN: "none",
    Verdict.SUGGESTIVE: "hint",
    Verdict.SHOWN_IN_SAMPLE: "shown",
    Verdict.HELD_OUT_OF_SAMPLE: "held",
}
"""How the reports' style sheet calls the verdicts."""

_STRENGTH = tuple(Verdict)
_SHORT = {Direction.REVERSE: "market first", Direction.SAME_BAR: "same bar", Direction.FORWARD: "news first"}


def render(cards: Sequence[ReportCard]) -> str:
    """The page, self-contained; reports are linked by their file's name, beside which it has to lie."""
    context = {
        "style": read_style("dashboards.report", "base.css") + read_style("dashboards.report", "report.css"),
        "rows": [(card, summarise(card)) for card in cards],
        "short": _SHORT,
        "verdict_class": CLASSES,
    }
    return make_environment("dashboards.report").get_template("index.html.j2").render(context) + "\n"


def summarise(card: ReportCard) -> dict[Direction, Verdict]:
    """The strongest verdict of each direction, market first; a direction without any is left out."""
    strongest: dict[Direction, Verdict] = {}
    for direction in Direction:
        found = [Verdict(verdict) for way, verdict in card.verdicts if way == direction.value]
        if found:
            strongest[direction] = max(found, key=_STRENGTH.index)
    return strongest


def as_json(card: ReportCard) -> dict[str, Any]:
    """A line of the list as plain values."""
    return {
        "key": card.key,
        "target": card.target,
        "interval": card.interval,
        "scorer": card.scorer,
        "start": format_instant(card.window.start),
        "end": format_instant(card.window.end),
        "as_of": card.as_of,
        "made_at": format_instant(card.made_at),
        "html": card.html_name,
        "verdicts": {direction.value: verdict.value for direction, verdict in summarise(card).items()},
    }


def as_text(cards: Sequence[ReportCard]) -> str:
    """Two lines a report, for a terminal."""
    lines = []
    for card in cards:
        span = f"{format_instant(card.window.start)} … {format_instant(card.window.end)}"
        as_of = f", as of {card.as_of}" if card.as_of else ""
        lines.append(f"{card.html_name}  ({card.target} {card.interval}, {span}{as_of})")
        told = "; ".join(f"{_SHORT[direction]}: {verdict.value}" for direction, verdict in summarise(card).items())
        lines.append(f"  {told or 'no verdicts'}; made {format_instant(card.made_at)} with {card.scorer}")
    return "\n".join(lines) or "no reports yet: run `newscandle report`"

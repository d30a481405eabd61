"""The analyses beside the verdicts in words: HTML and Markdown name their rows through these."""

from dashboards.report import words
from service.correlation.results import EventWindow, RollingWindow, Stability

NOT_STUDIED = "Not studied: too little passed the gate, or the settings leave it out."


def event_bars(window: EventWindow) -> str:
    """Which bars of event time a window covers."""
    if window.first == window.last:
        return "the event's bar" if not window.first else words.signed(window.first, 0)
    return f"{words.signed(window.first, 0)} … {words.signed(window.last, 0)}"


def lag_name(lag: int | None) -> str:
    """A lag with its sign, a plain 0, or a dash."""
    if lag is None:
        return words.MISSING
    return words.signed(lag, 0) if lag else "0"


def relation_name(lag: int) -> str:
    """Which of the two comes first; lag > 0: the sentiment."""
    if not lag:
        return "same bar"
    bars = f"{abs(lag)} bar{'s' if abs(lag) > 1 else ''}"
    return f"news first by {bars}" if lag > 0 else f"market first by {bars}"


def rolling_rows(stability: Stability) -> list[tuple[RollingWindow, ...]]:
    """The windows of all relations side by side, a row for each span."""
    return list(zip(*(relation.windows for relation in stability.relations), strict=True))

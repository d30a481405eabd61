"""The analyses beside the verdicts in words: HTML and Markdown name their rows through these."""

from dashboards.report.words import Words
from service.correlation.results import EventWindow, InformationCoefficient, RollingWindow, Stability

NOT_STUDIED = "Not studied: too little passed the gate, or the settings leave it out."


def event_bars(window: EventWindow, words: Words) -> str:
    """Which bars of event time a window covers."""
    if window.first == window.last:
        return words.say("the event's bar") if not window.first else words.signed(window.first, 0)
    return f"{words.signed(window.first, 0)} … {words.signed(window.last, 0)}"


def relation_name(lag: int, words: Words) -> str:
    """Which of the two comes first; lag > 0: the sentiment."""
    if not lag:
        return words.say("same bar")
    if abs(lag) == 1:
        return words.say("news first by 1 bar" if lag > 0 else "market first by 1 bar")
    return words.say("news first by {bars} bars" if lag > 0 else "market first by {bars} bars", bars=abs(lag))


def tell_half_life(told: InformationCoefficient, words: Words) -> str:
    """How fast the coefficient fades with the horizon, or why that cannot be told."""
    if told.half_life is None:
        return words.say("Half-life: none, {reason}.", reason=words.retell(told.decay))
    return words.say("It halves every {bars} bars of horizon.", bars=words.plain(told.half_life, 1))


def rolling_rows(stability: Stability) -> list[tuple[RollingWindow, ...]]:
    """The windows of all relations side by side, a row for each span that has any figure."""
    rows = zip(*(relation.windows for relation in stability.relations), strict=True)
    return [row for row in rows if any(window.r is not None for window in row)]


def band(window: RollingWindow, words: Words) -> str:
    """Both sides of a window's band, or a dash."""
    return words.plain(None) if window.band is None else f"±{words.plain(window.band, 3)}"

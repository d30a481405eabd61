"""`newscandle sources`: how each source is doing, and what the operator may change about it.

settings ─┬─ source_state ─┬─▶ Health ─▶ table, page or JSON
          └─ source_yield ─┘
"""

import dataclasses
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jobs.asking import shown
from jobs.house import House
from jobs.settings import Source
from service.errors import BadInput
from service.instants import format_instant
from service.news.manners import health, moves, polling
from service.news.manners.health import Drift, Rhythm, Yield
from service.news.manners.polling import SourceState
from storage import database, sources, yields

SHOWN = 8
"""How many readings `show` lists."""


@dataclass(frozen=True, slots=True)
class Health:
    """One source as it stands at `now`; `trouble` says in a word what is wrong, "" where nothing is."""

    source: Source
    state: SourceState
    readings: tuple[Yield, ...]
    rhythm: Rhythm | None
    drift: Drift
    now: dt.datetime

    @property
    def newest_at(self) -> dt.datetime | None:
        """When it last brought a new article."""
        return max((one.read_at for one in self.readings if one.new), default=None)

    @property
    def silent_for(self) -> float:
        """Seconds since then, 0 where it never brought one."""
        return (self.now - self.newest_at).total_seconds() if self.newest_at else 0.0

    @property
    def trouble(self) -> str:
        """off, stopped, failing, layout, silent, new (never read), or ""."""
        checks = (
            ("off", not self.source.enabled),
            ("stopped", self.state.stopped_at is not None),
            ("failing", self.state.failures_in_row > 0),
            ("layout", self.drift.is_alarm),
            ("silent", self.rhythm is not None and self.rhythm.is_silent(self.silent_for)),
            ("new", self.state.last_success_at is None and not self.readings),
        )
        return next((word for word, holds in checks if holds), "")

    @property
    def reason(self) -> str:
        """Why it is in trouble, for people."""
        drift = self.drift
        told = {
            "stopped": f"answered 410 (gone); newscandle sources revive {self.source.name}",
            "failing": f"{self.state.last_failure_reason}, {self.state.failures_in_row} in a row",
            "layout": f"texts are missing: {drift.share_now:.0%} of articles have one, {drift.share_before:.0%} had"
            if drift.reason == "no_body"
            else f"texts are {drift.words_now:.0f} words long, they were {drift.words_before:.0f}",
            "silent": f"nothing new for {_ago(self.silent_for)}; usually every {_ago(self.rhythm.usual)}"
            if self.rhythm
            else "",
        }
        return told.get(self.trouble, "")


def examine(house: House, name: str = "") -> list[Health]:
    """The health of every source of the settings, or of the one of this name. Raises `BadInput` where there is none."""
    now = house.clock()
    wanted = [source for source in house.settings.source if not name or source.name == name]
    if name and not wanted:
        raise BadInput("name", name, "there is no such source in the settings; newscandle sources lists them")
    with database.read(house.engine) as connection:
        held = {state.source: state for state in sources.load_all(connection)}
        return [_judge(source, held.get(source.name), yields.load(connection, source.name), now) for source in wanted]


def _judge(source: Source, held: SourceState | None, readings: Sequence[Yield], now: dt.datetime) -> Health:
    state = polling.begin(source.name, shown(source.url), held)
    rhythm = health.find_rhythm([one.read_at for one in readings if one.new])
    return Health(source, state, tuple(readings), rhythm, health.find_drift(readings), now)


def revive(house: House, name: str) -> str:
    """Let a stopped or resting source be asked at the next run; what to tell."""
    _require(house, name)
    with database.begin(house.engine) as connection:
        state = sources.revive(connection, name)
    return f"{name} is asked at the next run" if state else f"{name} was never asked; it is at the next run anyway"


def forget_move(house: House, name: str) -> str:
    """Ask the address of the settings again, and do not believe the move any more; what to tell."""
    _require(house, name)
    with database.begin(house.engine) as connection:
        before = sources.load(connection, name)
        state = sources.forget_move(connection, name, house.clock())
    if state is None or before is None or state.moves == before.moves:
        raise BadInput("name", name, "no move of this source is pending or adopted; newscandle sources show tells")
    return f"{name} is asked at {polling.address_of(state)} again"


def _require(house: House, name: str) -> None:
    if name not in {source.name for source in house.settings.source}:
        raise BadInput("name", name, "there is no such source in the settings; newscandle sources lists them")


def as_json(one: Health) -> dict[str, Any]:
    """A source's health as plain values."""
    state = one.state
    return {
        "source": one.source.name,
        "url": shown(one.source.url),
        "asked_at": polling.address_of(state),
        "trouble": one.trouble,
        "reason": one.reason,
        "newest_at": _told(one.newest_at),
        "usual_seconds": one.rhythm.usual if one.rhythm else None,
        "last_checked_at": _told(state.last_checked_at),
        "last_success_at": _told(state.last_success_at),
        "last_failure": state.last_failure_reason,
        "last_failure_at": _told(state.last_failure_at),
        "failures_in_row": state.failures_in_row,
        "next_allowed_at": _told(state.next_allowed_at),
        "stopped_at": _told(state.stopped_at),
        "moves": moves.as_json(state.moves) or [],
        "drift": dataclasses.asdict(one.drift),
        "readings": [
            {**dataclasses.asdict(reading), "read_at": _told(reading.read_at)} for reading in one.readings[-SHOWN:]
        ],
    }


def _told(instant: dt.datetime | None) -> str | None:
    return format_instant(instant) if instant else None


def as_table(found: Sequence[Health]) -> str:
    """All sources, a line each, and beneath it what is wrong with those in trouble."""
    if not found:
        return "no sources; newscandle sources add URL"
    width = max(len(one.source.name) for one in found)
    heads = ("state   ", " newest", "  every", "  new", " text", "dated", " words", "   next")
    lines = [f"{'source':<{width}}  {'  '.join(heads)}"]
    lines += [f"{one.source.name:<{width}}  {_line(one)}".rstrip() for one in found]
    troubled = [one for one in found if one.reason]
    if troubled:
        lines += ["", *(f"{one.source.name}: {one.reason}" for one in troubled)]
    moving = [one for one in found if _pending(one)]
    lines += [f"{one.source.name}: {_pending(one)}" for one in moving]
    return "\n".join(lines)


def _line(one: Health) -> str:
    told = [reading for reading in one.readings if reading.new][-20:]
    new = sum(reading.new for reading in told)
    words = sum(reading.words for reading in told) / new if new else 0
    cells = (
        f"{one.trouble or 'ok':<8}",
        f"{_ago(one.silent_for) if one.newest_at else '-':>7}",
        f"{_ago(one.rhythm.usual) if one.rhythm else '-':>7}",
        f"{new or '-':>5}",
        f"{_share(sum(reading.with_body for reading in told), new):>5}",
        f"{_share(sum(reading.dated for reading in told), new):>5}",
        f"{f'{words:,.0f}' if new else '-':>6}",
        f"{_next(one):>7}",
    )
    return "  ".join(cells)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "-"


def _next(one: Health) -> str:
    if one.trouble in ("off", "stopped"):
        return "never"
    at = one.state.next_allowed_at
    return _ago((at - one.now).total_seconds()) if at and at > one.now else "now"


def _pending(one: Health) -> str:
    last = one.state.moves[-1] if one.state.moves else None
    if last is None or last.ended_at is not None:
        return ""
    if last.is_adopted:
        return f"moved to {last.to}, and is asked there"
    return f"says it moved to {last.to}: {last.confirmations} of {moves.CONFIRMATIONS} confirmations"


def as_page(one: Health) -> str:
    """One source, all there is to say."""
    state, drift = one.state, one.drift
    facts = {
        "address": shown(one.source.url),
        "asked at": polling.address_of(state) if polling.address_of(state) != state.url else "",
        "state": f"{one.trouble or 'ok'}{': ' if one.reason else ''}{one.reason}",
        "move": _pending(one),
        "last read well": _moment(state.last_success_at) or "never",
        "last failure": f"{_moment(state.last_failure_at)} {state.last_failure_reason}: {state.last_failure_detail}"
        if state.last_failure_at
        else "",
        "next try": _next(one)
        if _next(one) in ("now", "never")
        else f"in {_next(one)} ({_moment(state.next_allowed_at)})",
        "newest article": f"{_moment(one.newest_at)}, {_ago(one.silent_for)} ago" if one.newest_at else "none yet",
        "brings news every": f"{_ago(one.rhythm.usual)}, at most {_ago(one.rhythm.longest_usual)} as a rule"
        if one.rhythm
        else "not known before ten readings with news",
        "texts": f"{drift.share_now:.0%} of the newest {drift.articles} have one (before: {drift.share_before:.0%}), "
        f"of {drift.words_now:,.0f} words ({drift.words_before:,.0f})"
        if drift.articles
        else f"nothing to compare with before {health.LEAST_HISTORY} articles",
    }
    lines = [one.source.name, *(f"  {name:<19}{told}" for name, told in facts.items() if told)]
    if one.readings:
        lines += ["", "  read                    items    new   edits  refused   text  dated  words"]
    for reading in reversed(one.readings[-SHOWN:]):
        lines.append(
            f"  {_moment(reading.read_at):<21}{reading.items:>8}{reading.new:>7}{reading.revised:>8}"
            f"{reading.refused:>9}{_share(reading.with_body, reading.new):>7}{_share(reading.dated, reading.new):>7}"
            f"{reading.median_words:>7,.0f}"
        )
    return "\n".join(lines)


def _moment(instant: dt.datetime | None) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC" if instant else ""


def _ago(seconds: float) -> str:
    """A span of time in its largest unit: 40 s, 12 min, 5 h, 3 d."""
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size or (size == 60 and seconds >= size):
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"

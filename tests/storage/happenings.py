"""What a history holds that could change the past: so that a test can say its histories hold all of it."""

from collections.abc import Hashable, Iterator, Sequence

from tests.storage.oracle import UNREADABLE, Align, Conclude, Event, Extract, Ingest, Print, Read, Search

EXPECTED = (
    *("article late", "article ahead", "article edited", "article back again", "article withdrawn"),
    *(
        "read by a further scorer",
        "edit read",
        "unreadable",
        "quotes",
        "events",
        "edit told",
        "candle late",
        "candle corrected",
        "candle back again",
    ),
    *("gap noticed", "gap renamed", "gap filled", "point recomputed", "point back again", "two settings", "report"),
)


_Told = dict[Hashable, list[Hashable]]


def happenings(history: Sequence[Event]) -> set[str]:
    """The names among `EXPECTED` of what happens in `history`."""
    told: _Told = {}
    return {name for event in history for name in _meet(event, told)}


def _meet(event: Event, told: _Told) -> Iterator[str]:
    yield from _meet_news(event, told)
    yield from _meet_prices(event, told)
    if isinstance(event, Conclude):
        yield "report"


def _meet_news(event: Event, told: _Told) -> Iterator[str]:
    match event:
        case Ingest(name, text, delay):
            yield from {-1: ("article late",), 1: ("article ahead",)}.get((delay > 0) - (delay < 0), ())
            if text == "withdrawn" and told.get(name, [text])[-1] != text:
                yield "article withdrawn"
            yield from _change(told.setdefault(name, []), text, "article", "edited")
        case Read(scorer, name, number, value):
            if number <= len(set(told.get(name, ()))):
                scorers = told.setdefault(("read", name, number), [])
                scorers.append(scorer)
                yield from ("read by a further scorer",) * (len(set(scorers)) > 1)
                yield from ("edit read",) * (number > 1)
                yield from ("unreadable",) * (value == UNREADABLE)
        case Extract(extractor, name, number, found):
            if found and number <= len(set(told.get(name, ()))):
                yield extractor if number == 1 else "edit told"


def _meet_prices(event: Event, told: _Told) -> Iterator[str]:
    match event:
        case Print(bars):
            for hour, close in bars:
                if ("bar", hour) not in told and any(("bar", later) in told for later in range(hour + 1, 41)):
                    yield "candle late"
                yield from _change(told.setdefault(("bar", hour), []), close, "candle", "corrected")
        case Search(first, reasons):
            for hour, reason in enumerate(reasons, first):
                before = told.setdefault(("hole", hour), [""])
                if before[-1] != reason:
                    yield "gap noticed" if not before[-1] else "gap renamed" if reason else "gap filled"
                    before.append(reason)
        case Align(setting, first, values):
            told.setdefault("settings", []).append(setting)
            yield from ("two settings",) * (len(set(told["settings"])) > 1)
            for hour, value in enumerate(values, first):
                yield from _change(told.setdefault(("point", setting, hour), []), value, "point", "recomputed")


def _change(told: list[Hashable], now: Hashable, what: str, changed: str) -> Iterator[str]:
    if not told or told[-1] != now:
        if told:
            yield f"{what} back again" if now in told else f"{what} {changed}"
        told.append(now)

"""Whose bars a file holds: venue, symbol and interval from its rows and its name, or from whoever gives the file."""

import re

import numpy as np

from service.errors import BadInput
from service.instants import Interval
from service.market.archive_table import Table
from service.market.venues import CATALOGUE, spell_symbol

_NAME = re.compile(r"[a-z0-9][a-z0-9_+.-]{0,40}")
_PAIR = re.compile(r"(?<![A-Za-z])([A-Za-z]{3,5})[-_]?(USDT|USDC|USD|EUR|GBP)(?![A-Za-z])", re.IGNORECASE)
_WELL_KNOWN = ("bitmex", "bybit", "deribit", "ftx", "huobi", "kucoin", "poloniex", "bittrex", "mtgox")
_INTERVAL_WORDS = {
    "1min": Interval.M1, "minute": Interval.M1, "5min": Interval.M5, "15min": Interval.M15, "60": Interval.H1,
    "60min": Interval.H1, "hour": Interval.H1, "hourly": Interval.H1, "d": Interval.D1, "day": Interval.D1,
    "daily": Interval.D1, "1day": Interval.D1, "1hour": Interval.H1, "1hr": Interval.H1,
}  # fmt: skip


def find_venue(name: str, given: str | None) -> str:
    """The venue's name in small letters: the one given, else the one the file name starts or is sprinkled with."""
    if given is not None:
        lowered = given.strip().lower()
        if not _NAME.fullmatch(lowered):
            raise BadInput("--venue", given, "write a short name in letters and digits, such as coinbase")
        return lowered
    words = _words(name)
    known = [venue for venue in (*CATALOGUE, *_WELL_KNOWN) if venue in words]
    if len(known) != 1:
        raise BadInput("file", name, "its name does not tell the exchange; say --venue, for example --venue coinbase")
    return known[0]


def find_symbol(name: str, table: Table, given: str | None) -> str:
    """The unified symbol (BTC/USD): from the symbol column, else as given, else from the file name."""
    printed = {unified for text in np.unique(table.symbol).tolist() if (unified := read_symbol(text)) is not None}
    if given is not None:
        asked = spell_symbol(given, "--symbol")
        if printed and asked not in printed:
            raise BadInput("--symbol", given, f"{name} holds {', '.join(sorted(printed))}")
        return asked
    if len(printed) > 1:
        raise BadInput("file", name, f"it holds {', '.join(sorted(printed))}: choose one with --symbol")
    named = printed or {spell_symbol("/".join(match.groups())) for match in _PAIR.finditer(_stem(name))}
    if len(named) != 1:
        raise BadInput("file", name, "its name does not tell the pair; say --symbol, for example --symbol BTC/USD")
    return named.pop()


def read_symbol(text: str) -> str | None:
    """The unified spelling of a cell of the symbol column, or None where it is none."""
    try:
        return spell_symbol(text)
    except BadInput:
        return None


def find_interval(name: str, table: Table, given: Interval | None) -> Interval:
    """The commonest distance between neighbouring instants. Where that is no interval (few rows, many holes), the one
    given or named, if any two rows stand that far apart.
    """
    told = given or _named_interval(name)
    steps, counts = np.unique(np.diff(np.unique(table.open_at)), return_counts=True)
    if len(steps) == 0:
        if told is None:
            raise BadInput("file", name, "one row does not tell how long its bar is; say --interval, for example 1h")
        return told
    step = int(steps[np.argmax(counts)])
    found = next((interval for interval in Interval if interval.millis == step), None)
    if found is None and told is not None and told.millis in steps:
        found = told
    if found is None:
        codes = ", ".join(interval.value for interval in Interval)
        raise BadInput("file", name, f"its bars are {step / 1000:g} seconds apart; newscandle holds {codes}")
    if given is not None and given is not found:
        raise BadInput("--interval", given.value, f"the bars of {name} are {found.value} apart")
    return found


def _named_interval(name: str) -> Interval | None:
    named = {_INTERVAL_WORDS.get(word) or _code(word) for word in _words(name)} - {None}
    return named.pop() if len(named) == 1 else None


def _stem(name: str) -> str:
    return name.replace("\\", "/").rsplit("/", 1)[-1].rsplit(".", 1)[0]


def _words(name: str) -> list[str]:
    return [word.lower() for word in re.split(r"[^A-Za-z0-9]+", _stem(name)) if word]


def _code(word: str) -> Interval | None:
    return next((interval for interval in Interval if interval.value == word), None)

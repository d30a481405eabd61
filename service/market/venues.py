"""The exchanges newscandle can ask, and how each of them answers: frozen facts, no network.

Everything here was read in the venue's reference or in ccxt's adapter (4.5), and is held by tests against a local
exchange. What a venue really serves is still checked on every answer (see paging.py): facts age.
"""

import datetime as dt
import enum
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from service.errors import BadInput
from service.instants import Interval, Window

_ALL = tuple(Interval)
_NO_4H = tuple(interval for interval in Interval if interval is not Interval.H4)
_QUOTES = ("USDT", "USDC", "BUSD", "USD", "EUR", "GBP", "JPY", "BTC", "ETH")
_ASSET_NAMES = {"XBT": "BTC", "XXBT": "BTC", "ZUSD": "USD", "ZEUR": "EUR", "ZGBP": "GBP"}
_SPLIT = re.compile(r"[/\-_: ]")


class Answers(enum.Enum):
    """What a venue does with "from this instant, so many"."""

    SPAN = "span"  # the bars of [from, from + so many × interval): an empty answer means none was printed there
    ONWARD = "onward"  # the next so many bars at or after the instant: an empty answer means there are none any more
    NEWEST = "newest"  # its newest bars, whatever was asked


@dataclass(frozen=True, slots=True)
class Venue:
    """Facts of one exchange. `page_limit` is bars per request.

    `history_bars`: it serves at least this many newest bars of any interval and little more; None: all there are.
    `omits_quiet_bars`: a bar without trades is left out, so a hole may mean "nothing traded"; otherwise such a bar is
    printed with no volume, and a hole means the venue was down. `rows_in`: where the rows lie in an answer, keys from
    the outside in ("*": the one key that is not `last`).
    """

    name: str
    ccxt_id: str
    symbol: str
    page_limit: int
    answers: Answers
    omits_quiet_bars: bool
    intervals: tuple[Interval, ...] = _ALL
    history_bars: int | None = None
    rows_in: tuple[str, ...] = ()
    is_told_the_end: bool = False  # its pages are cut from the new end, and ccxt asks for one bar too many
    options: tuple[tuple[str, object], ...] = field(default=())  # ccxt options that keep it to public spot endpoints

    @property
    def quote(self) -> str:
        """The currency the default symbol is quoted in: USD, USDT or EUR are never mixed."""
        return self.symbol.partition("/")[2]

    def find_oldest(self, interval: Interval, *, now: dt.datetime) -> dt.datetime | None:
        """Opening instant of the oldest bar it serves for certain, the running one counted; None: there is no bound."""
        if self.history_bars is None:
            return None
        return interval.floor(now) - (self.history_bars - 1) * interval.duration


_VENUES = (
    # Coinbase's exchange API needs no key and one request to list its markets; the "advanced" API behind ccxt's id
    # `coinbase` reads futures and currency lists besides. The order book is the same.
    Venue("coinbase", "coinbaseexchange", "BTC/USD", 300, Answers.SPAN, omits_quiet_bars=True, intervals=_NO_4H),
    # Kraken serves the newest 720 bars whatever `since` says (its API reference, "Get OHLC Data").
    Venue(
        "kraken", "kraken", "BTC/USD", 720, Answers.ONWARD,
        omits_quiet_bars=False, history_bars=720, rows_in=("result", "*"),
    ),
    Venue("bitstamp", "bitstamp", "BTC/USD", 1000, Answers.SPAN, omits_quiet_bars=False, rows_in=("data", "ohlc")),
    Venue("bitfinex", "bitfinex", "BTC/USD", 10_000, Answers.ONWARD, omits_quiet_bars=True),
    Venue(
        "binance", "binance", "BTC/USDT", 1000, Answers.ONWARD, omits_quiet_bars=False,
        options=(("defaultType", "spot"), ("fetchMarkets", {"types": ["spot"]}), ("fetchCurrencies", False)),
    ),
    Venue("bitvavo", "bitvavo", "BTC/EUR", 1440, Answers.SPAN, omits_quiet_bars=True, is_told_the_end=True),
    # Gemini takes no instant at all; a year of days is the shortest list it hands out.
    Venue(
        "gemini", "gemini", "BTC/USD", 10_000, Answers.NEWEST,
        omits_quiet_bars=False, intervals=_NO_4H, history_bars=365,
    ),
    # OKX's history pages held 100 bars for years and hold 300 by ccxt's present adapter: the smaller is right in both.
    Venue(
        "okx", "okx", "BTC/USDT", 100, Answers.SPAN, omits_quiet_bars=False, rows_in=("data",),
        options=(("fetchMarkets", {"types": ["spot"]}),),
    ),
)  # fmt: skip

CATALOGUE: dict[str, Venue] = {venue.name: venue for venue in _VENUES}
"""Every venue by its name, in the order they are tried where settings say nothing."""


def parse_venue(name: str, field_name: str = "venue") -> Venue:
    """The venue of this name, capitals ignored. Raises `BadInput` naming the ones there are."""
    venue = CATALOGUE.get(name.strip().lower())
    if venue is None:
        raise BadInput(field_name, name, f"choose one of {', '.join(CATALOGUE)}")
    return venue


def spell_symbol(text: str, field_name: str = "symbol") -> str:
    """The unified spelling of a pair: BTCUSD, btc-usd and XBT/USD are all BTC/USD.

    Raises `BadInput` where base and quote cannot be told apart.
    """
    parts = [part for part in _SPLIT.split(text.strip().upper()) if part]
    if len(parts) == 1:
        quote = next((quote for quote in _QUOTES if parts[0].endswith(quote) and len(parts[0]) > len(quote) + 1), None)
        parts = [parts[0][: -len(quote)], quote] if quote else parts
    if len(parts) != 2 or not all(part.isalnum() for part in parts):
        raise BadInput(field_name, text, "write base and quote, such as BTC/USD")
    return "/".join(_ASSET_NAMES.get(part, part) for part in parts)


def why_not(venue: Venue, interval: Interval, window: Window, *, now: dt.datetime) -> str | None:
    """Why this venue cannot serve the whole window, as a code, or None: `not_supported` (interval), `truncated`."""
    if interval not in venue.intervals:
        return "not_supported"
    oldest = venue.find_oldest(interval, now=now)
    return "truncated" if oldest is not None and window.start < oldest else None


def rank(venues: Sequence[Venue], interval: Interval, window: Window, *, now: dt.datetime) -> list[Venue]:
    """The order in which to try them: those that can serve the whole window first, each group in the order given.

    Those without the interval are left out. A backfill thus goes to a venue that reaches back far enough, though a
    quicker one was named first.
    """
    able = [venue for venue in venues if why_not(venue, interval, window, now=now) is None]
    partly = [venue for venue in venues if why_not(venue, interval, window, now=now) == "truncated"]
    return able + partly


def find_rows(venue: Venue, body: object) -> list[object] | None:
    """The list of candles inside a decoded answer, or None where the answer does not have this venue's shape."""
    for key in venue.rows_in:
        if not isinstance(body, dict):
            return None
        names = [name for name in body if name != "last"] if key == "*" else [key]
        body = body.get(names[0]) if len(names) == 1 else None
    return body if isinstance(body, list) else None

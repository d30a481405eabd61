"""The one door to exchanges: the only file that imports ccxt. Public endpoints, closed candles, every error translated.

    fetch_from_first ─▶ fetch_candles ─▶ paging.ask ─▶ Exchange.rows (ccxt, guarded, retried) ─▶ paging.turn ─▶ Page …

The pages come as they are fetched, so that a job can store each one with its own commit and resume after a kill.
"""

import datetime as dt
import json
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from jobs.exchange_guard import Bounds, Refused, bound_answers, guard, hosts_of
from service.errors import BadInput, VenueFailed
from service.instants import Interval, Window, ensure_utc, from_millis, to_millis
from service.market import failures, paging
from service.market.candle import Candle, Quarantined
from service.market.paging import Page, Question
from service.market.venues import Venue, find_rows, parse_venue, rank, spell_symbol

_BROKEN_ANSWER = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError)
"""What ccxt's adapters raise on JSON of an unexpected shape: they index into it unguarded."""

_PUBLIC = ("public", "rest")
"""Names of the public spot endpoints in ccxt's tables of URLs."""

_SKEW = dt.timedelta(days=1)
"""A venue's clock that differs more than this is not a clock."""


@dataclass(frozen=True, slots=True)
class Manners:
    """How a venue is asked. Seconds, bytes; `pause` between requests (None: the limit ccxt knows for the venue).

    `attempts` includes the first; between them `wait_initial` doubles up to `wait_max`, which is also the longest
    Retry-After obeyed on the spot: a longer one ends the call with `retriable` set.
    """

    user_agent: str = "newscandle"
    timeout: float = 10.0
    answer_seconds: float = 60.0
    answer_bytes: int = 32 * 1024 * 1024
    attempts: int = 4
    wait_initial: float = 1.0
    wait_max: float = 30.0
    pause: float | None = None


POLITE = Manners()


class Exchange:
    """One venue, ready to be asked; a context manager, since it holds connections."""

    def __init__(self, venue: Venue, *, base_url: str | None = None, manners: Manners = POLITE) -> None:
        import ccxt

        self.venue, self._manners = venue, manners
        settings: dict[str, object] = {
            "enableRateLimit": True,
            "timeout": round(manners.timeout * 1000),
            "options": dict(venue.options),
            "has": {"fetchCurrencies": False},  # one request less, and on some venues a private one
        }
        self._client = guard(getattr(ccxt, venue.ccxt_id))(settings)
        self._client.userAgent = manners.user_agent
        if manners.pause is not None:
            self._client.rateLimit = manners.pause * 1000
        if base_url is not None:
            self._client.urls["api"] = _rebase(self._client.urls["api"], base_url.rstrip("/"))
        public = [url for name, url in self._client.urls["api"].items() if name in _PUBLIC]
        hosts = hosts_of([self._client.implode_hostname(url) for url in public])
        self._client.bounds = Bounds(hosts, manners.answer_bytes, manners.answer_seconds)
        bound_answers(self._client.session, self._client.bounds)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._client.session.close()

    @property
    def told_at(self) -> dt.datetime | None:
        """The venue's clock (the Date of its last answer), None where it told none."""
        return failures.read_http_date(self._client.answer.headers.get("date"))

    def candles(self, symbol: str, interval: Interval, window: Window, *, now: dt.datetime) -> Iterator[Page]:
        """Pages over the bars of the window that closed by `now`, oldest first; see `fetch_candles`."""
        walk = paging.begin(self.venue, symbol, interval, window, now=now)
        while (question := paging.ask(walk)) is not None:
            rows, unreadable = self._rows(symbol, interval, question, now=now)
            page, walk = paging.turn(walk, question, rows, unreadable, now=self._clock(now))
            yield page
        last = paging.finish(walk)
        if last.gaps:
            yield last

    def _rows(
        self, symbol: str, interval: Interval, question: Question, *, now: dt.datetime
    ) -> tuple[list[Candle], list[Quarantined]]:
        """One answer, asked for again as the manners allow; rows as candles, or as unreadable."""
        import stamina

        for attempt in stamina.retry_context(
            on=self._worth_repeating,
            attempts=self._manners.attempts,
            timeout=None,
            wait_initial=self._manners.wait_initial,
            wait_max=self._manners.wait_max,
            wait_jitter=self._manners.wait_initial,
        ):
            with attempt:
                pairs = self._ask(symbol, interval, question)
        candles: list[Candle] = []
        unreadable: list[Quarantined] = []
        for parsed, raw in pairs:
            candle = _candle(parsed, self.venue.name, symbol, interval, now)
            if candle is not None:
                candles.append(candle)
            else:
                row = json.dumps(raw, default=str)[:500]
                unreadable.append(Quarantined("unreadable", self.venue.name, symbol, interval, None, row))
        return candles, unreadable

    def _worth_repeating(self, error: Exception) -> bool | float:
        if not isinstance(error, Refused):
            return False
        if error.wait is not None:
            return error.wait if error.wait <= self._manners.wait_max and error.retriable else False
        return error.is_passing

    def _ask(self, symbol: str, interval: Interval, question: Question) -> list[tuple[Any, Any]]:
        """ccxt's answer as (parsed row, raw row) pairs; raises `Refused` for anything but an answer."""
        import ccxt

        name = self.venue.name
        try:
            if not self._client.load_markets():
                raise Refused(failures.MALFORMED, f"{name}: its list of markets is empty")
            since, until = to_millis(question.since), to_millis(question.until) - 1
            more = {"until": until} if self.venue.is_told_the_end else {}
            pairs: list[tuple[Any, Any]] = self._client.fetch_ohlcv(symbol, interval.value, since, question.limit, more)
        except ccxt.BaseError as error:
            raise self._translate(error) from error
        except _BROKEN_ANSWER as error:
            raise Refused(
                failures.MALFORMED, f"{name}: the answer has another shape than agreed ({error!r})"
            ) from error
        rows = find_rows(self.venue, self._client.answer.body)
        if rows is None or len(rows) != len(pairs):
            raise Refused(failures.MALFORMED, f"{name}: no candles for {symbol} in {self._client.answer.text[:80]!r}")
        return pairs

    def _translate(self, error: Exception) -> Refused:
        answer = self._client.answer
        chained = (error, error.__cause__, error.__context__)
        kinds = {kind.__name__ for each in chained if each is not None for kind in type(each).__mro__}
        failure = failures.classify(kinds, answer.status, answer.text or str(error))
        date = failures.read_http_date(answer.headers.get("date"))
        wait = failures.read_retry_after(answer.headers.get("retry-after"), date=date)
        status = "no answer" if answer.status is None else f"status {answer.status}"
        return Refused(failure, f"{self.venue.name}: {failure.reason} ({status}): {str(error)[:200]}", wait=wait)

    def _clock(self, now: dt.datetime) -> dt.datetime:
        """The earlier of our clock and the venue's (its answer's Date): a bar is closed when both say so."""
        date = self.told_at
        return date if date is not None and now - _SKEW < date < now else now


def fetch_candles(
    venue: str,
    symbol: str,
    interval: Interval,
    window: Window,
    *,
    now: dt.datetime,
    base_url: str | None = None,
    manners: Manners = POLITE,
) -> Generator[Page, None, None]:
    """Closed bars of one venue, page by page, oldest first; each page tells its refused rows, holes and where it ends.

    Only bars wholly inside the window that closed by `now` (and by the venue's clock). `base_url` sends every request
    there instead, path kept (a local exchange). Nothing is asked, and ccxt not even imported, where no bar can have
    closed. Raises `BadInput` for an unknown venue, `VenueFailed` with one of the reasons in service/market/failures.py;
    pages given before stay good.
    """
    ensure_utc(now, "now")
    facts, unified = parse_venue(venue), spell_symbol(symbol)
    if interval not in facts.intervals:
        raise VenueFailed("not_supported", f"{facts.name} has no bars of {interval.value}", retriable=False)
    if paging.ask(paging.begin(facts, unified, interval, window, now=now)) is None:
        return
    with Exchange(facts, base_url=base_url, manners=manners) as exchange:
        yield from exchange.candles(unified, interval, window, now=now)


class NoVenue(VenueFailed):
    """Nobody answered; `failures` has each venue's own, in the order they were tried."""

    def __init__(self, failures: Sequence[tuple[str, VenueFailed]]) -> None:
        self.failures = tuple(failures)
        told = "; ".join(f"{name}: {error.reason}" for name, error in failures)
        super().__init__(
            "no_venue", f"no exchange answered ({told})", retriable=any(error.retriable for _, error in failures)
        )


@dataclass(frozen=True, slots=True)
class FirstAnswer:
    """Which venue answered, its pages (one pass, fetched as they are taken), and why those tried before did not."""

    venue: str
    symbol: str
    pages: Iterator[Page]
    failures: tuple[tuple[str, VenueFailed], ...]


def fetch_from_first(
    venues: Sequence[str],
    interval: Interval,
    window: Window,
    *,
    now: dt.datetime,
    symbols: Mapping[str, str] | None = None,
    base_urls: Mapping[str, str] | None = None,
    manners: Manners = POLITE,
) -> FirstAnswer:
    """The first venue that has bars at the start of the window; those that reach back far enough are tried first.

    A venue is taken when its first page holds a candle; one that answers without any is kept in mind and taken only
    if nobody has more. Venues are never mixed: pages after the first come from the same one, and its later failure is
    raised while they are taken. Raises `NoVenue` naming every failure when all fail.
    """
    if not venues:
        raise BadInput("venues", venues, "name at least one exchange, such as coinbase")
    listed = [parse_venue(name) for name in venues]
    ranked = rank(listed, interval, window, now=now)
    failed: list[tuple[str, VenueFailed]] = []
    kept: tuple[Venue, str, Page, Generator[Page, None, None]] | None = None  # the first that answered, but no candle
    for venue in (*ranked, *(each for each in listed if each not in ranked)):
        symbol = (symbols or {}).get(venue.name, venue.symbol)
        base_url = (base_urls or {}).get(venue.name)
        pages = fetch_candles(venue.name, symbol, interval, window, now=now, base_url=base_url, manners=manners)
        try:
            first = next(pages, None)
        except VenueFailed as error:
            failed.append((venue.name, error))
            continue
        if first is None or first.candles:
            if kept is not None:
                kept[-1].close()
            return FirstAnswer(venue.name, symbol, chain([] if first is None else [first], pages), tuple(failed))
        if kept is None:
            kept = venue, symbol, first, pages
        else:
            pages.close()
    if kept is not None:
        return FirstAnswer(kept[0].name, kept[1], chain([kept[2]], kept[3]), tuple(failed))
    raise NoVenue(failed)


def _candle(parsed: Any, venue: str, symbol: str, interval: Interval, now: dt.datetime) -> Candle | None:
    """A parsed row as a candle; a price that is no number becomes NaN and is refused by the rules. None: no instant."""
    try:
        millis, *figures = parsed
        open_at = from_millis(int(millis))
        first, high, low, last, volume = (float("nan") if figure is None else float(figure) for figure in figures)
    except (TypeError, ValueError, OverflowError):
        return None
    return Candle(venue, symbol, interval, open_at, first, high, low, last, volume, now)


def _rebase(urls: Any, base_url: str) -> Any:
    """Every URL in ccxt's nested table, with its host replaced and its path kept."""
    if isinstance(urls, str):
        return base_url + urlsplit(urls).path
    return {name: _rebase(url, base_url) for name, url in urls.items()}

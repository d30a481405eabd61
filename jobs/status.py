"""`newscandle status`: whether it is ready, what the store holds, who works on it, how runs and sources fared."""

import json
import math
from collections.abc import Sequence
from typing import Any

from dashboards.readiness import as_json as tell
from dashboards.readiness import as_text
from jobs.clock import choose_clock
from jobs.daemon_told import describe_daemons, gather_daemons
from jobs.house import House
from jobs.lookout import ClockWatch, Lookout, look
from jobs.settings import Settings
from service.health.readiness import Readiness
from service.instants import format_instant
from service.market.candle import Gap
from service.market.gaps import count_by_reason
from storage import candles, database, holdings, runs, sources
from storage.candles import Held
from storage.gaps import load_all_open

PATIENCE_SECONDS = 10.0
"""So long somebody at a terminal waits for a store that does not answer."""


def judge(settings: Settings) -> Readiness:
    """The judgement that /readyz gives, made here and now; never raises, and changes nothing in the store."""
    return Lookout(settings, choose_clock(), seconds=PATIENCE_SECONDS).judge()


def describe_readiness(readiness: Readiness, *, as_json: bool) -> str:
    """The judgement alone."""
    return json.dumps(tell(readiness), ensure_ascii=False) if as_json else as_text(readiness)


def describe(house: House, *, as_json: bool) -> str:
    """The judgement and the state of the store, as text for people or one JSON object for programs."""
    watch = ClockWatch(house.clock)
    state = gather(house)
    readiness = look(house, stands=watch.stands()).readiness
    if as_json:
        return json.dumps({"health": tell(readiness), **state}, ensure_ascii=False)
    return f"{as_text(readiness)}\n{_as_text(state)}"


def gather(house: House) -> dict[str, Any]:
    """Counts, markets, series, sources and the newest runs as plain values."""
    with database.read(house.engine) as connection:
        markets = candles.venues(connection)
        states = sources.load_all(connection)
        latest = runs.recent(connection, limit=10)
        counts = holdings.count(connection)
        holes = load_all_open(connection)
        daemons = gather_daemons(house, connection)
    return {
        "store": house.engine.dialect.name,
        "daemon": daemons,
        "held": counts,
        "candles": [_describe_market(market, [hole for hole in holes if _is_of(hole, market)]) for market in markets],
        "sources": [
            {
                "source": state.source,
                "last_success_at": format_instant(state.last_success_at) if state.last_success_at else None,
                "failures_in_row": state.failures_in_row,
                "last_failure": state.last_failure_reason if state.failures_in_row else "",
            }
            for state in states
        ],
        "runs": [
            {
                "job": run.job,
                "started_at": format_instant(run.started_at),
                "outcome": run.outcome,
                "reason": run.reason,
            }
            for run in latest
        ],
    }


def _is_of(hole: Gap, market: Held) -> bool:
    return (hole.venue, hole.symbol, hole.interval) == (market.venue, market.symbol, market.interval)


def _describe_market(market: Held, holes: Sequence[Gap]) -> dict[str, Any]:
    """What is held of a market, and of how many bars asked for: those missing by reason, none expected unlisted."""
    missing = count_by_reason(holes)
    expected = market.count + sum(bars for reason, bars in missing.items() if reason != "not_listed_yet")
    return {
        "venue": market.venue,
        "symbol": market.symbol,
        "interval": market.interval.value,
        "bars": market.count,
        "from": format_instant(market.first_open_at),
        "to": format_instant(market.last_open_at + market.interval.duration),
        "expected": expected,
        "coverage": market.count / expected,
        "missing": missing,
    }


def _as_text(state: dict[str, Any]) -> str:
    lines = [f"store: {state['store']}"]
    lines += [f"  {name.replace('_', ' '):<22}{number:>12,}" for name, number in state["held"].items()]
    lines += describe_daemons(state["daemon"])
    lines += ["candles:"] if state["candles"] else ["candles: none"]
    lines += [
        f"  {item['venue']} {item['symbol']} {item['interval']}: {item['bars']:,} bars, "
        f"{item['from']} to {item['to']}; {_cover(item)}"
        for item in state["candles"]
    ]
    if state["sources"]:
        lines.append("sources:")
    lines += [f"  {item['source']:<26}{_condition(item)}" for item in state["sources"]]
    lines += ["runs, newest first:"] if state["runs"] else ["runs: none"]
    lines += [
        f"  {item['started_at']}  {item['job']:<16}{item['outcome']}{': ' + item['reason'] if item['reason'] else ''}"
        for item in state["runs"]
    ]
    return "\n".join(lines)


def _cover(item: dict[str, Any]) -> str:
    """The share in per cent, rounded down: a hundred means all."""
    share = f"{math.floor(1000 * item['coverage']) / 10:.1f} % of {item['expected']:,}"
    missing = ", ".join(f"{bars:,} {reason}" for reason, bars in item["missing"].items())
    return f"{share}, missing: {missing}" if missing else share


def _condition(item: dict[str, Any]) -> str:
    if item["failures_in_row"]:
        return f"failing ({item['failures_in_row']} in a row): {item['last_failure']}"
    return f"read at {item['last_success_at']}"

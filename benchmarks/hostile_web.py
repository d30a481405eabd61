"""Ten thousand hostile feeds against the real ingest: `python -m benchmarks.hostile_web [--feeds 10000]`.

The server runs here, the ingest in a process of its own, on SQLite in memory-backed storage. Two stores: one whose
run is left alone, and one whose run is killed (SIGKILL) halfway and then run again to its end. Asked of them: no crash,
nothing asked of an address that may not be asked, every source with at least one entry or exactly one reason, no single
turn of the ingest's loop over two seconds of CPU (a feed is parsed and stored in one turn, so that bounds each feed), a
peak of 256 MB, and the same digest for both.

What never ends (silence, drips) is given up after the time the settings name: 45 s by default, here `PATIENCE`.
"""

import argparse
import asyncio
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from jobs.ingest import ingest_sources
from jobs.settings import Source
from tests.databases import IN_MEMORY
from tests.hostile_web import (
    KINDS,
    MUTATIONS,
    OUTCOMES,
    HostileWeb,
    Plan,
    corpus,
    manners,
    plan_kind,
    plan_mutant,
    serve,
)
from tests.jobs.houses import a_house, digest_of, idle, rows

PATIENCE = 10.0
MOST_CPU, MOST_MEGABYTES = 2.0, 256
EACH_KIND = 12


def make_plans(feeds: int) -> list[Plan]:
    """Every kind of misbehaviour twelve times, and mutants of the corpus for the rest."""
    plain = [plan_kind(kind, 1 + place * len(KINDS) + n) for place in range(EACH_KIND) for n, kind in enumerate(KINDS)]
    start = 6_000
    return plain + [plan_mutant(start + number) for number in range(feeds - len(plain))]


class _Timed(asyncio.SelectorEventLoop):
    """A loop that knows the longest of its turns, in seconds of CPU."""

    longest = 0.0

    def _run_once(self) -> None:
        before = time.thread_time()
        super()._run_once()  # type: ignore[misc]
        _Timed.longest = max(_Timed.longest, time.thread_time() - before)


class _Policy(asyncio.DefaultEventLoopPolicy):
    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        return _Timed()


def ingest(folder: Path, port: int, names: list[str]) -> None:
    """What the process does: read every source, then say how it went."""
    sources = tuple(
        Source(name=one.split()[0], url=f"http://{one.split()[1]}:{port}/feed", fetch_pages=False) for one in names
    )
    asyncio.set_event_loop_policy(_Policy())
    with a_house(folder, *sources, ingest=manners(PATIENCE)) as house:
        began, cpu = time.monotonic(), time.process_time()
        ingest_sources(house, frozenset(), idle)
        print(
            json.dumps(
                {
                    "seconds": round(time.monotonic() - began, 1),
                    "cpu": round(time.process_time() - cpu, 1),
                    "longest_turn": round(_Timed.longest, 2),
                    "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
                    "outcomes": rows(house, OUTCOMES),
                    "digest": digest_of(house),
                }
            )
        )


def start(folder: Path, web: HostileWeb) -> subprocess.Popen[str]:
    """The ingest as a process of its own."""
    folder.mkdir(exist_ok=True)
    listed = folder / "sources.txt"
    listed.write_text("\n".join(f"{plan.name} {host}" for host, plan in web.plans.items()))
    words = [sys.executable, "-m", "benchmarks.hostile_web", "--into", str(folder), "--port", str(web.port)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=dict(os.environ))


def finish(process: subprocess.Popen[str]) -> dict[str, object]:
    """What the process said at its end; raises where it crashed."""
    said, _ = process.communicate()
    if process.returncode:
        raise SystemExit(f"the ingest crashed with {process.returncode}")
    return dict(json.loads(said.splitlines()[-1]))


def kill_halfway(folder: Path, web: HostileWeb) -> int:
    """Start the ingest and kill it when half of the feeds were asked for; how many were."""
    before = len(web.asked)
    process = start(folder, web)
    while len(web.asked) - before < len(web.plans) // 2 and process.poll() is None:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    if process.returncode != -signal.SIGKILL:
        raise SystemExit("the ingest ended before it could be killed")
    return len(web.asked) - before


def main() -> None:
    """Run all three and print what was seen."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=13_200)
    parser.add_argument("--into", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.into:
        ingest(asked.into, asked.port, (asked.into / "sources.txt").read_text().splitlines())
        return
    plans = make_plans(asked.feeds)
    told = f"{len(corpus()):,} of the corpus by {len(MUTATIONS)} mutations, {len(KINDS)} kinds of misbehaviour"
    print(f"{len(plans):,} feeds: {told}", flush=True)
    with serve(plans) as web, tempfile.TemporaryDirectory(prefix="newscandle-", dir=IN_MEMORY) as parent:
        calm = finish(start(Path(parent) / "calm", web))
        killed_after = kill_halfway(Path(parent) / "killed", web)
        resumed = finish(start(Path(parent) / "killed", web))
        secrets = list(web.secrets)
    report(calm, resumed, plans, killed_after, secrets)


def report(
    calm: dict[str, object], resumed: dict[str, object], plans: list[Plan], killed_after: int, secrets: list[str]
) -> None:
    """Print the outcomes and judge them."""
    outcomes = Counter(dict(calm["outcomes"]))  # type: ignore[call-overload]
    print(f"{'outcome':<24}{'feeds':>8}")
    for outcome, number in outcomes.most_common():
        print(f"{outcome or 'at least one entry':<24}{number:>8,}")
    pace = f"{calm['seconds']} s ({len(plans) / float(str(calm['seconds'])):.0f} feeds/s), {calm['cpu']} s of CPU"
    print(f"{pace}, longest turn {calm['longest_turn']} s, peak {calm['megabytes']} MB")
    print(f"killed after {killed_after:,} feeds were asked for, then run to the end: {resumed['seconds']} s")
    differing = [name for name, told in dict(calm["digest"]).items() if dict(resumed["digest"])[name] != told]  # type: ignore[call-overload]
    verdicts = {
        "every feed ended in entries or one reason": sum(outcomes.values()) == len(plans)
        and not outcomes["nothing at all"],
        "nothing asked of an address that may not be asked": not secrets,
        f"no turn over {MOST_CPU} s of CPU": float(str(calm["longest_turn"])) <= MOST_CPU,
        f"peak within {MOST_MEGABYTES} MB": int(str(calm["megabytes"])) <= MOST_MEGABYTES,
        f"killed and resumed to the same store{f' (differing: {differing})' if differing else ''}": not differing,
    }
    for verdict, holds in verdicts.items():
        print(f"{'yes' if holds else 'NO ':<4}{verdict}")
    if not all(verdicts.values()):
        raise SystemExit(1)


if __name__ == "__main__":
    main()

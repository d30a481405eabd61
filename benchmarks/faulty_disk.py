"""Each write of a small run failed in turn: `python -m benchmarks.faulty_disk --nth 1-40 --error ENOSPC`.

strace makes the n-th fdatasync, pwrite64, … of a run of the jobs that write to the store fail (and, with --all, every
one from the n-th on), on a store of its own each time. Then must hold: the run ends by itself, without a traceback, the
file is sound, and the next run, undisturbed, ends with the digest of a run that nobody disturbed.

--nth A-B    the first and the last call that is failed; a run has some hundreds
--step N     only every N-th of them
--call NAME  fdatasync (default), pwrite64, fsync, ftruncate
--error      ENOSPC (default), EIO, EROFS
"""

import argparse
import os
import pickle
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from jobs.drills import servers, world
from jobs.drills.kill import run_settings
from jobs.drills.stage import NOON, settings_for
from jobs.house import House
from jobs.pipeline import STEPS
from jobs.running import run_job
from jobs.settings import Settings, Source
from service.errors import NewscandleError
from storage import database, digest

_CHILD = "import sys; from benchmarks.faulty_disk import run_child; run_child(sys.argv[1])"
_PATIENCE_SECONDS = 120


def run_jobs(house: House) -> None:
    """Every job but the report, which writes little to the store and takes longest. Raises what a job's failure was."""
    for job, work in STEPS.items():
        if job != "report":
            run_job(house, job, partial(work, house))


@dataclass(frozen=True)
class Stage:
    """Where runs find their news and prices."""

    web: str
    venue: str

    def settings(self, folder: Path) -> Settings:
        source = Source(name="plain", url=f"{self.web}/plain.xml", assume_delay="15m", fetch_pages=False)
        return settings_for(f"sqlite:///{folder / 'store.db'}", folder, source, venue=self.venue)


def run_child(settings_file: str) -> None:
    """A run of all jobs; one line on stderr and exit code 1 where it fails."""
    try:
        run_settings(pickle.loads(Path(settings_file).read_bytes()), run_jobs)
    except NewscandleError as error:
        print(f"newscandle: {error}", file=sys.stderr)
        raise SystemExit(1) from None


def run_failing(stage: Stage, folder: Path, call: str, error: str, when: str) -> tuple[int, str]:
    """Exit code of a run in which that call fails `when` strace says, and its last line."""
    (folder / "settings").write_bytes(pickle.dumps(stage.settings(folder)))
    words = [
        "strace",
        "-f",
        "-qq",
        "-o",
        str(folder / "trace"),
        "-e",
        f"trace={call}",
        "-e",
        f"inject={call}:error={error}:when={when}",
    ]
    words += [sys.executable, "-c", _CHILD, str(folder / "settings")]
    done = subprocess.run(
        words, capture_output=True, text=True, timeout=_PATIENCE_SECONDS, check=False, env={**os.environ}
    )
    return done.returncode, (done.stderr.strip().splitlines() or [""])[-1]


def look(settings: Settings) -> tuple[str, str]:
    """SQLite's opinion of the file, and the digest of what is held."""
    engine = database.open_engine(settings.store.url.get_secret_value())
    try:
        with database.read(engine) as connection:
            return str(connection.exec_driver_sql("PRAGMA integrity_check").scalar()), digest.total(connection)
    except NewscandleError as error:
        return ("ok" if getattr(error, "reason", "") == "schema_missing" else str(error)), ""
    finally:
        engine.dispose()


def finish(settings: Settings) -> str:
    """A run that nobody disturbs, on the same store; its digest."""
    run_settings(settings, run_jobs)
    return look(settings)[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nth", default="1-20")
    parser.add_argument("--step", type=int, default=1)
    parser.add_argument("--call", default="fdatasync")
    parser.add_argument("--error", default="ENOSPC")
    parser.add_argument("--all", action="store_true", help="fail every call from the n-th on")
    asked = parser.parse_args()
    first, last = map(int, asked.nth.split("-"))
    stories, bars = world.make_stories(8, NOON, 1), world.make_bars(20, NOON, 1)
    faults: list[str] = []
    told: Counter[str] = Counter()
    began = time.monotonic()
    with (
        servers.serve(lambda _path: servers.Reply(world.write_feed(stories, ""))) as web,
        servers.serve(lambda path: servers.answer_as_coinbase(path, bars)) as venue,
        tempfile.TemporaryDirectory(prefix="newscandle-faulty-") as parent,
    ):
        stage = Stage(web, venue)
        (folder := Path(parent) / "undisturbed").mkdir()
        expected = finish(stage.settings(folder))
        for nth in range(first, last + 1, asked.step):
            (folder := Path(parent) / str(nth)).mkdir()
            code, said = run_failing(stage, folder, asked.call, asked.error, f"{nth}+" if asked.all else str(nth))
            hits = (folder / "trace").read_text().count("(INJECTED)")
            told["hit" if hits else "not reached"] += 1
            told[f"exit {code}"] += 1
            found = re.search(r": ([^:]*(?:disk|full|read-only|I/O)[^:]*):", said)
            told[found[1].strip() if found else "nothing said" if not said else "other"] += bool(hits)
            sound, _ = look(stage.settings(folder))
            faults += [f"{nth}: exit code {code}: {said}"] if code not in (0, 1) or "Traceback" in said else []
            faults += [f"{nth}: SQLite says {sound}"] if sound != "ok" else []
            try:
                faults += [f"{nth}: another digest"] if finish(stage.settings(folder)) != expected else []
            except (NewscandleError, sa.exc.SQLAlchemyError) as error:
                faults.append(f"{nth}: the next run failed: {error}")
    seconds = time.monotonic() - began
    after = ", and all after" if asked.all else ""
    print(f"{asked.call} failing with {asked.error}, n = {asked.nth} by {asked.step}{after}: {dict(told)}")
    print(f"{len(faults)} faults in {seconds:.0f} s")
    print("\n".join(faults) or "no faults")
    raise SystemExit(bool(faults))


if __name__ == "__main__":
    main()

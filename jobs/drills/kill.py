"""All jobs killed (SIGKILL) at random moments; in the end everything must be as if nobody had disturbed them."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from jobs.drills import servers, world
from jobs.drills.fleet import processes
from jobs.drills.report import Promise
from jobs.drills.servers import Reply
from jobs.drills.stage import NOON, Place, settings_for
from jobs.house import House, furnish
from jobs.pipeline import run_all
from jobs.settings import Settings, Source
from service.errors import WorkFailed
from storage import database, digest

_DAYS, _STORIES = 20, 24
_ROUNDS = 5
_KILLS_A_STORE = 5
_PATIENCE_SECONDS = 120


def run_jobs(house: House) -> None:
    """Every job of `newscandle run`, in order. Raises `WorkFailed` where one fails."""
    for record in run_all(house):
        if record.outcome.failures:
            raise WorkFailed("drill_run", f"{record.job}: {record.outcome.failures[0]}")


def run_settings(settings: Settings, run: Callable[[House], None]) -> None:
    """What a process of the drill does: open the store, run, end."""
    house = furnish(settings, lambda: NOON)
    run(house)
    house.engine.dispose()


@dataclass
class Kill:
    """See the top of the file. `run` is what is killed: a function of a module, for it is sent to processes."""

    run: Callable[[House], None] = run_jobs
    needs: str = ""

    def prepare(self, place: Place) -> None:
        """The drill's own servers, and one run that nobody disturbs."""
        self._place = place
        self._bars = world.make_bars(_DAYS, NOON, place.seed)
        self._stories = world.make_stories(_STORIES, NOON, place.seed, apart=NOON - NOON.replace(hour=0))
        self._web = place.ending.enter_context(servers.serve(self._answer))
        self._venue = place.ending.enter_context(
            servers.serve(lambda path: servers.answer_as_coinbase(path, self._bars))
        )
        folder, settings = self._furnish("undisturbed")
        warming = processes().Process(target=int)  # the first process of its kind loads what the others find in memory
        warming.start()
        warming.join()
        self._took = self._run_through(settings)
        self._expected = self._read(folder, settings)

    def _answer(self, path: str) -> Reply:
        if path in ("/pages.xml", "/plain.xml"):
            half = len(self._stories) // 2
            return Reply(
                world.write_feed(self._stories[:half] if path == "/pages.xml" else self._stories[half:], self._web)
            )
        found = [story for story in self._stories if story.path == path]
        return Reply(world.write_page(found[0])) if found else Reply(status=404)

    def _furnish(self, name: str) -> tuple[Path, Settings]:
        folder = self._place.new_folder(name)
        sources = (
            Source(name="pages", url=f"{self._web}/pages.xml", assume_delay="15m"),
            Source(name="plain", url=f"{self._web}/plain.xml", assume_delay="15m", fetch_pages=False),
        )
        return folder, settings_for(self._place.new_store(folder), folder, *sources, venue=self._venue)

    def _run_through(self, settings: Settings) -> float:
        began = time.monotonic()
        process = processes().Process(target=run_settings, args=(settings, self.run))
        process.start()
        process.join(_PATIENCE_SECONDS)
        if process.exitcode != 0:
            process.kill()
            raise WorkFailed("drill_stuck", f"a run that nobody disturbed ended with {process.exitcode}")
        return time.monotonic() - began

    def _kill_once(self, settings: Settings) -> bool:
        """Whether it was the kill that ended it."""
        process = processes().Process(target=run_settings, args=(settings, self.run))
        process.start()
        time.sleep(self._place.chance.uniform(0.05, 0.95) * self._took)
        process.kill()
        process.join()
        return bool(process.exitcode)

    def harm(self) -> list[str]:
        """Kill several runs a store, let one more go to its end, and go on with a new store."""
        wanted = self._place.rounds or _ROUNDS
        self._kills, self._differing, trials = 0, list[str](), 0
        while self._kills < wanted and trials < 3 * wanted:
            folder, settings = self._furnish(f"trial{trials}")
            trials += 1
            for _ in range(min(_KILLS_A_STORE, wanted - self._kills)):
                self._kills += self._kill_once(settings)
            self._run_through(settings)
            self._differing += self._compare(folder, settings)
        self._stores = trials
        return [
            f"A run of all jobs ({_STORIES} stories, {_DAYS * 24} hours of prices, a report) went undisturbed.",
            f"It took {self._took:.1f} s. Others were killed (SIGKILL) {self._kills} times at random moments of it.",
            f"After at most {_KILLS_A_STORE} kills one more run went to its end, on each of {self._stores} stores.",
        ]

    def _compare(self, folder: Path, settings: Settings) -> list[str]:
        expected, found = self._expected, self._read(folder, settings)
        differing = [f"table {name}" for name in expected[0] if found[0].get(name) != expected[0][name]]
        names = expected[1].keys() | found[1].keys()
        differing += [f"file {name}" for name in sorted(names) if found[1].get(name) != expected[1].get(name)]
        return differing + ([] if found[2] == "ok" else [f"SQLite says: {found[2]}"])

    def _read(self, folder: Path, settings: Settings) -> tuple[dict[str, str], dict[str, bytes], str]:
        """The digests of the tables, the report's files, and what SQLite says of its own file."""
        house = furnish(settings, lambda: NOON)
        with database.read(house.engine) as connection:
            found = digest.digest(connection)
            sound = "ok" if self._place.server else str(connection.exec_driver_sql("PRAGMA integrity_check").scalar())
        house.engine.dispose()
        reports = folder / "reports"
        files = {path.name: path.read_bytes() for path in reports.iterdir()} if reports.exists() else {}
        return found, files, sound

    def judge(self) -> list[Promise]:
        """Equal to the undisturbed run, byte for byte."""
        tables, files, _ = self._expected
        told = ", ".join(sorted(set(self._differing))[:4])
        return [
            Promise("the runs were really killed", self._kills > 0, f"{self._kills} processes ended by the kill"),
            Promise(
                "nothing is lost, nothing is doubled, nothing is torn",
                bool(tables) and not self._differing,
                f"{len(tables)} tables of {self._stores} stores equal those of the undisturbed run"
                if not self._differing
                else f"different from the undisturbed run: {told}",
            ),
            Promise(
                "reports are the same, byte for byte",
                bool(files) and not any(one.startswith("file") for one in self._differing),
                f"{len(files)} files in each of {self._stores} folders",
            ),
        ]

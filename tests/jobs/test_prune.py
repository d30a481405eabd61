"""`newscandle prune`: shown first, done when told to, killed anywhere and taken up again."""

import datetime as dt
import os
import random
import signal
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from jobs.backup import Wanted, make_backup
from jobs.care_settings import Prune
from jobs.prune import describe, find_prunable, prune_store
from jobs.restore import Asked, restore_backup
from jobs.schedule import plan_jobs
from jobs.settings import Daemon
from service.errors import BadInput
from service.instants import Window
from storage import database, prune, report_files, reports
from storage.column import metadata
from tests.jobs.care_victim import a_settings, idle, open_as_house, prune_in_small_batches
from tests.jobs.houses import Hands, a_house
from tests.storage.builders import at
from tests.storage.processes import PROCESSES
from tests.storage.test_seals import broken_parts, seal_all
from tests.storage.victim import work

KILLS = int(os.environ.get("NEWSCANDLE_TEST_KILLS", "1"))
ALL = Prune(texts_after="400d", skipped_after="90d", slots_after="90d", runs_after="90d", entries_after="400d")


def content(url: str) -> dict[str, list[str]]:
    """Every row of every table but the seals, whose numbers follow the batches, and the lease, which goes on."""
    engine = database.open_engine(url)
    with database.read(engine) as connection:
        kept = [table for table in metadata.sorted_tables if table.name not in ("seal", "lease")]
        found = {table.name: sorted(map(repr, connection.execute(sa.select(table)))) for table in kept}
    assert broken_parts(engine) == set()
    engine.dispose()
    return found


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"] if "NEWSCANDLE_TEST_KILLS" in os.environ else ["sqlite"])
def test_killed_anywhere_and_run_again_it_ends_as_if_undisturbed(
    kind: str, memory_path: Path, request: pytest.FixtureRequest
) -> None:
    """No count is folded twice or lost, and every seal holds."""
    database_url = str(request.getfixturevalue("sqlite_url" if kind == "sqlite" else "postgres_url"))
    name = database.open_engine(database_url).url.database or ""
    settings, asked = a_settings(database_url, memory_path), Asked(memory_path / "full.zip", Path(name).name)
    make_full(memory_path, asked.file)
    restore_backup(settings, asked)
    began = time.monotonic()
    prune_in_small_batches(database_url)
    took = time.monotonic() - began
    expected = content(database_url)
    assert expected["pruned_text"]
    assert expected["folded"]
    chance, kills = random.Random(20240110), 0
    while kills < (KILLS if database_url.startswith("sqlite") else max(1, KILLS // 4)):
        restore_backup(settings, asked)
        for _ in range(2):
            process = PROCESSES.Process(target=prune_in_small_batches, args=(database_url,))
            process.start()
            process.join(chance.uniform(0, 1.2 * took))
            process.kill()
            process.join()
            assert process.exitcode in (0, -signal.SIGKILL)
            kills += process.exitcode == -signal.SIGKILL
        prune_in_small_batches(database_url)
        assert content(database_url) == expected


def make_full(folder: Path, file: Path) -> None:
    """A backup of a sealed store with rows in every table of content."""
    url = f"sqlite:///{folder / 'full.db'}"
    work(url)
    house = open_as_house(url, folder)
    seal_all(house.engine, at(15_000))
    make_backup(house, Wanted(file), idle)
    house.engine.dispose()


def test_it_is_shown_first_and_done_when_told_to(memory_path: Path) -> None:
    """What is shown is what goes; a second time nothing does."""
    work(f"sqlite:///{memory_path / 'store.db'}")
    clock = Hands(at(9_000) + dt.timedelta(days=395))
    with a_house(memory_path, clock=clock, prune=ALL, daemon=Daemon(prune="45 3 * * *")) as house:
        shown = find_prunable(house)
        assert shown["texts"]["rows"] > 0
        assert set(shown) == set(prune.ACTS)
        assert "newscandle prune --yes" in describe(shown)
        assert f"{shown['texts']['characters']:,} characters" in describe(shown)
        done = plan_jobs(house)["prune"].work(house, idle)
        assert {what: done.counts.get(what, 0) for what in shown} == {
            what: told["rows"] for what, told in shown.items()
        }
        assert "VACUUM" in done.notes[0]
        assert not any(told["rows"] for told in find_prunable(house).values())
        assert sum(prune_store(house, idle).counts.values()) == 0
    with a_house(memory_path, clock=clock) as house:
        assert "keep everything" in describe(find_prunable(house))
        with pytest.raises(BadInput, match="keep everything"):
            prune_store(house, idle)
        assert "prune" not in plan_jobs(house)
    with pytest.raises(BadInput, match="30d or more"):
        Prune(texts_after="5d")


def test_files_of_old_reports_go_and_what_they_say_stays(memory_path: Path) -> None:
    """Those written again since then stay, as do files that are no report's."""
    clock = Hands(at(24 * 500))
    with a_house(memory_path, clock=clock, prune=Prune(reports_after="400d")) as house:
        folder = memory_path / "reports"
        folder.mkdir()
        for name, made in (("old", 10), ("again", 20), ("new", 24 * 499)):
            for suffix in (".html", ".bundle.zip"):
                (folder / f"{name}{suffix}").write_text(name)
            (folder / "notes.txt").write_text("mine")
            with database.begin(house.engine) as connection:
                told = {"target": "bitcoin", "window": Window(at(0), at(made)), "settings_digest": "s", "verdicts": []}
                key = reports.save(connection, document={}, made_at=at(made), html_name=f"{name}.html", **told)  # type: ignore[arg-type]
                written = {f"{name}.html": b"", f"{name}.bundle.zip": b""}
                at_last = at(24 * 499) if name == "again" else at(made)
                report_files.save(connection, written, report_key=key, written_at=at_last)
        assert find_prunable(house)["reports"]["files"] == 2
        assert prune_store(house, idle).counts["report_files"] == 2
        left = {path.name for path in folder.iterdir()}
        assert left == {"again.html", "again.bundle.zip", "new.html", "new.bundle.zip", "notes.txt", "index.html"}
        with database.read(house.engine) as connection:
            assert len(reports.recent(connection)) == 3
            assert {one.name for one in report_files.load_all(connection)} == left - {"notes.txt", "index.html"}

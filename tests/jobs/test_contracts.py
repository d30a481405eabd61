"""The promises about the whole: which room may import what, what the wheel carries, what the lock pins."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.jobs.houses import REPOSITORY

ROOMS = {"service", "storage", "dashboards", "jobs"}
UNLOCKED = ("hub",)  # extras that everybody who runs `make setup` would pay for with gigabytes
CARRIED = (
    "jobs/newscandle.toml", "jobs/sample/news.jsonl", "jobs/sample/candles_btcusd_1h.csv.gz", "jobs/sample/feed_nl.xml",
    "jobs/sample/LICENSE-candles", "service/news/passage/passages.toml", "service/sentiment/targets.toml",
)  # fmt: skip


@pytest.mark.slow
def test_the_rooms_keep_their_contracts() -> None:
    """jobs → dashboards → storage → service, and one door for each outside library."""
    program = Path(sys.executable).with_name("lint-imports")
    # its settings are the project's, its cache nobody's
    words = [str(program), "--no-cache", "--config", str(REPOSITORY / "pyproject.toml")]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(
        words, cwd=REPOSITORY, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    """The sizes of the files in a wheel built from a copy of the checkout's tracked and new files, by name."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "checkout"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(REPOSITORY / name, source / name)
    for room in ROOMS:
        shutil.copytree(REPOSITORY / room, source / room, ignore=shutil.ignore_patterns("__pycache__"))
    for room in ("tests", "benchmarks", "docs"):
        (source / room).mkdir()
        (source / room / "__init__.py").write_text("", encoding="utf-8")
    words = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(words, cwd=source, check=True, capture_output=True, timeout=120)
    [built] = folder.glob("*.whl")
    with zipfile.ZipFile(built) as opened:
        return {entry.filename: entry.file_size for entry in opened.infolist()}


def test_the_wheel_holds_the_four_rooms_and_nothing_else(wheel: dict[str, int]) -> None:
    top = {name.partition("/")[0] for name in wheel}
    assert {name for name in top if not name.endswith(".dist-info")} == ROOMS
    assert not [name for name in wheel if "__pycache__" in name or name.endswith((".db", ".part"))]


def test_the_wheel_holds_what_the_rooms_read(wheel: dict[str, int]) -> None:
    """Every file that is not Python lies where the code looks for it: templates, word lists, migrations."""
    for name in CARRIED:
        assert wheel[name] > 0, name
    for room in ROOMS:
        for path in (REPOSITORY / room).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                assert path.relative_to(REPOSITORY).as_posix() in wheel
    assert any(re.fullmatch(r"storage/migrations/versions/\w+\.py", name) for name in wheel)
    assert any(name.startswith("service/sentiment/lexicon/") for name in wheel)
    assert any(name.startswith("dashboards/") and name.endswith((".html", ".j2", ".jinja")) for name in wheel)


def test_the_program_has_its_entry_point(wheel: dict[str, int]) -> None:
    assert any(name.endswith(".dist-info/entry_points.txt") for name in wheel)


def _pins() -> list[str]:
    """One string per pinned package of the lock, its hashes with it."""
    text = (REPOSITORY / "requirements.lock").read_text(encoding="utf-8")
    joined = text.replace("\\\n", " ")
    return [line for line in joined.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def test_the_lock_pins_every_package_by_hash() -> None:
    """One exact version a line, at least one sha256 with it: an altered archive is not installed."""
    pins = _pins()
    assert len(pins) > 50
    for pin in pins:
        assert re.match(r"[A-Za-z0-9._-]+(\[[\w,-]+\])?==[^ ;]+( ;.*?)?\s+--hash=sha256:[0-9a-f]{64}", pin), pin


def test_the_lock_names_no_address() -> None:
    """It installs from whatever index the machine is set to."""
    assert "://" not in (REPOSITORY / "requirements.lock").read_text(encoding="utf-8")


def test_every_direct_dependency_is_pinned() -> None:
    import tomllib

    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    locked = (one for name, extra in extras.items() if name not in UNLOCKED for one in extra)
    wanted = [*project["dependencies"], *locked]
    pinned = {re.split(r"[=\[]", pin, maxsplit=1)[0].lower().replace("_", "-") for pin in _pins()}

    def name_of(requirement: str) -> str:
        return re.split(r"[<>=\[ ;]", requirement, maxsplit=1)[0].lower().replace("_", "-")

    assert [one for one in map(name_of, wanted) if one not in pinned] == []
    assert [one for extra in UNLOCKED for one in map(name_of, extras[extra]) if one in pinned] == []

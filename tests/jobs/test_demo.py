"""The demo replaces an earlier demo and nothing else."""

from pathlib import Path

import pytest

from tests.jobs.houses import newscandle


@pytest.mark.slow
def test_the_demo_runs_twice_in_one_folder_and_keeps_what_is_not_its_own(tmp_path: Path) -> None:
    first = newscandle(tmp_path, "demo", "--folder", "demo")
    assert first.returncode == 0, first.stderr
    (tmp_path / "demo" / "notes.md").write_text("mine", encoding="utf-8")
    (tmp_path / "demo" / "reports" / "stale.html").write_text("old", encoding="utf-8")
    again = newscandle(tmp_path, "demo", "--folder", "demo")
    assert again.returncode == 0, again.stderr
    assert (tmp_path / "demo" / "notes.md").read_text(encoding="utf-8") == "mine"
    names = {file.name for file in (tmp_path / "demo" / "reports").iterdir()}
    assert {Path(name).suffix for name in names} == {".html", ".md", ".json", ".csv", ".parquet", ".zip"}
    assert "stale.html" not in names
    assert str(tmp_path / "demo" / "reports" / "bitcoin-1d-20240101-20240911.html") in again.stdout


@pytest.mark.parametrize("held", ["newscandle.db", "newscandle.toml", "anything.txt"])
def test_the_demo_never_touches_a_folder_that_is_no_demo(tmp_path: Path, held: str) -> None:
    """Least of all one with a real store in it."""
    (tmp_path / held).write_text("precious", encoding="utf-8")
    ended = newscandle(tmp_path, "demo", "--folder", ".")
    assert ended.returncode == 2
    assert ended.stderr.startswith("newscandle: --folder")
    assert [file.name for file in tmp_path.iterdir()] == [held]
    assert (tmp_path / held).read_text(encoding="utf-8") == "precious"


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "demo").write_text("precious", encoding="utf-8")
    assert newscandle(tmp_path, "demo").returncode == 2
    assert (tmp_path / "demo").read_text(encoding="utf-8") == "precious"

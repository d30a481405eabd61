"""Files that are old or new whenever their writer ends: at each line of it, and in the order the disk is told."""

import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from jobs import whole
from jobs.whole import replacing, write_whole
from tests.jobs.houses import REPOSITORY, environment

OLD, NEW = b"old " * 50_000, b"new " * 70_000


def end_at_line(number: int) -> None:
    """Let this process be gone at the so-manieth line that is run in `jobs/whole.py`."""
    left = number

    def trace(frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal left
        if frame.f_code.co_filename != whole.__file__:
            return None
        if event == "line":
            left -= 1
            if not left:
                os._exit(9)
        return trace

    sys.settrace(trace)


def test_killed_at_each_line_the_file_is_old_or_new(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    seen, number, status = [], 0, 9
    while status == 9:
        number += 1
        path.write_bytes(OLD)
        child = os.fork()
        if not child:
            end_at_line(number)
            write_whole({path: NEW})
            os._exit(0)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        seen.append(path.read_bytes())
        assert {one.name for one in tmp_path.iterdir()} <= {"report.html", ".report.html.part"}
    assert status == 0
    assert number > 10
    assert set(seen) == {OLD, NEW}
    assert seen == sorted(seen, reverse=True), "old up to a moment, and new from then on"
    assert [one.name for one in tmp_path.iterdir()] == ["report.html"], "what a killed one left was used up"


def test_what_cannot_be_written_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(OLD)
    path.chmod(0o640)

    def write_half() -> None:
        with replacing(path) as partial:
            partial.write_bytes(NEW[:100])
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        write_half()
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("settings.toml", OLD)]
    link = tmp_path / "link"
    link.symlink_to(path)
    write_whole({link: NEW})
    assert link.is_symlink()
    assert path.read_bytes() == NEW
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_pipe_or_a_device_is_written_to_as_it_is() -> None:
    write_whole({Path(os.devnull): NEW})
    assert not Path(os.devnull).is_file()


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_the_disk_is_told_in_an_order_that_a_power_cut_cannot_spoil(tmp_path: Path) -> None:
    """What is renamed was forced to the disk before, and the folder after it."""
    script = "import sys; from pathlib import Path; from jobs.whole import write_whole; "
    script += "write_whole({Path(sys.argv[1]) / name: name.encode() * 9999 for name in ('one', 'two')})"
    log = tmp_path / "log"
    (folder := tmp_path / "reports").mkdir()
    words = ["strace", "-f", "-qq", "-y", "-e", "trace=write,fsync,fdatasync,rename,renameat,renameat2", "-o", str(log)]
    words += [sys.executable, "-c", script, str(folder)]
    done = subprocess.run(words, env=environment(), cwd=REPOSITORY, capture_output=True, text=True, check=False)
    if "ptrace" in done.stderr.lower():
        pytest.skip("this user may not trace")
    assert done.returncode == 0, done.stderr
    told = [line for line in log.read_text().splitlines() if str(folder) in line]
    calls = [match[1] for line in told if (match := re.search(r"(\w+)\(", line))]
    assert re.fullmatch("((write )+fsync rename fsync ){2}", "".join(f"{call} " for call in calls)), calls
    assert [f"<{folder}>" in line for line in told if "fsync" in line] == [False, True] * 2

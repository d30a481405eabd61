"""A disk with little room: a file system of its own where this user may mount one, else a limit on the size of files.

A file system in memory is mounted in a space that only one process and its children see (`unshare --map-root-user
--mount`, of util-linux), for which no rights are needed where the kernel lets users have spaces of their own. Else
`prlimit` bounds how large the daemon's files may become: what it writes fails alike, though with another error.
"""

import contextlib
import os
import pickle
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.errors import WorkFailed

KILOBYTES = 98_304
_SMALL = 65_536
_CHILD = "import sys; from jobs.drills.small_disk import go_on; go_on(sys.argv[1])"
_UNSHARE = ("unshare", "--map-root-user", "--mount")
_PATIENCE_SECONDS = 600


def may_mount() -> bool:
    """Whether this user may have a space with a file system of its own."""
    if shutil.which("unshare") is None:
        return False
    words = [*_UNSHARE, "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0  # noqa: S603 - our own words


@dataclass(frozen=True, slots=True)
class SmallDisk:
    """The disk at `folder`; `is_mounted` says by which of the two means it is small."""

    folder: Path
    is_mounted: bool

    def fill(self, pid: int) -> None:
        """Take all the room there is from the process `pid`."""
        if not self.is_mounted:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (_SMALL, resource.RLIM_INFINITY))
            return
        with contextlib.suppress(OSError), (self.folder / "ballast").open("wb", buffering=0) as out:
            while out.write(b"\0" * 4096):
                pass

    def clear(self, pid: int) -> None:
        """Give it back."""
        if self.is_mounted:
            (self.folder / "ballast").unlink()
        else:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def run_there(disk: SmallDisk, scratch: Path, work: Callable[[], Any]) -> Any:
    """What `work` gives (it can be pickled, and so can that), done where the disk is seen. Raises `WorkFailed`."""
    if not disk.is_mounted:
        return work()
    (scratch / "work").write_bytes(pickle.dumps((work, scratch / "result")))
    mounted = f'mount -t tmpfs -o size={KILOBYTES}k tmpfs "$0" && exec "$@"'
    words = [*_UNSHARE, "sh", "-c", mounted, str(disk.folder), sys.executable, "-c", _CHILD, str(scratch / "work")]
    here = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    done = subprocess.run(  # noqa: S603 - our own words
        words, env=here, capture_output=True, text=True, timeout=_PATIENCE_SECONDS, check=False
    )
    if done.returncode:
        raise WorkFailed("drill_stuck", f"on the small disk: {done.stderr.strip().splitlines()[-1:]}")
    return pickle.loads((scratch / "result").read_bytes())  # noqa: S301 - written by our own child


def go_on(work_file: str) -> None:
    """In the child: do the pickled work, and leave what it gives."""
    work, result = pickle.loads(Path(work_file).read_bytes())  # noqa: S301 - written by `run_there`
    result.write_bytes(pickle.dumps(work()))

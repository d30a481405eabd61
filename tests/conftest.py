"""Fixtures shared by all rooms' tests."""

import os
from pathlib import Path

import pytest

from tests.databases import (  # noqa: F401 - fixtures are found by name
    database_url,
    empty_database_url,
    engine,
    memory_path,
    on_both,
    postgres_server,
    postgres_template,
    postgres_url,
    sqlite_template,
    sqlite_url,
)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the real test data; skips, with the reason, where it is not present."""
    root = Path(__file__).resolve().parent.parent
    folder = Path(os.environ.get("NEWSCANDLE_TEST_DATA", root.parent / "shared" / "data"))
    if not (folder / "INDEX.md").exists():
        pytest.skip(f"test data not found at {folder} (set NEWSCANDLE_TEST_DATA)")
    return folder

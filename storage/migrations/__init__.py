"""Steps from one schema revision to the next. Only `storage.database` calls this, inside one exclusive transaction."""

from pathlib import Path

import alembic.command
import alembic.util
import sqlalchemy as sa
from alembic.config import Config

from service.errors import StoreFailed


def step(connection: sa.Connection, revision: str) -> None:
    """Step up or down to `revision` (`head`, `base`, or a number). Raises `StoreFailed` where the way is not known."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    command = alembic.command.upgrade if revision == "head" else alembic.command.downgrade
    try:
        command(config, revision)
    except alembic.util.CommandError as error:
        raise StoreFailed(
            "schema_differs", f"the database is of a release this newscandle does not know: {error}"
        ) from error

"""Steps from one schema revision to the next, inside one exclusive transaction: `storage.database`, `online.py`."""

from pathlib import Path

import alembic.command
import alembic.util
import sqlalchemy as sa
from alembic.config import Config

from service.errors import StoreFailed


def step(connection: sa.Connection, revision: str, *, is_up: bool) -> None:
    """Step up or down to `revision` (`head`, `base`, or a number), or stay there.

    Raises `StoreFailed` where the way is not known.
    """
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    command = alembic.command.upgrade if is_up else alembic.command.downgrade
    try:
        command(config, revision)
    except alembic.util.CommandError as error:
        raise StoreFailed(
            "schema_differs", f"the database is of a release this newscandle does not know: {error}"
        ) from error

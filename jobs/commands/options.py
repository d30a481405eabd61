"""What several commands ask in the same words, and the house they all open."""

from pathlib import Path
from typing import Annotated, Any

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]
AsOf = Annotated[
    str | None, typer.Option("--as-of", help="Answer as newscandle would have at this instant, e.g. 2024-05-01T00:00Z.")
]
Files = Annotated[list[Path], typer.Argument(help="One or more files.", exists=True, dir_okay=False, readable=True)]


def open_house(context: typer.Context) -> Any:
    """The house of the settings file named with `--config`."""
    from jobs.house import open_house as furnish

    return furnish(context.obj)

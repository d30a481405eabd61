"""`newscandle doctor` and `newscandle seal`: is all as it should be, and what was written, told a second time."""

import typer

from jobs.commands.options import AsJson, open_house

group = typer.Typer(rich_markup_mode=None)


@group.command("seal", epilog="Example: newscandle seal")
def seal(context: typer.Context, as_json: AsJson = False) -> None:
    """Seal what can no longer change, so that the doctor sees it if it does. The daemon does so by itself."""
    from jobs.console import show
    from jobs.running import run_job
    from jobs.seal import seal_store

    house = open_house(context)
    show(run_job(house, "seal", lambda progress: seal_store(house, progress)), as_json=as_json)

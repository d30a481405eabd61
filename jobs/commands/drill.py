"""`newscandle drill`: faults done to a throwaway store, for operators to convince themselves."""

from typing import Annotated

import typer

from jobs.commands.options import AsJson

group = typer.Typer(rich_markup_mode=None)


@group.command("drill", epilog="Example: newscandle drill kill    or: newscandle drill all --json")
def drill(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Which one, all, or list.")] = "list",
    seed: Annotated[int, typer.Option(min=0, help="Where its chance begins: the same harm again.")] = 20240110,
    rounds: Annotated[int | None, typer.Option(min=1, max=10_000, help="How often the harm is done.")] = None,
    store: Annotated[
        str, typer.Option(help="A PostgreSQL server to use, as postgresql://…: databases are made there and dropped.")
    ] = "",
    pg_ctl: Annotated[
        str, typer.Option("--pg-ctl", help="db-restart: the folder of pg_ctl and initdb, where not found.")
    ] = "",
    zone: Annotated[str, typer.Option(help="dst: whose clock; default: daemon.zone of the settings.")] = "",
    as_json: AsJson = False,
) -> None:
    """Do newscandle a harm that operators fear, on a throwaway store, and say what was promised and what was seen.

    No network but this machine's own, nothing of yours is touched. Exit code 1 where a promise was broken, 2 where a
    drill needs what is not here.
    """
    from jobs.drills import catalogue
    from jobs.settings_file import read_settings

    if name == "list":
        typer.echo("\n".join(f"{known:<13}{one.about}" for known, one in catalogue.DRILLS.items()))
        return
    daemon = read_settings(context.obj).daemon
    given = {"seed": seed, "rounds": rounds, "pg_ctl": pg_ctl, "zone": zone, "daemon": daemon}
    if not catalogue.run(name, store, given, tell=typer.echo, as_json=as_json):
        raise typer.Exit(1)

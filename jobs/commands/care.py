"""`newscandle backup`, `restore`, `prune`: the store kept safe, brought back, moved, kept small."""

from pathlib import Path
from typing import Annotated

import typer

from jobs.commands.options import AsJson, open_house

group = typer.Typer()


@group.command(epilog="Example: newscandle backup --to /var/backups/newscandle --keep 14")
def backup(
    context: typer.Context,
    to: Annotated[
        Path | None, typer.Option(help="A folder, or a file ending in .zip; default: backup.folder of the settings.")
    ] = None,
    keep: Annotated[
        int | None, typer.Option(min=1, help="Keep so many of the newest in the folder; default: remove none.")
    ] = None,
    verify: Annotated[bool, typer.Option("--verify", help="Read it back and compare; --keep does so too.")] = False,
    reports: Annotated[bool, typer.Option("--reports", help="The report files as well.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write the whole store, as of one instant, into one file; daemons may go on writing."""
    from jobs.backup import Wanted, make_backup
    from jobs.console import show
    from jobs.running import run_job

    house = open_house(context)
    wanted = Wanted(to or house.path(house.settings.backup.folder), keep, verify, reports)
    show(run_job(house, "backup", lambda advance: make_backup(house, wanted, advance)), as_json=as_json)


@group.command(epilog="Example: newscandle restore newscandle-20240510T120000Z.zip    or: … --check")
def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A backup, of SQLite or PostgreSQL alike.")],
    check: Annotated[bool, typer.Option("--check", help="Only read it and compare it with its digests.")] = False,
    replace: Annotated[
        str, typer.Option(metavar="NAME", help="Replace what the store holds; NAME is its database's name.")
    ] = "",
    reports: Annotated[bool, typer.Option("--reports", help="The report files as well.")] = False,
    as_json: AsJson = False,
) -> None:
    """Put a backup into the store of the settings, which must be empty; all of it or, if anything fails, nothing."""
    import json

    from jobs import restore as restoring
    from jobs.settings_file import read_settings

    if check:
        told, done = restoring.check_backup(file), "whole"
    else:
        asked = restoring.Asked(file, replace, reports)
        told, done = restoring.restore_backup(read_settings(context.obj), asked), "restored"
    typer.echo(json.dumps(restoring.as_json(told)) if as_json else restoring.as_text(told, done))


@group.command(epilog="Example: newscandle prune && newscandle prune --yes")
def prune(
    context: typer.Context,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without, only what would go is shown.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take out what the settings' [prune] wants out: old texts (scores stay), old rows of the books, report files."""
    import json

    from jobs import prune as pruning
    from jobs.console import show
    from jobs.running import run_job

    house = open_house(context)
    if yes:
        show(run_job(house, "prune", lambda advance: pruning.prune_store(house, advance)), as_json=as_json)
        return
    found = pruning.find_prunable(house)
    typer.echo(json.dumps(found) if as_json else pruning.describe(found))

"""`newscandle doctor` and `newscandle seal`: is all as it should be, and what was written, told a second time."""

from typing import Annotated

import typer

from jobs.commands.options import AsJson, open_house

group = typer.Typer(rich_markup_mode=None)


@group.command("seal", epilog="Example: newscandle seal")
def seal(
    context: typer.Context,
    again: Annotated[str, typer.Option(help="Seal anew what of this part is not as it was sealed, e.g. candle.")] = "",
    reason: Annotated[str, typer.Option(help="Why what is there now is right; kept with the seals.")] = "",
    as_json: AsJson = False,
) -> None:
    """Seal what can no longer change, so that the doctor sees it if it does. The daemon does so by itself."""
    from jobs.console import show
    from jobs.running import run_job
    from jobs.seal import accept_changes, seal_store

    house = open_house(context)
    if again:
        show(run_job(house, "seal", lambda _: accept_changes(house, again, reason)), as_json=as_json)
        return
    show(run_job(house, "seal", lambda progress: seal_store(house, progress)), as_json=as_json)


@group.command("doctor", epilog="Example: newscandle doctor --only seals    or: newscandle doctor --online --json")
def examine(
    context: typer.Context,
    only: Annotated[list[str] | None, typer.Option(help="Only this family of checks; may be given again.")] = None,
    deep: Annotated[
        bool, typer.Option("--deep", help="Compute series again too, from what they were made of.")
    ] = False,
    online: Annotated[bool, typer.Option("--online", help="Ask sources and venues too.")] = False,
    print_seal: Annotated[
        bool, typer.Option("--print-seal", help="End with the newest seal: keep that line elsewhere.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Look at everything (settings, store, disk, clock, sources …), say what is wrong and what to do; change nothing.

    Exit code 0 where it finds notes at most, 1 where it finds anything that wants doing.
    """
    from jobs import doctor
    from jobs.console import progress

    wanted = doctor.choose(only or (), deep=deep, online=online)
    with progress("doctor", None) as advance:
        found = doctor.examine(context.obj, wanted, advance)
    typer.echo(doctor.as_json(found) if as_json else doctor.as_text(found))
    if print_seal:
        typer.echo(doctor.print_seal(context.obj))
    if not found.is_healthy:
        raise typer.Exit(1)

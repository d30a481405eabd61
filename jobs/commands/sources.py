"""`newscandle sources`: how the sources are doing, and changes to them."""

from typing import Annotated

import typer

from jobs.commands.options import AsJson, open_house

group = typer.Typer(
    help="How the sources are doing: freshness, yield, failures, moves; add and revive them.", rich_markup_mode=None
)

Name = Annotated[str, typer.Argument(help="Name of the source in the settings.")]


@group.callback(
    invoke_without_command=True, epilog="Example: newscandle sources    or: newscandle sources show coindesk"
)
def list_sources(context: typer.Context, as_json: AsJson = False) -> None:
    """List every source: its state, its newest article, how often it brings one, what it yields, when it is next asked.

    text, dated: share of its newest articles that have a text, a date. Exit code 1 where one is stopped, failing,
    silent or has a new layout.
    """
    if context.invoked_subcommand is not None:
        return
    import json

    from jobs import sources

    found = sources.examine(open_house(context))
    told = [sources.as_json(one) for one in found]
    typer.echo(json.dumps(told, ensure_ascii=False) if as_json else sources.as_table(found))
    if any(one.reason for one in found):
        raise typer.Exit(1)


@group.command("show", epilog="Example: newscandle sources show coindesk --json")
def show(context: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """Say all there is to say of one source, with its last readings."""
    import json

    from jobs import sources

    [found] = sources.examine(open_house(context), name)
    typer.echo(json.dumps(sources.as_json(found), ensure_ascii=False) if as_json else sources.as_page(found))


@group.command("add", epilog="Example: newscandle sources add https://www.coindesk.com --name coindesk")
def add(
    context: typer.Context,
    url: Annotated[str, typer.Argument(help="A feed, a sitemap, or the front page of a site that names its feeds.")],
    name: Annotated[str, typer.Option(help="What to call it; default: after its host.")] = "",
    probe_only: Annotated[bool, typer.Option("--probe-only", help="Say what is there, and change nothing.")] = False,
) -> None:
    """Ask an address once, say what it gives, and append it to the settings file, whose comments stay."""
    from jobs import probing
    from jobs.settings_file import find_file
    from service.errors import WorkFailed

    found = probing.probe(open_house(context), url)
    typer.echo(probing.as_text(found))
    if not found.entries:
        raise WorkFailed("empty_feed", f"{found.url}: there are no entries in it, so it is not added")
    if not probe_only:
        file = find_file(context.obj)
        typer.echo(f"added to {file} as {probing.add(file, found, name)}; next: newscandle ingest")


@group.command("revive", epilog="Example: newscandle sources revive coindesk")
def revive(context: typer.Context, name: Name) -> None:
    """Let a source that stopped (410) or rests after failures be asked at the next run."""
    from jobs import sources

    typer.echo(sources.revive(open_house(context), name))


@group.command("forget-move", epilog="Example: newscandle sources forget-move coindesk")
def forget_move(context: typer.Context, name: Name) -> None:
    """Ask a source at the address of the settings again, and never believe this permanent redirect any more."""
    from jobs import sources

    typer.echo(sources.forget_move(open_house(context), name))

"""`newscandle keys`: who may ask the HTTP API over the network."""

from typing import Annotated

import typer

from jobs.commands.options import AsJson, open_house

group = typer.Typer(help="Keys of the HTTP API: who may ask from another machine.", no_args_is_help=True)


@group.command(epilog="Example: newscandle keys add desk --per-minute 600")
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Whose it is.")],
    per_minute: Annotated[int, typer.Option(min=1, max=1_000_000, help="Requests a minute at most.")] = 600,
) -> None:
    """Make a key and print it, this once: it is not kept."""
    from jobs.keys import add_key

    typer.echo(add_key(open_house(context), name, per_minute=per_minute))


@group.command(epilog="Example: newscandle keys revoke desk")
def revoke(context: typer.Context, name: Annotated[str, typer.Argument(help="Whose it is.")]) -> None:
    """Refuse the key of this name from now on."""
    from jobs.keys import revoke_key

    revoke_key(open_house(context), name)
    typer.echo(f"revoked {name}")


@group.command("list", epilog="Example: newscandle keys list --json")
def list_all(context: typer.Context, as_json: AsJson = False) -> None:
    """Every key there is or was, without what is secret."""
    from jobs.keys import list_keys

    typer.echo(list_keys(open_house(context), as_json=as_json))

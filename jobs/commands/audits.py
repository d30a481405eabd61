"""`newscandle audit`: prove what reports rest on."""

from typing import Annotated

import typer

from jobs.commands.options import AsJson, open_house

group = typer.Typer(help="Prove what reports rest on.", no_args_is_help=True, rich_markup_mode=None)


@group.command("lookahead", epilog="Example: newscandle audit lookahead --instants 20 --seed 7")
def audit_lookahead(
    context: typer.Context,
    instants: Annotated[int, typer.Option(min=1, max=100, help="How many instants, by each of two clocks.")] = 5,
    seed: Annotated[int, typer.Option(min=0, help="Decides the instants and the poison.")] = 20240110,
    self_check: Annotated[
        bool, typer.Option("--self-check/--no-self-check", help="Plant leaks too, which the audit has to find.")
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Poison everything after an instant, in a copy of the store: no value known by then may change."""
    import json

    from jobs import audit, findings
    from jobs.console import progress

    house = open_house(context)
    with progress("audit lookahead", 2 * instants) as advance:
        found = audit.audit_lookahead(house, instants=instants, seed=seed, self_check=self_check, advance=advance)
    typer.echo(json.dumps(findings.as_json(found)) if as_json else findings.describe(found))
    if not found.is_passed:
        raise typer.Exit(1)

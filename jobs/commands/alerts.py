"""`newscandle alerts`: what is wrong or unlike before, and the hooks that tell of it."""

from typing import Annotated

import typer

from jobs.commands.options import AsJson, open_house

group = typer.Typer(
    help="Alerts: open and recent ones, trying hooks, silence for what is known.", rich_markup_mode=None
)


@group.callback(
    invoke_without_command=True, epilog="Example: newscandle alerts --json    or: newscandle alerts test ops"
)
def list_alerts(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many alerts.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List what is open, what was told lately and what did not go out; how the newest bar of each series stands.

    Exit code 1 where a trouble is open that nobody acknowledged.
    """
    if context.invoked_subcommand is not None:
        return
    from jobs import alert_list

    text, is_calling = alert_list.describe(open_house(context), limit=limit, as_json=as_json)
    typer.echo(text)
    if is_calling:
        raise typer.Exit(1)


@group.command("check", epilog="Example: newscandle alerts check")
def check(context: typer.Context, as_json: AsJson = False) -> None:
    """Look now, as the daemon does every five minutes, and send what waits."""
    from jobs.alerts import tell_alerts
    from jobs.console import show
    from jobs.running import run_job

    house = open_house(context)
    show(run_job(house, "alerts", lambda progress: tell_alerts(house, progress)), as_json=as_json)


@group.command("test", epilog="Example: newscandle alerts test ops")
def test(
    context: typer.Context, hook: Annotated[str, typer.Argument(help="Name of the hook in the settings.")]
) -> None:
    """Send a message marked as a test through one hook, now."""
    from jobs import alert_list

    typer.echo(alert_list.try_hook(open_house(context), hook))


@group.command("ack", epilog="Example: newscandle alerts ack source_stale/coindesk")
def acknowledge(
    context: typer.Context, key: Annotated[str, typer.Argument(help="Key of an open alert, or how it begins.")]
) -> None:
    """Let nothing more be told of an open trouble until it is over."""
    from jobs import alert_list

    typer.echo(alert_list.acknowledge(open_house(context), key))

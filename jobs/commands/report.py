"""`newscandle report`: write the correlation report, and what is done with those written."""

from typing import Annotated

import typer

from jobs.commands.options import AsJson, AsOf, open_house

group = typer.Typer(rich_markup_mode=None)


@group.callback(
    invoke_without_command=True,
    epilog="Example: newscandle report --target bitcoin --interval 1h --from 2024-01-01 --to 2024-09-11",
)
def report(
    context: typer.Context,
    target: Annotated[str | None, typer.Option(help="Catalogue key; default: the first of align.targets.")] = None,
    interval: Annotated[str | None, typer.Option(help="1h or 1d …; default: every one of align.intervals.")] = None,
    start: Annotated[str | None, typer.Option("--from", help="Start of the window.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="End of the window; default: now.")] = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Write the correlation report as HTML, Markdown and JSON."""
    if context.invoked_subcommand is not None:
        return
    from jobs.console import show
    from jobs.report import Wanted, write_reports
    from jobs.running import run_job

    house = open_house(context)
    wanted = Wanted(target, interval, start, end, as_of)
    show(run_job(house, "report", lambda progress: write_reports(house, wanted, progress)), as_json=as_json)

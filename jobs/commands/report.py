"""`newscandle report`: write the correlation report, and what is done with those written."""

from pathlib import Path
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
    pdf: Annotated[bool, typer.Option("--pdf", help="Write it as PDF too (extra newscandle[pdf]).")] = False,
    language: Annotated[
        str | None, typer.Option(help="en or nl, of page and Markdown; default: the settings'.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write the correlation report as HTML, Markdown, JSON, CSV and Parquet, with a bundle that proves it."""
    if context.invoked_subcommand is not None:
        _refuse_options(context)
        return
    from jobs.console import show
    from jobs.report import Wanted, write_reports
    from jobs.running import run_job

    house = open_house(context)
    wanted = Wanted(target, interval, start, end, as_of, with_pdf=pdf, language=language)
    show(run_job(house, "report", lambda progress: write_reports(house, wanted, progress)), as_json=as_json)


def _refuse_options(context: typer.Context) -> None:
    """What is asked of a report to be made means nothing to a command on reports made, and must not seem to."""
    for name in context.params:
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            from service.errors import BadInput

            option = {"start": "from", "end": "to", "as_json": "json"}.get(name, name).replace("_", "-")
            raise BadInput(f"--{option}", context.invoked_subcommand, "give the options of a command after its name")


@group.command("list", epilog="Example: newscandle report list --target bitcoin --limit 10")
def list_reports(
    context: typer.Context,
    target: Annotated[str | None, typer.Option(help="Only reports on this target.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many, newest first.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List the reports made, newest first: what on, over which window, and what they conclude."""
    import json

    from dashboards.report import index
    from jobs import report_files

    cards = report_files.list_reports(open_house(context), limit=limit, target=target)
    typer.echo(json.dumps([index.as_json(card) for card in cards]) if as_json else index.as_text(cards))


@group.command("editions", epilog="Example: newscandle report editions")
def write_editions(context: typer.Context, as_json: AsJson = False) -> None:
    """Make the newest daily and weekly editions that are not made yet, as the daemon does."""
    from jobs import editions
    from jobs.console import show
    from jobs.running import run_job

    house = open_house(context)
    show(run_job(house, "editions", lambda progress: editions.write_editions(house, progress)), as_json=as_json)


@group.command("verify", epilog="Example: newscandle report verify reports/bitcoin-1d-20240101-20240911.html")
def verify(
    file: Annotated[Path, typer.Argument(help="A .bundle.zip, or a report with its bundle beside it.", exists=True)],
    as_json: AsJson = False,
) -> None:
    """Make a report again from its bundle alone, and say whether the same bytes come out. No store is asked."""
    import json

    from jobs import verify

    found = verify.verify_file(file)
    typer.echo(json.dumps(verify.as_json(found)) if as_json else verify.describe(found, file))
    if not found.is_identical:
        raise typer.Exit(1)


@group.command("compare", epilog="Example: newscandle report compare old.bundle.zip new.bundle.zip --html what.html")
def compare(
    one: Annotated[Path, typer.Argument(help="The earlier report: bundle, JSON or HTML.", exists=True)],
    other: Annotated[Path, typer.Argument(help="The later report.", exists=True)],
    html: Annotated[Path | None, typer.Option(help="Write the comparison as one self-contained page too.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say what changed between two reports: verdicts, sample, choices, and figures beyond their noise."""
    import json

    from dashboards.compare import show
    from jobs.compare import compare_files

    found = compare_files(one, other, html)
    typer.echo(json.dumps(show.as_json(found), ensure_ascii=False) if as_json else show.as_text(found))
    if html is not None and not as_json:
        typer.echo(f"page: {html}")

"""The command line. Everything heavy is imported inside the command that needs it: `--help` stays instant."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from jobs import logs
from jobs.commands import (
    alerts,
    assistants,
    audits,
    care,
    doctor,
    drill,
    imports,
    keys,
    news,
    reading,
    report,
    serve,
    sources,
)
from jobs.commands.options import AsJson, AsOf, open_house
from jobs.console import run_app

app = typer.Typer(
    name="newscandle",
    help="Reads the news, scores how it speaks about Bitcoin and the actors who move it, and says honestly what that "
    "has to do with the price.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.add_typer(report.group, name="report")
app.add_typer(imports.group, name="import")
app.add_typer(audits.group, name="audit")
app.add_typer(sources.group, name="sources")
app.add_typer(alerts.group, name="alerts")
app.add_typer(keys.group, name="keys")
app.add_typer(news.group)
app.add_typer(doctor.group)
app.add_typer(drill.group)
app.add_typer(reading.group)
app.add_typer(serve.group)
app.add_typer(assistants.group)
app.add_typer(care.group)


def _version(asked: bool) -> None:  # noqa: FBT001 - the shape typer calls
    if asked:
        from importlib.metadata import version

        typer.echo(f"newscandle {version('newscandle')}")
        raise typer.Exit


@app.callback()
def _global(
    context: typer.Context,
    config: Annotated[
        Path | None, typer.Option("--config", "-c", help="Settings file; default ./newscandle.toml where it exists.")
    ] = None,
    version: Annotated[  # noqa: ARG001 - handled by its callback
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    context.obj = config


@app.command(epilog="Example: newscandle init && newscandle run")
def init(
    context: typer.Context,
    force: Annotated[bool, typer.Option("--force", help="Overwrite a file that is there.")] = False,
) -> None:
    """Write a commented newscandle.toml with every default and a list of live sources."""
    from jobs.settings_file import DEFAULT_FILE, write_template

    path = context.obj or DEFAULT_FILE
    write_template(path, force=force)
    typer.echo(f"wrote {path}; change what you like, then: newscandle run")


@app.command(epilog="Example: newscandle ingest    or: newscandle ingest article.html --published 2024-05-01T09:00:00Z")
def ingest(
    context: typer.Context,
    what: Annotated[
        list[str] | None,
        typer.Argument(help="Names of sources, URLs or files (feed, page, plain text); default: all sources."),
    ] = None,
    published: Annotated[str | None, typer.Option(help="When a file or page was published, with zone.")] = None,
    language: Annotated[str, typer.Option(help="What the language is said to be, e.g. nl; it is still checked.")] = "",
    source: Annotated[str, typer.Option(help="Name under which given files and URLs are kept.")] = "given",
    assume_delay: Annotated[
        str, typer.Option(help="For old texts: taken as known this long after publication (15m, 2h), and marked so.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Read news: every configured source, or what is named."""
    from jobs.console import show
    from jobs.ingest import Given, ingest_given, ingest_sources
    from jobs.running import run_job

    house = open_house(context)
    names = {item.name for item in house.settings.source}
    given = [item for item in what or [] if item not in names]
    chosen = frozenset(what or []) & names
    if given:
        wanted = Given(tuple(given), source, published, language, assume_delay)
        show(run_job(house, "ingest", lambda progress: ingest_given(house, wanted, progress)), as_json=as_json)
    if chosen or not given:
        show(run_job(house, "ingest", lambda progress: ingest_sources(house, chosen, progress)), as_json=as_json)


@app.command(epilog="Example: newscandle score --json")
def score(context: typer.Context, as_json: AsJson = False) -> None:
    """Score every article not yet read by the scorers of the settings, toward each target it mentions."""
    from jobs.console import show
    from jobs.running import run_job
    from jobs.score import score_articles

    house = open_house(context)
    show(run_job(house, "score", lambda progress: score_articles(house, progress)), as_json=as_json)


@app.command(epilog="Example: newscandle prices --from 2024-01-01 --to 2024-09-11")
def prices(
    context: typer.Context,
    start: Annotated[
        str | None, typer.Option("--from", help="First instant wanted; default: after the last candle held.")
    ] = None,
    end: Annotated[str | None, typer.Option("--to", help="End of the window; default: now.")] = None,
    as_json: AsJson = False,
) -> None:
    """Fetch closed candles from the first venue that answers, and record every gap."""
    from jobs.console import show
    from jobs.prices import fetch_prices
    from jobs.running import run_job

    house = open_house(context)
    show(run_job(house, "prices", lambda progress: fetch_prices(house, start, end, progress)), as_json=as_json)


@app.command(epilog="Example: newscandle align")
def align(
    context: typer.Context,
    full: Annotated[
        bool, typer.Option("--full", help="Compute every bar again, not only those whose news or prices changed.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Line up scores and candles by the moment each could be known, per target and interval."""
    from jobs.align import align_series
    from jobs.console import show
    from jobs.running import run_job

    house = open_house(context)
    show(run_job(house, "align", lambda progress: align_series(house, progress, full=full)), as_json=as_json)


@app.command(epilog="Example: newscandle run")
def run(context: typer.Context, as_json: AsJson = False) -> None:
    """Everything in order: ingest, stories, score, prices, align, report."""
    from jobs.console import show
    from jobs.pipeline import run_all

    failed = False
    for record in run_all(open_house(context)):
        try:
            show(record, as_json=as_json)
        except typer.Exit:
            failed = True
    if failed:
        raise typer.Exit(1)


@app.command(epilog="Example: newscandle daemon")
def daemon(context: typer.Context) -> None:
    """Run the jobs on their schedules until SIGTERM or Ctrl-C; SIGHUP reads the settings anew."""
    from jobs.answering import answer_as_daemon
    from jobs.daemon import run_daemon
    from jobs.settings_file import read_settings

    run_daemon(lambda: open_house(context), lambda: read_settings(context.obj), answer=answer_as_daemon)


@app.command(epilog="Example: newscandle status --json    or, in cron and containers: newscandle status --check")
def status(
    context: typer.Context,
    check: Annotated[
        bool, typer.Option("--check", help="Only whether it is ready, and why not; exit code 1 where it is not.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Is it ready, and what is held: articles, scores, candles, gaps, sources, the last runs."""
    from jobs.settings_file import read_settings
    from jobs.status import describe, describe_readiness, judge

    if not check:
        typer.echo(describe(open_house(context), as_json=as_json))
        return
    readiness = judge(read_settings(context.obj))
    typer.echo(describe_readiness(readiness, as_json=as_json))
    raise typer.Exit(0 if readiness.is_ready else 1)


@app.command(epilog="Example: newscandle runs --job report    or: newscandle runs --missed --json")
def runs(
    context: typer.Context,
    job: Annotated[str | None, typer.Option(help="Only this one, e.g. ingest.")] = None,
    missed: Annotated[
        bool, typer.Option("--missed", help="The slots that were not run (missed, coalesced, abandoned), and why.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many, newest first.")] = 20,
    as_json: AsJson = False,
) -> None:
    """The last runs, by hand and by daemons, with the slots they were for."""
    from jobs.daemon_told import list_runs

    typer.echo(list_runs(open_house(context), job, not_run=missed, limit=limit, as_json=as_json))


@app.command(epilog="Example: newscandle demo")
def demo(
    folder: Annotated[Path, typer.Option(help="Where the demo's store and reports go.")] = Path("demo"),
) -> None:
    """The whole job on the embedded sample, without network; prints where the report lies."""
    from jobs.demo import run_demo

    run_demo(folder)


@app.command(epilog="Example: newscandle export --out series --format parquet")
def export(
    context: typer.Context,
    out: Annotated[Path, typer.Option(help="Folder to write to.")] = Path("export"),
    target: Annotated[list[str] | None, typer.Option(help="Only these targets; default: all that are aligned.")] = None,
    file_format: Annotated[str, typer.Option("--format", help="parquet or csv.")] = "parquet",
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Write the aligned series and candles as files with a manifest."""
    from jobs.console import show
    from jobs.export import export_series
    from jobs.running import run_job

    house = open_house(context)
    wanted = tuple(target or ())
    show(
        run_job(
            house, "export", lambda progress: export_series(house, out, wanted, file_format, progress, as_of=as_of)
        ),
        as_json=as_json,
    )


def main() -> None:
    """Entry point of the `newscandle` command."""
    # Small matrices, many times: threads of BLAS would wait for one another. Whoever sets it otherwise is obeyed.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    sys.stdout.reconfigure(line_buffering=False)  # type: ignore[union-attr]
    logs.speak_for_all()
    run_app(app)

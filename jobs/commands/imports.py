"""`newscandle import`: archives from files."""

from typing import Annotated

import typer

from jobs.commands.options import AsJson, Files, open_house

group = typer.Typer(
    help="Take in archives: articles or candles from files.", no_args_is_help=True, rich_markup_mode=None
)


Archives = Annotated[
    list[str], typer.Argument(help="Files, patterns in quotes such as 'crawl/*.warc.gz', or - for standard input.")
]


@group.command(
    "articles",
    hidden=True,
    epilog="Example: newscandle import articles news.csv --map title=headline,published=ts --tz UTC --assume-delay 15m",
)
@group.command("news", epilog="Example: newscandle import news 'CC-NEWS-*.warc.gz' letters.mbox 20240110*.gkg.csv.zip")
def import_news(
    context: typer.Context,
    files: Archives,
    mapping: Annotated[
        str, typer.Option("--map", help="title=COLUMN,published=COLUMN,text=,url=,source=,language=")
    ] = "",
    zone: Annotated[str | None, typer.Option("--tz", help="Zone of instants that name none, e.g. UTC.")] = None,
    assume_delay: Annotated[
        str, typer.Option(help="How long after publication an item is taken as known: 15m, 2h, 1d.")
    ] = "15m",
    source: Annotated[
        str, typer.Option(help="Name of the source; default: a table's own, else its file's; a page's host; a sender.")
    ] = "",
    again: Annotated[bool, typer.Option("--again", help="Read files once more that were read to their end.")] = False,
    as_json: AsJson = False,
) -> None:
    """Import news in bulk: CSV, TSV, JSON, JSON lines, Parquet, WARC, mail (mbox), GDELT GKG; packed or not."""
    from jobs.console import show
    from jobs.imports import ArticleImport, import_article_files
    from jobs.running import run_job

    house = open_house(context)
    wanted = ArticleImport(tuple(files), mapping, zone, assume_delay, source, again)
    show(
        run_job(house, "import news", lambda progress: import_article_files(house, wanted, progress)),
        as_json=as_json,
    )


@group.command(
    "candles", epilog="Example: newscandle import candles Coinbase_BTCUSD_1h_2024.csv --venue coinbase --interval 1h"
)
def import_candles(
    context: typer.Context,
    files: Files,
    venue: Annotated[str | None, typer.Option(help="Which venue printed them, where the file does not say.")] = None,
    symbol: Annotated[str | None, typer.Option(help="e.g. BTC/USD, where the file does not say.")] = None,
    interval: Annotated[str | None, typer.Option(help="e.g. 1h, where the file does not say.")] = None,
    last_bar_closed: Annotated[
        bool, typer.Option("--last-bar-closed", help="The newest bar of the file had closed when it was written.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Import candles from CSV; every defect is counted, explained and kept."""
    from jobs.console import show
    from jobs.imports import CandleImport, import_candle_files
    from jobs.running import run_job

    house = open_house(context)
    wanted = CandleImport(tuple(files), venue, symbol, interval, last_bar_closed)
    show(
        run_job(house, "import candles", lambda progress: import_candle_files(house, wanted, progress)), as_json=as_json
    )

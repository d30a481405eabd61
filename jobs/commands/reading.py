"""`newscandle read`, `tone`, `explain` and `compare-opinions`: what was read in texts, and what it led to."""

from pathlib import Path
from typing import Annotated

import typer

from jobs.commands.options import AsJson, AsOf, open_house

group = typer.Typer(rich_markup_mode=None)


@group.command(epilog="Example: newscandle explain bitcoin/1h@2024-05-01T13:00Z")
def explain(
    context: typer.Context,
    point: Annotated[str, typer.Argument(help="TARGET/INTERVAL[/SCORER]@INSTANT at which its bar opens.")],
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Lead from one point of a stored series to the articles, words, scores and candles behind it."""
    import json

    from jobs.explain import describe, explain_point

    told = explain_point(open_house(context), point, as_of)
    typer.echo(json.dumps(told, ensure_ascii=False) if as_json else describe(told))


@group.command(epilog="Example: newscandle read article.html --html reading.html")
def read(
    context: typer.Context,
    what: Annotated[
        str, typer.Argument(help="A file (page or plain text), or the address or key of a stored article.")
    ],
    scorer: Annotated[
        list[str] | None, typer.Option(help="May be given several times; default: rules, linear and encoder.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option(help="Write the reading as one self-contained page to this file.")
    ] = None,
    published: Annotated[str | None, typer.Option(help="When a file's article was published, with zone.")] = None,
    language: Annotated[str, typer.Option(help="What a file's language is said to be, e.g. nl; still checked.")] = "",
    targets: Annotated[Path | None, typer.Option(help="Your own targets (TOML) beside the packaged ones.")] = None,
    as_of: AsOf = None,
) -> None:
    """Show what each scorer reads in one article: toward whom, by which words, who is quoted, what happened."""
    from dashboards.article import plain
    from jobs.read import Asked, read_article, tell_story, write_page

    asked = Asked(what, tuple(scorer or ()), published, language, targets, as_of)
    close = read_article(asked, lambda: open_house(context))
    typer.echo(plain.render(close))
    if story := tell_story(asked, lambda: open_house(context)):
        typer.echo(story)
    if html is not None:
        write_page(close, html)
        typer.echo(f"page: {html}")


@group.command("compare-opinions", epilog="Example: newscandle compare-opinions --as-of 2024-05-01T00:00Z")
def compare_opinions(context: typer.Context, as_of: AsOf = None, as_json: AsJson = False) -> None:
    """Say how far our tones agree with GDELT's of the same articles (import news takes its .gkg files)."""
    import json

    from jobs import opinions

    compared = opinions.compare_opinions(open_house(context), as_of)
    typer.echo(json.dumps(opinions.as_json(compared)) if as_json else opinions.describe(compared))


@group.command(epilog='Example: echo \'{"id":1,"text":"Bitcoin plunges","target":"bitcoin"}\' | newscandle tone')
def tone(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help="JSON lines, or - for standard input.")] = "-",
    scorer: Annotated[
        str, typer.Option(help="rules, vader, linear, encoder, encoder-small, a plug-in's, hub:… or [scorers.NAME].")
    ] = "rules",
    targets: Annotated[Path | None, typer.Option(help="Your own targets (TOML) beside the packaged ones.")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Words for encoders too: one reading a word.")] = False,
) -> None:
    """Score JSON lines {"id","text","target"?,"lang"?,"span"?} to JSON lines; no store is touched."""
    from jobs.tone import score_stream

    score_stream(file, scorer, targets, context.obj, explain=explain)

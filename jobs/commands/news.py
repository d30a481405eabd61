"""`newscandle stories`, `diff` and `edits`: what tells the same, and what was changed."""

from pathlib import Path
from typing import Annotated

import typer

from jobs.commands.options import AsJson, AsOf, open_house

group = typer.Typer(rich_markup_mode=None)


@group.command("stories", epilog="Example: newscandle stories --target bitcoin --days 3")
def stories(
    context: typer.Context,
    target: Annotated[str | None, typer.Option(help="Only stories that name this target.")] = None,
    days: Annotated[int, typer.Option(min=1, max=5000, help="How far back.")] = 7,
    update: Annotated[
        bool, typer.Option("--update", help="First place the texts that are in no story yet, as `run` does.")
    ] = False,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """List stories: texts of all sources that tell the same, and how new each was."""
    import json

    from jobs import story_list

    house = open_house(context)
    if update:
        from jobs.running import run_job
        from jobs.stories import tell_stories

        run_job(house, "stories", lambda progress: tell_stories(house, progress))
    found = story_list.list_stories(house, target=target, days=days, as_of=as_of)
    typer.echo(json.dumps(story_list.as_json(found), ensure_ascii=False) if as_json else story_list.as_text(found))


@group.command("diff", epilog="Example: newscandle diff https://news.example/article --from 1 --to 3")
def diff(
    context: typer.Context,
    article: Annotated[str, typer.Argument(help="Key or address of a stored article.")],
    start: Annotated[
        int | None, typer.Option("--from", help="Number of a telling; default: the one before --to.")
    ] = None,
    end: Annotated[int | None, typer.Option("--to", help="Number of a telling; default: the last.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write it as one self-contained page to this file.")] = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Show word by word what was changed in an article, since when that could be known, and how scores moved."""
    import json

    from dashboards.edits import plain
    from dashboards.edits.edit import as_json as lay_out
    from jobs.differences import Asked, find_edit, write_page

    edit = find_edit(open_house(context), Asked(article, start, end, as_of))
    typer.echo(json.dumps(lay_out(edit, with_words=True), ensure_ascii=False) if as_json else plain.render(edit))
    if html is not None:
        write_page(edit, html)
        if not as_json:
            typer.echo(f"page: {html}")


@group.command("edits", epilog="Example: newscandle edits --days 30")
def edits(
    context: typer.Context,
    days: Annotated[int, typer.Option(min=1, max=5000, help="How far back.")] = 7,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """List edits of articles: silent ones, headlines, corrections, numbers, names, and how far scores moved."""
    import json

    from dashboards.edits import plain
    from dashboards.edits.edit import as_json as lay_out
    from jobs.differences import list_edits

    found = list_edits(open_house(context), days, as_of)
    told = [lay_out(edit, with_words=False) for edit in found]
    typer.echo(json.dumps(told, ensure_ascii=False) if as_json else plain.render_report(found))

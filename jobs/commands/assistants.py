"""`newscandle mcp`: read-only tools for assistants."""

import typer

group = typer.Typer(rich_markup_mode=None)


@group.command(epilog="Example: newscandle mcp    (a client starts it by itself: see docs/assistants.md)")
def mcp(context: typer.Context) -> None:
    """Answer assistants over the Model Context Protocol, on stdin and stdout (extra newscandle[mcp]). Only reads."""
    from jobs.assistants.server import furnish_to_read, require_sdk, serve_stdio
    from jobs.settings_file import read_settings

    require_sdk()
    serve_stdio(furnish_to_read(read_settings(context.obj)))

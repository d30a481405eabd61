"""The one door to the `mcp` SDK: the tools over stdio, where stdout carries the protocol and nothing else.

client ─stdio─▶ Server ─▶ Tool.call in a thread ─▶ answer, or an error that names field and remedy
"""

import json
import os
import signal
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

import structlog

from jobs import logs
from jobs.assistants.arguments import describe_arguments
from jobs.assistants.tools import INSTRUCTIONS, TOOLS, Tool, require_tool
from jobs.clock import choose_clock
from jobs.house import House, store_url
from jobs.redacting import clean, learn_secrets
from jobs.settings import Settings
from service.errors import BadInput, NewscandleError
from storage import database

if TYPE_CHECKING:
    from mcp.server.lowlevel import Server

log = structlog.get_logger("newscandle")
AT_ONCE: Final = 2
"""Answers being made at the same time."""


def furnish_to_read(settings: Settings) -> House:
    """A house whose store is opened to read alone: nothing is laid or migrated, and no transaction can write."""
    learn_secrets(settings, anew=True)
    logs.begin(settings.log)
    engine = database.open_engine(store_url(settings), keeps_connections=False)
    return House(settings, database.reading_only(engine), choose_clock())


def require_sdk() -> None:
    """Raise `BadInput` where the extra is not installed."""
    try:
        import mcp.server.lowlevel  # noqa: F401 - whether it is there
    except ImportError as error:
        raise BadInput("mcp", "not installed", "install the extra first: pip install 'newscandle[mcp]'") from error


def serve_stdio(house: House) -> None:
    """Answer on stdin and stdout until stdin ends or a signal comes. Raises `BadInput` without the extra."""
    require_sdk()
    import anyio
    from mcp.server.stdio import stdio_server

    server = build_server(house)
    # A thread waits in a read of stdin that nothing can interrupt; this process holds nothing that needs an end.
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda *_: os._exit(0))

    async def serve() -> None:
        async with stdio_server() as (incoming, outgoing):
            await server.run(incoming, outgoing, server.create_initialization_options())

    anyio.run(serve)


def build_server(house: House) -> "Server[Any]":
    """The server without a transport."""
    import anyio
    from mcp.server.lowlevel import Server
    from mcp_types import CallToolResult, ListToolsResult, TextContent

    limiter = anyio.CapacityLimiter(AT_ONCE)

    async def list_tools(_context: Any, _params: Any) -> ListToolsResult:
        return ListToolsResult(tools=[_describe(one) for one in TOOLS.values()])

    async def call_tool(_context: Any, params: Any) -> CallToolResult:
        answer, is_error = await anyio.to_thread.run_sync(
            call, house, params.name, params.arguments or {}, limiter=limiter
        )
        text = json.dumps(answer, ensure_ascii=False)
        content = [TextContent(type="text", text=text)]
        return CallToolResult(content=content, structured_content=answer, is_error=is_error)  # type: ignore[arg-type, unused-ignore] # a list of one kind of block

    return Server(
        "newscandle",
        version=version("newscandle"),
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


def call(house: House, name: str, given: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """What a tool answers, and whether that is an error. Never raises: a fault is logged, and told as one."""
    try:
        return require_tool(name).call(house, given), False
    except BadInput as error:
        told = {"error": "bad_input", "field": error.field, "remedy": error.remedy, "message": str(error)}
    except NewscandleError as error:
        reason = getattr(error, "reason", "failed")
        told = {"error": reason, "message": str(error), "remedy": "ask get_health what is wrong"}
    except Exception:
        log.exception("a fault in newscandle: please report it", tool=name)
        told = {"error": "fault", "message": "a fault in newscandle", "remedy": "see its log (stderr), and report it"}
    return {field: logs.make_plain(clean(text)) for field, text in told.items()}, True


def _describe(tool: Tool) -> Any:
    from mcp_types import Tool as Described
    from mcp_types import ToolAnnotations

    hints = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)
    schema = describe_arguments(tool.arguments)
    return Described(name=tool.name, description=tool.about, input_schema=schema, annotations=hints)

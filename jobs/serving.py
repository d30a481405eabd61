"""The listening door: one address of this machine, an HTTP application behind it, in a thread of its own.

The address is taken when a `Listener` is made, so that one in use is an error before anything else has begun.
"""

import asyncio
import contextlib
import errno
import os
import signal
import socket
import threading
from collections.abc import Callable
from email.utils import formatdate
from typing import TYPE_CHECKING, Any, Protocol

import structlog

from service.errors import BadInput, WorkFailed

if TYPE_CHECKING:
    import uvicorn


class QuietServer(Protocol):
    """What a `Listener` asks of its server."""

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until the end."""
        ...

    def end(self) -> None:
        """Stop, from any thread."""
        ...


log = structlog.get_logger("newscandle")
STOP_SECONDS = 3
"""So long requests under way may take to end once the server is to stop."""
_BACKLOG = 128
_MOST_CONNECTIONS = 200
_OWN = ("127.0.0.1", "::1", "localhost")


class Listener:
    """Answers at `host` and `port` (0: one that is free, see `port`) with the ASGI application that `build` makes.

    Raises `BadInput` naming `field` where the address cannot be taken.
    """

    def __init__(self, host: str, port: int, field: str, build: Callable[[], Any]) -> None:
        self._socket = _take(host, port, field)
        self.host, self.port = host, int(self._socket.getsockname()[1])
        self._build = build
        self._server: QuietServer | None = None
        self._thread = threading.Thread(target=self._serve, name="http", daemon=True)
        self._is_ready, self._is_stopping = threading.Event(), threading.Event()
        self.has_failed = False

    def start(self) -> None:
        """Begin to answer; returns once it does, or has failed."""
        self._thread.start()
        self._is_ready.wait()
        log.info("listening", host=self.host, port=self.port)
        if self.host not in _OWN:
            log.warning("answers whoever reaches this machine, and asks for no password", host=self.host)

    def begin_to_stop(self) -> None:
        """Take no new requests; returns at once."""
        self._is_stopping.set()
        if self._server is not None:
            self._server.end()

    def stop(self) -> None:
        """End what is under way, within `STOP_SECONDS`. Raises `WorkFailed` where the server ended by itself."""
        self.begin_to_stop()
        if self._thread.ident is not None:
            self._thread.join(STOP_SECONDS + 1.0)
        self._socket.close()
        if self.has_failed:
            raise WorkFailed("http_server", f"the HTTP server at {self.host}:{self.port} ended; see the log")

    def _serve(self) -> None:
        """Run the server to its end; one that ends by itself takes the process with it, which would serve nobody."""
        try:
            import uvicorn

            config = uvicorn.Config(
                _tell_date(self._build()),
                log_config=None,  # what is logged is ours to say
                access_log=False,
                server_header=False,
                date_header=False,
                limit_concurrency=_MOST_CONNECTIONS,
                timeout_keep_alive=5,
                timeout_graceful_shutdown=STOP_SECONDS,
                loop="asyncio",
            )
            self._server = _make_server(config)
            if not self._is_stopping.is_set():
                self._is_ready.set()
                self._server.run(sockets=[self._socket])
        except Exception:  # told with its trace: nobody else would
            log.exception("a fault in newscandle: please report it")
        finally:
            self.has_failed = not self._is_stopping.is_set()
            self._is_ready.set()
            if self.has_failed:
                log.error("the HTTP server has ended, and newscandle with it")
                os.kill(os.getpid(), signal.SIGTERM)


def _make_server(config: "uvicorn.Config") -> "QuietServer":
    """A server that sleeps until it is asked or stopped; uvicorn's own looks ten times a second."""
    import uvicorn

    class Quiet(uvicorn.Server):
        def __init__(self, config: uvicorn.Config) -> None:
            super().__init__(config)
            self._ending: tuple[asyncio.AbstractEventLoop, asyncio.Event] | None = None

        def end(self) -> None:
            self.should_exit = True
            if self._ending is not None:
                loop, is_over = self._ending
                with contextlib.suppress(RuntimeError):  # it is closed already
                    loop.call_soon_threadsafe(is_over.set)

        async def main_loop(self) -> None:
            is_over = asyncio.Event()
            self._ending = asyncio.get_running_loop(), is_over
            if not self.should_exit:
                await is_over.wait()

    return Quiet(config)


def _tell_date(app: Any) -> Any:
    """The application with a Date in its answers, which a server that sleeps does not keep."""

    async def dated(scope: Any, receive: Any, send: Any) -> None:
        async def send_dated(message: Any) -> None:
            if message["type"] == "http.response.start":
                date = (b"date", formatdate(usegmt=True).encode("ascii"))
                message = {**message, "headers": [*message.get("headers", ()), date]}
            await send(message)

        await app(scope, receive, send_dated if scope["type"] == "http" else send)

    return dated


def _take(host: str, port: int, field: str) -> socket.socket:
    where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    try:
        return socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=_BACKLOG
        )
    except PermissionError as error:
        raise BadInput(field, where, "this user may not take that port; choose one above 1023") from error
    except socket.gaierror as error:
        raise BadInput(field, where, "is no address of this machine; choose 127.0.0.1 or another it has") from error
    except OSError as error:
        remedy = (
            "is in use: stop what listens there, or choose another port"
            if error.errno == errno.EADDRINUSE
            else f"cannot be listened at ({error.strerror}); choose 127.0.0.1 or another address of this machine"
        )
        raise BadInput(field, where, remedy) from error

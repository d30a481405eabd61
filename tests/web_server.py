"""A small real web server on 127.0.0.1 whose answers a test scripts; it keeps a log of the requests it got."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Answer:
    """One scripted answer. `drip` sends the body byte by byte with that pause; `cut` closes after that many bytes."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    drip: float = 0.0
    cut: int | None = None


@dataclass
class Web:
    """The running server: `answers[path]` is an Answer, a list (one a request, the last stays) or a function."""

    url: str
    answers: dict[str, Answer | list[Answer] | Callable[[dict[str, str]], Answer]]
    log: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)  # of the POSTs, in order

    def requests(self, path: str) -> list[dict[str, str]]:
        """Headers of every request for `path`, in order."""
        return [headers for asked, headers in self.log if asked == path]


def _choose(web: Web, path: str, headers: dict[str, str]) -> Answer:
    answer = web.answers.get(path, Answer(404, b"no such page"))
    if callable(answer):
        return answer(headers)
    if isinstance(answer, list):
        return answer.pop(0) if len(answer) > 1 else answer[0]
    return answer


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up early is part of what is tested."""


def _send_body(handler: BaseHTTPRequestHandler, answer: Answer, stop: threading.Event) -> None:
    body = answer.body if answer.cut is None else answer.body[: answer.cut]
    pieces = [bytes([byte]) for byte in body] if answer.drip else [body]
    try:
        for piece in pieces:
            handler.wfile.write(piece)
            handler.wfile.flush()
            if answer.drip and stop.wait(answer.drip):
                return
    except OSError:
        return
    handler.close_connection = handler.close_connection or answer.cut is not None


def _handler(web: Web, stop: threading.Event) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            web.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.do_GET()

        def do_GET(self) -> None:
            headers = {key.lower(): value for key, value in self.headers.items()}
            web.log.append((self.path, headers))
            answer = _choose(web, self.path, headers)
            self.send_response(answer.status)
            for key, value in {"Content-Length": str(len(answer.body)), **answer.headers}.items():
                self.send_header(key, value)
            self.end_headers()
            _send_body(self, answer, stop)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base names it so
            """Silent: tests read `web.log`."""

    return Handler


@contextmanager
def serve(answers: dict[str, Answer | list[Answer] | Callable[[dict[str, str]], Answer]]) -> Iterator[Web]:
    """A server for the duration of the block."""
    stop = threading.Event()
    web = Web("", answers)
    server = _Server(("127.0.0.1", 0), _handler(web, stop))
    web.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield web
    finally:
        stop.set()
        server.shutdown()
        thread.join()
        server.server_close()

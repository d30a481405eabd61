"""A local Hugging Face hub with one model, for the real huggingface_hub: whatever a download asks for."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

REVISION = "4556d13015211d73dccd3fdd39d39232506f3e43"
NAME = "somebody/tone"


@dataclass
class Hub:
    """`files` of the model by path; `asked` has method and path of every request."""

    url: str
    files: dict[str, bytes]
    asked: list[str] = field(default_factory=list)

    def answer(self, path: str) -> tuple[int, bytes, dict[str, str]]:
        """Status, body and headers."""
        if path in (f"/api/models/{NAME}", *(f"/api/models/{NAME}/revision/{one}" for one in ("main", REVISION))):
            told = {"id": NAME, "sha": REVISION, "siblings": [{"rfilename": name} for name in self.files]}
            return 200, json.dumps(told).encode(), {}
        if path == f"/api/models/{NAME}/tree/{REVISION}":
            tree = [
                {"type": "file", "path": name, "size": len(content), "oid": hashlib.sha1(content).hexdigest()}
                for name, content in self.files.items()
            ]
            return 200, json.dumps(tree).encode(), {}
        file = path.removeprefix(f"/{NAME}/resolve/{REVISION}/")
        if file in self.files:
            content = self.files[file]
            return 200, content, {"X-Repo-Commit": REVISION, "ETag": f'"{hashlib.sha1(content).hexdigest()}"'}
        wrong = "RevisionNotFound" if path.startswith(f"/api/models/{NAME}/") else "RepoNotFound"
        return 404, b"{}", {"X-Error-Code": wrong}


@contextmanager
def serve_model(folder: Path) -> Iterator[Hub]:
    """A hub with the files of `folder` as the model `NAME`, and with a file nobody needs."""
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    hub = Hub("", {**files, "optimizer.pt": b"x" * 1000})

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            hub.asked.append(f"{self.command} {urlsplit(self.path).path}")
            status, body, headers = hub.answer(urlsplit(self.path).path)
            self.send_response(status)
            for key, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(key, value)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        def do_HEAD(self) -> None:
            self.do_GET()

        def log_message(self, *args: object) -> None:
            """Silent: tests read `hub.asked`."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

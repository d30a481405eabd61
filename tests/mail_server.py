"""A small real SMTP server on 127.0.0.1: STARTTLS or TLS by a certificate made for it, a login, scripted refusals."""

import base64
import contextlib
import socketserver
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LOGIN = ("newscandle", "hunter2-hunter2")


@dataclass
class MailBox:
    """The running server. `refuse` maps a command (RCPT, DATA, `.` for the end of a mail) to the line it is answered.

    `drip`: seconds between the bytes of the greeting. `mails`: sender, recipients, bytes, whether TLS held.
    """

    port: int = 0
    refuse: dict[str, str] = field(default_factory=dict)
    drip: float = 0.0
    mails: list[tuple[str, list[str], bytes, bool]] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)


def make_certificate(folder: Path, name: str = "localhost") -> Path:
    """A certificate that signs itself, with its key, in one file."""
    file = folder / f"{name}.pem"
    words = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    words += ["-days", "2", "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"]
    subprocess.run([*words, "-keyout", str(file), "-out", f"{file}.crt"], check=True, capture_output=True)
    file.write_bytes(file.read_bytes() + Path(f"{file}.crt").read_bytes())
    return file


class _Handler(socketserver.StreamRequestHandler):
    timeout = 10
    server: Any

    def handle(self) -> None:
        box: MailBox = self.server.box
        self.is_secure = False
        if self.server.is_tls:
            self._secure()
        for byte in b"220 box ready" + b" or so" * 20 + b"\r\n" if box.drip else ():
            self.wfile.write(bytes([byte]))
            time.sleep(box.drip)
        if not box.drip:
            self._say("220 box ready")
        self._sender, self._recipients = "", list[str]()
        while line := self.rfile.readline():
            text = line.decode("ascii", "replace").strip()
            word = text.split(" ")[0].upper()
            box.commands.append(word)
            if word == "QUIT":
                self._say("221 bye")
                return
            self._answer(box, word, text)

    def finish(self) -> None:
        """Also of the socket that TLS put in the place of the first."""
        with contextlib.suppress(OSError):
            super().finish()
        self.connection.close()

    def _answer(self, box: MailBox, word: str, text: str) -> None:
        if word in box.refuse:
            self._say(box.refuse[word])
        elif word == "EHLO":
            offers = ["box", *(["STARTTLS"] if self.server.context and not self.is_secure else []), "AUTH PLAIN"]
            self._say(*(f"250{'-' if one != offers[-1] else ' '}{one}" for one in offers))
        elif word == "STARTTLS":
            self._say("220 go on")
            self._secure()
        elif word == "AUTH":
            told = base64.b64decode(text.split(" ")[2]).decode().split("\x00")[1:]
            self._say("235 welcome" if tuple(told) == LOGIN else "535 5.7.8 no such user or password")
        elif word == "DATA":
            self._say("354 go on")
            lines = []
            while (line := self.rfile.readline()) not in (b".\r\n", b""):
                lines.append(line[1:] if line.startswith(b"..") else line)
            if "." in box.refuse:
                self._say(box.refuse["."])
                return
            box.mails.append((self._sender, self._recipients, b"".join(lines), self.is_secure))
            self._say("250 taken")
        else:
            if word == "MAIL":
                self._sender, self._recipients = text.partition(":")[2].split(" ")[0], []
            if word == "RCPT":
                self._recipients.append(text.partition(":")[2])
            self._say("250 fine")

    def _secure(self) -> None:
        self.connection = self.server.context.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
        self.is_secure = True

    def _say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that will not trust the certificate hangs up: part of what is tested."""


@contextmanager
def serve_mail(certificate: Path | None = None, *, is_tls: bool = False) -> Iterator[MailBox]:
    """A server for the duration of the block; without a certificate it offers no STARTTLS."""
    box = MailBox()
    server: Any = _Server(("127.0.0.1", 0), _Handler)
    server.box, server.is_tls, server.context = box, is_tls, None
    if certificate is not None:
        server.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.context.load_cert_chain(certificate)
    box.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield box
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

"""The process in which pages of unknown hostility are read: `python -m jobs.page_child MEGABYTES SECONDS`.

    stdin:  {"size", "url", "content_type"} line, `size` bytes ─▶ pages.extract ─▶ stdout: size line, JSON

Its memory is bounded as a whole, its processor time per page; beyond either it dies, and whoever started it starts
another. It ends when its stdin does, so a parent that is killed leaves nothing behind. It is given no secrets.
"""

import json
import math
import sys
import time
from typing import BinaryIO

from service.errors import ParseFailed
from service.news.page.pagecodec import encode_page
from service.news.page.pages import extract

READY = b"ready\n"


def main() -> None:
    """Answer requests until stdin ends."""
    import resource  # not on every platform, and this module's READY is wanted on all

    megabytes, seconds = (int(word) for word in sys.argv[1:3])
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    extract("<p>the libraries are loaded before memory is bounded and the first page comes</p>" * 9)
    resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sink.write(READY)
    sink.flush()
    while line := source.readline():
        _bound_time(seconds)
        answer = _answer(json.loads(line), source)
        sink.write(b"%d\n%s" % (len(answer), answer))
        sink.flush()


def _bound_time(seconds: int) -> None:
    """From now on this much processor time, then SIGXCPU, which ends the process."""
    import resource

    used = math.ceil(time.process_time())
    resource.setrlimit(resource.RLIMIT_CPU, (used + seconds, resource.RLIM_INFINITY))


def _answer(asked: dict[str, str | int], source: BinaryIO) -> bytes:
    body = source.read(int(asked["size"]))
    try:
        return b"+" + encode_page(extract(body, url=str(asked["url"]), content_type=str(asked["content_type"])))
    except ParseFailed as error:
        return b"-" + json.dumps([error.reason, str(error)]).encode()


if __name__ == "__main__":
    main()

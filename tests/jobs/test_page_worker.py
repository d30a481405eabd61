"""Pages read in a child process: the same as in this one, bounded, and gone when it should be."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from jobs.page_worker import Bounds, InProcess, PageWorker
from service.errors import ParseFailed, WorkFailed
from tests.jobs.houses import REPOSITORY

STORY = (
    '<html lang="nl"><head><title>Munt zakt</title><meta property="article:published_time" '
    'content="2025-04-08T08:00:00+02:00"></head><body><article><h1>Munt zakt</h1>'
    + "<p>De koers van bitcoin zakte dinsdag verder nadat de minister zijn plannen had toegelicht.</p>" * 6
    + "</article></body></html>"
).encode()
HOSTILE = {
    "100k nested divs": b"<html><body>" + b"<div>" * 100_000 + b"text " * 100,
    "1M attributes": b"<html><body><div " + b" ".join(b"a%d" % number for number in range(1_000_000)) + b"><p>hello",
    "huge inline script": b"<html><body><p>hello</p><script>" + b'var a="<p>x</p>";' * 290_000 + b"</script>",
    "5 MB in a line": b"<html><body><p>" + b"word " * 999_000,
    "100k paragraphs": b"<html><body>" + b"<p>a paragraph of some words to be read here</p>" * 100_000,
    "no encoding": b"<html>\xff\xfe\x80\x81" + bytes(range(256)) * 19_000,
    "null bytes": b"<html><body>" + b"\x00<p>\x00te\x00xt" * 200_000,
    "nothing closed": b"<table><tr><td><a href=x><b><p><ul><li><span class=a id=b>text of it " * 70_000,
    "links alone": b"<html><body>" + b'<a href="x">link text is here</a> ' * 140_000,
    "metas alone": b"<html><head>" + b"<meta name=a content=b>" * 200_000,
    "headlines alone": b"<html><body>" + b"<h1>head</h1>" * 300_000,
    "a class each": b"<html><body>"
    + b"".join(b'<div class="c%d x">%s</div>' % (n, b"word " * 9) for n in range(60_000)),
    "nested json": b'<html><script type="application/ld+json">' + b"[" * 2_000_000 + b"</script><p>x",
}


@pytest.fixture(scope="module")
def worker() -> Iterator[PageWorker]:
    made = PageWorker()
    yield made
    made.close()


def pid_of(worker: PageWorker) -> int:
    assert worker._child is not None
    return worker._child.pid


def test_a_page_reads_as_it_does_in_this_process_and_refusals_keep_their_reason(worker: PageWorker) -> None:
    told = {"url": "https://munt.example/nieuws/a", "content_type": "text/html; charset=utf-8"}
    assert worker.extract(STORY, **told) == InProcess().extract(STORY, **told)
    with pytest.raises(ParseFailed) as failed:
        worker.extract(b"%PDF-1.7 \x00\xff")
    assert failed.value.reason == "malformed"
    first = pid_of(worker)
    worker.extract(STORY)
    assert pid_of(worker) == first


def test_a_killed_process_is_replaced_before_the_next_page(worker: PageWorker) -> None:
    worker.extract(STORY)
    os.kill(first := pid_of(worker), signal.SIGKILL)
    assert worker.extract(STORY).title == "Munt zakt"
    assert pid_of(worker) != first


@pytest.mark.parametrize("bounds", [Bounds(megabytes=48), Bounds(clock_seconds=0.001)])
def test_what_costs_too_much_fails_alone(bounds: Bounds) -> None:
    """In too little memory, or too little time, the page is given up."""
    worker = PageWorker(bounds)
    try:
        with pytest.raises(ParseFailed) as failed:
            worker.extract(HOSTILE["100k paragraphs"])
        assert failed.value.reason == "too_costly"
    finally:
        worker.close()


def test_the_child_ends_when_its_parent_is_killed() -> None:
    code = (
        "import sys, time; from jobs.page_worker import PageWorker; worker = PageWorker(); "
        "worker.extract(b'<p>x'); print(worker._child.pid, flush=True); time.sleep(60)"
    )
    environment = {"PYTHONPATH": str(REPOSITORY)}
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env=environment)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    until = time.monotonic() + 20
    while is_alive(child) and time.monotonic() < until:
        time.sleep(0.02)
    assert not is_alive(child)


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that only waits to be collected does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_where_no_process_can_be_started_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    with pytest.raises(WorkFailed, match=r"ingest\.page_worker = false") as failed:
        PageWorker().extract(STORY)
    assert failed.value.reason == "no_page_worker"


def test_hostile_pages_cost_little(worker: PageWorker) -> None:
    """Each is read or refused within 2 s of processor time and 256 MB; none of them ends the process."""
    worker.extract(STORY)
    first = pid_of(worker)
    costs = {}
    chosen = HOSTILE if os.environ.get("NEWSCANDLE_TEST_HOSTILE") else dict([*HOSTILE.items()][:3])
    for name, page in chosen.items():
        began = processor_seconds(first)
        with suppress(ParseFailed):
            worker.extract(page)
        costs[name] = round(processor_seconds(first) - began, 2)
    assert pid_of(worker) == first
    assert max(costs.values()) <= 2.0, json.dumps(costs)
    assert megabytes_at_most(first) <= 256


def processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def megabytes_at_most(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024

"""The log: what a line holds, that no value forges one, and that it goes on where it cannot be written."""

import datetime as dt
import json
import logging
import sys
import threading
import unicodedata
import warnings
from collections.abc import Iterator

import pytest
import structlog

from jobs import logs
from jobs.redacting import learn_secrets
from jobs.settings import Log, Source

NAUGHTY = (
    "a\nb", "a\r\nb", "\n2026-01-01T00:00:00Z info    forged daemon=x", "\x1b[2J\x1b[31mred", "\x00", "\x7f\x9b31m",
    "\u2028\u2029\x85", "\u202egnp.exe", "\u2066a\u2069", "\u200b\u200d\ufeff\u00ad", "\ud800 lone", "\U000e0041tag",
    '" level=error event="forged', "a=b c=d", "{'a': 1}", '{"event": "forged"}', "\\", '\\"', "", " ", "%s %d {0}",
    "één café ₿ 🚀", "null", "x" * 100_000,
)  # fmt: skip
log = structlog.get_logger("newscandle")


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    yield
    learn_secrets((), anew=True)
    logs._process.clear()
    logs.begin()


def _fail(message: str) -> None:
    raise ValueError(message)


def told(capfd: pytest.CaptureFixture[str]) -> list[str]:
    """The lines on stderr; stdout is for results."""
    output, errors = capfd.readouterr()
    assert output == ""
    return errors.split("\n")[:-1]


def test_an_event_says_when_where_and_in_what_it_happened(capfd: pytest.CaptureFixture[str]) -> None:
    logs.begin(Log(format="json"))
    logs.name_process("host:1:ab")
    with logs.bound(job="ingest", slot="2026-11-25T01:00:00Z", run=7):
        log.warning("half done", counts={"new": 3}, failures=["a", "b"], share=float("nan"))
        try:
            _fail("inner\nlast")
        except ValueError:
            log.exception("a fault")
    log.info("after")
    log.debug("not asked for")
    first, second, third = map(json.loads, told(capfd))
    assert list(first)[:3] == ["time", "level", "event"]
    at = dt.datetime.fromisoformat(first.pop("time"))
    assert at.utcoffset() == dt.timedelta(0)
    assert abs(at - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=1)
    context = {"daemon": "host:1:ab", "job": "ingest", "slot": "2026-11-25T01:00:00Z", "run": 7}
    more = {"counts": {"new": 3}, "failures": ["a", "b"], "share": "nan"}
    assert first == {"level": "warning", "event": "half done", **context, **more}
    assert "Traceback" in second["trace"]
    assert second["trace"].endswith("ValueError: inner\nlast")
    assert second["run"] == 7
    assert {"job", "slot", "run"} & third.keys() == set()


def test_no_value_forges_a_line_or_hides_in_one(capfd: pytest.CaptureFixture[str]) -> None:
    """As event, value, key, in lists, in exceptions and from libraries; what JSON holds is what was said."""
    for wanted in (Log(), Log(format="json")):
        logs.begin(wanted)
        for naughty in NAUGHTY:
            log.info(naughty, value=naughty, many=[naughty], **{naughty or "k": "v"})
            # a runner that reports over a wire could not send half a sign
            logging.getLogger("elsewhere").warning("%s", naughty.encode("utf-8", "replace").decode())
            logs.warn(naughty)
        lines = told(capfd)
        hidden = {unicodedata.category(sign) for line in lines for sign in line} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
        assert hidden == set()
        assert max(map(len, lines)) < 40_000
        if wanted.format == "json":
            found = [json.loads(line) for line in lines]
            assert len(found) == 2 * len(NAUGHTY)
            assert [one["event"] for one in found[::2]][:-1] == list(NAUGHTY)[:-1]
            assert [one["value"] for one in found[::2]][:-1] == list(NAUGHTY)[:-1]
        else:
            assert len(lines) == 2 * len(NAUGHTY)
            assert not [line for line in lines if "  forged" in line[:30] or line.startswith(("2026-01", "b", " "))]


def test_a_trace_is_indented_and_shows_no_values(capfd: pytest.CaptureFixture[str]) -> None:
    logs.begin()
    secret_in_a_variable = "hunter2-variable"
    try:
        _fail(f"boom\n2026-01-01T00:00:00Z info    forged {len(secret_in_a_variable)}")
    except ValueError:
        log.exception("a fault")
    first, *rest = told(capfd)
    assert first.split(" ", 1)[1] == "error   a fault"
    assert len(rest) > 3
    assert all(line.startswith("  | ") for line in rest)
    assert "hunter2" not in " ".join(rest)


def test_secrets_are_struck_out_of_everything(capfd: pytest.CaptureFixture[str]) -> None:
    learn_secrets((Source(name="one", url="https://u:tell-nobody@h.example/feed?page=tell-nobody"),))
    learn_secrets("https://u:nor-this%21@h.example/", anew=False)
    for wanted in (Log(), Log(format="json")):
        logs.begin(wanted)
        log.info("asked https://me:pw@h.example/?token=abcdef tell-nobody", url="x nor-this! y", keys=["nor-this%21"])
        log.info("headers", headers={"Authorization": "Bearer abc", "x": "Authorization: Basic dTpwdw=="})
        try:
            _fail("postgresql://u:p/w@h/db tell-nobody")
        except ValueError:
            log.exception("a fault", **{"tell-nobody": 1})
    said = "\n".join(told(capfd))
    assert "https://h.example/?token=***" in said
    for secret in ("me:pw", "abcdef", "tell-nobody", "nor-this", "Bearer abc", "dTpw", "p/w"):
        assert secret not in said, secret


def test_libraries_threads_and_last_words_pass_here_too(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    handlers = list(logging.getLogger().handlers)
    learn_secrets("https://u:tell-nobody@h/", anew=True)
    logs.begin(Log(format="json"))
    try:
        logs.speak_for_all()
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            logging.captureWarnings(capture=True)
            warnings.warn("old\nway tell-nobody", stacklevel=1)
        logging.getLogger("lib").error("no %s", "tell-nobody")
        logging.getLogger("lib").info("chatter")
        one = threading.Thread(target=lambda: 1 / 0, name="watch")
        one.start()
        one.join()
        error = ValueError("tell-nobody")
        sys.excepthook(ValueError, error, None)
        logs.begin()
        sys.excepthook(ValueError, error, None)
    finally:
        logging.captureWarnings(capture=False)
        logging.getLogger().handlers[:] = handlers
    *events, last = told(capfd)
    found = [json.loads(line) for line in events]
    assert [(one["level"], one.get("logger"), one.get("thread")) for one in found] == [
        ("warning", "py.warnings", None), ("error", "lib", None), ("error", None, "watch"), ("critical", None, None),
    ]  # fmt: skip
    assert "ZeroDivisionError" in found[2]["trace"]
    assert last == "ValueError: ***"
    assert "tell-nobody" not in "".join(events)


def test_a_log_that_cannot_be_written_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk under stderr, or a reader that left."""

    class Full:
        def write(self, _text: str) -> int:
            raise OSError(28, "No space left on device")

        def flush(self) -> None:
            raise BrokenPipeError

    logs.begin()
    monkeypatch.setattr(sys, "stderr", Full())
    log.error("nobody reads this")

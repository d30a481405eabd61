"""The log: one line an event on stderr, as text or JSON, with what it happened in, and no secret and no forged line.

    log.info(event, …) ┐  + slot, run, job, daemon (bound)   + time, level   values: plain, without secrets, shortened
    logging, warnings  ┘──────────────────────────────────────────────────────────────────────▶ text | JSON ─▶ stderr

stdout is for results. What a value says of itself is never trusted: a title with a line feed stays one line.
"""

import contextlib
import itertools
import json
import logging
import math
import re
import sys
import threading
import traceback
import unicodedata
from collections.abc import Mapping, MutableMapping
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, Literal, Protocol

from jobs.redacting import clean
from service.redaction import STRUCK, is_secret

Fields = MutableMapping[str, Any]
LEVELS = ("debug", "info", "warning", "error")
_LONGEST_READ, _LONGEST = 20_000, 4_000
_MOST_ITEMS = 50
_FIRST = ("time", "level", "event")
_BARE = re.compile(r"[\w.:/+@%,*-]+")
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_FAULT = "a fault in newscandle: please report it"
_is_json = _is_begun = False
_process: dict[str, str] = {}
_speaking = threading.Lock()


class Wanted(Protocol):
    """How the log is to be (section `[log]` of the settings)."""

    @property
    def format(self) -> Literal["text", "json"]: ...  # noqa: D102
    @property
    def level(self) -> Literal["debug", "info", "warning", "error"]: ...  # noqa: D102


def begin(wanted: Wanted | None = None) -> None:
    """Send the log of this process to stderr; None: as text, from info on.

    Single retries are not news, what they end in is recorded.
    """
    import structlog
    from stamina.instrumentation import set_on_retry_hooks

    global _is_json, _is_begun
    _is_begun, _is_json = True, wanted is not None and wanted.format == "json"
    level = getattr(logging, wanted.level.upper()) if wanted is not None else logging.INFO
    set_on_retry_hooks([])
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            _name_process,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            _tell_trace,
            _render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=_Stderr,
        cache_logger_on_first_use=False,
    )


def speak_for_all() -> None:
    """Let the libraries' warnings, and the last words of a thread or the process, pass here too."""
    logging.getLogger().addHandler(_FromLibraries())
    logging.captureWarnings(capture=True)
    sys.excepthook = _tell_last_words
    threading.excepthook = _tell_of_thread


def name_process(daemon: str) -> None:
    """Let every event of this process, whatever thread it comes from, say which daemon it is."""
    _process["daemon"] = daemon


def bound(**context: object) -> AbstractContextManager[None]:
    """While this lasts, every event of this thread and of what it awaits carries `context` (job, slot, run)."""
    from structlog.contextvars import bound_contextvars

    return bound_contextvars(**context)


def warn(message: str) -> None:
    """A word to whoever watches: an event where the log is JSON, a plain line elsewhere."""
    if _is_json:
        _log().warning(message)
    else:
        sys.stderr.write(f"newscandle: {make_plain(_shorten(message))}\n")


def make_plain(text: str) -> str:
    """`text` on one line, with nothing in it that a reader does not see: control, bidi and other hidden characters are
    written as `\\n`, `\\u202e` …
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escape(sign) if unicodedata.category(sign) in _HIDDEN else sign for sign in text)


def _escape(sign: str) -> str:
    return json.dumps(sign)[1:-1] if sign != "\x7f" else "\\u007f"


def _name_process(_logger: object, _method: str, event: Fields) -> Fields:
    return {**_process, **event}


def _tell_trace(_logger: object, _method: str, event: Fields) -> Fields:
    """A trace as text, without the values of variables: they would show what was being worked on."""
    told = event.pop("exc_info", None)
    error = sys.exc_info()[1] if told is True else told[1] if isinstance(told, tuple) else told
    if isinstance(error, BaseException):
        event["trace"] = "".join(traceback.format_exception(error)).rstrip()
    return event


def _render(_logger: object, _method: str, event: Fields) -> str:
    """The line. Everything in it is made clean and plain here, whoever gave it."""
    trace = event.pop("trace", None)
    told = {name: _tame(event.pop(name)) for name in _FIRST if name in event}
    told |= _tame(event)
    lines = _shorten(str(trace), keep_end=True).splitlines() if trace else []
    if _is_json:
        return make_plain(json.dumps(told | ({"trace": "\n".join(lines)} if lines else {}), ensure_ascii=False))
    head = f"{told.pop('time')} {told.pop('level'):<7} {told.pop('event')}"
    line = " ".join([head, *(f"{_quote(name)}={_quote(value)}" for name, value in told.items())])
    return "\n".join(make_plain(one) for one in (line, *(f"  | {one}" for one in lines)))


def _tame(value: object) -> Any:
    """Plain JSON values, strings clean and shortened; what is none of that as its text."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Mapping):
        some = [(str(name), one) for name, one in itertools.islice(value.items(), _MOST_ITEMS)]
        return {
            _shorten(name): STRUCK if is_secret(name) and isinstance(one, str) else _tame(one) for name, one in some
        }
    if isinstance(value, list | tuple | set | frozenset):
        more = [f"and {len(value) - _MOST_ITEMS} more"] if len(value) > _MOST_ITEMS else []
        return [_tame(one) for one in itertools.islice(value, _MOST_ITEMS)] + more
    return _shorten(str(value))


def _shorten(text: str, *, keep_end: bool = False) -> str:
    """Clean, and not too long; where it is cut before it is cleaned is far from what is kept of it."""
    text = clean(text[-_LONGEST_READ:] if keep_end else text[:_LONGEST_READ])
    if len(text) <= _LONGEST:
        return text
    return f"… {text[-_LONGEST:]}" if keep_end else f"{text[:_LONGEST]} …"


def _quote(value: object) -> str:
    """As it stands where that is one word, else in quotes; so no value can look like two."""
    if isinstance(value, str) and _BARE.fullmatch(value):
        return value
    return json.dumps(value, ensure_ascii=False)


class _Stderr:
    """Where lines go. A log that cannot be written (a full disk, a reader that left) must not end what it tells of."""

    def __init__(self, *_names: object) -> None:
        """`structlog` names its loggers; there is one place for all."""

    def msg(self, line: str) -> None:
        """Write one event."""
        with _speaking, contextlib.suppress(OSError, ValueError):
            sys.stderr.write(f"{line}\n")
            sys.stderr.flush()

    debug = info = warning = error = critical = msg


class _FromLibraries(logging.Handler):
    """What libraries say by `logging` and `warnings`, as events of ours; nothing below a warning is news."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)

    def emit(self, record: logging.LogRecord) -> None:
        """One of theirs, with the name of who said it."""
        method = _log().error if record.levelno >= logging.ERROR else _log().warning
        with contextlib.suppress(Exception):
            method(record.getMessage().strip(), logger=record.name, exc_info=record.exc_info or None)


def _log() -> Any:
    import structlog

    if not _is_begun:
        begin()
    return structlog.get_logger("newscandle")


def _tell_last_words(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """What ends the process unforeseen: as Python would tell it, in as many lines, but clean."""
    if _is_json:
        _log().critical(_FAULT, exc_info=(kind, error, trace))
        return
    told = _shorten("".join(traceback.format_exception(kind, error, trace)), keep_end=True)
    sys.stderr.write("".join(f"{make_plain(line)}\n" for line in told.splitlines()))


def _tell_of_thread(ended: threading.ExceptHookArgs) -> None:
    if ended.exc_type is not SystemExit:
        told = (ended.exc_type, ended.exc_value, ended.exc_traceback)
        _log().error(_FAULT, thread=getattr(ended.thread, "name", ""), exc_info=told)

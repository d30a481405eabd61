"""The terminal: one-line errors with their exit codes, records as text or JSON, progress where somebody watches."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

import typer
from typer.exceptions import TyperException

from jobs import logs
from jobs.record import RunRecord
from jobs.redacting import clean
from service.errors import BadInput, NewscandleError

WORK_FAILED, BAD_INPUT = 1, 2


def run_app(app: typer.Typer) -> None:
    """Run the command line; every failure we foresee ends as one line on stderr and exit code 1 or 2."""
    try:
        status = app(standalone_mode=False)
    except typer.Abort:
        _fail("stopped", 130)
    except typer.Exit as ending:
        raise SystemExit(ending.exit_code) from None
    except BadInput as error:
        _fail(str(error), BAD_INPUT)
    except NewscandleError as error:
        _fail(str(error), WORK_FAILED)
    except KeyboardInterrupt:
        _fail("stopped", 130)
    except BrokenPipeError:
        sys.stderr.close()
        raise SystemExit(WORK_FAILED) from None
    except TyperException as error:
        _fail(_describe(error), BAD_INPUT)
    else:
        raise SystemExit(status if isinstance(status, int) else 0)


def _describe(error: BaseException) -> str:
    message = str(getattr(error, "format_message", error.__str__)())
    return f"{message} (see newscandle --help)"


def _fail(message: str, status: int) -> None:
    typer.echo(f"newscandle: {logs.make_plain(clean(' '.join(message.split())))}", err=True)
    raise SystemExit(status)


@cache
def warn(message: str) -> None:
    """Say on stderr, once in this process, that something goes on otherwise than asked."""
    logs.warn(message)


def show(record: RunRecord, *, as_json: bool) -> None:
    """Print a run's record; exit code 1 where all it tried failed."""
    typer.echo(json.dumps(record.as_json(), ensure_ascii=False) if as_json else record.as_text())
    if record.outcome.word == "failed":
        raise typer.Exit(WORK_FAILED)


Advance = Callable[[int], None]


@contextmanager
def progress(label: str, total: int | None) -> Iterator[Advance]:
    """A progress bar on a terminal (stderr), silence elsewhere. Call the yielded function with the units done."""
    if not sys.stderr.isatty():
        yield lambda _units: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=total)
        yield lambda units: bar.advance(task, units)

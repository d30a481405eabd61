"""`newscandle tone`: JSON lines in, JSON lines out. The surface is stable: docs/quants.md."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from jobs.house import build_scorer, read_catalogue
from jobs.models import HUB
from jobs.settings_file import read_settings
from service.errors import BadInput
from service.sentiment import scorers, tone_line
from service.sentiment.scorer import Scorer


def score_stream(file: str, scorer: str, targets: Path | None, config: Path | None, *, explain: bool = False) -> None:
    """Score each line of `file` (`-`: standard input) and print one line for each, in order.

    The settings (`config`, or where they are by default) are read only for a `scorer` that may be a table of them.
    With `explain` a scorer that names its words only on demand is asked for them.
    """
    built, catalogue = _choose(scorer, config), read_catalogue(targets)
    with _open(file) as stream:
        for line in tone_line.score_lines(_read(stream, file), scorer=built, catalogue=catalogue, explain=explain):
            sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")


def _choose(scorer: str, config: Path | None) -> Scorer:
    is_known = scorer in scorers.names() or scorer.startswith(HUB)
    return build_scorer(scorer, None if is_known else read_settings(config))


def _open(file: str) -> IO[str]:
    if file == "-":
        return open(sys.stdin.fileno(), encoding="utf-8", closefd=False)
    try:
        return Path(file).open(encoding="utf-8")
    except OSError as error:
        raise BadInput("file", file, f"cannot be read ({error.strerror}); name a JSON lines file, or -") from error


def _read(stream: IO[str], file: str) -> Iterator[Any]:
    try:
        for number, line in enumerate(stream, start=1):
            if line.strip():
                yield _parse(line, number)
    except UnicodeDecodeError as error:
        raise BadInput("file", file, "is not UTF-8; convert it first") from error


def _parse(line: str, number: int) -> Any:
    try:
        return json.loads(line)
    except ValueError as error:
        raise BadInput(f"line {number}", line.strip(), f"not valid JSON: {error}") from error

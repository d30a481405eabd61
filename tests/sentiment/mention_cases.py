"""Reads the labelled cases."""

import datetime as dt
import re
from dataclasses import dataclass
from pathlib import Path

_MARK = re.compile(r"\[([^|\]]+)\|([^\]]+)\]")


@dataclass(frozen=True)
class Case:
    language: str
    at: dt.datetime | None
    text: str
    expected: frozenset[tuple[str, int, int]]


def read_cases() -> list[Case]:
    lines = Path(__file__).with_suffix(".txt").read_text("utf-8").splitlines()
    return [_read_case(line) for line in lines if line and not line.startswith("#")]


def _read_case(line: str) -> Case:
    language, date, marked = line.split(" ", 2)
    marked = marked.replace(" / ", "\n\n")
    text, expected, upto = "", set(), 0
    for match in _MARK.finditer(marked):
        text += marked[upto : match.start()]
        expected.add((match[2], len(text), len(text) + len(match[1])))
        text += match[1]
        upto = match.end()
    at = None if date == "-" else dt.datetime.fromisoformat(date).replace(tzinfo=dt.UTC)
    return Case(language, at, text + marked[upto:], frozenset(expected))

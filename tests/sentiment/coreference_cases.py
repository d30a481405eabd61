"""Reads the labelled cases of who is meant by a pronoun, noun, title or lone surname."""

import datetime as dt
import re
from dataclasses import dataclass
from pathlib import Path

_MARK = re.compile(r"\[([^|\]]+)\|([^\]]+)\]")


@dataclass(frozen=True)
class Case:
    """`labels`: the span of each word asked about → the target's key, None for nobody of the catalogue."""

    language: str
    at: dt.datetime | None
    text: str
    labels: dict[tuple[int, int], str | None]


def read_cases(language: str) -> list[Case]:
    lines = Path(__file__).with_name(f"coreference_cases_{language}.txt").read_text("utf-8").splitlines()
    return [_read_case(line, language) for line in lines if line and not line.startswith("#")]


def _read_case(line: str, language: str) -> Case:
    date, marked = line.split(" ", 1)
    text, labels, upto = "", {}, 0
    for match in _MARK.finditer(marked):
        text += marked[upto : match.start()]
        labels[len(text), len(text) + len(match[1])] = None if match[2] == "-" else match[2]
        text += match[1]
        upto = match.end()
    at = None if date == "-" else dt.datetime.fromisoformat(date).replace(tzinfo=dt.UTC)
    return Case(language, at, text + marked[upto:], labels)

"""The labelled sets that scorers are measured on, read the same by benchmarks, gates and training.

Public: NewsMTSC's own development sets, and fifths of SEntFiN and EcoSent held out by the hash of their text, kept out
of word counts and tuning. Own: the checklists of the suite, which need no data folder.
"""

import csv
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from service.sentiment.scorer import Label, MentionContext
from tests.sentiment import checklist

Row = tuple[MentionContext, Label]
LABELS: Final = {-1: Label.NEGATIVE, 0: Label.NEUTRAL, 1: Label.POSITIVE}
DECISION: Final = re.compile(r"""['"]([^:]*?)['"]: ?['"](positive|negative|neutral)['"]""")


def data_folder() -> Path:
    """The folder of public sets, from NEWSCANDLE_TEST_DATA or beside the checkout."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    return Path(os.environ.get("NEWSCANDLE_TEST_DATA", beside))


def is_held_out(text: str) -> bool:
    """One text in five, by hash: kept out of word counts and of tuning."""
    return int(hashlib.sha256(text.encode()).hexdigest(), 16) % 5 == 0


def newsmtsc(path: Path) -> Iterator[Row]:
    """Mentions of NewsMTSC; polarity 2, 4, 6."""
    for line in path.read_text("utf-8").splitlines():
        record = json.loads(line)
        targets = {(item["from"], item["to"]): item for item in record["targets"]}
        for span, item in targets.items():
            same = tuple((more["from"], more["to"]) for more in item.get("further_mentions", ()))
            others = tuple(other for other in targets if other != span)
            label = LABELS[(int(item["polarity"]) - 4) // 2]
            yield MentionContext(record["sentence_normalized"], span, "en", same, others), label


def sentfin(path: Path) -> Iterator[Row]:
    """Entities of held-out SEntFiN headlines, found by their first occurrence."""
    with path.open(encoding="utf-8", newline="") as file:
        for record in csv.DictReader(file):
            text = record["Title"]
            decisions = dict(DECISION.findall(record["Decisions"]))
            places = {name: text.lower().find(name.lower()) for name in decisions}
            spans = {name: (start, start + len(name)) for name, start in places.items() if start >= 0}
            if is_held_out(text):
                for name, span in spans.items():
                    others = tuple(other for other in spans.values() if other != span)
                    yield MentionContext(text, span, "en", (), others), Label(decisions[name])


def ecosent(path: Path) -> Iterator[Row]:
    """Held-out Dutch economic headlines, read as tone."""
    with path.open(encoding="utf-8", newline="") as file:
        for record in csv.DictReader(file):
            if is_held_out(record["headline"]):
                yield MentionContext(record["headline"], (0, 0), "nl"), LABELS[int(record["value"])]


def own(language: str) -> Iterator[Row]:
    """The suite's 200 sentences in `en` or `nl`."""
    for context, label, _ in checklist.load(language):
        yield context, label


PUBLIC: Final[dict[str, tuple[Callable[[Path], Iterator[Row]], str]]] = {
    "NewsMTSC dev_mt": (newsmtsc, "newsmtsc/dev_mt.jsonl"),
    "NewsMTSC dev_rw": (newsmtsc, "newsmtsc/dev_rw.jsonl"),
    "SEntFiN held out": (sentfin, "sentfin/train.csv"),
    "EcoSent held out": (ecosent, "ecosent_nl/train.csv"),
}
OWN: Final = {"checklist en": "en", "checklist nl": "nl"}
NAMES: Final = (*PUBLIC, *OWN)
TONES: Final = ("EcoSent held out",)
"""Sets labelled as whole texts; the others toward a mention."""


def is_here(name: str) -> bool:
    """Whether the set `name` can be read: its file is in the data folder, or it is our own."""
    return name in OWN or (data_folder() / "sentiment" / PUBLIC[name][1]).is_file()


def load(name: str, slice_of: int = 0) -> list[Row]:
    """The rows of one of NAMES in their order, or `slice_of` of them evenly taken (0: all)."""
    if name in OWN:
        rows = list(own(OWN[name]))
    else:
        read, file = PUBLIC[name]
        rows = list(read(data_folder() / "sentiment" / file))
    return rows[:: max(len(rows) // slice_of, 1)][:slice_of] if slice_of else rows

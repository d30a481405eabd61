"""The rule scorers beside vaderSentiment on public sets: macro-F1, accuracy and sentences per second on one core.

`python -m benchmarks.sentiment [--slice N]` (N rows of each set, evenly taken). NewsMTSC's own development sets, and
fifths of SEntFiN and EcoSent held out by the hash of their text: kept out of word counts and tuning, but watched while
rules were written, so a set never looked at may read a little lower.
"""

import argparse
import csv
import hashlib
import json
import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from service.sentiment import rules, vader
from service.sentiment.scorer import Label, MentionContext, Reading, Scorer

Row = tuple[MentionContext, Label]
LABELS = {-1: Label.NEGATIVE, 0: Label.NEUTRAL, 1: Label.POSITIVE}
DECISION = re.compile(r"""['"]([^:]*?)['"]: ?['"](positive|negative|neutral)['"]""")


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


def measure(gold: list[Label], found: list[Label]) -> tuple[float, float]:
    """Macro-F1 over the three classes, and accuracy."""
    scores = []
    for label in Label:
        hits = sum(left is right is label for left, right in zip(gold, found, strict=True))
        total = gold.count(label) + found.count(label)
        scores.append(2 * hits / total if total else 0.0)
    right = sum(left is right for left, right in zip(gold, found, strict=True))
    return sum(scores) / len(scores), right / len(gold)


def run(name: str, rows: list[Row], score: Callable[[list[MentionContext]], list[Reading]], scorer: str) -> str:
    """One line of the table."""
    contexts = [context for context, _ in rows]
    score(contexts[:50])  # lists are loaded before the clock starts
    began = time.process_time()
    readings = score(contexts)
    seconds = time.process_time() - began
    found = [reading.label or Label.NEUTRAL for reading in readings]
    macro, accuracy = measure([label for _, label in rows], found)
    return f"{name:<18} {scorer:<7} {len(rows):>6} {macro:>8.3f} {accuracy:>9.3f} {len(rows) / seconds:>12,.0f}"


def tone_of(scorer: Scorer) -> Callable[[list[MentionContext]], list[Reading]]:
    """The scorer's reading of whole texts."""
    return lambda contexts: [scorer.score_tone(context.text, context.language) for context in contexts]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--slice", type=int, default=0, help="rows of each set (0: all)")
    wanted = parser.parse_args().slice
    folder = data_folder() / "sentiment"
    sets = {
        "NewsMTSC dev_mt": list(newsmtsc(folder / "newsmtsc" / "dev_mt.jsonl")),
        "NewsMTSC dev_rw": list(newsmtsc(folder / "newsmtsc" / "dev_rw.jsonl")),
        "SEntFiN held out": list(sentfin(folder / "sentfin" / "train.csv")),
        "EcoSent held out": list(ecosent(folder / "ecosent_nl" / "train.csv")),
    }
    print(f"{'set':<18} {'scorer':<7} {'rows':>6} {'macro-F1':>8} {'accuracy':>9} {'sentences/s':>12}")
    for name, rows in sets.items():
        taken = rows[:: max(len(rows) // wanted, 1)][:wanted] if wanted else rows
        for scorer in (vader.build(), rules.build()):
            score = tone_of(scorer) if name.startswith("EcoSent") else scorer.score_mentions
            print(run(name, taken, score, scorer.name))


if __name__ == "__main__":
    main()

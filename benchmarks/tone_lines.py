"""`newscandle tone` as its users run it: `python -m benchmarks.tone_lines [--lines 10000] [--scorer NAME …]`.

Lines are sentences of the embedded sample in English and Dutch, in turn: without a target, with a catalogue key, with a
name, with a span, with a target that is absent; one in twenty is in a language no scorer reads. Each scorer is a real
process; every line must be answered in its order with the state it must have, or the command ends with exit code 1.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from jobs import sample
from service.news.text import sentences
from service.sentiment import mentions, targets

FOREIGN = "Der Kurs fiel gestern deutlich, weil viele Anleger ihre Anteile an der Börse verkauften."
ABSENT = "Zxqvia Holdings"
LEAST_WORDS = 5  # of a sentence: below that its language cannot be told


def sentences_of_the_sample() -> Iterator[tuple[str, str]]:
    """(text, language) of each sentence, in order."""
    for line in sample.files().news.read_text("utf-8").splitlines():
        item = json.loads(line)
        for start, end in sentences.split(item["text"], item["language"]):
            text = item["text"][start:end]
            if item["language"] in ("en", "nl") and len(text.split()) >= LEAST_WORDS:
                yield text, item["language"]


def lines(number: int) -> Iterator[dict[str, Any]]:
    """`number` records, each with `wanted`: the states its answer may have."""
    catalogue = targets.load()
    any_reading = ["scored", "no_signal"]
    for at, (text, language) in enumerate(islice(cycle(list(sentences_of_the_sample())), number)):
        record = {"id": at, "text": text, "wanted": any_reading}
        found = mentions.find(text, language=language, catalogue=catalogue, spans=[(0, len(text))], at=None)
        if at % 20 == 19:
            record |= {"text": FOREIGN, "lang": "de", "wanted": ["unsupported_language"]}
        elif at % 5 == 1:
            record |= {"target": ABSENT, "lang": language, "wanted": ["no_mention"]}
        elif found and at % 5 == 2:
            record |= {"target": found[0].target, "lang": language}
        elif found and at % 5 == 3:
            record |= {"target": text[found[0].start : found[0].end], "lang": language}
        elif found and at % 5 == 4:
            record |= {"span": [found[0].start, found[0].end], "lang": language}
        yield record


def run(scorer: str, records: list[dict[str, Any]]) -> list[str]:
    """What is wrong with the answers of one process; prints its line of the table."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "lines.jsonl"
        told = ({key: value for key, value in record.items() if key != "wanted"} for record in records)
        file.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in told), "utf-8")
        began = time.perf_counter()
        command = [sys.executable, "-m", "jobs", "tone", str(file), "--scorer", scorer]
        made = subprocess.run(command, capture_output=True, text=True, check=False)
        seconds = time.perf_counter() - began
    answers = [json.loads(line) for line in made.stdout.splitlines()]
    states = Counter(answer["state"] for answer in answers)
    print(f"{scorer:<14} exit {made.returncode}  {len(answers)} answers  {seconds:6.1f} s  {dict(states)}", flush=True)
    wrong = [made.stderr.strip()[-200:]] if made.returncode else []
    if [answer["id"] for answer in answers] != [record["id"] for record in records]:
        return [*wrong, f"{scorer}: answers are missing or out of order"]
    pairs = zip(records, answers, strict=True)
    return wrong + [
        f"{scorer}: line {one['id']} is {answer['state']}, not {' or '.join(one['wanted'])}: {one['text'][:80]!r}"
        for one, answer in pairs
        if answer["state"] not in one["wanted"]
    ]


def main() -> None:
    """Run each scorer over all lines."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=10_000)
    parser.add_argument("--scorer", action="append", default=[])
    asked = parser.parse_args()
    records = list(lines(asked.lines))
    kinds = Counter("span" if "span" in one else "target" if "target" in one else "whole" for one in records)
    print(f"{len(records)} lines: {dict(kinds)}")
    wrong = [line for name in asked.scorer or ["rules", "linear", "encoder"] for line in run(name, records)]
    print("\n".join(wrong[:20]) or "every line has its answer and its state")
    if wrong:
        raise SystemExit(1)


if __name__ == "__main__":
    main()

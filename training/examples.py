"""Public and own sets as training examples: a mention (or a whole text) with its label.

Sets: NewsMTSC, SEntFiN and EcoSent (MIT) from NEWSCANDLE_TEST_DATA; own sentences in `sets/`, written for this; labels
of our own on dated crypto headlines, kept as the hash of the text and offsets, the text itself read from the archives.
"""

import csv
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.sets import DECISION, data_folder, is_held_out
from service.sentiment.scorer import MentionContext

NEGATIVE, NEUTRAL, POSITIVE = range(3)
SETS: Final = Path(__file__).parent / "sets"
_OWN_MARK: Final = re.compile(r"\[([+0-])([^\]]+)\]")
_SIGN: Final = {"-": NEGATIVE, "0": NEUTRAL, "+": POSITIVE}


@dataclass(frozen=True, slots=True)
class Example:
    """`source` names the set; `context` is the whole text (str) or a mention in it; `label` indexes (−, 0, +)."""

    source: str
    context: MentionContext | str
    label: int
    language: str = "en"


def is_for_calibration(text: str) -> bool:
    """One text in twenty, by hash, apart from the held-out fifth: temperatures are fitted on it, never weights."""
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) % 20 == 7


def text_of(example: Example) -> str:
    """The sentence the example was made from."""
    return example.context if isinstance(example.context, str) else example.context.text


def newsmtsc(name: str) -> Iterator[Example]:
    """`train`, `dev_mt` or `dev_rw`; targets labelled twice in one place count once."""
    for line in (data_folder() / "sentiment" / "newsmtsc" / f"{name}.jsonl").read_text("utf-8").splitlines():
        record = json.loads(line)
        text = record["sentence_normalized"]
        for span, item in {(item["from"], item["to"]): item for item in record["targets"]}.items():
            same = tuple((more["from"], more["to"]) for more in item.get("further_mentions", ()))
            yield Example("newsmtsc", MentionContext(text, span, "en", same), int(item["polarity"]) // 2 - 1)


def sentfin(*, held_out: bool) -> Iterator[Example]:
    """Entities of SEntFiN headlines, found by their first occurrence."""
    names = {"negative": NEGATIVE, "neutral": NEUTRAL, "positive": POSITIVE}
    with (data_folder() / "sentiment" / "sentfin" / "train.csv").open(encoding="utf-8", newline="") as file:
        for record in csv.DictReader(file):
            text = record["Title"]
            if is_held_out(text) is held_out:
                for name, label in DECISION.findall(record["Decisions"]):
                    start = text.lower().find(name.lower())
                    if start >= 0:
                        context = MentionContext(text, (start, start + len(name)), "en")
                        yield Example("sentfin", context, names[label])


def ecosent(*, held_out: bool) -> Iterator[Example]:
    """Dutch economic headlines, whole."""
    with (data_folder() / "sentiment" / "ecosent_nl" / "train.csv").open(encoding="utf-8", newline="") as file:
        for record in csv.DictReader(file):
            if is_held_out(record["headline"]) is held_out:
                yield Example("ecosent", record["headline"], int(record["value"]) + 1, "nl")


def own(language: str) -> Iterator[Example]:
    """Sentences written for newscandle: each marked target, and the whole line."""
    for line in (SETS / f"own_{language}.txt").read_text("utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        marked, whole = line.rsplit("\t", 1)
        text, spans, place = "", [], 0
        for found in _OWN_MARK.finditer(marked):
            text += marked[place : found.start()]
            spans.append(((len(text), len(text) + len(found[2])), _SIGN[found[1]]))
            text += found[2]
            place = found.end()
        text += marked[place:]
        for span, label in spans:
            yield Example("own", MentionContext(text, span, language), label, language)
        yield Example("own-tone", text, _SIGN[whole.strip()], language)


def crypto() -> Iterator[Example]:
    """Own labels on archived crypto headlines: targets and the whole text."""
    texts = {hashlib.sha256(text.encode()).hexdigest()[:12]: text for text in archived_headlines()}
    for line in (SETS / "crypto_labels.tsv").read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        key, whole, targets = (*line.split("\t"), "")[:3]
        text = texts.get(key)
        if text is None:
            continue
        yield Example("crypto-tone", text, _SIGN[whole])
        for target in targets.split():
            start, end, sign = target.split(":")
            yield Example("crypto", MentionContext(text, (int(start), int(end)), "en"), _SIGN[sign])


def archived_headlines() -> Iterator[str]:
    """Every lead and headline of the dated crypto archives, blanks squeezed."""
    news = data_folder() / "news"
    columns = {
        "bitcoin_sentiments_2021_2024/*.csv": "Short Description",
        "ualh_2024/*.csv": "headline",
    }
    for pattern, column in columns.items():
        for path in sorted(news.glob(pattern)):
            with path.open(encoding="utf-8", newline="") as file:
                for record in csv.DictReader(file):
                    yield " ".join(record[column].split())


def training_set() -> list[Example]:
    """All that weights are fitted on."""
    every = [*newsmtsc("train"), *sentfin(held_out=False), *crypto(), *own("en"), *own("nl"), *ecosent(held_out=False)]
    return [example for example in every if not is_for_calibration(text_of(example))]


def calibration_set() -> list[Example]:
    """What temperatures are fitted on: a slice of the same sets that no weight saw."""
    every = [*newsmtsc("train"), *sentfin(held_out=False), *crypto(), *own("en"), *own("nl"), *ecosent(held_out=False)]
    return [example for example in every if is_for_calibration(text_of(example))]

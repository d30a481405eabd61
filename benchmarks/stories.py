"""Stories: what is taken for one, what is not, and what that costs.

`python -m benchmarks.stories [--articles 1000 10000 100000]`

Own pairs are those of `tests/news/stories`: reports beside an editor's version of each at 5, 10 and 20 % of the words,
and hard pairs that are two stories; events told in English and Dutch are counted apart. Shared texts
(NEWSCANDLE_TEST_DATA) are named by file and row: every eighth report of two archives beside an edited version of it,
and as two stories every pair of two of a robot's reports on one pattern that differ in the coin or its price.

For speed, texts of 250 words of which three in ten are copies of an earlier one, a thousand a day, are placed in a new
SQLite store by the job itself: texts per CPU second, bytes a text takes there with its keys, and the process's peak.
"""

import argparse
import csv
import datetime as dt
import os
import random
import re
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import combinations
from pathlib import Path

from jobs.stories import find_targets_with, tell_stories
from service.news.stories.prints import take
from service.news.stories.shelf import place_all
from service.sentiment.targets import load as load_catalogue
from storage import articles, database
from tests.jobs.houses import a_house
from tests.news.stories.pairs import Pair, copies, different, translations
from tests.news.stories.writer import EDITS, edit
from tests.storage.builders import an_article

SHARES = (0.05, 0.1, 0.2)
_COIN = re.compile(r"\(([a-z0-9]{2,6})\)")
_CROSSED = re.compile(r"^Bitcoin has (?:crossed|dropped below) .* now trading at ([\d,.]+) USDT")
_CATALOGUE = load_catalogue()


def are_one(pair: Pair) -> bool:
    """Whether the two are placed in one story, by keys, candidates and all."""
    told = pair.told()
    placed = place_all([take(one) for one in told], find_targets_with(_CATALOGUE))
    return len({one.story for one in placed.values()}) == 1


def count(pairs: Iterable[Pair]) -> tuple[int, int, Counter[str]]:
    """Pairs, how many are taken for one story, and by kind those taken wrongly."""
    number, found, wrong = 0, 0, Counter[str]()
    for pair in pairs:
        is_one = are_one(pair)
        number, found = number + 1, found + is_one
        wrong.update([pair.kind] * (is_one != pair.is_one))
    return number, found, wrong


def load_reports(folder: Path) -> list[tuple[str, str]]:
    """Every eighth report of 60 words and more of two archives: name (file and row), and the text."""
    reports = []
    for name in ("coindesk.csv", "cryptonews_content.csv"):
        with (folder / "news" / "uic_2017_2019" / name).open(encoding="utf-8", newline="") as file:
            for row, one in enumerate(csv.DictReader(file)):
                if row % 8 == 0 and len(one["text"].split()) >= 60:
                    reports.append((f"{name}:{row}", one["text"].strip()))
    return reports


def shared_copies(reports: list[tuple[str, str]], share: float) -> Iterator[Pair]:
    """Shared reports beside an edited version; sentences stand for paragraphs, which the archives lost."""
    for row, (name, text) in enumerate(reports):
        sentences = re.split(r"(?<=[.!?])\s+", text)
        third = max(1, len(sentences) // 3)
        body = "\n".join(" ".join(sentences[start : start + third]) for start in range(0, len(sentences), third))
        kind = EDITS[row % len(EDITS)]
        yield Pair(name, is_one=True, texts=(("", f"\n{body}"), edit("", f"\n{body}", share, kind, row)))


def shared_patterns(folder: Path) -> Iterator[Pair]:
    """Robots' reports on one pattern: of two coins, and of one coin at two prices."""
    coins: dict[str, tuple[str, str]] = {}
    for name in ("2024-04-05_24h", "2024-04-05_30d", "2024-05-18_30d"):
        with (folder / "news" / "ualh_2024" / f"{name}_news.csv").open(encoding="utf-8", newline="") as file:
            for one in csv.DictReader(file):
                coin = _COIN.search(one["headline"])
                if coin and "against the" in one["description"]:
                    coins.setdefault(coin[1], (one["headline"], f"{one['headline']}\n{one['description']}"))
    for here, there in combinations(sorted(coins), 2):
        yield Pair("two coins", is_one=False, texts=(coins[here], coins[there]))
    prices: dict[str, tuple[str, str]] = {}
    path = folder / "news" / "bitcoin_sentiments_2021_2024" / "bitcoin_sentiments_21_24.csv"
    with path.open(encoding="utf-8", newline="") as file:
        for one in csv.DictReader(file):
            text = one["Short Description"]
            if price := _CROSSED.search(text):
                prices.setdefault(price[1], (text, text))
    for here, there in list(combinations(sorted(prices), 2))[:3000]:
        yield Pair("two prices", is_one=False, texts=(prices[here], prices[there]))


def print_accuracy() -> None:
    """Recall of copies by share of edits, precision over all, translations apart."""
    right = wrong = 0
    given = os.environ.get("NEWSCANDLE_TEST_DATA")
    reports = load_reports(Path(given)) if given else []
    for share in SHARES:
        for whose, pairs in (("own", copies(share)), ("shared", shared_copies(reports, share))):
            number, found, _ = count(pairs)
            right += found
            if number:
                recall = f"{found:>5} of {number:>5}: recall {found / number:.3f}"
                print(f"copies, {100 * share:.0f} % edited, {whose:<7}{recall}")
    for whose, pairs in (("own", different()), ("shared", shared_patterns(Path(given)) if given else iter(()))):
        number, found, kinds = count(pairs)
        wrong += found
        print(f"two stories, {whose:<7}{found:>5} of {number:>5} taken for one {dict(kinds) or ''}")
    print(f"precision over these pairs {right / (right + wrong):.4f}")
    number, found, kinds = count(translations())
    print(f"told in the other language, own {found} of {number}: recall {found / number:.3f}; not found: {dict(kinds)}")


def make_news(number: int) -> list[tuple[str, dt.datetime]]:
    """Texts of 250 words, a thousand a day, three in ten an edited copy of one of the last 200."""
    rng = random.Random(1)
    letters = "ba ce di fo gu ha je ki lo mu ne pa ri so tu ve".split()  # noqa: SIM905 - to be read
    words = [f"{one}{two}{three}" for one in letters for two in letters for three in letters]
    held: list[list[str]] = []
    for _ in range(number):
        if held and rng.random() < 0.3:
            copied = held[-rng.randint(1, min(200, len(held)))]
            held.append([word if rng.random() > 0.05 else rng.choice(words) for word in copied])
        else:
            fresh = (str(rng.randint(1000, 99999)) if rng.random() < 0.03 else rng.choice(words) for _ in range(250))
            held.append([*fresh])
    start = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
    return [(" ".join(text), start + dt.timedelta(days=place / 1000)) for place, text in enumerate(held)]


def print_speed(number: int) -> None:
    """Place so many generated texts, then one more, each in CPU time."""
    made = [
        an_article(f"n{place}", text=text, first_seen_at=at, available_at=at)
        for place, (text, at) in enumerate(make_news(number + 1))
    ]
    with tempfile.TemporaryDirectory() as folder, a_house(Path(folder)) as house:
        _save(house.engine, made[:-1])
        bare = (Path(folder) / "store.db").stat().st_size
        began = time.process_time()
        counts = tell_stories(house, lambda _: None).counts
        took = time.process_time() - began
        size = ((Path(folder) / "store.db").stat().st_size - bare) / number
        _save(house.engine, made[-1:])
        began = time.process_time()
        tell_stories(house, lambda _: None)
        one = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{number:>7,} texts: {number / took:>6.0f} a CPU second, {counts['copies']:,} copies; one more text "
        f"{1000 * one:.0f} ms; {size:.0f} bytes a text in the store; peak {peak} MiB (with the generated texts)"
    )


def _save(engine: object, made: list[object]) -> None:
    with database.begin(engine) as connection:  # type: ignore[arg-type]
        articles.save(connection, made, recorded_at=dt.datetime(2025, 1, 1, tzinfo=dt.UTC))  # type: ignore[arg-type]


def main() -> None:
    """Print it all."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--articles", type=int, nargs="*", default=[1_000, 10_000, 100_000])
    chosen = parser.parse_args()
    print_accuracy()
    for number in chosen.articles:
        print_speed(number)


if __name__ == "__main__":
    main()

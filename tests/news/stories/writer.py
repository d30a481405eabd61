"""Own news texts without end: reports with facts of their own, and others filled into the very same pattern."""

import random
from pathlib import Path

_LISTS = {
    name: listed.split(",")
    for name, listed in (
        line.split(": ") for line in Path(__file__).with_name("writer_words.txt").read_text("utf-8").splitlines()
    )
}
PLAIN = _LISTS["PLAIN"]
_SENTENCES = (
    "{firm} said on {day} that it will move {n3} staff from {place} to a new site.",
    "The company counted {n4} customers at the end of the quarter, {pct} percent more than before.",
    "Chief executive {name} called the result a relief after a year of cuts.",
    "Analysts at {firm2} had expected revenue of {m1} million dollars.",
    "Instead the figure came to {m2} million dollars, helped by fees on {coin}.",
    "In {place2} about {n4b} people took part in a protest against the plan.",
    "Union leader {name2} wants talks before {day2} and does not rule out a strike.",
    "A spokesman for the ministry said that {n3b} permits are still being checked.",
    "Shares of {firm} lost {pct2} percent in early trade and recovered later.",
    "The price of {coin} stood at {n5} dollars when the news came out.",
    "Lawyer {name3} expects that the court in {place} will rule within {n2} days.",
    "According to papers seen by this reporter the loan amounts to {m3} million euros.",
    "{firm2} declined to comment, and {name3} did not answer questions.",
    "The regulator opened {n2b} inquiries last year, of which most are still running.",
    "Insurers paid {m4} million dollars for similar cases since the spring.",
    "{name2} founded the firm with two friends and sold most of her shares to {firm2}.",
    "Wallets linked to the group moved {n4c} coins within a single hour.",
    "Researchers in {place2} warn that such transfers often come before a sale.",
    "Miners switched off {n3c} machines because power had become too dear.",
    "By {day2} the backlog should be gone, {name} promised during a call.",
)
_PRICE = (
    "{coin} {verb} to {n5} dollars on {day}.\n{coin} {verb} {pct} percent to {n5} dollars on {day}, its {rank} level "
    "this month. Trading volume on large venues came to {m1} million dollars in 24 hours. Support lies near {n5b} "
    "dollars and resistance near {n5c} dollars, chart readers say. Of the other coins Ether changed hands at {n4} "
    "dollars and Solana at {n3} dollars. The index of fear and greed stood at {n2}. Options for {m2} million dollars "
    "expire at the end of the week. This report is made every day from the figures of the largest venues and is no "
    "advice to buy or to sell."
)
_COLUMN = (
    "Every day we look back at what moved the market and what readers asked us. Our editors collect the questions, "
    "choose the best ones and answer them here as plainly as they can. You can send your own question through the form "
    "below the page, and we read all of them. Nothing in this column is financial advice."
)


def _facts(rng: random.Random) -> dict[str, object]:
    names, firms, places, days = (
        rng.sample(some, 3) for some in (_LISTS[one] for one in ("NAMES", "FIRMS", "PLACES", "DAYS"))
    )
    figures = {
        **{f"n{digits}{letter}": _spell(rng, digits) for digits in (2, 3, 4, 5) for letter in ("", "b", "c")},
        **{f"m{number}": f"{rng.randint(11, 980)}.{rng.randint(1, 9)}" for number in range(1, 5)},
        **{name: f"{rng.randint(1, 19)}.{rng.randint(1, 9)}" for name in ("pct", "pct2")},
    }
    return figures | {
        **dict(zip(("name", "name2", "name3"), names, strict=True)),
        **dict(zip(("firm", "firm2", "firm3"), firms, strict=True)),
        **dict(zip(("place", "place2", "place3"), places, strict=True)),
        **dict(zip(("day", "day2", "day3"), days, strict=True)),
        "coin": rng.choice(_LISTS["COINS"]),
        "verb": rng.choice(("rises", "falls")),
        "rank": rng.choice(("highest", "lowest")),
    }


def _spell(rng: random.Random, digits: int) -> str:
    return f"{rng.randint(10 ** (digits - 1), 10**digits - 1):,}"


def _dress(rng: random.Random, sentence: str) -> str:
    """A clause of plain words after a sentence: texts of one pattern are not told by their frame alone."""
    start, end = rng.choice(PLAIN), " ".join(rng.choice(PLAIN) for _ in range(rng.randint(6, 12)))
    return f"{sentence} {start.capitalize()} {end}."


def write_report(seed: int) -> tuple[str, str]:
    """Title and text (title first) of some 200 words in four paragraphs."""
    rng = random.Random(seed)
    facts = _facts(rng)
    chosen = [_dress(rng, one.format(**facts)) for one in rng.sample(_SENTENCES, 10)]
    title = f"{facts['firm']} moves staff as {facts['coin']} stands at {facts['n5']} dollars"
    paragraphs = [" ".join(chosen[start : start + 3]) for start in range(0, 10, 3)]
    return title, "\n".join((title, *paragraphs))


def write_price_report(seed: int) -> tuple[str, str]:
    """A report on one pattern that all seeds fill in."""
    title, text = _PRICE.format(**_facts(random.Random(seed))).split("\n")
    return title, f"{title}\n{text}"


def write_column(seed: int) -> tuple[str, str]:
    """A daily column: half of it is the same every day."""
    rng = random.Random(seed)
    facts = _facts(rng)
    title = f"Readers ask: what about {facts['firm']}?"
    said = " ".join(_dress(rng, one.format(**facts)) for one in rng.sample(_SENTENCES, 4))
    return title, f"{title}\n{_COLUMN}\n{said}"


def write_follow_up(seed: int) -> tuple[str, str]:
    """The report of the seed the day after: the same names in the same sentences, with other days and figures."""
    rng, other = random.Random(seed), random.Random(seed + 10**6)
    facts, later = _facts(rng), _facts(other)
    kept = {name: value for name, value in facts.items() if name.startswith(("name", "firm", "place", "coin"))}
    facts = later | kept
    chosen = [_dress(other, one.format(**facts)) for one in rng.sample(_SENTENCES, 10)]
    title = f"{facts['firm']} moves staff as {facts['coin']} stands at {facts['n5']} dollars"
    return title, "\n".join((title, *(" ".join(chosen[start : start + 3]) for start in range(0, 10, 3))))


EDITS = ("words", "paragraph", "headline", "prefix")


def edit(title: str, text: str, share: float, kind: str, seed: int) -> tuple[str, str]:
    """An editor's version: that share of the words left out, replaced or added to, and by `kind` more than that."""
    rng = random.Random(f"{seed} {kind} {share}")
    paragraphs = text.split("\n")[1:]
    if kind == "paragraph" and len(paragraphs) > 2:
        del paragraphs[rng.choice((0, len(paragraphs) - 1))]
    if kind == "headline":
        title = " ".join(rng.choice(PLAIN) for _ in range(7)).capitalize()
    body = "\n".join(_edit_words(rng, paragraph, share) for paragraph in paragraphs)
    if kind == "prefix":
        body = rng.choice(("AMSTERDAM (ANP) - ", "LONDON, (Reuters) - ", "By our correspondent. ")) + body
    return title, f"{title}\n{body}"


def _edit_words(rng: random.Random, paragraph: str, share: float) -> str:
    made: list[str] = []
    for word in paragraph.split(" "):
        act = rng.choice(("leave out", "replace", "add")) if rng.random() < share else "keep"
        if act in ("keep", "add"):
            made.append(word)
        if act in ("replace", "add"):
            made.append(rng.choice(PLAIN))
    return " ".join(made)

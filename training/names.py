"""Other names for a target: the model shall learn what is said, not of whom."""

import random
from typing import Final

from service.sentiment.scorer import MentionContext

PERSONS: Final = (
    "Trump",
    "Donald Trump",
    "Biden",
    "Joe Biden",
    "Harris",
    "Obama",
    "Clinton",
    "Powell",
    "Jerome Powell",
    "Yellen",
    "Gensler",
    "Gary Gensler",
    "Atkins",
    "Paul Atkins",
    "Bukele",
    "Nayib Bukele",
    "Milei",
    "Putin",
    "Xi Jinping",
    "Lagarde",
    "Warren",
    "Elizabeth Warren",
    "Lummis",
    "Musk",
    "Elon Musk",
    "Saylor",
    "Michael Saylor",
    "Changpeng Zhao",
    "CZ",
    "Sam Bankman-Fried",
    "Bankman-Fried",
    "Vitalik Buterin",
    "Brian Armstrong",
    "Hester Peirce",
    "Bessent",
    "Scott Bessent",
    "Rutte",
    "Mark Rutte",
    "Wilders",
    "Geert Wilders",
    "Schoof",
    "Jetten",
    "Timmermans",
    "Von der Leyen",
    "Merz",
    "Macron",
    "Starmer",
    "Lula",
    "Modi",
    "Netanyahu",
    "Zelensky",
    "Vance",
    "JD Vance",
    "Rubio",
    "Hayes",
    "Cathie Wood",
    "Larry Fink",
    "Jamie Dimon",
    "Warren Buffett",
    "Peter Schiff",
    "Do Kwon",
    "Satoshi Nakamoto",
)
THINGS: Final = (
    "Bitcoin",
    "BTC",
    "bitcoin",
    "Ethereum",
    "ether",
    "ETH",
    "XRP",
    "Solana",
    "Cardano",
    "Dogecoin",
    "stablecoins",
    "Tether",
    "USDC",
    "Coinbase",
    "Binance",
    "Kraken",
    "Bitvavo",
    "Bitstamp",
    "Bitfinex",
    "FTX",
    "Ripple",
    "Circle",
    "MicroStrategy",
    "Strategy",
    "Grayscale",
    "BlackRock",
    "Fidelity",
    "Tesla",
    "Nvidia",
    "JPMorgan",
    "Goldman Sachs",
    "Mt. Gox",
    "Celsius",
    "Terra",
    "Marathon Digital",
    "Riot",
    "Metaplanet",
    "PayPal",
    "Robinhood",
    "ASML",
    "ING",
    "Gold",
    "the dollar",
    "crypto",
)
INSTITUTIONS: Final = (
    "the SEC",
    "SEC",
    "the Fed",
    "Federal Reserve",
    "ECB",
    "CFTC",
    "Congress",
    "the Senate",
    "the White House",
    "the Treasury",
    "IMF",
    "DNB",
    "AFM",
    "El Salvador",
    "China",
    "the United States",
    "Russia",
    "the EU",
    "the Netherlands",
    "Japan",
    "India",
    "Germany",
    "Argentina",
    "the Justice Department",
    "FBI",
)
_PRONOUNS: Final = frozenset({"he", "she", "his", "her", "him", "i", "they", "we"})


def rename(context: MentionContext, source: str, chance: random.Random) -> MentionContext:
    """The same sentence about another: the span scored gets a name of a fitting kind; other mentions stay.

    Pronouns and role nouns (no capital) are left alone: another name there would not read as a sentence.
    """
    start, end = context.span
    old = context.text[start:end]
    if (source == "newsmtsc" and not old[:1].isupper()) or old.lower() in {
        "he",
        "she",
        "his",
        "her",
        "him",
        "i",
        "they",
        "we",
    }:
        return context
    names = PERSONS if source == "newsmtsc" else THINGS + (INSTITUTIONS if chance.random() < 0.3 else ())
    new = chance.choice(names)
    if start == 0:
        new = new[0].upper() + new[1:]
    shift = len(new) - (end - start)

    def moved(span: tuple[int, int]) -> tuple[int, int]:
        return (span[0] + shift, span[1] + shift) if span[0] >= end else span

    same = tuple(moved(span) for span in context.same if span[1] <= start or span[0] >= end)
    return MentionContext(
        context.text[:start] + new + context.text[end:], (start, start + len(new)), context.language, same
    )

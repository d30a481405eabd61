"""What the terms mean, in plain words: in the margin of the page beside their first use, at the end in Markdown."""

from dataclasses import dataclass

from dashboards.report.words import Words


@dataclass(frozen=True, slots=True)
class Term:
    """A term as it is printed, and what it means; both are messages."""

    name: str
    meaning: str


GLOSSARY = {
    "sentiment": Term(
        "sentiment",
        "How an article speaks of the target, from −1 (against) to +1 (for), as the scorer reads it; of a bar, the "
        "weighted mean of its articles.",
    ),
    "bar": Term("bar", "One step of the price: an hour or a day, from its opening to its close."),
    "available": Term(
        "known at",
        "The moment an article could first have been read by newscandle. Nothing is used before it.",
    ),
    "gap": Term("gap", "Bars without a price. They stay empty; nothing is filled in."),
    "verdict": Term(
        "verdict",
        "One of four phrases: not shown, suggestive, shown in sample, held out of sample. Fixed rules choose it.",
    ),
    "band": Term(
        "band",
        "How strong a correlation chance alone reaches anywhere among the lags looked at, in 95 of 100 worlds "
        "without a link.",
    ),
    "family": Term(
        "family, family-wise p",
        "All correlations looked at together. The family-wise p is how often the best of a family of pure chance "
        "is as strong as this one.",
    ),
    "world": Term(
        "world without a link",
        "The sentiment made anew with the same memory and the same gaps, but knowing nothing of the market.",
    ),
    "lag": Term(
        "lag",
        "By how many bars one series is shifted. Above zero the news comes first, below zero the market.",
    ),
    "r": Term("r", "Pearson's correlation: −1 to +1, 0 for no straight-line link. Its square is the share explained."),
    "rho": Term("ρ", "Spearman's correlation: r of the ranks, which a few extreme bars cannot carry."),
    "granger": Term(
        "Granger",
        "Whether the past of one series helps to tell the next value of the other beyond that one's own past. "
        "It is order in time, not cause.",
    ),
    "effective-n": Term(
        "effective n",
        "How many independent pairs the pairs are worth, as neighbouring bars resemble each other.",
    ),
    "interval": Term("95 % interval", "Where r lies in 95 of 100 samples drawn anew from this one in blocks."),
    "holm": Term("Holm", "Makes p-values stricter for how many stand in the same table."),
    "distance": Term(
        "distance correlation", "0 only where two series do not depend on each other in any way, bent or not."
    ),
    "partial": Term("partial r", "r of what is left of both series once others that may explain both are taken off."),
    "flow": Term(
        "transfer entropy",
        "How much the past of one series narrows down the next value of the other, beyond that one's own past.",
    ),
    "q": Term("q", "The share of chance findings to be expected among all that are called at this level."),
    "placebo": Term(
        "placebo", "The same figure on data that cannot hold the link, or must: it shows whether the figure means it."
    ),
    "rolling": Term("rolling r", "r within a window that moves through time; its band is as wide as chance reaches."),
    "break": Term("break", "The date before and after which the link differs most, and how often chance does as much."),
    "abnormal": Term(
        "abnormal return",
        "The return less what would have been normal: the mean of the bars before, or what the whole market did.",
    ),
    "information": Term(
        "information coefficient",
        "How well the order of the sentiments tells the order of the returns after them: a rank correlation.",
    ),
    "spread": Term("spread", "Mean return after the highest sentiments less that after the lowest. Before any cost."),
    "share": Term("share", "How much of all the weight in the series this one article has."),
    "evidence": Term(
        "▲ ▼ words",
        "The words that moved the score most: ▲ for the target, ▼ against it, with how much each weighs.",
    ),
    "certificate": Term(
        "false-alarm rate",
        "How often this very study cries wolf on its own data with the link cut. It should lie near 5 %.",
    ),
    "power": Term("least effect", "The weakest |r| that a sample like this shows in 80 of 100 cases."),
    "stationarity": Term(
        "stationary",
        "Without a trend or wandering level. Two wandering series look related whatever they are.",
    ),
}
"""By the key that sections ask for them with."""


def explain(key: str, words: Words) -> tuple[str, str]:
    """A term and its meaning in the language of `words`. Raises `KeyError` for a term that is not there."""
    return words.say(GLOSSARY[key].name), words.say(GLOSSARY[key].meaning)

"""What changed from one edition to another: choices, sample, verdicts, and figures beyond their noise."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboards.bundle.differences import walk_differences
from dashboards.compare.figures import Document, Pair, pair_figures
from dashboards.report.document import SCHEMA
from dashboards.report.words import Words
from service.errors import BadInput

_SAY = Words()


@dataclass(frozen=True, slots=True)
class Edition:
    """One report as it is compared: its name, its document, and its inputs' values where its bundle is at hand."""

    name: str
    document: Document
    inputs: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is not the same, as it was and as it is."""

    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that differs between two editions; `figures` are all figures held beside one another."""

    one: str
    other: str
    choices: tuple[Change, ...]
    sample: tuple[Change, ...]
    verdicts: tuple[Change, ...]
    figures: tuple[Pair, ...]

    @property
    def beyond_noise(self) -> tuple[Pair, ...]:
        """The figures that lie further apart than chance moves them."""
        return tuple(pair for pair in self.figures if pair.is_beyond_noise)

    @property
    def is_same(self) -> bool:
        """Whether nothing at all differs in what is compared."""
        moved = any(pair.one.value != pair.other.value for pair in self.figures)
        return not (self.choices or self.sample or self.verdicts or moved)


def compare(one: Edition, other: Edition) -> Comparison:
    """Hold two editions beside one another. Raises `BadInput` for a document that is no report of this schema."""
    for edition in (one, other):
        if edition.document.get("schema") != SCHEMA:
            raise BadInput("report", edition.name, f"is no report of the schema {SCHEMA}")
    before, after = one.document, other.document
    try:
        return Comparison(
            one.name,
            other.name,
            tuple(_compare_choices(one, other)),
            tuple(_compare_samples(before["sample"], after["sample"])),
            tuple(_compare_verdicts(before["conclusions"], after["conclusions"])),
            tuple(pair_figures(before, after)),
        )
    except (KeyError, TypeError) as error:
        raise BadInput(
            "report", f"{one.name}, {other.name}", f"has no {error}: was it made by this release?"
        ) from error


_CHOICES = {
    "version": "newscandle",
    "seed": "seed",
    "surrogates": "surrogate worlds",
    "settings_digest": "settings, by digest",
    "catalogue_digest": "target catalogue, by digest",
    "data_digest": "data, by digest",
    "as_of": "as of",
}


def _compare_choices(one: Edition, other: Edition) -> Iterator[Change]:
    before, after = one.document["reproduction"], other.document["reproduction"]
    yield from _changes(_CHOICES, before, after)
    scorers = ({str(row["scorer"]) for row in edition.document["comparisons"]} for edition in (one, other))
    yield from _compare_names("scorers beside the leading one", *scorers)
    if one.inputs is not None and other.inputs is not None:
        yield from _compare_settings("settings", one.inputs["settings"], other.inputs["settings"])
        aggregations = (inputs["series"]["aggregation"] for inputs in (one.inputs, other.inputs))
        yield from _compare_settings("alignment", *aggregations)


def _compare_settings(title: str, before: Document, after: Document) -> Iterator[Change]:
    for path, was, is_now in walk_differences(before, after):
        yield Change(f"{title}{path.replace('/', '.')}", _spell(was), _spell(is_now))


_SAMPLE = {
    "target": "target",
    "interval": "length of bars",
    "start": "start",
    "end": "end",
    "scorer": "leading scorer",
    "venue": "venue",
    "symbol": "symbol",
    "articles": "articles read",
    "articles_mentioning": "that speak of the target",
    "availability_assumed": "availability assumed",
    "bars_expected": "bars expected",
    "bars_with_price": "bars with a price",
    "bars_with_sentiment": "bars with a sentiment",
}


def _compare_samples(before: Document, after: Document) -> Iterator[Change]:
    yield from _changes(_SAMPLE, before, after)
    gaps = [len(sample["gaps"]) for sample in (before, after)]
    yield from _changes({"gaps": "holes in the prices"}, *({"gaps": number} for number in gaps))
    for field, title in (("states", "articles by state"), ("languages", "articles by language")):
        ours, theirs = dict(before[field]), dict(after[field])
        names = {name: f"{title}: {str(name).replace('_', ' ')}" for name in [*ours, *theirs]}
        yield from _changes(names, ours, theirs)
    sources = ({str(name) for name, _ in sample["sources"]} for sample in (before, after))
    yield from _compare_names("sources", *sources)


def _compare_names(what: str, ours: set[str], theirs: set[str]) -> Iterator[Change]:
    if gone := sorted(ours - theirs):
        yield Change(f"{what} that are gone", ", ".join(gone), "")
    if new := sorted(theirs - ours):
        yield Change(f"{what} that are new", "", ", ".join(new))


def _changes(titles: Mapping[Any, str], before: Document, after: Document) -> Iterator[Change]:
    for name, title in titles.items():
        one, other = before.get(name), after.get(name)
        if one != other:
            yield Change(title, _spell(one), _spell(other))


def _spell(value: Any) -> str:
    if value is None:
        return "–"
    return _SAY.count(value) if isinstance(value, int) and not isinstance(value, bool) else str(value)


def _compare_verdicts(before: Sequence[Document], after: Sequence[Document]) -> Iterator[Change]:
    ours, theirs = ({(row["direction"], row["outcome"]): row for row in rows} for rows in (before, after))
    for key in [*ours, *(key for key in theirs if key not in ours)]:
        one, other = ours.get(key), theirs.get(key)
        if one is None or other is None or one["verdict"] != other["verdict"]:
            name = f"{key[0]}, {_SAY.outcome_name(key[1])}"
            yield Change(name, _spell_verdict(one), _spell_verdict(other))


def _spell_verdict(row: Document | None) -> str:
    if row is None:
        return "not looked at"
    rule = row["rule"].replace("_", " ")
    return f"{row['verdict']} (r {_SAY.signed(row['r'])}, p {_SAY.probability(row['p_family'])}, {rule})"

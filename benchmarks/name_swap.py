"""Does a scorer judge the name? Each name of every target of the catalogue, put into sentences that say nothing of it.

Toward a target such a sentence is neutral whoever it names: a mean away from 0, or one name read otherwise than the
next, is the scorer's opinion of the name.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from service.sentiment.catalogue import Catalogue, Target
from service.sentiment.score import TargetKind
from service.sentiment.scorer import MentionContext, Scorer

TEMPLATES: Final[dict[str, dict[TargetKind, tuple[str, ...]]]] = {
    "en": {
        TargetKind.ASSET: (
            "The table on page four lists {} between two others.",
            "{} is the subject of a lecture on Tuesday evening.",
            "A chapter about {} follows in part two of the book.",
            "The newsletter of this week is about {}.",
            "The letters page has one on {} and two on taxes.",
            "{} appears in the third column of the chart.",
        ),
        TargetKind.PERSON: (
            "{} was in the city on Wednesday.",
            "The photograph shows {} beside a window.",
            "Reporters waited for {} in the lobby.",
            "{} will speak at noon, according to the programme.",
            "A letter to {} was published on Monday.",
            "The second part of the interview with {} follows tomorrow.",
        ),
        TargetKind.INSTITUTION: (
            "{} has its office in a street near the station.",
            "The spokesman of {} was reached by telephone on Friday.",
            "A document of {} counts ninety pages.",
            "The meeting of {} begins at ten in the morning.",
            "She worked for {} from 2011 to 2015.",
            "The article describes how {} is organised.",
        ),
        TargetKind.COUNTRY: (
            "The delegation travelled to {} on Sunday.",
            "The report has a chapter on {}.",
            "A map of {} hangs on the wall.",
            "The flight from {} lands at six.",
            "He has lived in {} since 1998.",
            "The second slide, on {}, has three lines of text.",
        ),
    },
    "nl": {
        TargetKind.ASSET: (
            "De tabel op pagina vier noemt {} tussen twee andere.",
            "{} is dinsdagavond het onderwerp van een lezing.",
            "Een hoofdstuk over {} volgt in deel twee van het boek.",
            "De nieuwsbrief van deze week gaat over {}.",
            "Op de brievenpagina staat een brief over {} en twee over de aangifte.",
            "{} staat in de derde kolom van de grafiek.",
        ),
        TargetKind.PERSON: (
            "{} was woensdag in de stad.",
            "Op de foto staat {} naast een raam.",
            "Verslaggevers wachtten in de hal op {}.",
            "{} spreekt om twaalf uur, volgens het programma.",
            "Een brief aan {} verscheen op maandag.",
            "Het tweede deel van het gesprek met {} volgt morgen.",
        ),
        TargetKind.INSTITUTION: (
            "{} heeft een kantoor in een straat bij het station.",
            "De woordvoerder van {} sprak vrijdag met de krant.",
            "Een document van {} telt negentig pagina's.",
            "De vergadering van {} begint om tien uur.",
            "Zij werkte van 2011 tot 2015 voor {}.",
            "Het artikel beschrijft hoe {} is ingericht.",
        ),
        TargetKind.COUNTRY: (
            "De delegatie reisde zondag naar {}.",
            "Het verslag heeft een hoofdstuk over {}.",
            "Een kaart van {} hangt aan de muur.",
            "Het vliegtuig uit {} landt om zes uur.",
            "Hij woont sinds 1998 in {}.",
            "De tweede dia, over {}, telt drie regels tekst.",
        ),
    },
}


@dataclass(frozen=True, slots=True)
class Bias:
    """One target in one language. `mean` is its mean score (−1…1) over names and templates, `spread` the largest minus
    the smallest mean of a name; `highest` and `lowest` are those names.
    """

    target: str
    language: str
    mean: float
    spread: float
    highest: str
    lowest: str

    @property
    def worst(self) -> float:
        """The larger of |mean| and spread: what a gate looks at."""
        return max(abs(self.mean), self.spread)


def names_of(target: Target, language: str) -> tuple[str, ...]:
    """The name readers see in `language` and every name under which the target is found, each once."""
    surname = (target.surname,) if target.surname else ()
    listed = (
        target.name(language),
        *target.names.of(language),
        *target.aliases.of(language),
        *target.exact.of(language),
    )
    return tuple(dict.fromkeys((*listed, *target.ambiguous.of(language), *target.tickers, *surname)))


def probe(scorer: Scorer, catalogue: Catalogue, languages: Sequence[str] = ("en", "nl")) -> list[Bias]:
    """The bias toward each target in each of the languages, largest first. Unread and silent sentences count as 0."""
    found = []
    for language in languages:
        cases = [(target, name) for target in catalogue.targets for name in names_of(target, language)]
        contexts = [context for target, name in cases for context in _fill(target.kind, name, language)]
        scores = iter([reading.score or 0.0 for reading in scorer.score_mentions(contexts)])
        means: dict[str, dict[str, float]] = {}
        for target, name in cases:
            count = len(TEMPLATES[language][target.kind])
            means.setdefault(target.key, {})[name] = sum(next(scores) for _ in range(count)) / count
        found += [_conclude(key, language, by_name) for key, by_name in means.items()]
    return sorted(found, key=lambda one: (-one.worst, one.target, one.language))


def _fill(kind: TargetKind, name: str, language: str) -> Iterator[MentionContext]:
    for template in TEMPLATES[language][kind]:
        start = template.index("{}")
        written = name if start else name[0].upper() + name[1:]
        yield MentionContext(template.replace("{}", written), (start, start + len(written)), language)


def _conclude(target: str, language: str, by_name: dict[str, float]) -> Bias:
    highest, lowest = (pick(by_name, key=by_name.__getitem__) for pick in (max, min))
    mean = sum(by_name.values()) / len(by_name)
    return Bias(target, language, mean, by_name[highest] - by_name[lowest], highest, lowest)

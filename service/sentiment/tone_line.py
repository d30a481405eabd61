"""One JSON line in, one JSON line out: the logic behind `newscandle tone`. The surface is stable.

record ─▶ checked line ─▶ language ─▶ mentions of its target ─▶ contexts ─▶ scorer (one call a batch) ─▶ answer
"""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Final

from service.errors import BadInput
from service.news.text import languages
from service.sentiment import mentions as finding
from service.sentiment.catalogue import Catalogue
from service.sentiment.contexts import Placed, place, rebase
from service.sentiment.explain import as_records
from service.sentiment.pooling import Pooled, combine
from service.sentiment.score import Mention, MentionForm, is_mostly_sure
from service.sentiment.scorer import Evidence, Label, MentionContext, Reading, Scorer, State, identify
from service.sentiment.toward import read_contexts

Span = tuple[int, int]
_UNREAD: Final = Pooled(State.UNSUPPORTED_LANGUAGE, None, None)
_ABSENT: Final = Pooled(State.NO_MENTION, None, None)


@dataclass(frozen=True, slots=True)
class _Line:
    """One checked record. With a span, `target` may be None: then the mention is only a place."""

    id: Any
    text: str
    target: str | None
    language: str
    span: Span | None

    @property
    def is_whole(self) -> bool:
        """Whether the tone of the whole text is asked for."""
        return self.target is None and self.span is None


def score_lines(
    records: Iterable[Any], *, scorer: Scorer, catalogue: Catalogue, batch: int = 256, explain: bool = False
) -> Iterator[dict[str, Any]]:
    """An answer for each record `{"id", "text", "target"?, "lang"?, "span"?}`, in their order, `batch` at a time.

    `target` is a catalogue key, one of its names, or any name that occurs in the text; all its mentions count. With
    `span` the mention is exactly `text[from:to]`. Without either, the tone of the whole text. `lang` is believed if
    the scorer reads it, else the language is told from the text. Titles (“SEC chair”) count only where undisputed: a
    line has no date. Answers: `{"id", "target", "lang", "state", "score", "label", "scorer", "explanation",
    "probabilities", "interval", "mentions", "is_sure"}`; `score` −1…1 to four decimals, null unless scored; `label`
    null for unsupported_language and no_mention; `probabilities` and `interval` as in `pooling.Pooled`, null where it
    has none; `mentions` those counted, 0 without a target. With `explain` scorers that explain only on demand do.
    Raises `BadInput` naming line, id and field.
    """
    numbered = enumerate(records, start=1)
    while lines := [_check(number, record, scorer.languages) for number, record in islice(numbered, batch)]:
        yield from _answer_batch(lines, scorer, catalogue, is_explained=explain)


def _answer_batch(
    lines: Sequence[_Line], scorer: Scorer, catalogue: Catalogue, *, is_explained: bool
) -> Iterator[dict[str, Any]]:
    placed = [_place(line, catalogue) if line.language in scorer.languages else [] for line in lines]
    readings = read_contexts([one for group in placed for one in group], scorer, explain=is_explained)
    for line, group in zip(lines, placed, strict=True):
        if line.language not in scorer.languages:
            yield _answer(line, scorer, _UNREAD, (), 0)
        elif line.is_whole:
            yield _answer_tone(line, scorer)
        elif not group:
            yield _answer(line, scorer, _ABSENT, (), 0)
        else:
            counted = [readings[context] for context in dict.fromkeys(one.read_as for one in group)]
            is_sure = is_mostly_sure([reading.is_sure for reading in counted])
            evidence = _evidence(group, readings)
            yield _answer(line, scorer, combine(counted), evidence, len(counted), is_sure=is_sure)


def _answer_tone(line: _Line, scorer: Scorer) -> dict[str, Any]:
    tone = scorer.score_tone(line.text, line.language)
    pooled = _UNREAD if tone.state is State.UNSUPPORTED_LANGUAGE else combine([tone])
    return _answer(line, scorer, pooled, tone.evidence, 0, is_sure=tone.is_sure)


def _evidence(group: Sequence[Placed], readings: Mapping[MentionContext, Reading]) -> list[Evidence]:
    return [one for placed in group for one in rebase(placed, readings[placed.read_as]).evidence]


def _answer(
    line: _Line, scorer: Scorer, pooled: Pooled, evidence: Sequence[Evidence], mentions: int, *, is_sure: bool = True
) -> dict[str, Any]:
    return {
        "id": line.id,
        "target": line.target,
        "lang": line.language,
        "state": pooled.state.value,
        "score": None if pooled.score is None else round(pooled.score, 4),
        "label": None if pooled.label is None else pooled.label.value,
        "scorer": identify(scorer),
        "explanation": as_records(evidence),
        "probabilities": _name_classes(pooled.probabilities),
        "interval": None if pooled.interval is None else [round(end, 4) for end in pooled.interval],
        "mentions": mentions,
        "is_sure": is_sure,
    }


def _name_classes(probabilities: tuple[float, float, float] | None) -> dict[str, float] | None:
    if probabilities is None:
        return None
    return {label.value: round(share, 4) for label, share in zip(Label, probabilities, strict=True)}


def _place(line: _Line, catalogue: Catalogue) -> list[Placed]:
    """The mentions of the line's target to be read, each in its sentence among the mentions of others."""
    if line.is_whole:
        return []
    whole = [(0, len(line.text))]
    sentences = finding.cut_sentences(line.text, line.language, whole)
    if line.span is not None:
        sentences = _join(sentences, line.span)
    found = finding.find(
        line.text, language=line.language, catalogue=catalogue, spans=whole, at=None, sentences=sentences
    )
    own = _asked_mentions(line, _resolve(line, found, catalogue), found)
    placed = place(line.text, line.language, sentences, _merge(own, found))
    if line.span is not None:
        placed = [replace(one, repeats=None) for one in placed]  # asked for by its place, it is read there
    asked = set(own)
    return [one for one in placed if one.mention in asked]


def _resolve(line: _Line, found: Sequence[Mention], catalogue: Catalogue) -> str:
    """The key under which the target is looked for: the catalogue's if it knows it, else the name itself."""
    if line.target is None:
        assert line.span is not None
        meeting = [one.target for one in found if (one.start, one.end) == line.span]
        return meeting[0] if meeting else line.text[slice(*line.span)]
    return catalogue.resolve(line.target) or line.target


def _asked_mentions(line: _Line, asked: str, found: Sequence[Mention]) -> list[Mention]:
    if line.span is not None:
        return [Mention(asked, *line.span, MentionForm.LITERAL)]
    known = [one for one in found if one.target == asked]
    if known or line.target is None:
        return known
    return list(finding.find_literal(line.text, line.target, [(0, len(line.text))]))


def _merge(own: Sequence[Mention], found: Sequence[Mention]) -> list[Mention]:
    """Both, sorted; what was found where an own mention stands gives way to it. Neither overlaps within itself."""
    ends = [one.end for one in own]
    clear = []
    for one in found:
        following = bisect_right(ends, one.start)  # the first own mention that ends after this one starts
        if following == len(own) or own[following].start >= one.end:
            clear.append(one)
    return sorted([*own, *clear], key=lambda one: one.start)


def _join(sentences: Sequence[Span], span: Span) -> list[Span]:
    """Sentences, with those that the span touches made one: the mention asked for is whole."""
    touched = [one for one in sentences if one[0] < span[1] and span[0] < one[1]]
    start = min([span[0], *(one[0] for one in touched)])
    end = max([span[1], *(one[1] for one in touched)])
    return sorted([*(one for one in sentences if one not in touched), (start, end)])


def _check(number: int, record: Any, readable: Collection[str]) -> _Line:
    where = f"line {number}"
    if not isinstance(record, Mapping):
        raise BadInput(where, record, 'write one JSON object a line: {"id": …, "text": …}')
    where = f"{where} (id {record['id']!r})" if "id" in record else where
    text, target, claim = record.get("text"), record.get("target"), record.get("lang")
    if not isinstance(text, str):
        raise BadInput(f"{where}: text", text, "give the text as a string")
    if target is not None and (not isinstance(target, str) or not target.strip()):
        raise BadInput(f"{where}: target", target, "give a catalogue key or a name, or leave it out")
    if claim is not None and not isinstance(claim, str):
        raise BadInput(f"{where}: lang", claim, "give a code such as en or nl, or leave it out")
    code = (claim or "").strip().lower().replace("_", "-").partition("-")[0]
    language = code if code in readable else languages.detect(text, claim or "")[0]
    return _Line(record.get("id"), text, target, language, _read_span(record.get("span"), text, where))


def _read_span(span: Any, text: str, where: str) -> Span | None:
    if span is None:
        return None
    is_pair = isinstance(span, list | tuple) and len(span) == 2 and all(type(place) is int for place in span)
    if not is_pair or not 0 <= span[0] < span[1] <= len(text):
        raise BadInput(f"{where}: span", span, f"give [from, to) in code points of the text, within 0 … {len(text)}")
    return span[0], span[1]

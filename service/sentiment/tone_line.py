"""One JSON line in, one JSON line out: the logic behind `newscandle tone`. The surface is stable (docs/quants.md)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from service.errors import BadInput
from service.news import languages
from service.sentiment import explain, toward
from service.sentiment import mentions as finding
from service.sentiment.catalogue import Catalogue
from service.sentiment.score import Mention, MentionForm, MentionScore
from service.sentiment.scorer import Evidence, Label, Scorer, State, identify

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Line:
    """One checked record; `where` names it in errors."""

    where: str
    id: Any
    text: str
    target: str | None
    language: str
    span: Span | None


def score_lines(
    records: Iterable[Any], *, scorer: Scorer, catalogue: Catalogue, batch: int = 256
) -> Iterator[dict[str, Any]]:
    """An answer for each record `{"id", "text", "target"?, "lang"?, "span"?}`, in their order.

    `target` is a catalogue key, one of its names, or any name that occurs in the text; with `span` the mention is
    exactly `text[from:to]`. Without `target`, the tone of the whole text. Raises `BadInput` naming record and field.
    """
    numbered = enumerate(records, start=1)
    while chunk := [_check(number, record) for number, record in islice(numbered, batch)]:
        yield from _score_batch(chunk, scorer, catalogue)


def _score_batch(lines: Sequence[_Line], scorer: Scorer, catalogue: Catalogue) -> Iterator[dict[str, Any]]:
    wanted = [_place(line, scorer, catalogue) for line in lines]
    readings = iter(scorer.score_mentions([one.context for placed in wanted for one in placed]))
    for line, placed in zip(lines, wanted, strict=True):
        items = [toward.rebase(one, next(readings)) for one in placed]
        if line.language not in scorer.languages:
            yield _answer(line, scorer, State.UNSUPPORTED_LANGUAGE, None, None, ())
        elif line.target is None and line.span is None:
            tone = scorer.score_tone(line.text, line.language)
            yield _answer(line, scorer, tone.state, tone.score, tone.label, tone.evidence)
        elif not items:
            yield _answer(line, scorer, State.NO_MENTION, None, None, ())
        else:
            state, score, label = toward.combine(items)
            yield _answer(line, scorer, state, score, label, _evidence(items))


def _evidence(items: Sequence[MentionScore]) -> tuple[Evidence, ...]:
    distinct = {(one.start, one.end, one.rule, one.weight): one for item in items for one in item.evidence}
    return tuple(distinct.values())


def _answer(
    line: _Line,
    scorer: Scorer,
    state: State,
    score: float | None,
    label: Label | None,
    evidence: Sequence[Evidence],
) -> dict[str, Any]:
    return {
        "id": line.id,
        "target": line.target,
        "lang": line.language,
        "state": state.value,
        "score": None if score is None else round(score, 4),
        "label": None if label is None else label.value,
        "scorer": identify(scorer),
        "explanation": explain.as_records(evidence),
    }


def _place(line: _Line, scorer: Scorer, catalogue: Catalogue) -> list[toward.Placed]:
    """The mentions to score: those of the line's target, each in its sentence among the other targets' mentions."""
    if line.language not in scorer.languages or (line.target is None and line.span is None):
        return []
    whole = [(0, len(line.text))]
    sentences = finding.cut_sentences(line.text, line.language, whole)
    found = finding.find(
        line.text, language=line.language, catalogue=catalogue, spans=whole, at=None, sentences=sentences
    )
    own = _own_mentions(line, found, catalogue)
    if line.span is not None:  # the mention asked for is whole, whatever the splitter thinks of it
        sentences = _join(sentences, line.span)
    names = {mention.target for mention in own}
    among = [one for one in found if one.target not in names and not any(_meet(one, mine) for mine in own)]
    placed = toward.place(line.text, line.language, sentences, sorted([*own, *among], key=lambda one: one.start))
    return [one for one in placed if one.mention in own]


def _own_mentions(line: _Line, found: Sequence[Mention], catalogue: Catalogue) -> list[Mention]:
    if line.span is not None:
        return [Mention(line.target or "span", *line.span, MentionForm.LITERAL)]
    assert line.target is not None
    key = catalogue.resolve(line.target)
    known = [mention for mention in found if key is not None and mention.target == key]
    return known or list(finding.find_literal(line.text, line.target, [(0, len(line.text))]))


def _join(sentences: Sequence[Span], span: Span) -> list[Span]:
    """Sentences with those that the span touches made one."""
    touched = [one for one in sentences if one[0] < span[1] and one[1] > span[0]]
    start = min([span[0], *(one[0] for one in touched)])
    end = max([span[1], *(one[1] for one in touched)])
    return sorted([*(one for one in sentences if one not in touched), (start, end)])


def _meet(one: Mention, other: Mention) -> bool:
    return one.start < other.end and other.start < one.end


def _check(number: int, record: Any) -> _Line:
    where = f"line {number}"
    if not isinstance(record, dict):
        raise BadInput(where, record, 'write one JSON object a line: {"id": …, "text": …}')
    where = f"{where} (id {record['id']!r})" if "id" in record else where
    text, target, language = record.get("text"), record.get("target"), record.get("lang")
    if not isinstance(text, str):
        raise BadInput(f"{where}: text", text, "give the text as a string")
    if target is not None and (not isinstance(target, str) or not target.strip()):
        raise BadInput(f"{where}: target", target, "give a catalogue key or a name, or leave it out")
    if language is not None and not isinstance(language, str):
        raise BadInput(f"{where}: lang", language, "give a code such as en or nl, or leave it out")
    code = language.lower().partition("-")[0] if language else languages.detect(text)[0]
    return _Line(where, record.get("id"), text, target, code, _read_span(record.get("span"), text, where))


def _read_span(span: Any, text: str, where: str) -> Span | None:
    if span is None:
        return None
    is_pair = isinstance(span, list) and len(span) == 2 and all(type(number) is int for number in span)
    if not is_pair or not 0 <= span[0] < span[1] <= len(text):
        raise BadInput(f"{where}: span", span, f"give [from, to) in code points of the text, 0 to {len(text)}")
    return span[0], span[1]

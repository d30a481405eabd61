"""How the explanation of a score lies in its JSON column, there and back.

One object per mention, offsets in code points of the revision's text:
`{"start", "end", "form", "state", "score", "label", "evidence": [{"word", "start", "end", "weight", "rule"}],
"probabilities": [negative, neutral, positive] or null, "is_sure", "is_repeat"}`. Rows written before schema 0003 end
with the evidence.
"""

from typing import Any

from service.sentiment.score import Mention, MentionForm, MentionScore
from service.sentiment.scorer import Evidence, Label, State
from storage.upsert import storable


def write_explanation(mentions: tuple[MentionScore, ...]) -> list[dict[str, object]]:
    """The mentions as plain JSON values."""
    return [
        {
            "start": read.mention.start,
            "end": read.mention.end,
            "form": read.mention.form.value,
            "state": read.state.value,
            "score": read.score,
            "label": read.label.value if read.label else None,
            "evidence": [
                {
                    "word": storable(found.word),
                    "start": found.start,
                    "end": found.end,
                    "weight": found.weight,
                    "rule": found.rule,
                }
                for found in read.evidence
            ],
            "probabilities": read.probabilities,
            "is_sure": read.is_sure,
            "is_repeat": read.is_repeat,
        }
        for read in mentions
    ]


def read_explanation(target: str, stored: list[dict[str, Any]]) -> tuple[MentionScore, ...]:
    """The mentions of `target` as they were saved."""
    return tuple(
        MentionScore(
            Mention(target, one["start"], one["end"], MentionForm(one["form"])),
            State(one["state"]),
            one["score"],
            Label(one["label"]) if one["label"] else None,
            tuple(Evidence(**found) for found in one["evidence"]),
            _read_probabilities(one.get("probabilities")),
            one.get("is_sure", True),
            one.get("is_repeat", False),
        )
        for one in stored
    )


def _read_probabilities(stored: list[float] | None) -> tuple[float, float, float] | None:
    if stored is None:
        return None
    negative, neutral, positive = stored
    return negative, neutral, positive

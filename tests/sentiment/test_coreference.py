"""Who “he”, “the bank”, “Fed chair” or a lone surname means: short texts of our own, labelled by hand."""

import sys

import pytest

from service.sentiment import mentions, targets
from service.sentiment.score import MentionForm
from tests.sentiment.coreference_cases import Case, read_cases

CATALOGUE = targets.load()


def answers(case: Case) -> tuple[int, int, int]:
    """How many words were followed rightly, wrongly, and not though they should be.

    A word that is not asked about yet followed is wrong; a country’s name within a title (“US president”) is no answer.
    """
    found = mentions.find(
        case.text, language=case.language, catalogue=CATALOGUE, spans=[(0, len(case.text))], at=case.at
    )
    right = wrong = missed = 0
    unasked = [one for one in found if one.form is MentionForm.PRONOUN]
    for (start, end), expected in case.labels.items():
        here = [
            one
            for one in found
            if (one.start, one.end) == (start, end)
            or (start <= one.start and one.end <= end and one.form is not MentionForm.ALIAS)
        ]
        unasked = [one for one in unasked if one not in here]
        given = here[0].target if here else None
        right += given is not None and given == expected
        wrong += given is not None and given != expected
        missed += given != expected and expected is not None
    return right, wrong + len(unasked), missed


@pytest.mark.parametrize("language", ["en", "nl"])
def test_what_is_followed_is_followed_rightly(language: str, capsys: pytest.CaptureFixture[str]) -> None:
    """≥ 100 cases a language: precision ≥ 0.9 with recall ≥ 0.7, words that mean nobody included."""
    cases = read_cases(language)
    assert sum(len(case.labels) for case in cases) >= 100
    right, wrong, missed = (sum(counts) for counts in zip(*map(answers, cases), strict=True))
    precision, recall = right / (right + wrong), right / (right + missed)
    with capsys.disabled():
        sys.stdout.write(
            f"\ncoreference {language}: precision {precision:.3f}, recall {recall:.3f} of {right + missed}\n"
        )
    assert precision >= 0.9
    assert recall >= 0.7

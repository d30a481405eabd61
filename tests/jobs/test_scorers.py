"""Several scorers side by side on the same articles, a learned one brought by a package among them."""

from pathlib import Path

import pytest

from jobs.house import House
from jobs.ingest import Given, ingest_given
from jobs.score import score_articles
from jobs.settings import Score
from jobs.settings_file import read_settings
from service.errors import BadInput
from service.sentiment.scorer import identify
from tests.jobs.houses import a_house, idle, rows
from tests.sentiment.test_scorers import install

TEXT = "Gold slumps while Bitcoin soars\n\nOn Friday Bitcoin soars again, traders in New York and London said.\n"


def read_one_article(house: House, folder: Path) -> None:
    (folder / "article.txt").write_text(TEXT)
    given = Given((str(folder / "article.txt"),), "given", "2024-05-09T09:00:00Z", "en", "")
    ingest_given(house, given, idle)
    score_articles(house, idle)


def test_each_scorer_of_the_settings_leaves_its_own_scores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same mentions under each name and version; reading again adds nothing."""
    monkeypatch.syspath_prepend(install(tmp_path, "mine = brought:build"))
    with a_house(tmp_path, score=Score(scorers=("rules", "vader", "mine"))) as house:
        read_one_article(house, tmp_path)
        found = rows(
            house, "SELECT scorer, score, mention_count FROM v_scores WHERE target = 'bitcoin' ORDER BY scorer"
        )
        again = score_articles(house, idle)
        wanted = sorted(identify(scorer) for scorer in house.scorers.values())
    assert [name for name, _, _ in found] == wanted
    assert found[1][0].startswith("tiny/1-")  # type: ignore[attr-defined]
    assert found[1][1] > 0.2  # type: ignore[operator]
    assert {mentions for _, _, mentions in found} == {2}
    assert again.counts["readings"] == 0


def test_two_names_of_one_scorer_count_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise every article would be aligned and listed twice under the same name."""
    monkeypatch.syspath_prepend(install(tmp_path, "mine = brought:build", "same = brought:build"))
    with a_house(tmp_path, score=Score(scorers=("mine", "same", "rules"))) as house:
        assert list(house.scorers) == ["mine", "rules"]


def test_a_scorer_nobody_brings_is_refused_when_settings_are_read(tmp_path: Path) -> None:
    """Before anything is opened; the variable is checked as the file is."""
    with pytest.raises(BadInput, match=r"score\.scorers.*oracle.*rules, vader, linear, encoder"):
        read_settings(None, {"NEWSCANDLE_SCORE__SCORERS": "rules,oracle"})

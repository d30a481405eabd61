"""A scorer that raises: the others go on, what it read is kept, what it did not is noted and read by the next run."""

import json
import os
from pathlib import Path

import pytest

from jobs.house import House
from jobs.imports import ArticleImport, import_article_files
from jobs.running import run_job
from jobs.score import score_articles
from jobs.settings import Score
from service.sentiment.scorer import identify
from tests.jobs.houses import REPOSITORY, Hands, a_house, idle, newscandle, rows
from tests.sentiment.test_scorers import install

BRITTLE = """
from pathlib import Path
from service.sentiment.scorer import Label, Reading, State

MENDED = Path(__file__).with_name("mended")

class Brittle:
    name, version, languages = "brittle", "1", frozenset({"en", "nl"})

    def score_mentions(self, contexts):
        if not MENDED.exists():
            for context in contexts:
                if "boom" in context.text:
                    raise RuntimeError("no\\nreading of boom")
        return [Reading(State.SCORED, 0.5, Label.POSITIVE) for _ in contexts]

    def score_tone(self, text, language):
        if not MENDED.exists() and "odd" in text:
            return Reading(State.SCORED, float("nan"), Label.POSITIVE)
        return Reading(State.SCORED, 0.5, Label.POSITIVE)

def build():
    return Brittle()
"""
ARTICLES = 40


def write_news(folder: Path, *spoilt: int, word: str = "boom") -> Path:
    lines = [
        f"2024-01-{1 + n % 28:02}T{n % 24:02}:00:00Z,Bitcoin soars {word if n in spoilt else 'again'} ({n})"
        for n in range(ARTICLES)
    ]
    (folder / "news.csv").write_text("published,title\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return folder / "news.csv"


def readings(house: House) -> dict[str, int]:
    return dict(rows(house, "SELECT scorer, count(*) FROM v_tones GROUP BY scorer"))  # type: ignore[arg-type]


def skips(house: House) -> list[tuple[object, ...]]:
    return rows(house, "SELECT source, stage, reason, detail, count FROM skipped")


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Score:
    """The brittle scorer first, so that whatever it spoils lies after it; batches smaller than the news."""
    monkeypatch.syspath_prepend(install(tmp_path, "brittle = brought:build", source=BRITTLE))
    return Score(scorers=("brittle", "rules"), batch=15)


def test_only_what_a_scorer_raises_for_is_left_and_read_by_the_next_run(tmp_path: Path, settings: Score) -> None:
    clock = Hands()
    with a_house(tmp_path, clock=clock, score=settings) as house:
        rules = identify(house.scorers["rules"])
        import_article_files(house, ArticleImport((write_news(tmp_path, 3, 4, 31),)), idle)
        run = run_job(house, "score", lambda advance: score_articles(house, advance))
        assert readings(house) == {"brittle/1": ARTICLES - 3, rules: ARTICLES}
        assert run.outcome.word == "partial"
        assert run.outcome.counts["failed"] == 3
        told = "brittle/1: scorer_failed: left 3 articles unread until the next run, RuntimeError: no reading of boom"
        assert run.outcome.failures == (told,)
        assert rows(house, "SELECT reason FROM run WHERE job = 'score'") == [(told,)]
        detail = "RuntimeError: no reading of boom"
        assert skips(house) == [("brittle/1", "score", "scorer_failed", detail, 1)] * 3
        [(extracted,)] = rows(house, "SELECT count(*) FROM extracted")
        assert extracted == 2 * ARTICLES
        assert score_articles(house, idle).counts["failed"] == 3  # still broken: counted, not repeated
        assert skips(house) == [("brittle/1", "score", "scorer_failed", detail, 2)] * 3
        (tmp_path / "mended").touch()
        mended = score_articles(house, idle)
        assert (mended.word, mended.counts["readings"], mended.counts["failed"]) == ("ok", 3, 0)
        assert readings(house) == {"brittle/1": ARTICLES, rules: ARTICLES}


def test_a_score_that_is_no_number_is_a_failure_too(tmp_path: Path, settings: Score) -> None:
    """SQLite would keep NaN as nothing, and refuse the article's row."""
    with a_house(tmp_path, score=settings) as house:
        import_article_files(house, ArticleImport((write_news(tmp_path, 7, word="odd"),)), idle)
        made = score_articles(house, idle)
        [told] = made.failures
        assert told.endswith(
            "left 1 article unread until the next run, ValueError: a score of nan, not within -1 and 1"
        )
        assert readings(house)["brittle/1"] == ARTICLES - 1


def test_a_scorer_that_reads_nothing_of_a_batch_is_given_up_for_this_run(tmp_path: Path, settings: Score) -> None:
    """Trying every article of a large store would take as long as it is useless; the others read it all."""
    with a_house(tmp_path, score=settings) as house:
        import_article_files(house, ArticleImport((write_news(tmp_path, *range(ARTICLES)),)), idle)
        made = score_articles(house, idle)
        assert made.counts["failed"] == 15
        assert readings(house) == {identify(house.scorers["rules"]): ARTICLES}
        (tmp_path / "mended").touch()
        assert score_articles(house, idle).counts["readings"] == ARTICLES


def test_the_command_says_so_and_ends_as_one_that_did_part_of_its_work(tmp_path: Path, settings: Score) -> None:
    write_news(tmp_path, 3)
    (tmp_path / "own.toml").write_text(
        f'source = []\n[store]\nurl = "sqlite:///store.db"\n[score]\nscorers = {json.dumps(settings.scorers)}\n',
        encoding="utf-8",
    )
    path = f"{tmp_path}{os.pathsep}{REPOSITORY}"
    newscandle(tmp_path, "-c", "own.toml", "import", "articles", "news.csv", PYTHONPATH=path)
    scored = newscandle(tmp_path, "-c", "own.toml", "score", PYTHONPATH=path)
    assert "  failed: brittle/1: scorer_failed: left 1 article unread" in scored.stdout
    assert (scored.returncode, "Traceback" in scored.stderr) == (0, False)

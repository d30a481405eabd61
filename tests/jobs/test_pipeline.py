"""From a page dump to scores through real processes, and the five jobs in a row when some of them fail."""

import hashlib
import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr

from jobs import sample
from jobs.house import furnish
from jobs.pipeline import STEPS, run_all, run_step
from jobs.settings import Settings, Source, Store
from tests.jobs.houses import LIGHT, a_house, digest_of, newscandle, rows
from tests.web_server import serve

CLUTTER = ("promo", "disclaimer", "bio", "counter")
PUBLISHED = "2025-04-13T09:00:00Z"


@dataclass(frozen=True)
class Read:
    """What a store holds of its one article, read with the rules."""

    text: str
    language: str
    passages: tuple[tuple[str, int, int], ...]
    tone: float
    scores: dict[str, float | None]
    relevance: dict[str, int]
    evidence: tuple[tuple[str, int, int], ...]
    mentions: tuple[tuple[int, int], ...]

    def of_kind(self, *kinds: str) -> list[str]:
        return [self.text[start:end] for kind, start, end in self.passages if kind in kinds]


def read_article(folder: Path, text: Path) -> Read:
    """Ingest and score one text with two real commands; what the store then holds."""
    made = newscandle(folder, "ingest", text, "--published", PUBLISHED, "--json")
    assert (made.returncode, made.stderr) == (0, "")
    assert json.loads(made.stdout)["counts"]["new"] == 1
    scored = newscandle(folder, "score")
    assert (scored.returncode, scored.stderr) == (0, "")
    store = sqlite3.connect(folder / "newscandle.db")
    try:
        [(whole, language)] = store.execute("SELECT text, language FROM revision")
        passages = store.execute("SELECT kind, start_offset, end_offset FROM passage ORDER BY position").fetchall()
        [(tone,)] = store.execute(
            "SELECT tone FROM tone JOIN scoring s ON s.id = scoring_id WHERE scorer LIKE 'rules/%'"
        )
        read = store.execute(
            "SELECT target, score, relevance, explanation FROM score JOIN scoring s ON s.id = scoring_id "
            "WHERE scorer LIKE 'rules/%'"
        ).fetchall()
    finally:
        store.close()
    mentions = [mention for *_, explanation in read for mention in json.loads(explanation)]
    evidence = [one for mention in mentions for one in mention["evidence"]]
    return Read(
        whole,
        language,
        tuple(passages),
        tone,
        {target: score for target, score, _, _ in read},
        {target: relevance for target, _, relevance, _ in read},
        tuple((one["word"], one["start"], one["end"]) for one in evidence),
        tuple((one["start"], one["end"]) for one in mentions),
    )


def assert_only_title_and_body_are_read(read: Read) -> None:
    """Every mention and every word of evidence lies inside one title or body passage, and is what stands there."""
    scored = [(start, end) for kind, start, end in read.passages if kind in ("title", "body")]
    for start, end in [*read.mentions, *((start, end) for _, start, end in read.evidence)]:
        assert any(first <= start < end <= last for first, last in scored)
    for word, start, end in read.evidence:
        assert read.text[start:end].casefold() == word.casefold()


def cut_to_body(read: Read, to: Path) -> Path:
    """The article without anything but its title and its body, as a text of its own."""
    to.write_text("\n\n".join(read.of_kind("title", "body")) + "\n", encoding="utf-8")
    return to


def assert_same_scores(whole: Read, cut: Read) -> None:
    assert cut.of_kind(*CLUTTER) == []
    assert cut.of_kind("title", "body") == whole.of_kind("title", "body")
    assert cut.scores == whole.scores
    assert cut.relevance == whole.relevance
    assert cut.tone == whole.tone


def in_folders(tmp_path: Path, text: Path) -> tuple[Read, Read]:
    """The whole text and its body alone, each read in a store of its own."""
    for name in ("whole", "cut"):
        (tmp_path / name).mkdir()
    whole = read_article(tmp_path / "whole", text)
    return whole, read_article(tmp_path / "cut", cut_to_body(whole, tmp_path / "body.txt"))


@pytest.mark.slow
def test_a_dutch_page_dump_is_read_for_what_it_says(tmp_path: Path) -> None:
    """The sample's page dump: its promotion, disclaimer and byline weigh nothing, to the last digit."""
    whole, cut = in_folders(tmp_path, sample.files().article_nl)
    assert whole.language == "nl"
    for kind in ("promo", "disclaimer", "bio"):
        assert whole.of_kind(kind), kind
    assert whole.scores["bitcoin"] is not None
    assert_only_title_and_body_are_read(whole)
    assert_same_scores(whole, cut)


@pytest.mark.data
@pytest.mark.slow
def test_the_founding_example(shared_data: Path, tmp_path: Path) -> None:
    """The article this program was asked for: Dutch, cluttered, about five actors at once."""
    whole, cut = in_folders(tmp_path, shared_data / "news/article_nl_bukele_trump_bitcoin.txt")
    assert whole.language == "nl"
    assert [kind for kind, _, _ in whole.passages] == [
        "title", "counter", "caption", *["body"] * 10, "promo", "disclaimer", "related", "bio", "bio",
    ]  # fmt: skip
    assert "weergaven" in whole.of_kind("counter")[0]
    assert "Best Wallet" in whole.of_kind("promo")[0]
    assert whole.of_kind("disclaimer")[0].startswith("Let op:")
    assert "Bitcoinmagazine" in whole.of_kind("bio")[1]
    for target in ("bitcoin", "bukele", "trump", "el-salvador", "united-states"):
        assert whole.relevance[target] > 0, target
    assert_only_title_and_body_are_read(whole)
    # English lists know these as words of feeling: "die" (Dutch: that), "Best" (a brand), "assets" (no feeling at all)
    assert not {word.casefold() for word, _, _ in whole.evidence} & {"die", "best", "assets"}
    assert_same_scores(whole, cut)


def test_a_job_that_fails_does_not_keep_the_next_from_trying(tmp_path: Path) -> None:
    """No candles are held and no venue answers: news is read and scored, and each failure is told and in the ledger."""
    (tmp_path / "feed.xml").write_text(
        "<rss><channel><item><title>Bitcoin plunges as miners panic</title></item></channel></rss>", encoding="utf-8"
    )
    settings = Settings().prices
    with serve({}) as web:  # it knows no page at all
        prices = settings.model_copy(update={"venues": ("kraken",), "base_url": web.url, "history_days": 1})
        with a_house(tmp_path, Source(name="s", url="feed.xml"), prices=prices) as house:
            records = list(run_all(house))
            assert [record.job for record in records] == list(STEPS)
            assert [record.outcome.word for record in records] == ["ok", "ok", "ok", "failed", "failed", "failed"]
            assert records[1].outcome.counts["firsts"] == 1
            assert records[2].outcome.counts["scored"] >= 1
            assert "kraken" in records[3].outcome.failures[0]
            assert "newscandle prices" in records[4].outcome.failures[0]
            ledger = rows(house, "SELECT job, outcome, finished_at IS NULL FROM run ORDER BY id")
    assert ledger == [
        ("ingest", "ok", 0),
        ("stories", "ok", 0),
        ("score", "ok", 0),
        ("prices", "failed", 0),
        ("align", "failed", 0),
        ("report", "failed", 0),
    ]


def test_scoring_again_reads_nothing(tmp_path: Path) -> None:
    """An article already read by a scorer with this catalogue is left alone."""
    (tmp_path / "feed.xml").write_text(
        "<rss><channel><item><title>Bitcoin plunges as miners panic</title></item></channel></rss>", encoding="utf-8"
    )
    with a_house(tmp_path, Source(name="s", url="feed.xml")) as house:
        first = [run_step(house, job, STEPS[job]) for job in ("ingest", "score")]
        again = [run_step(house, job, STEPS[job]) for job in ("ingest", "score")]
    assert first[1].outcome.counts["scored"] > 0
    assert again[0].outcome.counts["unchanged"] == 1
    assert not any(again[1].outcome.counts.values())


def test_both_databases_end_with_the_same_content(postgres_url: str, tmp_path: Path) -> None:
    """The sample's feeds, read, scored and read again: what PostgreSQL holds is what SQLite holds."""
    files = sample.files()
    sources = tuple(
        Source(name=path.stem.replace("_", "-"), url=str(path), assume_delay="15m")
        for path in (files.feed_en, files.feed_nl)
    )
    found = []
    for url in (f"sqlite:///{tmp_path / 'store.db'}", postgres_url):
        house = furnish(
            Settings(store=Store(url=SecretStr(url)), score=LIGHT, source=sources, folder=tmp_path), lambda: files.end
        )
        for job in ("ingest", "score", "ingest"):
            assert run_step(house, job, STEPS[job]).outcome.failures == ()
        found.append(digest_of(house))
        house.engine.dispose()
    assert found[0] == found[1]
    assert found[0]["score"] != hashlib.sha256().hexdigest()

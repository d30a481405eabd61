"""Stories in a store: placed once, whatever the batches and the order of arrival; and edits told from it."""

import datetime as dt
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from jobs import differences, story_list
from jobs.align import align_series
from jobs.audit import audit_lookahead
from jobs.cli import app
from jobs.house import House
from jobs.imports import CandleImport, import_candle_files
from jobs.score import score_articles
from jobs.settings import Align, Report, Score
from jobs.stories import tell_stories
from service.instants import Interval
from service.news.article import Article, Dated, InstantOrigin
from storage import articles, database, digest
from storage import stories as stored
from tests.jobs.houses import NOW, Hands, a_house, rows
from tests.news.stories.writer import edit, write_report
from tests.storage.builders import an_article


def publish(name: str, told: tuple[str, str], minutes: float, **changes: object) -> Article:
    at = NOW - dt.timedelta(days=1) + dt.timedelta(minutes=minutes)
    title, text = told
    body = text.removeprefix(f"{title}\n")
    return an_article(
        name, title=title, text=body, source=f"source-{name}", first_seen_at=at, available_at=at, **changes
    )


def take_in(house: House, some: Sequence[Article]) -> None:
    with database.begin(house.engine) as connection:
        articles.save(connection, some, recorded_at=house.clock())


def make_news() -> list[Article]:
    """Ten reports, each with two copies that other sources bring."""
    news = []
    for number in range(10):
        title, text = write_report(number)
        mood = "Bitcoin soars to a record" if number % 2 else "Bitcoin crashes as miners panic"
        told = title, f"{text}\n{mood}."
        news.append(publish(f"{number}", told, 40 * number))
        for copy in (1, 2):
            news.append(publish(f"{number}-{copy}", edit(*told, 0.08, "prefix", copy), 40 * number + 7 * copy))
    return news


def placed(house: House) -> list[tuple[object, ...]]:
    """Every text by its address: which is another row in every store."""
    return rows(
        house,
        "SELECT a.url, story, kind, place, novelty, parent, round(similarity, 9) FROM story_member "
        "JOIN revision r ON r.id = revision_id JOIN article a ON a.id = article_id ORDER BY a.url, number",
    )


def stop_after(batches: int) -> Callable[[int], None]:
    """An advance that cuts the run off when so many batches are stored."""
    seen: list[int] = []

    def stop(count: int) -> None:
        seen.append(count)
        if len(seen) == batches:
            raise KeyboardInterrupt

    return stop


def test_batches_order_and_interruptions_change_nothing(tmp_path: Path) -> None:
    """At once, shuffled in batches of four, and with a run that is cut off after its second batch."""
    news = make_news()
    found = []
    for number, batch in enumerate((500, 4, 4)):
        folder = tmp_path / str(number)
        folder.mkdir()
        with a_house(folder) as house:
            take_in(house, random.Random(number).sample(news, len(news)))
            if number == 2:
                with pytest.raises(KeyboardInterrupt):
                    tell_stories(house, stop_after(2), batch)
                assert len(placed(house)) == 8
            first = tell_stories(house, lambda _: None, batch)
            assert tell_stories(house, lambda _: None).counts["texts"] == 0
            found.append(placed(house))
            if number == 0:
                assert (first.counts["texts"], first.counts["firsts"], first.counts["copies"]) == (30, 10, 20)
    assert found[0] == found[1] == found[2]
    assert len({story for _, story, *_ in found[0]}) == 10
    assert [row[4] for row in found[0][:3]] == [100, 75, 56]


def test_a_late_arrival_goes_by_its_own_time_and_moves_no_other(tmp_path: Path) -> None:
    told = write_report(1)
    copy = edit(*told, 0.05, "words", 1)
    with a_house(tmp_path) as house:
        take_in(house, [publish("b", told, 60), publish("c", copy, 120)])
        tell_stories(house, lambda _: None)
        before = placed(house)
        take_in(house, [publish("a", told, 0), publish("d", told, 90)])
        tell_stories(house, lambda _: None)
        after = placed(house)
    assert [row for row in after if row in before] == before
    stands = {row[0].rsplit("/", 1)[1]: row[1:5] for row in after}  # type: ignore[attr-defined]
    assert stands["a"][1:] == ("first", 1, 100)  # of a story of its own: what came later stays where it is
    assert stands["d"] == (stands["a"][0], "copy", 2, 75)  # equal to both; the earlier tells first
    assert stands["b"][0] == stands["c"][0] != stands["a"][0]


def test_series_that_weigh_by_stories_are_their_own_and_look_at_nothing_later(tmp_path: Path) -> None:
    """Copies carry the news: a series by stories or by novelty differs, is found again, and passes the audit."""
    first = NOW - dt.timedelta(days=1)
    base = Align(targets=("bitcoin",), intervals=(Interval.H1,))
    weighed = base.model_copy(update={"copies": "story", "weight": "novelty", "window": "6h"})
    hours = [f"{int(first.timestamp()) + 3600 * hour},42000,42900,41000,{42000 + 7 * hour},1" for hour in range(20)]
    (tmp_path / "bars.csv").write_text("\n".join(["unix,open,high,low,close,volume", *hours]), "utf-8")
    chosen = {"align": weighed, "report": Report(days=1), "score": Score(scorers=("rules",))}
    with a_house(tmp_path, clock=Hands(NOW), **chosen) as house:  # type: ignore[arg-type]
        wanted = CandleImport((tmp_path / "bars.csv",), "coinbase", "BTC/USD", "1h", last_bar_closed=True)
        import_candle_files(house, wanted, lambda _: None)
        take_in(house, make_news())
        score_articles(house, lambda _: None)
        align_series(house, lambda _: None)
        assert align_series(house, lambda _: None).counts["points_written"] == 0
        tell_stories(house, lambda _: None)
        assert align_series(house, lambda _: None).counts["points_written"] > 5, "placed after they were aligned"
        found = audit_lookahead(house, instants=1, seed=3, self_check=False, advance=lambda _: None)
        assert found.is_passed
        assert min(step.poisoned.changed for step in found.steps) > 0
        plain = replace(house, settings=house.settings.model_copy(update={"align": base}))
        align_series(plain, lambda _: None)
        [one, other] = rows(house, "SELECT key, declaration FROM series ORDER BY id")
        assert one[0] != other[0]
        assert ('"copies":"story"' in str(one[1]), '"copies"' in str(other[1])) == (True, False)


@pytest.fixture(scope="module")
def edited(tmp_path_factory: pytest.TempPathFactory) -> House:
    """An article with a silent edit, one that its source dates, and a return to the first text."""
    clock = Hands(NOW - dt.timedelta(hours=5))
    folder = tmp_path_factory.mktemp("edits")
    first = ("Bitcoin rises", "Bitcoin rises\nBitcoin rises to 64,000 dollars, says Ann Keller. Trump is glad.")
    silent = ("Bitcoin crashes", "Bitcoin crashes\nBitcoin crashes to 46,000 dollars, says Ann Keller. Trump is angry.")
    dated = (silent[0], silent[1] + "\nCorrection: the name of the analyst was added.")
    with a_house(folder, clock=clock) as house:
        for number, (told, modified) in enumerate(((first, 0), (silent, 0), (dated, 2), (first, 0))):
            clock.now = NOW - dt.timedelta(hours=5 - number)
            says = Dated(NOW - dt.timedelta(hours=5 - modified), InstantOrigin.PAGE, "")
            take_in(house, [publish("e", told, 60 * 19 + 60 * number, modified=says)])
            score_articles(house, lambda _: None)
        clock.now = NOW
        tell_stories(house, lambda _: None)
        (folder / "newscandle.toml").write_text(
            f'[store]\nurl = "sqlite:///{folder / "store.db"}"\n[score]\nscorers = ["rules", "vader"]\n', "utf-8"
        )
        yield house


def test_edits_are_told_with_what_they_did_to_the_scores(edited: House) -> None:
    found = differences.list_edits(edited, 7, None)
    by_number = {one.after.number: one for one in found}
    assert sorted(by_number) == [2, 3, 4]
    assert {number: one.is_silent for number, one in by_number.items()} == {2: True, 3: False, 4: False}
    assert by_number[4].after.is_return
    assert [kind.value for kind in by_number[2].difference.kinds] == ["headline", "number"]
    assert [kind.value for kind in by_number[3].difference.kinds] == ["correction"]
    assert by_number[2].difference.numbers == (("64000", "46000"),)
    moved = {(one.scorer.split("/")[0], one.target): one for one in by_number[2].moved}
    assert moved["rules", "bitcoin"].before > 0 > moved["rules", "bitcoin"].after  # type: ignore[operator]
    scored = "SELECT count(DISTINCT revision_id), count(*) FROM tone"
    assert rows(edited, scored) == [(3, 6)], "every new text is read by both scorers"
    then = (NOW - dt.timedelta(hours=4)).isoformat()
    assert [one.after.number for one in differences.list_edits(edited, 7, then)] == [2]


def test_the_commands_tell_it_in_words_json_and_a_page(
    edited: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import json

    monkeypatch.setenv("NEWSCANDLE_CLOCK", NOW.isoformat())
    config = ["--config", str(edited.settings.folder / "newscandle.toml")]
    page = tmp_path / "edit.html"
    asked = ["diff", "https://news.example/e", "--from", "1", "--to", "2"]
    told = CliRunner().invoke(app, [*config, *asked, "--html", str(page)])
    assert told.exit_code == 0, told.output
    assert "[-64,000-]{+46,000+}" in told.output
    assert "<del>64,000</del><ins>46,000</ins>" in page.read_text("utf-8")
    laid = json.loads(CliRunner().invoke(app, [*config, *asked, "--json"]).output)
    assert {"before": "64,000", "after": "46,000"} in laid["text"]
    edits = CliRunner().invoke(app, [*config, "edits", "--days", "7"])
    assert edits.output.startswith("3 edits, 1 of them silent")
    found = json.loads(CliRunner().invoke(app, [*config, "stories", "--target", "bitcoin", "--json"]).output)
    assert [(one["texts"], one["articles"], [text["kind"] for text in one["members"]]) for one in found] == [
        (3, 1, ["first", "revision", "revision"])
    ]
    read = CliRunner().invoke(app, [*config, "read", "https://news.example/e", "--scorer", "rules"])
    assert "story: 3 texts of 1 sources; told first here; novelty 100" in read.output


def test_a_story_as_of_an_instant_holds_what_was_known_then(edited: House) -> None:
    then = NOW - dt.timedelta(minutes=1)
    assert story_list.list_stories(edited, target=None, days=7, as_of=then.isoformat()) == {}
    with database.read(edited.engine) as connection:
        assert stored.count_stories(connection) == {"placed_texts": 3, "stories": 1}
        assert "story_member" in digest.digest(connection)

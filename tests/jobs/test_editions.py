"""Scheduled editions: each slot's once, as of when it is made, and not before its last bar is there."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs import sample
from jobs.align import align_series
from jobs.editions import write_editions
from jobs.house import House
from jobs.imports import ArticleImport, import_article_files
from jobs.report import Wanted, write_reports
from jobs.score import score_articles
from jobs.settings import Align, Report
from service.instants import Interval, parse_instant
from tests.jobs.houses import Hands, a_house, idle
from tests.jobs.test_report_window import take_hours

MONDAY = "2024-03-11"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Seventy days of the sample, to the midnight of a Monday, taken in and aligned as of five past."""
    align = Align(targets=("bitcoin",), intervals=(Interval.D1,))
    clock = Hands(parse_instant(f"{MONDAY}T00:05:00Z"))
    with a_house(tmp_path, clock=clock, align=align, report=Report(surrogates=99, days=65, weekly_days=69)) as made:
        import_article_files(made, ArticleImport((sample.files().news,), source="sample"), idle)
        take_hours(made, tmp_path, 0, 70 * 24)
        score_articles(made, idle)
        align_series(made, idle)
        set_clock(made, f"{MONDAY}T00:10:00Z")
        yield made


def set_clock(house: House, now: str) -> None:
    house.clock.now = parse_instant(now)  # type: ignore[attr-defined]


def document(house: House, stem: str) -> dict[str, dict[str, object]]:
    file = house.settings.folder / "reports" / f"{stem}.json"
    told: dict[str, dict[str, object]] = json.loads(file.read_text(encoding="utf-8"))
    return told


def test_each_edition_is_made_once_and_waits_for_its_last_bar(house: House, tmp_path: Path) -> None:
    made = write_editions(house, idle)
    assert (made.word, made.counts) == ("ok", {"editions": 2})
    daily, weekly = "bitcoin-1d-daily-20240311", "bitcoin-1d-weekly-20240311"
    for stem, start in ((daily, "2024-01-06"), (weekly, "2024-01-02")):
        told = document(house, stem)
        assert (told["sample"]["start"], told["sample"]["end"]) == (f"{start}T00:00:00Z", f"{MONDAY}T00:00:00Z")
        assert told["reproduction"]["as_of"] == f"{MONDAY}T00:10:00Z"
    before = (house.settings.folder / "reports" / f"{daily}.html").read_bytes()
    set_clock(house, f"{MONDAY}T23:10:00Z")
    assert (again := write_editions(house, idle)).counts == {"editions": 0}
    assert (again.word, again.failures) == ("ok", ())
    set_clock(house, "2024-03-12T00:10:00Z")
    late = write_editions(house, idle)
    assert late.word == "failed"
    [failure] = late.failures
    assert failure.startswith("bitcoin-1d-daily-20240312: prices are held to 2024-03-11T00:00:00Z, not yet to ")
    take_hours(house, tmp_path, 70 * 24, 71 * 24)
    align_series(house, idle)
    set_clock(house, "2024-03-12T01:10:00Z")
    assert write_editions(house, idle).counts == {"editions": 1}
    assert document(house, "bitcoin-1d-daily-20240312")["sample"]["end"] == "2024-03-12T00:00:00Z"
    assert (house.settings.folder / "reports" / f"{daily}.html").read_bytes() == before
    asked = write_reports(house, Wanted("bitcoin", "1d", "2024-01-06", MONDAY, f"{MONDAY}T00:10:00Z"), idle)
    remade = Path(asked.notes[0].partition(": ")[2]).stem
    assert document(house, remade)["conclusions"] == document(house, daily)["conclusions"]


def test_only_the_editions_of_the_settings_are_made(house: House) -> None:
    report = house.settings.report.model_copy(update={"editions": ("weekly",)})
    weekly = House(house.settings.model_copy(update={"report": report}), house.engine, house.clock)
    assert [note.partition(":")[0] for note in write_editions(weekly, idle).notes] == ["bitcoin-1d-weekly-20240311"]

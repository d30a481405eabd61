"""A report as it leaves: its files, its proof, its place in the index, in the list and in the trial ledger."""

import json
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager
from html.parser import HTMLParser
from pathlib import Path

import pytest

from dashboards.bundle import build
from dashboards.report import index
from dashboards.templating import read_style
from jobs import sample, verify
from jobs.align import align_series
from jobs.house import House
from jobs.imports import ArticleImport, import_article_files
from jobs.report import Wanted, write_reports
from jobs.report_files import list_reports
from jobs.score import score_articles
from jobs.settings import Align, Report
from service.errors import BadInput
from service.instants import Interval, parse_instant
from tests.jobs.houses import Hands, a_house, idle, newscandle, rows
from tests.jobs.test_report_window import take_hours

DAYS = 75


def open_house(folder: Path) -> AbstractContextManager[House]:
    align = Align(targets=("bitcoin",), intervals=(Interval.D1,))
    clock = Hands(parse_instant("2024-09-11"))
    return a_house(folder, clock=clock, align=align, report=Report(surrogates=99, days=DAYS))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seventy-five days of the sample: imported, scored, aligned by day; made once."""
    folder = tmp_path_factory.mktemp("reports")
    with open_house(folder) as made:
        import_article_files(made, ArticleImport((sample.files().news,), source="sample"), idle)
        take_hours(made, folder, 0, DAYS * 24)
        score_articles(made, idle)
        align_series(made, idle)
    return folder / "store.db"


@pytest.fixture
def house(store: Path, tmp_path: Path) -> Iterator[House]:
    """A house of this test's own on a copy of that store."""
    shutil.copyfile(store, tmp_path / "store.db")
    with open_house(tmp_path) as made:
        yield made


def write(house: House, **asked: str) -> Path:
    """Make one report; gives where its HTML lies."""
    told = write_reports(house, Wanted("bitcoin", "1d", **asked), idle)
    return Path(told.notes[0].partition(": ")[2])


def ledger(house: House) -> list[tuple[object, ...]]:
    return rows(house, "SELECT tests, tests_so_far FROM v_trials ORDER BY made_at_us, tests_so_far")


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name in ("href", "src")]


def test_a_report_is_proved_by_what_lies_beside_it(house: House, tmp_path: Path) -> None:
    """By HTML or bundle, in another folder, without store or settings; a changed byte of the page is named."""
    page = write(house)
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    for file in page.parent.glob(f"{page.stem}.*"):
        shutil.copy(file, moved)
    found = verify.verify_file(moved / page.name)
    assert found.is_identical, found.differences
    assert len([one for one in found.checked if "beside it" in one]) == len(build.FORMS)
    (moved / page.name).write_bytes(page.read_bytes().replace(b"</h1>", b"!</h1>", 1))
    ended = newscandle(moved, "report", "verify", f"{page.stem}{build.SUFFIX}")
    assert (ended.returncode, ended.stderr) == (1, "")
    assert ended.stdout.startswith(f"{page.stem}{build.SUFFIX}: NOT the same")
    assert "differs: the .html beside it: differs from byte" in ended.stdout
    assert {file.suffix for file in moved.iterdir()} == {*build.FORMS, ".zip"}, "no store was made"


@pytest.mark.parametrize("name", ["a.bundle.zip", "a.html", "a.txt"])
def test_what_is_no_bundle_ends_with_two(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"PK\x03\x04 not a bundle")
    ended = newscandle(tmp_path, "report", "verify", name)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("newscandle: FILE: ")


def test_the_same_report_counts_once_and_each_choice_tells_of_all(house: House) -> None:
    """Made again, nothing is added and every byte is the same; another window adds its own, and says so on its card."""
    page = write(house)
    first = {file.name: file.read_bytes() for file in page.parent.iterdir() if file.name.startswith(page.stem)}
    [(tests, so_far)] = ledger(house)
    assert tests == so_far
    assert write(house) == page
    assert {name: (page.parent / name).read_bytes() for name in first} == first
    assert len(ledger(house)) == 1
    other = write(house, start="2024-01-08")
    told = json.loads(other.with_suffix(".json").read_text(encoding="utf-8"))["ledger"]
    assert ledger(house)[1] == (told["here"], told["total"])
    assert (told["earlier"], told["total"]) == (tests, tests + told["here"])
    again = json.loads(write(house).with_suffix(".json").read_text(encoding="utf-8"))["ledger"]
    assert (again["earlier"], again["here"]) == (told["here"], tests)
    assert len(ledger(house)) == 2


def test_the_index_links_what_lies_there_newest_first(house: House) -> None:
    first = write(house)
    house.clock.now = parse_instant("2024-09-12")  # type: ignore[attr-defined]
    second = write(house, start="2024-01-08")
    house.clock.now = parse_instant("2024-09-13")  # type: ignore[attr-defined]
    write(house)
    page = (first.parent / "index.html").read_text(encoding="utf-8")
    links = _Links()
    links.feed(page)
    assert links.found == [first.name, second.name]
    assert "2024-09-13 00:00" in page
    cards = list_reports(house)
    assert [card.html_name for card in cards] == [first.name, second.name]
    document = json.loads(first.with_suffix(".json").read_text(encoding="utf-8"))
    assert cards[0].verdicts == tuple((one["direction"], one["verdict"]) for one in document["conclusions"])
    assert index.as_text(cards).splitlines()[0].startswith(f"{first.name}  (bitcoin 1d, 2024-01-01T00:00:00Z … ")
    assert [one["html"] for one in map(index.as_json, list_reports(house, limit=1))] == [first.name]
    assert list_reports(house, target="trump") == []
    second.unlink()
    write(house)
    assert second.name not in (first.parent / "index.html").read_text(encoding="utf-8")


def test_every_verdict_of_the_index_has_a_style_of_its_own() -> None:
    style = str(read_style("dashboards.report", "report.css"))
    assert [name for name in index.CLASSES.values() if f".{name}" not in style] == []


def test_pdf_without_its_extra_is_refused_before_any_work(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "weasyprint", None)
    with pytest.raises(BadInput, match=r"newscandle\[pdf\]"):
        write_reports(house, Wanted("bitcoin", "1d", with_pdf=True), idle)
    assert not (house.settings.folder / "reports").exists()


def test_a_dutch_report_lies_beside_the_english_one_and_proves_itself(house: House) -> None:
    """By the option or by the settings; the bundle holds the language, so verify makes the same Dutch page."""
    english, dutch = write(house), write(house, language="nl")
    assert dutch.stem == f"{english.stem}-nl"
    page = dutch.read_text(encoding="utf-8")
    assert '<html lang="nl">' in page
    assert '<span lang="en">' not in page
    assert "--language nl" in page
    assert verify.verify_file(dutch).is_identical
    told = [json.loads(file.with_suffix(".json").read_text(encoding="utf-8")) for file in (english, dutch)]
    for report in told:
        report["reproduction"]["command"] = ""
    assert told[0] == told[1]


def test_a_language_there_is_none_of_is_refused(house: House) -> None:
    with pytest.raises(BadInput, match="choose one of en, nl"):
        write(house, language="fr")

"""The doctor: nothing on a sound store, everything on a corrupted one, a finding for whatever keeps it from looking."""

import dataclasses
import json
import random
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from benchmarks.corruption_kinds import KINDS, Nothing
from benchmarks.corruptions import CONTENT, Ground, corrupt, examine
from benchmarks.sound_store import build
from jobs import doctor
from jobs.checks.everything import all_checks, write_table
from jobs.checks.ward import Ward
from jobs.cli import app
from jobs.doctor import Wanted, examine_ward
from jobs.seal import accept_changes
from jobs.settings import Align, Daemon, Prices, Score, Settings, Source
from service.errors import BadInput
from service.integrity.checks import Cost, Family
from storage import database, report_files, schema, seals
from storage.seal_parts import all_parts
from tests.databases import IN_MEMORY
from tests.jobs.houses import LOCAL, REPOSITORY
from tests.web_server import Answer, serve

_SAME = (("one", "https://www.example.org/feed?utm_source=x"), ("two", "http://example.org/feed"))
MARK = "<!-- written by python -m jobs.checks.everything -->\n"


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    """A sound store on SQLite, with one file of a report."""
    with tempfile.TemporaryDirectory(prefix="newscandle-", dir=IN_MEMORY) as place:
        folder = Path(place)
        house = build(folder, f"sqlite:///{folder / 'store.db'}", bars=60, with_report=False, hours=3)
        (folder / "reports").mkdir()
        (folder / "reports" / "r.html").write_bytes(b"<p>a report</p>")
        with database.begin(house.engine) as connection:
            files = {"r.html": b"<p>a report</p>"}
            report_files.save(connection, files, report_key="k", written_at=house.clock())
        yield Ground(house, folder)


def test_a_sound_store_has_no_findings(ground: Ground) -> None:
    """After edits, returns, holes, restated bars and seals of two rounds; --deep computes the series again."""
    patient = ground.copy()
    assert examine(ground.house, patient) == []
    assert examine(ground.house, patient, frozenset({Family.LEDGER})) == []


@pytest.mark.parametrize("kind", list(KINDS))
def test_each_kind_of_corruption_is_found(ground: Ground, kind: str) -> None:
    chance = random.Random(kind)
    for _ in range(200):
        patient = ground.copy()
        try:
            what = corrupt(patient, kind, chance, ground.sound)
        except Nothing:
            continue
        families = CONTENT if kind in ("flip page", "insert row") else frozenset({Family.SEALS, Family.REPORTS})
        assert examine(ground.house, patient, families), what
        return
    pytest.fail(f"nothing to corrupt: {kind}")


def _settings(folder: Path, store: str) -> Path:
    file = folder / "newscandle.toml"
    file.write_text(f'source = []\n[store]\nurl = "{store}"\n[ingest]\ncontact = "a@b.example"\n', encoding="utf-8")
    return file


def _codes(file: Path, *only: str) -> set[str]:
    found = doctor.examine(file, doctor.choose(only, deep=False, online=False))
    assert "fault" not in {one.check for one in found.findings}
    assert all(one.text and one.remedy for one in found.findings)
    return {one.check for one in found.findings if one.severity.value != "note"}


def test_whatever_keeps_it_from_looking_is_a_finding(ground: Ground, tmp_path: Path) -> None:
    """No store, a file that is none, one cut short, one without tables, a table gone, settings that say nothing."""
    file = _settings(tmp_path, "sqlite:///there.db")
    assert _codes(file, "schema", "news") == {"store"}
    assert not (tmp_path / "there.db").exists()
    (tmp_path / "there.db").write_bytes(b"no database at all" * 400)
    assert "store" in _codes(file, "schema", "news")
    whole = (ground.folder / "store.db").read_bytes()
    (tmp_path / "there.db").write_bytes(whole[: len(whole) // 2])
    assert _codes(file, "schema", "seals", "prices")
    (tmp_path / "there.db").unlink()
    sqlite3.connect(tmp_path / "there.db").close()
    (tmp_path / "there.db").touch()
    assert _codes(file, "schema", "news") == {"store"}
    (tmp_path / "there.db").write_bytes(whole)
    with sqlite3.connect(tmp_path / "there.db") as connection:
        connection.execute("DROP INDEX ix_revision_available_at")
        connection.execute("DROP VIEW v_scores")
        connection.execute("DROP TABLE quote_target")
    connection.close()
    assert {"schema_laid", "schema_views", "store"} <= _codes(file, "schema", "scores")
    file.write_text("[store\n", encoding="utf-8")
    assert _codes(file) == {"settings"}
    with pytest.raises(BadInput, match="settings, schema"):
        doctor.choose(["everything"], deep=False, online=False)


def test_it_reads_and_never_writes(ground: Ground) -> None:
    patient = ground.copy()
    assert patient.file is not None
    before = patient.file.read_bytes()
    examine(ground.house, patient, frozenset(Family) - {Family.SETTINGS})
    assert patient.file.read_bytes() == before


def test_a_finding_names_the_range_and_the_rows(ground: Ground) -> None:
    patient = ground.copy()
    with patient.engine.begin() as connection:
        connection.execute(sa.update(schema.candle).where(schema.candle.c.number == 2).values(low=0.5, high=0.25))
        connection.execute(sa.delete(schema.story_member))
    patient.engine.dispose()
    settings = ground.house.settings.model_copy(update={"folder": patient.reports.parent})
    ward = Ward(settings, patient.reader, ground.house.clock)
    found = {one.check: one for one in examine_ward(ward, Wanted(CONTENT)).findings}
    assert "market_id 1, open_at 2024-" in found["candle_shape"].text
    assert "0 rows where" in found["sealed_story_member"].text
    patient.reader.dispose()


def test_the_command_speaks_text_and_json_and_ends_with_the_seal(ground: Ground, tmp_path: Path) -> None:
    (tmp_path / "there.db").write_bytes((ground.folder / "store.db").read_bytes())
    file = _settings(tmp_path, "sqlite:///there.db")
    words = ["--config", str(file), "doctor", "--only", "seals", "--only", "prices"]
    told = CliRunner().invoke(app, [*words, "--print-seal"])
    assert told.exit_code == 1  # of 2024: nothing was sealed lately
    assert "seal_age (seals): The last seal was set at 2024-05-1" in told.output
    name, number, chain = told.output.splitlines()[-1].split()
    assert (name, len(chain)) == ("seal", 64)
    assert int(number) >= len(all_parts()) - 4
    told = CliRunner().invoke(app, [*words, "--json"])
    document = json.loads(told.output)
    assert not document["healthy"]
    assert [one["check"] for one in document["findings"]] == ["seal_age"]
    assert set(document["findings"][0]) == {"family", "check", "subject", "severity", "text", "remedy"}


def test_online_asks_sources_and_compares_clocks(ground: Ground, tmp_path: Path) -> None:
    """A source that answers 404 is told, one that answers is not; a clock of 2024 is years behind what it says."""
    with serve({"/feed": Answer(body=b"<rss version='2.0'><channel/></rss>")}) as web:
        sources = tuple(Source(name=name, url=f"{web.url}/{name}") for name in ("feed", "gone"))
        settings = Settings(ingest=LOCAL, source=sources, prices=Prices(venues=()), folder=tmp_path)
        ward = Ward(settings, ground.copy().reader, ground.house.clock)
        families = frozenset({Family.SOURCES, Family.VENUES, Family.CLOCK})
        found = {(one.check, one.subject): one for one in examine_ward(ward, Wanted(families, online=True)).findings}
        assert [subject for check, subject in found if check == "sources_answer"] == ["gone"]
        assert "behind" in found["clock_others", "clock"].text
        asked = len(web.log)
        assert "sources_answer" not in {one.check for one in examine_ward(ward, Wanted(families)).findings}
        assert len(web.log) == asked
    ward.engine.dispose()


def test_settings_that_cannot_work_are_told(ground: Ground, tmp_path: Path) -> None:
    """Names nobody has, one address twice, a schedule that is none; each says what to do."""
    sources = tuple(Source(name=name, url=url) for name, url in _SAME)
    settings = Settings(
        source=sources,
        align=Align(targets=("bitcoin", "nobody")),
        daemon=Daemon(zone="Europe/Nowhere"),
        score=Score(scorers=("rules",), targets_file=""),
        folder=tmp_path,
    )
    ward = Ward(settings, ground.copy().reader, ground.house.clock)
    found = {(one.check, one.subject) for one in examine_ward(ward, Wanted(frozenset({Family.SETTINGS}))).findings}
    wrong = {("targets", "align.targets"), ("schedules", "settings"), ("sources_same", "one"), ("contact", "settings")}
    assert found == wrong
    ward.engine.dispose()


def test_what_somebody_answers_for_is_sealed_again(ground: Ground) -> None:
    """By part and with a reason, which stays on record; not without."""
    patient = ground.copy()
    house = dataclasses.replace(ground.house, engine=patient.engine)
    with patient.engine.begin() as connection:
        connection.execute(sa.update(schema.candle).values(volume=schema.candle.c.volume + 1))
    assert examine(house, patient, frozenset({Family.SEALS})) == ["sealed_candle candle"]
    for part, reason in (("candles", "mended"), ("candle", " ")):
        with pytest.raises(BadInput):
            accept_changes(house, part, reason)
    assert accept_changes(house, "candle", "mended").counts["ranges"] > 0
    assert examine(house, patient, frozenset({Family.SEALS})) == []
    with database.read(patient.engine) as connection:
        assert [one.reason for one in seals.iterate(connection)][-1] == "mended"
    patient.engine.dispose()


def test_deep_computes_series_again(ground: Ground) -> None:
    """A point that was changed and sealed again by whoever changed it is still not what its articles give."""
    patient = ground.copy()
    wanted = Wanted(frozenset({Family.SERIES, Family.SEALS}), deep=True)
    settings = ground.house.settings.model_copy(update={"folder": patient.reports.parent})
    ward = Ward(settings, patient.engine, ground.house.clock)
    assert examine_ward(ward, wanted).findings == ()
    point = schema.series_point
    with database.begin(patient.engine) as connection:
        at = list(connection.scalars(sa.select(sa.type_coerce(point.c.recorded_at, sa.BigInteger)).distinct()))
        with seals.resealing(connection, {"series_point": at}, reason="cunning", at=ground.house.clock()):
            connection.execute(sa.update(point).where(point.c.close.is_not(None)).values(volume=point.c.volume + 1))
    found = examine_ward(ward, wanted).findings
    assert {one.check for one in found} == {"series_recomputed"}
    patient.engine.dispose()


def test_every_check_says_what_it_proves_and_the_page_lists_them() -> None:
    """If this fails: write `python -m jobs.checks.everything` behind the mark in docs/doctor.md."""
    checks = [one.check for one in all_checks()]
    assert len({one.code for one in checks}) == len(checks)
    assert {one.cost for one in checks} == set(Cost)
    assert {one.family for one in checks} == set(Family)
    page = (REPOSITORY / "docs" / "doctor.md").read_text(encoding="utf-8")
    assert page.partition(MARK)[2].strip() == write_table().strip()

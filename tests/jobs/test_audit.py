"""The audit of look-ahead on a small real store: silent where there is none, loud where there is."""

import csv
import datetime as dt
import json
import random
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from jobs import findings
from jobs.align import align_series
from jobs.audit import EARLY_NEWS, FORGETFUL, STAMPED_AT_OPEN, WITHOUT_AS_OF, Findings, audit_lookahead
from jobs.cli import app
from jobs.console import run_app
from jobs.evidence import card_sample
from jobs.house import House
from jobs.imports import ArticleImport, CandleImport, import_article_files, import_candle_files
from jobs.markets import choose_market
from jobs.score import score_articles
from jobs.settings import Align, Report, Score, Settings
from service.errors import WorkFailed
from service.instants import Interval, Window
from service.sentiment.scorer import identify
from storage import database, series
from storage.poison import Clock
from tests.jobs.houses import Hands, a_house, digest_of, idle

FIRST = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
HOURS = 24 * 6
HOLE = range(70, 90)
ALIGN = Align(targets=("bitcoin",), intervals=(Interval.H1,))
TITLES = (
    "Bitcoin plunges as miners panic",
    "Bitcoin gains again",
    "A quiet day",
    "Bitcoin is a coin",
    '"Bitcoin is a brilliant success," said Bukele.',
    "SEC sues Binance over bitcoin tokens",
)


def write_files(folder: Path) -> None:
    """Six days of hours with a hole by two venues, and a story every two hours and eleven minutes."""
    chance = random.Random(3)
    for venue in ("coinbase", "kraken"):
        hours = [
            f"{int(FIRST.timestamp()) + 3600 * hour},42000,42900,41000,{42000 + chance.randint(-500, 500)},{1 + hour}"
            for hour in range(HOURS)
            if hour not in HOLE
        ]
        lines = ["unix,open,high,low,close,volume", *hours]
        (folder / f"{venue}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    rows = [
        (f"{FIRST + n * dt.timedelta(minutes=131):%Y-%m-%dT%H:%M:%SZ}", f"{TITLES[n % 6]} ({n})") for n in range(60)
    ]
    with (folder / "news.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("published", "title"), *rows])


def fill(house: House, folder: Path, clock: Hands) -> House:
    """Take it all in: coinbase and the news first, the other venue three days later, aligned after each."""
    write_files(folder)
    import_article_files(house, ArticleImport((folder / "news.csv",)), idle)
    for venue in ("coinbase", "kraken"):
        wanted = CandleImport((folder / f"{venue}.csv",), venue, "BTC/USD", "1h", last_bar_closed=True)
        import_candle_files(house, wanted, idle)
        score_articles(house, idle)
        align_series(house, idle)
        clock.now += dt.timedelta(days=3)
    return house


@pytest.fixture
def house(engine: sa.Engine, tmp_path: Path) -> House:
    """The small store, on SQLite and on PostgreSQL."""
    clock = Hands(dt.datetime(2024, 5, 1, tzinfo=dt.UTC))
    settings = Settings(score=Score(scorers=("rules",)), align=ALIGN, report=Report(days=4), folder=tmp_path)
    return fill(House(settings, engine, clock), tmp_path, clock)


@pytest.fixture
def lite(tmp_path: Path) -> Iterator[House]:
    """The small store, on SQLite alone."""
    clock = Hands(dt.datetime(2024, 5, 1, tzinfo=dt.UTC))
    with a_house(tmp_path, clock=clock, align=ALIGN, report=Report(days=4), score=Score(scorers=("rules",))) as made:
        yield fill(made, tmp_path, clock)


def audit(house: House, **chosen: int) -> Findings:
    return audit_lookahead(house, **{"instants": 2, "seed": 4, "self_check": True, "advance": idle, **chosen})  # type: ignore[arg-type]


def with_embargo(house: House, seconds: int) -> House:
    """The house with an embargo its settings would refuse: news is aligned before it was available."""
    leaky = house.settings.align.model_copy(update={"embargo_seconds": seconds})
    return replace(house, settings=house.settings.model_copy(update={"align": leaky}))


def test_nothing_said_of_the_past_changes_and_every_planted_leak_is_found(house: House) -> None:
    before = digest_of(house)
    found = audit(house)
    assert [(step.clock, len(step.changes)) for step in found.steps] == [(Clock.AVAILABLE, 0)] * 2 + [
        (Clock.KNOWN, 0)
    ] * 2
    for step in found.steps:
        assert step.values > 500
        assert step.poisoned.changed + step.poisoned.invented > 100
    assert set(found.planted) == {EARLY_NEWS, STAMPED_AT_OPEN, WITHOUT_AS_OF, *FORGETFUL.values()}
    assert all(found.planted.values())
    assert found.is_passed
    assert digest_of(house) == before


def test_an_alignment_that_takes_news_early_is_caught(lite: House) -> None:
    """An offset of minus an hour, through the job's own code: the series and the report made of it leak."""
    found = audit(with_embargo(lite, -3600), self_check=False)
    assert not found.is_passed
    leaks = [change for step in found.steps for change in step.changes]
    assert all(change.before != change.after for change in leaks)
    told_early = {change.column for change in leaks if change.answer.startswith("series bitcoin 1h rules")}
    assert told_early & {"sentiment", "scored", "no_signal"}
    assert not told_early & {"close", "log_return", "realised_volatility", "volume"}
    assert any(change.answer == "report on bitcoin 1h" for change in leaks)
    told = findings.describe(found)
    assert "LEAK 2024-01-0" in told
    assert told.endswith("FAILED")
    document = json.loads(json.dumps(findings.as_json(found)))
    assert document["passed"] is False
    assert sum(len(one["leaks"]) for one in document["instants"]) == len(leaks)


def test_holding_news_back_is_no_leak(lite: House) -> None:
    assert audit(with_embargo(lite, 900), self_check=False).is_passed


def test_an_audit_that_cannot_see_fails(lite: House) -> None:
    """A planted leak that changes nothing fails the audit, though no output does."""
    sound = audit(lite, instants=1)
    blind = replace(sound, planted={**sound.planted, EARLY_NEWS: 0})
    assert (sound.is_passed, blind.is_passed) == (True, False)
    assert "NOT FOUND" in findings.describe(blind)


def test_a_hole_that_goes_on_is_told_up_to_the_end_of_the_window(lite: House) -> None:
    """How long it lasted is known only when it ends."""
    end = FIRST + dt.timedelta(hours=80)
    market = choose_market(lite, Interval.H1)
    window = Window(FIRST, end)
    with database.read(lite.engine) as connection:
        made = series.load(
            connection,
            target="bitcoin",
            scorer=identify(lite.scorers["rules"]),
            catalogue=lite.catalogue.digest,
            venue=market.venue,
            symbol=market.symbol,
            aggregation=series.load_declarations(connection)[0].aggregation,
            window=window,
        )
    assert made is not None
    [hole] = card_sample(lite, window, market, made).gaps
    assert (hole.start, hole.end, hole.bars) == (FIRST + dt.timedelta(hours=70), end, 10)


def test_where_there_is_nothing_to_audit_it_says_what_to_do(tmp_path: Path) -> None:
    with a_house(tmp_path, align=ALIGN) as empty:
        with pytest.raises(WorkFailed, match="newscandle prices"):
            audit(empty)
        write_files(tmp_path)
        wanted = CandleImport((tmp_path / "coinbase.csv",), "coinbase", "BTC/USD", "1h", last_bar_closed=True)
        import_candle_files(empty, wanted, idle)
        with pytest.raises(WorkFailed, match="newscandle score"):
            audit(empty)


def test_the_command_passes_on_a_sound_store(
    lite: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "own.toml").write_text(
        'source = []\n[store]\nurl = "sqlite:///store.db"\n[score]\nscorers = ["rules"]\n'
        '[align]\ntargets = ["bitcoin"]\nintervals = ["1h"]\n',
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path)
    words = ("-c", "own.toml", "audit", "lookahead", "--instants", "1", "--json")
    monkeypatch.setattr(sys, "argv", ["newscandle", *words])
    with pytest.raises(SystemExit) as ended:
        run_app(app)
    assert ended.value.code == 0
    told = json.loads(capsys.readouterr().out)
    assert told["passed"] is True
    assert [one["clock"] for one in told["instants"]] == ["available", "known"]
    assert min(told["planted"].values()) > 0


def test_a_market_whose_prices_ended_before_any_report_window_is_left_out(lite: House, tmp_path: Path) -> None:
    """Four hundred days that ended half a year before the news: no report can look at them, and the audit goes on."""
    days = [f"{int(FIRST.timestamp()) - 86_400 * (600 - n)},42000,42900,41000,{42000 + n},9" for n in range(400)]
    (tmp_path / "days.csv").write_text("\n".join(["unix,open,high,low,close,volume", *days]) + "\n", encoding="utf-8")
    align = Align(targets=("bitcoin",), intervals=(Interval.H1, Interval.D1))
    house = replace(lite, settings=lite.settings.model_copy(update={"align": align}))
    wanted = CandleImport((tmp_path / "days.csv",), "bitstamp", "BTC/USD", "1d", last_bar_closed=True)
    import_candle_files(house, wanted, idle)
    align_series(house, idle)
    assert choose_market(house, Interval.D1).venue == "bitstamp"
    assert audit(house, self_check=False).is_passed

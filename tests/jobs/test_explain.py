"""Every stored point leads back to its articles, words and candles, on both databases; late news moves only its bar."""

import datetime as dt
import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from jobs.align import align_series
from jobs.explain import describe, explain_point
from jobs.house import House
from jobs.imports import ArticleImport, CandleImport, import_article_files, import_candle_files
from jobs.score import score_articles
from jobs.settings import Align, Settings
from service.errors import BadInput
from service.instants import Interval, format_instant, from_millis, parse_instant, to_millis
from storage import database
from tests.jobs.houses import LIGHT, NOW, Hands, idle

FIRST, HOURS = 1_714_521_600, 48  # 2024-05-01
TITLES = (
    "Bitcoin plunges as miners panic",
    "Bitcoin gains again",
    "The SEC sues a Bitcoin broker",
    "Bitcoin is a coin",
)
EMBARGOED = Align(targets=("bitcoin",), intervals=(Interval.H1,), embargo_seconds=3 * 3600)

WIDE = Align(targets=("bitcoin",), intervals=(Interval.H1,), window="3h", half_life="1h", relevance_floor=80)


def write_news(file: Path, every: int, stories: int, mark: str) -> Path:
    """A CSV of `stories` titles, one each `every` seconds."""
    lines = [
        f"{from_millis((FIRST + n * every) * 1000):%Y-%m-%dT%H:%M:%SZ},{TITLES[n % 4]} ({mark} {n})"
        for n in range(stories)
    ]
    file.write_text("published,title\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return file


def read_in(house: House, news: Path) -> None:
    """Import, score and align."""
    import_article_files(house, ArticleImport((news,)), idle)
    score_articles(house, idle)
    align_series(house, idle)


@pytest.fixture
def house(engine: sa.Engine, tmp_path: Path) -> House:
    """Two days of hours and a story every 25 minutes, aligned by the hour and the day."""
    settings = Settings(
        score=LIGHT, align=Align(targets=("bitcoin",), intervals=(Interval.H1, Interval.D1)), folder=tmp_path
    )
    made = House(settings, engine, Hands())
    hours = [f"{FIRST + 3600 * hour},42000,42900,41000,{42000 + hour},1.5" for hour in range(HOURS)]
    (tmp_path / "hours.csv").write_text("unix,open,high,low,close,volume\n" + "\n".join(hours) + "\n", encoding="utf-8")
    wanted = CandleImport((tmp_path / "hours.csv",), "coinbase", "BTC/USD", "1h", last_bar_closed=True)
    import_candle_files(made, wanted, idle)
    read_in(made, write_news(tmp_path / "news.csv", 1500, 100, "first"))
    return made


def points(house: House) -> list[tuple[str, float | None]]:
    """Every point stored, as it is spelled, and its sentiment."""
    with database.read(house.engine) as connection:
        rows = connection.execute(sa.text("SELECT interval, scorer, open_at_us, sentiment FROM v_series"))
        return [
            (f"bitcoin/{code}/{scorer}@{from_millis(micros // 1000):%Y-%m-%dT%H:%MZ}", value)
            for code, scorer, micros, value in rows
        ]


def test_every_point_is_reproduced_and_late_news_moves_only_its_own(house: House, tmp_path: Path) -> None:
    before = {}
    for spelled, sentiment in points(house):
        told = explain_point(house, spelled)
        assert told["is_reproduced"] is True
        assert told["recomputed"] == sentiment
        if sentiment is not None:
            parts = [one["contribution"] for one in told["articles"]]
            assert abs(math.fsum(parts) - sentiment) <= 1e-12
        before[spelled] = told
    assert len(before) == len(house.scorers) * (HOURS + 2)
    house.clock.now = NOW + dt.timedelta(days=1)  # type: ignore[attr-defined]
    import_article_files(house, ArticleImport((write_news(tmp_path / "late.csv", 7200, 3, "late"),)), idle)
    score_articles(house, idle)
    for spelled, told in before.items():
        assert explain_point(house, spelled) == told  # what the stored value was made of, not what is held since
    align_series(house, idle)
    moved = set()
    for spelled, _ in points(house):
        told = explain_point(house, spelled)
        assert told["is_reproduced"] is True
        if told != before[spelled]:
            moved.add(spelled.partition("@")[2])
            assert told["point"]["number"] == 2
    assert moved == {"2024-05-01T00:00Z", "2024-05-01T02:00Z", "2024-05-01T04:00Z"}


LISTED = ("revision_id", "url", "source", "title", "language", "available_at", "state", "score", "relevance")


def lineage_in_sql(house: House) -> dict[tuple[object, ...], list[dict[str, object]]]:
    """The rows of v_lineage by series and bar, in the order explain lists articles."""
    with database.read(house.engine) as connection:
        found = connection.execute(
            sa.text("SELECT * FROM v_lineage ORDER BY open_at_us, available_at_us, revision_id")
        ).mappings()
        rows: dict[tuple[object, ...], list[dict[str, object]]] = {}
        for row in found:
            known = format_instant(from_millis(row["available_at_us"] // 1000))
            rows.setdefault((row["series"], row["open_at_us"]), []).append({**row, "available_at": known})
        return rows


def counted_in_sql(house: House) -> dict[tuple[object, ...], int]:
    """How many articles count in each bar that has any, by series and bar."""
    with database.read(house.engine) as connection:
        told = connection.execute(sa.text("SELECT series, open_at_us, scored + no_signal FROM v_series"))
        return {(series, micros): count for series, micros, count in told if count}


def test_the_view_lists_what_explain_lists(house: House, tmp_path: Path) -> None:
    """Before and after late news, with and without embargo, window and floor; no bar more or less."""
    others = [replace(house, settings=house.settings.model_copy(update={"align": one})) for one in (EMBARGOED, WIDE)]
    for one in others:
        align_series(one, idle)
    house.clock.now = NOW + dt.timedelta(days=1)  # type: ignore[attr-defined]
    import_article_files(house, ArticleImport((write_news(tmp_path / "late.csv", 7200, 3, "late"),)), idle)
    score_articles(house, idle)
    spelled = [
        *(f"bitcoin/1h@2024-05-0{day}T0{hour}:00Z" for day in (1, 2) for hour in (0, 4, 5)),
        "bitcoin/1d@2024-05-01",
    ]
    for _ in range(2):
        listed = lineage_in_sql(house)
        assert {bar: len(rows) for bar, rows in listed.items()} == counted_in_sql(house)
        for one in (house, *others):
            for point in spelled:
                told = explain_point(one, point)
                micros = to_millis(parse_instant(told["point"]["open_at"], "point")) * 1000
                check(listed.get((told["series"]["key"], micros), []), told)
        align_series(house, idle)


def check(rows: list[dict[str, object]], told: dict[str, Any]) -> None:
    """The rows of one bar are the articles and the candle that explain names."""
    point, interval = told["point"], told["series"]["aggregation"]["interval"]
    assert [[row[name] for name in LISTED] for row in rows] == [
        [one[name] for name in LISTED] for one in told["articles"]
    ]
    assert all((row["point_number"], row["sentiment"]) == (point["number"], point["sentiment"]) for row in rows)
    stated = {
        (one["statement"], one["close"])
        for one in told["candles"]
        if (one["interval"], one["open_at"]) == (interval, point["open_at"])
    }
    assert not rows or {(row["candle_statement"], row["candle_close"]) for row in rows} == (stated or {(None, None)})


def test_a_point_shows_its_words_its_candles_and_its_settings(house: House) -> None:
    told = explain_point(house, "bitcoin/1h@2024-05-01T00:00Z")
    assert [one["title"] for one in told["articles"]] == [f"{TITLES[0]} (first 0)", f"{TITLES[1]} (first 1)"]
    mention = told["articles"][0]["mentions"][0]
    assert (mention["text"], mention["start"], mention["passage"]) == ("Bitcoin", 0, "title")
    assert "plunges" in {word["word"].lower() for word in mention["evidence"]}
    assert [(one["venue"], one["open_at"], one["close"]) for one in told["candles"]] == [
        ("coinbase", "2024-05-01T00:00:00Z", 42000.0)
    ]
    assert told["series"]["aggregation"]["weight"] == "relevance"
    assert json.loads(json.dumps(told)) == told
    text = describe(told)
    for words in (TITLES[0], "'Bitcoin' in title [0, 7)", told["series"]["aggregation"]["digest"], "to the last bit"):
        assert words in text


@pytest.mark.parametrize(
    ("point", "named"),
    [
        ("bitcoin/1h@2024-05-01T00:30Z", "2024-05-01T00:00:00Z and 2024-05-01T01:00:00Z"),
        ("bitcoin/1h@2030-01-01", "2024-05-02T23:00:00Z"),
        ("bitcoin/1h@2020-01-01", "2024-05-01T00:00:00Z"),
        ("bitcon/1h@2024-05-01", "bitcoin/1h/rules/"),
        ("bitcoin/1h/nobody@2024-05-01", "bitcoin/1h/rules/"),
        ("bitcoin/1h@2024-05-01T00:00", "give a zone"),
    ],
)
def test_an_unknown_point_names_the_nearest(house: House, point: str, named: str) -> None:
    with pytest.raises(BadInput, match=named):
        explain_point(house, point)


def test_an_embargo_leads_to_the_articles_held_back(house: House) -> None:
    held_back = replace(house, settings=house.settings.model_copy(update={"align": EMBARGOED}))
    align_series(held_back, idle)
    told = explain_point(held_back, "bitcoin/1h@2024-05-01T05:00Z")
    assert told["is_reproduced"] is True
    assert [one["available_at"][11:16] for one in told["articles"]] == ["02:20", "02:45"]


def test_every_choice_of_weights_is_reproduced_from_the_store(house: House) -> None:
    weighed = Align(
        targets=("bitcoin",),
        intervals=(Interval.H1, Interval.D1),
        window="6h",
        half_life="90m",
        winsorise=0.4,
        copies="once",
        source_weights={"news": 2.0},
        minimum_articles=2,
    )
    chosen = replace(house, settings=house.settings.model_copy(update={"align": weighed}))
    align_series(chosen, idle)
    for hour in (0, 3, 20, 40):
        told = explain_point(chosen, f"bitcoin/1h@{from_millis((FIRST + 3600 * hour) * 1000):%Y-%m-%dT%H:%MZ}")
        assert told["is_reproduced"] is True
        assert told["series"]["aggregation"]["window_seconds"] == 6 * 3600
    assert len(told["articles"]) > 4
    assert any(one["value"] != one["reading"] for one in told["articles"])
    assert "winsorised from" in describe(told)
    assert {one["source"] for one in told["articles"]} == {"news"}


def test_news_held_back_from_before_the_first_candle_reaches_the_first_bars(house: House, tmp_path: Path) -> None:
    held_back = replace(house, settings=house.settings.model_copy(update={"align": EMBARGOED}))
    early = f"{from_millis((FIRST - 2 * 3600) * 1000):%Y-%m-%dT%H:%M:%SZ}"
    file = tmp_path / "early.csv"
    file.write_text(f"published,title\n{early},Bitcoin soars before the books open\n", encoding="utf-8")
    read_in(held_back, file)
    told = explain_point(held_back, "bitcoin/1h@2024-05-01T01:00Z")
    assert [one["title"] for one in told["articles"]] == ["Bitcoin soars before the books open"]
    assert told["is_reproduced"] is True
    assert told["point"]["sentiment"] > 0

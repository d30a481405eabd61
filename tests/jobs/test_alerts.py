"""The job that tells: shocks with the articles behind them, troubles, messages that survive failures and kills."""

import datetime as dt
import json
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from pydantic import SecretStr
from sqlalchemy import event

from jobs import alert_list
from jobs.alert_settings import Alerts, Hook
from jobs.alerts import tell_alerts
from jobs.align import align_series
from jobs.house import House
from jobs.settings import Align, Score, Settings
from service.errors import BadInput
from service.health.findings import Finding, Severity
from service.instants import Interval
from service.sentiment.scorer import identify
from storage import alerts, articles, candles, database, schema, scores
from tests.jobs.houses import Hands, idle, rows
from tests.storage.builders import a_candle, a_reading, a_score, an_article
from tests.web_server import Answer, Web, serve

FIRST = dt.datetime(2024, 3, 1, tzinfo=dt.UTC)
DAYS = 35
CLOSE = FIRST + dt.timedelta(days=DAYS)
A_DAY = 6
STALE = Finding("source_stale", "coindesk", Severity.WARNING, "Nothing for 9 h.", "newscandle sources show coindesk")
READS = {"reads_only", "postgresql_readonly"}
LEFT = Finding("no_leader", "daemon", Severity.CRITICAL, "No daemon leads.", "Start one.")


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    with serve({}) as running:
        yield running


def furnish(engine: sa.Engine, web: Web, now: dt.datetime, *hooks: Hook, **more: Any) -> House:
    chosen = {"history_days": 30, "allow_networks": ("127.0.0.0/8",), "hook": hooks or (hook_of(web),), **more}
    settings = Settings(
        align=Align(targets=("bitcoin",), intervals=(Interval.D1,)), score=Score(scorers=("vader",)),
        alerts=Alerts(**chosen),
    )  # fmt: skip
    return House(settings, engine, Hands(now))


def hook_of(web: Web, path: str = "/ops", **more: Any) -> Hook:
    return Hook(name=path.strip("/"), url=SecretStr(web.url + path), timeout_seconds=10.0, **more)


def look(*findings: Finding) -> Callable[[House], Sequence[Finding]]:
    return lambda _house: findings


def run(house: House, minutes: float = 0, *findings: Finding) -> dict[str, int]:
    """A run so much later; what it counted."""
    house.clock.now += dt.timedelta(minutes=minutes)  # type: ignore[attr-defined]
    return dict(tell_alerts(house, idle, look(*findings)).counts)


def publish(house: House, days: Sequence[int], said: Callable[[int, int], float | None]) -> list[str]:
    """`A_DAY` articles on each of these days, read at once; `said` gives the score of each, None for no signal."""
    made = {}
    for day in days:
        for number in range(A_DAY):
            name = f"d{day}n{number}"
            at = FIRST + dt.timedelta(days=day, hours=1 + 3 * number)
            hours = (at - dt.datetime(2024, 1, 31, 21, tzinfo=dt.UTC)) / dt.timedelta(hours=1)
            told = {"title": f"Title of {name} <b>", "text": f"Bitcoin {name}.", "source": f"s{number % 2}"}
            one = an_article(name, hours=hours, **told)
            made[one.url] = (one, a_score("bitcoin", said(day, number), 40 + 10 * number))
    with database.begin(house.engine) as connection:
        articles.save(connection, [one for one, _ in made.values()], recorded_at=CLOSE - dt.timedelta(days=1))
        joined = schema.revision.join(schema.article)
        chosen = sa.select(schema.article.c.url, schema.revision.c.id).select_from(joined)
        ids = dict(connection.execute(chosen).all())
        scorer = identify(house.scorers["vader"])
        readings = [
            (ids[url], a_reading(score, scorer=scorer, catalogue=house.catalogue.digest))
            for url, (_, score) in made.items()
        ]
        scores.save(connection, readings, scored_at=CLOSE)
    return list(made)


def told_usual(day: int, number: int) -> float:
    return round(0.1 + 0.2 * float(np.sin(7.3 * day + 2.1 * number)), 3)


def told_badly(day: int, number: int) -> float | None:
    return None if number == 5 else -0.9 + number / 50


@pytest.fixture
def house(engine: sa.Engine, web: Web) -> House:
    """A month of usual news and one bad day, aligned; it is five past midnight after it."""
    web.answers["/ops"] = Answer(204)
    web.bodies.clear()
    web.log.clear()
    made = furnish(engine, web, CLOSE + dt.timedelta(minutes=5))
    publish(made, range(DAYS - 1), told_usual)
    plain = {"interval": Interval.D1, "fetched_at": CLOSE}
    prices = [a_candle(open_at=FIRST + dt.timedelta(days=day), close=10.0 + day % 2, **plain) for day in range(DAYS)]
    with database.begin(engine) as connection:
        candles.save(connection, prices)
    publish(made, [DAYS - 1], told_badly)
    align_series(made, idle)
    return made


def test_a_shock_is_told_once_with_the_articles_that_make_its_value(house: House, web: Web) -> None:
    """By hand: relevance-weighted mean of the day, its articles' shares, the robust distance, the price beside it.

    News of the next day, there already, changes nothing of it.
    """
    publish(house, [DAYS], lambda _day, _number: 1.0)
    counted = run(house)
    assert (counted["shocks"], counted["sent"], counted["failed"]) == (1, 1, 0)
    [body] = map(json.loads, web.bodies)
    told = body["alert"]["details"]
    weights = np.array([40.0 + 10 * number for number in range(A_DAY)])
    values = np.array([told_badly(0, number) or 0.0 for number in range(A_DAY)])
    assert told["figures"]["value"] == pytest.approx(float(weights @ values / weights.sum()), abs=1e-12)
    assert sum(one["contribution"] for one in told["articles"]) == pytest.approx(told["figures"]["value"], abs=1e-12)
    assert {one["title"]: one["contribution"] for one in told["articles"]} == pytest.approx(
        {f"Title of d34n{n} <b>": weights[n] * values[n] / weights.sum() for n in range(A_DAY)}, abs=1e-12
    )
    assert [one["state"] for one in told["articles"]].count("no_signal") == 1
    assert told["articles"][0]["published_at"].startswith("2024-04-04T")
    days = [
        float(weights @ [told_usual(day, number) for number in range(A_DAY)] / weights.sum())
        for day in range(DAYS - 31, DAYS - 1)
    ]
    centre = np.median(days)
    deviation = 1.4826 * np.median(np.abs(np.array(days) - centre))
    assert told["figures"]["usual"] == pytest.approx(float(centre), abs=1e-12)
    assert told["figures"]["distance"] == pytest.approx(
        float((told["figures"]["value"] - centre) / deviation), rel=1e-9
    )
    assert told["price"]["change"] == pytest.approx(10 / 11 - 1)
    assert told["states"] == {"scored": 5, "no_signal": 1, "no_mention": 0, "unsupported": 0}
    again = run(house, 5)
    assert (again["shocks"], again["sent"], len(web.bodies)) == (0, 0, 1)
    text, is_calling = alert_list.describe(house, limit=5, as_json=False)
    assert "Bitcoin: news far more negative than usual, 2024-04-04 00:00 UTC (1d)" in text
    assert not is_calling
    newest = json.loads(alert_list.describe(house, limit=5, as_json=True)[0])["series"]
    assert [(one["kind"], one["standing"]) for one in newest] == [("sentiment", "shock"), ("volume", "usual")]


def test_a_bar_is_not_judged_while_its_news_is_not_read(house: House) -> None:
    late = an_article("late", hours=1535)
    with database.begin(house.engine) as connection:
        articles.save(connection, [late], recorded_at=CLOSE - dt.timedelta(minutes=1))
    counted = run(house)
    assert (counted["bars_unread"], counted["shocks"]) == (2, 0)


def test_troubles_reach_the_hooks_that_want_them_and_silence_is_kept(engine: sa.Engine, web: Web) -> None:
    web.answers |= {"/grave": Answer(200), "/news": Answer(200), "/night": Answer(200)}
    web.log.clear()
    web.bodies.clear()
    hooks = (
        hook_of(web, "/grave", severity=Severity.CRITICAL),
        hook_of(web, "/news", tells=("sentiment",)),
        hook_of(web, "/night", tells=("trouble",)),
    )
    now = dt.datetime(2024, 5, 10, 21, 45, tzinfo=dt.UTC)
    house = furnish(engine, web, now, *hooks, shocks=(), quiet_hours="22:00-07:00")
    assert run(house, 0, STALE, LEFT)["opened"] == 0
    assert run(house, 10, STALE, LEFT)["opened"] == 2
    assert sorted(path for path, _ in web.log) == ["/grave", "/night", "/night"]
    with pytest.raises(BadInput, match="no open alert"):
        alert_list.acknowledge(house, "source_stale/other")
    assert "source_stale/coindesk@2024-05-10T21:45:00Z" in alert_list.acknowledge(house, "source_stale/coindesk")
    assert alert_list.describe(house, limit=9, as_json=False)[1]
    web.log.clear()
    for _ in range(3):  # at night: the warning's end waits for the morning, what is critical does not
        run(house, 10)
    assert sorted(path for path, _ in web.log) == ["/grave", "/night"]
    web.log.clear()
    assert run(house, 8 * 60 + 30)["sent"] == 0
    assert run(house, 30)["sent"] == 1
    assert json.loads(web.bodies[-1])["event"] == "resolved"
    assert rows(house, "SELECT count(*), count(delivered_at), min(attempts), max(attempts) FROM alert_message") == [
        (6, 6, 1, 1)
    ]


def test_what_is_refused_is_tried_again_and_given_up_and_that_is_told(engine: sa.Engine, web: Web) -> None:
    web.answers |= {"/ops": Answer(500), "/desk": Answer(200)}
    web.log.clear()
    web.bodies.clear()
    house = furnish(engine, web, CLOSE, hook_of(web, "/ops"), hook_of(web, "/desk"), shocks=(), attempts=4)
    for minutes in (0, 10):
        counted = run(house, minutes, LEFT)
    assert (counted["sent"], counted["failed"]) == (1, 1)
    assert run(house, 0.5, LEFT)["failed"] == 0  # a minute has not passed
    for minutes in (1, 3, 5):
        counted = run(house, minutes, LEFT)
    assert (counted["failed"], counted["given_up"]) == (1, 1)
    asked = [json.loads(body)["id"] for (path, _), body in zip(web.log, web.bodies, strict=True) if path == "/ops"]
    assert len(asked) == 4
    assert len(set(asked)) == 1
    [(reason, given_up)] = rows(house, "SELECT last_error, given_up_at FROM alert_message WHERE hook = 'ops'")
    assert reason == f"unavailable: {web.url}: the server answered 500"
    assert given_up is not None
    web.answers["/ops"] = Answer(200)
    for minutes in (5, 10):
        counted = run(house, minutes, LEFT)
    assert [one["alert"]["check"] for one in map(json.loads, web.bodies[-2:])] == ["alert_undelivered"] * 2
    gone = replace(house, settings=house.settings.model_copy(update={"alerts": Alerts(shocks=())}))
    assert run(gone, 60)["failed"] == 0


@pytest.mark.parametrize(
    ("number", "moment"), [(1, "commit"), (2, "guard"), (2, "commit"), (3, "guard"), (3, "commit")]
)
def test_killed_at_any_step_no_message_is_lost_and_none_has_two_rows(
    engine: sa.Engine, web: Web, moment: str, number: int
) -> None:
    """SIGKILL as the n-th writing transaction begins, or just before it is committed: to be put on record, before the
    message goes out, after it went.
    """
    web.answers["/ops"] = Answer(200)
    web.bodies.clear()
    house = furnish(engine, web, CLOSE, shocks=())
    run(house, 0, LEFT)
    url = engine.url.render_as_string(hide_password=False)
    engine.dispose()
    child = os.fork()
    if child == 0:
        die_at(url, house, moment, number)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    before = len(web.bodies)
    assert before == (1 if number == 3 else 0)
    house.clock.now += dt.timedelta(minutes=10)  # type: ignore[attr-defined]
    for _ in range(2):
        run(house, 5, LEFT)
    [(number_of_rows, delivered)] = rows(house, "SELECT count(*), count(delivered_at) FROM alert_message")
    assert (number_of_rows, delivered) == (1, 1)
    assert len(web.bodies) == before + 1
    assert len({json.loads(body)["id"] for body in web.bodies}) == 1


def die_at(url: str, house: House, moment: str, number: int) -> None:
    """Run the job in this process, which ends in the midst of it."""
    seen = [0]

    def count(_connection: sa.Connection) -> None:
        seen[0] += 1
        if seen[0] == number:
            os.kill(os.getpid(), signal.SIGKILL)

    engine = database.open_engine(url)
    if moment == "guard":
        engine = database.guarded(engine, count)
    else:
        event.listen(engine, "commit", lambda one: None if READS & one.get_execution_options().keys() else count(one))
    try:
        run(replace(house, engine=engine), 10, LEFT)
    finally:
        os._exit(0)


def test_health_is_what_the_job_looks_at_and_hooks_can_be_tried(engine: sa.Engine, web: Web) -> None:
    """On a store where nothing ever ran nobody leads, which is told after ten minutes."""
    web.answers["/ops"] = Answer(200)
    web.bodies.clear()
    house = furnish(engine, web, CLOSE, shocks=())
    for _ in range(2):
        tell_alerts(house, idle)
        house.clock.now += dt.timedelta(minutes=10)  # type: ignore[attr-defined]
    assert ("no_leader", "daemon") in {
        (one["alert"]["check"], one["alert"]["subject"]) for one in map(json.loads, web.bodies)
    }
    assert alert_list.try_hook(house, "ops") == "sent: ops took a test message"
    told = json.loads(web.bodies[-1])
    assert (told["event"], told["alert"]["severity"]) == ("test", "note")
    with pytest.raises(BadInput, match="name one of the settings: ops"):
        alert_list.try_hook(house, "desk")
    with database.read(engine) as connection:
        assert all(one.alert.check != "test" for one in alerts.load_recent(connection))

"""A small sound store, made by the real jobs: feeds with edits and returns, scores, holes, series, a report.

What the corruptions of `benchmarks.corruptions` are seeded into, on SQLite and PostgreSQL.
"""

import datetime as dt
import random
from pathlib import Path

from pydantic import SecretStr

from jobs.align import align_series
from jobs.house import House, furnish
from jobs.imports import CandleImport, import_candle_files
from jobs.ingest import ingest_sources
from jobs.report import Wanted, write_reports
from jobs.running import run_job
from jobs.score import score_articles
from jobs.seal import seal_store
from jobs.settings import Align, Prices, Report, Settings, Source, Store
from jobs.stories import tell_stories
from service.instants import Interval
from service.news.bulk.gdelt import Opinion
from storage import database, opinions
from tests.jobs.houses import LIGHT, LOCAL, Hands, idle
from tests.jobs.worlds import START, make_world, write_feed

_NAMES = ("Bitcoin", "Donald Trump", "The Federal Reserve")
_MOODS = ("soars in a great, joyful rally", "crashes in a terrible, fearful panic", "stays where it was", "wins praise")


def build(folder: Path, url: str, *, bars: int, with_report: bool, hours: int = 4, seed: int = 11) -> House:
    """Read, score, align, report and seal in `folder` on the store at `url`; its clock stands where that ended."""
    world = make_world(seed, sources=2, stories=2, hours=hours)
    names = sorted({name for hour in world.feeds for name in hour})
    sources = [Source(name=name, url=f"{name}.xml") for name in [*names, "edited"]]
    settings = Settings(
        store=Store(url=SecretStr(url)),
        ingest=LOCAL,
        score=LIGHT,
        prices=Prices(symbol="BTC/USD", intervals=(Interval.H1,)),
        align=Align(targets=("bitcoin", "trump"), intervals=(Interval.H1, Interval.D1)),
        report=Report(days=60, surrogates=99, folder="reports"),
        source=tuple(sources),
        folder=folder,
    )
    clock = Hands(START)
    house = furnish(settings, clock)
    for hour in range(hours):
        clock.now = START + dt.timedelta(hours=hour)
        for name in names:
            told = write_feed(list(world.feeds[hour].get(name, [])))
            (folder / f"{name}.xml").write_text(told, encoding="utf-8")
        (folder / "edited.xml").write_text(_write_edited(hour), encoding="utf-8")
        run_job(house, "ingest", lambda advance: ingest_sources(house, frozenset(), advance))
    tell_stories(house, idle)
    run_job(house, "score", lambda advance: score_articles(house, advance))
    for number, text in enumerate((_write_bars(bars, 0.0), _write_bars(bars // 8, 0.5))):
        clock.now += dt.timedelta(hours=1)
        (folder / f"bars{number}.csv").write_text(text, encoding="utf-8")
        wanted = CandleImport((folder / f"bars{number}.csv",), "coinbase", "BTC/USD", "1h", last_bar_closed=True)
        import_candle_files(house, wanted, idle)
    _save_opinions(house)
    align_series(house, idle)
    if with_report:
        write_reports(house, Wanted(), idle)
    clock.now += dt.timedelta(days=1)
    run_job(house, "seal", lambda advance: seal_store(house, advance))
    return house


def carry_on(house: House, hour: int) -> None:
    """A day later: the feeds say something else, and everything is done once more, up to the seals."""
    house.clock.now += dt.timedelta(days=1)  # type: ignore[attr-defined]
    (house.settings.folder / "edited.xml").write_text(_write_edited(hour), encoding="utf-8")
    ingest_sources(house, frozenset(), idle)
    tell_stories(house, idle)
    score_articles(house, idle)
    align_series(house, idle)
    run_job(house, "seal", lambda advance: seal_store(house, advance))


def _write_edited(hour: int) -> str:
    """Articles that speak of targets; every third is edited in the second hour and goes back in the third."""
    items = []
    for number in range(24):
        who, mood = _NAMES[number % 3], _MOODS[number % 4]
        text = f'{who} {mood}. "{who} will see {number + 3} more of that," Donald Trump said on Monday. '
        text += "The SEC approved a spot bitcoin ETF, and a court ruled against the exchange."
        if number % 3 == 0 and hour == 1:
            text += " This was corrected."
        when = (START - dt.timedelta(hours=5 * number)).strftime("%a, %d %b %Y %H:%M:%S GMT")
        link = f"https://edited.example/2024/{who.split()[-1].lower()}-{number}"
        items.append(
            f"<item><title>{who} {mood} {number}</title><link>{link}</link><guid>{link}</guid>"
            f"<pubDate>{when}</pubDate><description>{text}</description></item>"
        )
    items.append("<item><title></title><link>mailto:x</link></item>")
    return f"<rss version='2.0'><channel><title>Edited</title>{''.join(items)}</channel></rss>"


def _write_bars(count: int, lift: float) -> str:
    """Hourly bars up to the day before; two holes, one bar that breaks its own range; `lift` restates closes."""
    chance = random.Random(7)
    first = int((START - dt.timedelta(hours=count + 12)).timestamp()) // 86_400 * 86_400
    rows, price = ["unix,open,high,low,close,volume"], 42_000.0
    for number in range(count):
        opened, price = price, price * (1 + chance.gauss(0, 0.004))
        high, low = max(opened, price) * 1.002, min(opened, price) * 0.998
        if number % 97 in (40, 41):
            continue
        if number == 20:
            high = low / 2
        close = price + (lift if number % 5 == 0 else 0.0)
        volume = chance.uniform(1, 50)
        rows.append(f"{first + number * 3600},{opened:.2f},{high:.2f},{low:.2f},{close:.2f},{volume:.4f}")
    return "\n".join(rows) + "\n"


def _save_opinions(house: House) -> None:
    told = [
        Opinion(
            source="gdelt",
            record=f"20240510-{number}",
            url=f"https://edited.example/{number}",
            site="edited.example",
            available_at=START,
            tone=-1.5 + number,
            positive=1.0,
            negative=2.5,
            polarity=3.5,
            words=90,
            language="nld",
            themes=("TAX", "ECON"),
            persons=("a person",),
            organisations=(),
            names=("a name",),
        )
        for number in range(12)
    ]
    with database.begin(house.engine) as connection:
        opinions.save(connection, told, recorded_at=house.clock())

"""The little world that drills show newscandle: stories in feeds and on pages, and hours of prices, by a seed."""

import datetime as dt
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

from jobs.drills.servers import Bar

TITLES = (
    "Bitcoin plunges as miners panic", "Bitcoin rallies on strong demand", "SEC sues Bitcoin broker over fraud",
    "SEC approves a Bitcoin fund, investors cheer", "Bitcoin crashes after a devastating hack", "Bitcoin gains again",
)  # fmt: skip
_PLACES = (
    "the harbour",
    "the exchange",
    "the senate",
    "a small town",
    "the port",
    "the north",
    "the mines",
    "the bank",
)
_HOUR_MILLIS = 3_600_000


@dataclass(frozen=True, slots=True)
class Story:
    """One story as its maker knows it; `path` is where its page lies."""

    number: int
    title: str
    text: str
    path: str
    published_at: dt.datetime


def make_stories(
    number: int, until: dt.datetime, seed: int, apart: dt.timedelta = dt.timedelta(hours=5), *, first: int = 0
) -> list[Story]:
    """So many stories, the newest just before `until`, numbered from `first`, each with words of its own."""
    chance = random.Random(seed + first)
    stories = []
    for one in range(first, first + number):
        title = f"{chance.choice(TITLES)}, part {one}"
        figures = ", ".join(str(chance.randrange(1_000, 99_999)) for _ in range(12))
        text = f"{title}, traders at {chance.choice(_PLACES)} told our reporter in week {one}. They named {figures}."
        published_at = until - apart * (one - first) - dt.timedelta(minutes=7)
        stories.append(Story(one, title, text.strip(), f"/story/{one}", published_at))
    return stories


def write_feed(stories: Sequence[Story], address: str) -> bytes:
    """RSS of these stories, whose pages lie at `address`."""
    items = "".join(
        f"<item><title>{one.title}</title><link>{address}{one.path}</link><guid>{one.path}</guid>"
        f"<pubDate>{one.published_at:%Y-%m-%dT%H:%M:%SZ}</pubDate><description>{one.text}</description></item>\n"
        for one in stories
    )
    return f'<?xml version="1.0"?>\n<rss version="2.0"><channel><title>Drill</title>\n{items}</channel></rss>'.encode()


def write_page(story: Story) -> bytes:
    """The page of a story."""
    body = f"<html><head><title>{story.title}</title></head><body><article><p>{story.text}</p></article></body></html>"
    return f"<!doctype html>{body}".encode()


def make_bars(days: int, until: dt.datetime, seed: int) -> list[Bar]:
    """Hourly bars of so many days up to `until`: a slow wave with chance on it."""
    chance = random.Random(seed)
    first = int(until.timestamp()) // 3600 - days * 24
    bars, last = [], 60_000.0
    for hour in range(days * 24):
        close = round(60_000 + 3_000 * math.sin(hour / 90) + chance.gauss(0, 200), 2)
        bars.append(((first + hour) * _HOUR_MILLIS, last, max(last, close) + 10, min(last, close) - 10, close, 5.0))
        last = close
    return bars

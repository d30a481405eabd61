"""Worlds of feeds whose maker knows which items are one story: edits, moves, copies, careless GUIDs, hour by hour."""

import datetime as dt
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from email.utils import format_datetime
from xml.sax.saxutils import escape

START = dt.datetime(2024, 5, 10, 12, 0, tzinfo=dt.UTC)
_WORDS = re.findall(
    r"\S+",
    "market price rise fall bank miner court law tax fund vote senate exchange wallet trader demand supply rate bond "
    "hope fear plan deal claim report study chain node fee block reward tide storm river bridge harbour garden winter "
    "summer letter window signal engine teacher doctor farmer sailor painter singer writer driver mayor judge clerk "
    "market's quiet sudden early late bitter gentle narrow broad steady sharp former central local foreign public",
)
_NAMES = re.findall(
    r"\S+",
    "Alden Bekker Castro Dumont Eriks Farley Gomez Hansen Ibarra Jansen Keller Lopez Moreau Novak Ortiz Peters",
)


@dataclass(frozen=True)
class Item:
    """One item as a feed tells it at some hour; `story` is what only the maker knows."""

    story: int
    url: str
    guid: str
    title: str
    text: str
    published: dt.datetime | None


@dataclass
class World:
    """For each hour and source, the items of its feed; and what must come of them."""

    feeds: list[dict[str, list[Item]]] = field(default_factory=list)
    versions: dict[int, set[tuple[str, str]]] = field(default_factory=dict)  # what the owner told, by story
    pairs: int = 0  # tellings of one story under differing names or words

    def told(self) -> Iterator[Item]:
        """Every item of every hour."""
        for hour in self.feeds:
            for items in hour.values():
                yield from items


class _Maker:
    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.count = 0

    def text(self) -> str:
        """Some sixty to a hundred and forty words with names and figures of their own."""
        words = [self.chance.choice(_WORDS) for _ in range(self.chance.randrange(60, 140))]
        for place in range(5, len(words), 9):
            words[place] = self.chance.choice([self.chance.choice(_NAMES), str(self.chance.randrange(10, 99_999))])
        return " ".join(words)

    def title(self, text: str) -> str:
        """A headline of words of the text."""
        return " ".join(self.chance.sample(text.split()[:40], 7))

    def story(self, host: str, hour: int) -> Item:
        """A new story of a source."""
        self.count += 1
        text = self.text()
        title = self.title(text)
        slug = "-".join(title.lower().split()[:5])
        when = START + dt.timedelta(hours=hour, minutes=-self.chance.randrange(1, 50), seconds=self.count % 60)
        number = self.count
        return Item(number, f"https://{host}/2024/{slug}-{number}", f"g{number}@{host}", title, text, when)

    def notice(self, host: str, hour: int) -> Item:
        """A form filled in anew each time: all of its words but names and figures are those of the others."""
        story = self.story(host, hour)
        rest = (
            "The exchange said on its page that trading opens at noon and that deposits are open from now on for all. "
        )
        coin, price = self.chance.choice(_NAMES) + str(story.story), self.chance.randrange(1_000, 99_999)
        text = f"{rest}It lists {coin} against the euro at {price} and charges {price % 97} points. {rest}".strip()
        return replace(story, title=f"Exchange will list {coin} this week", text=text)

    def edit(self, item: Item) -> Item:
        """A sentence more."""
        return replace(item, text=f"{item.text} {' '.join(self.chance.choices(_WORDS, k=6))}")

    def retitle(self, item: Item) -> Item:
        """Another headline, and with it another slug and another GUID, as some systems do it."""
        self.count += 1
        title = self.title(item.text)
        host = item.url.split("/")[2]
        slug = "-".join(title.lower().split()[:5])
        return replace(
            item,
            title=title,
            url=f"https://{host}/2024/{slug}-{self.count}",
            guid=f"g{self.count}@{host}" * bool(item.guid),
        )


def _address(change: Callable[[str], str]) -> Callable[[_Maker, Item], Item]:
    return lambda _maker, item: replace(item, url=change(item.url))


CHANGES: dict[str, Callable[[_Maker, Item], Item]] = {
    "edit": lambda maker, item: maker.edit(item),
    "guid": lambda maker, item: replace(item, guid=f"{item.guid}/{maker.chance.randrange(10**6)}"),
    "permalink": lambda maker, item: replace(item, url=f"{item.url}-{maker.chance.randrange(10**6)}"),
    "permalink and edit": lambda maker, item: maker.edit(replace(item, url=f"{item.url}-moved")),
    "utm": _address(lambda url: f"{url}?utm_source=rss&utm_campaign=x"),
    "http": _address(lambda url: url.replace("https://", "http://")),
    "www": _address(lambda url: url.replace("https://", "https://www.", 1)),
    "amp": _address(lambda url: f"{url}/amp"),
    "mobile": _address(lambda url: url.replace("https://", "https://m.", 1)),
    "host": _address(lambda url: url.replace(".example/", ".test/", 1)),
    "date": lambda maker, item: replace(item, published=item.published and item.published + dt.timedelta(minutes=41)),
    "headline": lambda maker, item: maker.retitle(item),
    "headline and edit": lambda maker, item: maker.edit(maker.retitle(item)),
    "nothing": lambda maker, item: item,
}
"""What may happen to a story from one hour to the next."""


def make_world(seed: int, *, sources: int = 3, stories: int = 4, hours: int = 6) -> World:
    """A world of `sources` ordinary feeds with `stories` new stories an hour each, and one of each careless kind."""
    maker, world = _Maker(seed), World()
    hosts = [f"s{seed % 97}-{number}.example" for number in range(sources)]
    shown: dict[str, list[Item]] = {host: [] for host in hosts}
    for hour in range(hours):
        borrowed = [item for items in shown.values() for item in items]
        for place, host in enumerate(hosts):
            kept = [_change(maker, item, has_guids=place != 1) for item in shown[host] if maker.chance.random() < 0.8]
            fresh = [maker.story(host, hour) for _ in range(stories)] + [maker.notice(host, hour)]
            if place == 1:  # a feed without GUIDs
                fresh = [replace(item, guid="") for item in fresh]
            shown[host] = kept + fresh
        feeds = {host: list(items) for host, items in shown.items()}
        if borrowed:  # an aggregator tells what others told an hour ago, in words of its own
            taken = maker.chance.sample(borrowed, min(3, len(borrowed)))
            feeds["aggregator"] = [
                replace(item, url=f"{item.url}?utm_source=agg", guid="", title=f"Via: {item.title}") for item in taken
            ]
        feeds |= {name: tell(maker, hour) for name, tell in _CARELESS.items()}
        world.feeds.append(feeds)
    _sum_up(world)
    return world


def _change(maker: _Maker, item: Item, *, has_guids: bool) -> Item:
    names = [name for name in CHANGES if has_guids or name not in ("guid", "permalink", "permalink and edit")]
    return CHANGES[maker.chance.choice(names)](maker, item)


def _tell_copies(maker: _Maker, hour: int) -> list[Item]:
    """Twenty copies of one story, without GUIDs, each at an address of its own."""
    item = replace(maker.story("copies.example", hour), guid="")
    return [replace(item, url=f"{item.url}?section={number}") for number in range(20)]


def _tell_reused(maker: _Maker, hour: int) -> list[Item]:
    """GUIDs given out anew each hour, to other stories at other addresses."""
    return [replace(maker.story("reused.example", hour), guid=f"slot-{number}") for number in range(2)]


def _tell_unlinked(maker: _Maker, hour: int) -> list[Item]:
    """The same without any address, and one item that has neither address nor GUID."""
    items = [replace(maker.story("unlinked.example", hour), url="", guid=f"slot-{number}") for number in range(2)]
    return [*items, replace(maker.story("unlinked.example", hour), url="", guid="")]


def _tell_one_page(maker: _Maker, hour: int) -> list[Item]:
    """Every item links to the same section, or to the front page."""
    items = [maker.story("section.example", hour) for _ in range(4)]
    pages = ("https://section.example/press", "https://section.example/")
    return [replace(item, url=pages[number % 2]) for number, item in enumerate(items)]


_CARELESS: dict[str, Callable[[_Maker, int], list[Item]]] = {
    "copies": _tell_copies,
    "reused": _tell_reused,
    "unlinked": _tell_unlinked,
    "section": _tell_one_page,
}


def _sum_up(world: World) -> None:
    owner: dict[int, str] = {}
    faces: dict[int, set[tuple[str, str, str, str]]] = {}
    for hour in world.feeds:
        for name, items in hour.items():
            for item in items:
                if name != "aggregator" and owner.setdefault(item.story, name) == name:
                    world.versions.setdefault(item.story, set()).add((item.title, item.text))
                faces.setdefault(item.story, set()).add((item.url, item.guid, item.title, item.text))
    world.pairs = sum(len(one) * (len(one) - 1) // 2 for one in faces.values())


def write_feed(items: list[Item]) -> str:
    """RSS of these items in this order."""
    return f"<rss version='2.0'><channel><title>Wire</title>{''.join(map(_write_item, items))}</channel></rss>"


def _write_item(item: Item) -> str:
    parts = {
        "title": item.title,
        "link": item.url,
        "guid": item.guid,
        "pubDate": format_datetime(item.published) if item.published else "",
        "description": item.text,
    }
    told = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in parts.items() if value)
    told = told.replace("<guid>", '<guid isPermaLink="false">')
    return f"<item>{told}</item>"

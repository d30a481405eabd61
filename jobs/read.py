"""`newscandle read`: one article, from a file or the store, as each scorer reads it, in words or as a page.

file ─ recognise ─ single.read_single ─┐
key or address ─ lookup.load_latest ───┴▶ Article ─ close_reading.read_closely ─▶ summary | dashboards.article
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final

from jobs.clock import choose_clock
from jobs.single import read_single, read_stated
from jobs.whole import write_whole
from service.errors import BadInput
from service.news import urls
from service.news.article import UNDATED, Article, Skipped, key_of
from service.news.syndication.recognise import Kind, recognise
from service.sentiment.close_reading import CloseReading, read_closely

if TYPE_CHECKING:
    from jobs.house import House

DEFAULT_SCORERS: Final = ("rules", "linear", "encoder")
WEIGHER: Final = "rules"  # quick: it reads the article again with each kind of passage that is left out
_KEY: Final = re.compile(r"[0-9a-f]{32}")
_NOT_WEB: Final = ("text:", "archive:", "guid:")  # identities of stored articles without an address


@dataclass(frozen=True, slots=True)
class Asked:
    """What to read and how; `scorers` are names, none: those of `DEFAULT_SCORERS`.

    `as_of` (as typed): as a stored article read then, before later edits.
    """

    what: str
    scorers: tuple[str, ...] = ()
    published: str | None = None
    language: str = ""
    targets: Path | None = None
    as_of: str | None = None


def read_article(asked: Asked, open_house: Callable[[], "House"]) -> CloseReading:
    """The close reading of a file, or of a stored article under a key or an address, as it reads now or read then.

    The store is opened only where no file has the name. Raises `BadInput` where there is neither, where the file is a
    feed or holds no text, and for scorers and targets that cannot be used; `ParseFailed` for bytes that are no text.
    """
    from jobs.house import build_scorer, read_catalogue
    from service.sentiment import scorers

    names = [scorers.check(name, "--scorer") for name in asked.scorers or DEFAULT_SCORERS]
    path = Path(asked.what)
    if path.is_file():
        article, catalogue = _read_file(path, asked), read_catalogue(asked.targets)
    else:
        key = _key_of(asked)
        house = open_house()
        article = _load(house, key, asked)
        catalogue = house.catalogue if asked.targets is None else read_catalogue(asked.targets)
    built = {name: build_scorer(name) for name in (*names, WEIGHER)}
    return read_closely(article, catalogue=catalogue, scorers=[built[name] for name in names], weigher=built[WEIGHER])


def tell_story(asked: Asked, open_house: Callable[[], "House"]) -> str:
    """Where a stored article stands in its story, in one line; empty for a file, and for one that is not placed."""
    key = None if Path(asked.what).is_file() else name_key(asked.what)
    if key is None:
        return ""
    from jobs.asof import parse_as_of
    from jobs.story_list import spell_place
    from storage import database, lookup, stories

    house = open_house()
    as_of = parse_as_of(house, asked.as_of)
    with database.read(house.engine) as connection:
        found = lookup.load_latest(connection, key, as_of=as_of)
        texts = [] if found is None else stories.load_story_of(connection, found.id, as_of=as_of)
    return "" if found is None else spell_place(texts, found.id)


def write_page(close: CloseReading, file: Path) -> None:
    """Write the page of a close reading. Raises `BadInput` where the file cannot be written."""
    from dashboards.article import html

    page = html.render(close, made_by=f"newscandle {version('newscandle')}")
    try:
        write_whole({file: page.encode()})
    except OSError as error:
        raise BadInput("--html", str(file), f"cannot be written ({error.strerror}); name a file in a folder") from error


def _read_file(path: Path, asked: Asked) -> Article:
    if asked.as_of is not None:
        raise BadInput("--as-of", asked.as_of, "is for stored articles; a file reads as it does")
    try:
        body = path.read_bytes()
    except OSError as error:
        raise BadInput("what", asked.what, f"cannot be read ({error.strerror})") from error
    kind = recognise(body)
    if kind is Kind.FEED:
        raise BadInput(
            "what", asked.what, "is a feed; take it in with `newscandle ingest` and name one of its articles"
        )
    stated = UNDATED if asked.published is None else read_stated(asked.published)
    made = read_single(
        body,
        kind,
        where=asked.what,
        source=path.name,
        first_seen_at=choose_clock()(),
        stated=stated,
        language=asked.language,
    )
    if isinstance(made, Skipped):
        remedy = "holds no text" if made.reason == "no_body" else f"cannot be read: {made.reason} {made.detail}".strip()
        raise BadInput("what", asked.what, f"{remedy}; name a file with one article")
    return made


def _key_of(asked: Asked) -> str:
    """The key of a stored article. Raises `BadInput` where `what` can be none, or is told what only a file is told."""
    key = name_key(asked.what)
    if key is None:
        raise BadInput("what", asked.what, "is neither a file nor the address or key of a stored article")
    for field, told in (("--published", asked.published), ("--language", asked.language)):
        if told:
            raise BadInput(field, told, "is for files; a stored article keeps what it was taken in with")
    return key


def name_key(what: str) -> str | None:
    """The key of the article that is called so: by key, by address or by another identity; None for anything else."""
    what = what.strip()
    if _KEY.fullmatch(what):
        return what
    if what.startswith(_NOT_WEB):
        return key_of(what)
    return key_of(urls.canonical(what)) if what.lower().startswith(("http://", "https://")) else None


def _load(house: "House", key: str, asked: Asked) -> Article:
    from jobs.asof import parse_as_of, spell_held
    from storage import database, lookup
    from storage.pruned import find_pruned

    as_of = parse_as_of(house, asked.as_of)
    with database.read(house.engine) as connection:
        found = lookup.load_latest(connection, key, as_of=as_of)
        gone = {} if found is None else find_pruned(connection, [found.id])
    if found is None:
        held = f"no such article is stored{spell_held(as_of)}"
        raise BadInput("what", asked.what, f"{held}; take it in with `newscandle ingest`")
    if found.id in gone:
        remedy = f"its text was taken out on {gone[found.id]:%Y-%m-%d} (newscandle prune); its scores are still there"
        raise BadInput("what", asked.what, remedy)
    return found.article

"""The catalogue: what ships, what users may add, and what is refused by name."""

import datetime as dt
import itertools

import pytest

from service.errors import BadInput
from service.sentiment import mentions, targets
from service.sentiment.score import TargetKind

CATALOGUE = targets.load()
WANTED = """
bitcoin ethereum tether xrp solana dogecoin cardano bnb gold us-dollar trump biden harris bukele powell yellen
bessent gensler atkins peirce warren lummis musk saylor lagarde milei putin xi modi zelensky rutte wilders schoof
kaag heinen knot netanyahu sunak starmer macron scholz merz rfk-jr vance bankman-fried cz armstrong sec cftc
federal-reserve ecb white-house us-congress us-senate us-house us-treasury us-justice-department irs imf dnb afm
european-commission blackrock grayscale strategy coinbase binance kraken ftx mt-gox tether-ltd united-states el-salvador
china russia ukraine netherlands germany united-kingdom european-union japan argentina israel iran india
"""


def test_ships_the_actors_that_move_bitcoin() -> None:
    """The targets named in the description of the product are all there, in every kind."""
    assert [key for key in WANTED.split() if CATALOGUE.get(key) is None] == []
    assert {target.kind for target in CATALOGUE.targets} == set(TargetKind)


def test_digest_is_a_hash_of_the_content() -> None:
    """Sixteen hex digits, the same for the same content, another for any change."""
    again = targets.parse("", base=CATALOGUE)
    more = targets.parse('[[target]]\nkey = "bitcoin"\naliases = ["corn coin"]', base=CATALOGUE)
    assert len(CATALOGUE.digest) == 16
    assert int(CATALOGUE.digest, 16) >= 0
    assert again == CATALOGUE
    assert hash(again) == hash(CATALOGUE)
    assert more != CATALOGUE
    assert more.digest != CATALOGUE.digest


@pytest.mark.parametrize("language", ["en", "nl"])
def test_every_target_is_found_by_the_name_readers_see(language: str) -> None:
    """What a report calls a target is a name the finder knows, and `resolve` leads back to its key."""
    for target in CATALOGUE.targets:
        name = target.name(language)
        found = mentions.find(name, language=language, catalogue=CATALOGUE, spans=[(0, len(name))], at=None)
        assert [mention.target for mention in found] == [target.key], name
        assert CATALOGUE.resolve(name) == target.key
        assert CATALOGUE.resolve(name.upper()) == target.key


def test_longer_names_that_are_no_target_hide_the_target() -> None:
    """Each entry of every `not_within` list is found as nothing, or as the other target that has this name."""
    for target in CATALOGUE.targets:
        for name in target.not_within:
            found = mentions.find(name, language="en", catalogue=CATALOGUE, spans=[(0, len(name))], at=None)
            assert target.key not in {mention.target for mention in found}, name


@pytest.mark.parametrize(
    ("day", "key"),
    [
        ("2020-06-01", "clayton"),
        ("2021-04-17", "gensler"),
        ("2025-01-19", "gensler"),
        ("2025-02-01", "uyeda"),
        ("2025-04-20", "uyeda"),
        ("2025-04-21", "atkins"),
    ],
)
def test_dated_title_means_who_held_the_office(day: str, key: str) -> None:
    """“SEC chair” is who held the office that day: from inclusive, to exclusive."""
    at = dt.datetime.fromisoformat(day).replace(tzinfo=dt.UTC)
    text = "The SEC chair resigned"
    found = mentions.find(text, language="en", catalogue=CATALOGUE, spans=[(0, len(text))], at=at)
    assert [(mention.target, text[mention.start : mention.end]) for mention in found] == [(key, "SEC chair")]


def test_no_office_is_held_by_two_at_once() -> None:
    """A title of the packaged catalogue never has two holders on one day, so it can always be resolved."""
    terms: dict[str, list[tuple[dt.datetime, dt.datetime, str]]] = {}
    for target in CATALOGUE.targets:
        for role in target.roles:
            for title in role.titles.every():
                span = (
                    role.since or dt.datetime.min.replace(tzinfo=dt.UTC),
                    role.until or dt.datetime.max.replace(tzinfo=dt.UTC),
                )
                terms.setdefault(title, []).append((*span, target.key))
    for title, held in terms.items():
        held.sort()
        for earlier, later in itertools.pairwise(held):
            assert earlier[1] <= later[0] or earlier[2] == later[2], (title, earlier, later)


MORE = """
[office.mayor]
en = ["mayor of Springfield"]

[[target]]
key = "quimby"
kind = "person"
name = { en = "Joe Quimby", nl = "Sjoe Quimby" }
aliases = { any = ["Diamond Joe"], nl = ["burgemeester Quimby"] }
surname = "Quimby"
surname_alone = true
role = [
  { office = "mayor", from = 2020-01-01, to = 2024-01-01T12:00:00Z },
  { titles = { en = ["head of the harbour"] } },
]

[[target]]
key = "bitcoin"
aliases = { en = ["orange coin"] }
not_within = ["Orange Coin Band"]
"""


def test_users_add_targets_and_aliases() -> None:
    """New targets stand beside the packaged ones; a known key gains what is added and keeps the rest."""
    mine = targets.parse(MORE, base=CATALOGUE)
    text = "Quimby bought orange coin, not the Orange Coin Band; bitcoin rose"
    found = mentions.find(text, language="en", catalogue=mine, spans=[(0, len(text))], at=None)
    assert [mention.target for mention in found] == ["quimby", "bitcoin", "bitcoin"]
    assert len(mine.targets) == len(CATALOGUE.targets) + 1
    assert mine.name("quimby", "nl") == "Sjoe Quimby"
    assert mine.name("bitcoin", "nl") == "Bitcoin"
    quimby = mine.get("quimby")
    assert quimby is not None
    assert quimby.roles[0].until == dt.datetime(2024, 1, 1, 12, tzinfo=dt.UTC)
    assert quimby.roles[0].is_held(dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    assert not quimby.roles[0].is_held(dt.datetime(2024, 1, 1, 12, tzinfo=dt.UTC))
    assert quimby.roles[1].is_held(dt.datetime(1900, 1, 1, tzinfo=dt.UTC))


def test_a_catalogue_may_stand_alone() -> None:
    """Without a base only what is written counts."""
    alone = targets.parse('[[target]]\nkey = "x"\nkind = "asset"\nname = "Xcoin"')
    assert [target.key for target in alone.targets] == ["x"]
    assert alone.resolve("xcoin") == "x"
    assert alone.resolve("bitcoin") is None


HEAD = '[[target]]\nkey = "acme"\nkind = "institution"\nname = { en = "Acme" }\n'


@pytest.mark.parametrize(
    ("toml", "field"),
    [
        ("[[target]", "targets"),
        ("colour = 1", "targets.colour"),
        ("target = 3", "targets.target"),
        ("target = [3]", "targets[1]"),
        ('[[target]]\nkind = "asset"', "targets[1].key"),
        ('[[target]]\nkey = " x"', "targets[1].key"),
        ('[[target]]\nkey = "acme"\nkind = "bank"', "targets.acme.kind"),
        ('[[target]]\nkey = "acme"\nname = "Acme"', "targets.acme.kind"),
        ('[[target]]\nkey = "acme"\nkind = "asset"', "targets.acme.name"),
        ('[[target]]\nkey = "bitcoin"\nkind = "person"', "targets.bitcoin.kind"),
        (HEAD + 'alias = ["A"]', "targets.acme.alias"),
        (HEAD + "aliases = 3", "targets.acme.aliases"),
        (HEAD + 'aliases = [""]', "targets.acme.aliases"),
        (HEAD + 'aliases = ["--"]', "targets.acme.aliases"),
        (HEAD + 'aliases = { dutch = ["A"] }', "targets.acme.aliases"),
        (
            HEAD + 'aliases = ["Bitcoin"]\n[[target]]\nkey = "bit2"\nkind = "asset"\nname = "Bitcoin"',
            "targets.acme.aliases",
        ),
        (HEAD + 'tickers = ["BTC"]', "targets.acme.tickers"),
        (HEAD + 'pronoun = "it"', "targets.acme.pronoun"),
        (HEAD + 'compounds = "yes"', "targets.acme.compounds"),
        (HEAD + 'group = "boyband"', "targets.acme.group"),
        (HEAD + 'anchors = ["nobody"]', "targets.acme.anchors"),
        (HEAD + "role = [{}]", "targets.acme.role.titles"),
        (HEAD + 'role = [{ office = "pope" }]', "targets.acme.role.office"),
        (HEAD + 'role = [{ office = "sec-chair", from = "2020" }]', "targets.acme.role.from"),
        (HEAD + 'role = [{ office = "sec-chair", from = 2020-01-01T00:00:00 }]', "targets.acme.role.from"),
        (HEAD + 'role = [{ office = "sec-chair", from = 2020-01-02, to = 2020-01-02 }]', "targets.acme.role.to"),
        (HEAD + 'role = [{ office = "sec-chair", since = 2020-01-02 }]', "targets.acme.role.since"),
        ("nouns = 3", "targets.nouns"),
    ],
)
def test_what_is_wrong_is_named(toml: str, field: str) -> None:
    """Every refusal names the key and the field, so that the file can be mended without reading code."""
    with pytest.raises(BadInput) as caught:
        targets.parse(toml, base=CATALOGUE)
    assert caught.value.field == field
    assert caught.value.remedy

"""The catalogue of targets as TOML: the packaged one, and what users add to it in the same form."""

import dataclasses
import functools
import tomllib
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Any

from service.errors import BadInput
from service.sentiment.catalogue import ANY, Catalogue, Phrases, Role, Target
from service.sentiment.entries import Entry
from service.sentiment.score import TargetKind

__all__ = ["Catalogue", "load", "parse"]


@functools.cache
def load() -> Catalogue:
    """The packaged catalogue (`targets.toml` beside this file, whose head explains every field); read once."""
    return parse(resources.files("service.sentiment").joinpath("targets.toml").read_text("utf-8"))


def parse(toml_text: str, *, base: Catalogue | None = None) -> Catalogue:
    """A catalogue written in TOML, on top of `base` if given.

    A target whose key `base` has adds to it (lists grow, single values replace); any other needs `kind` and `name`.
    Raises `BadInput` naming the target's key and the field: unknown or misspelt fields, wrong types, a name that two
    targets would both be sure of.
    """
    try:
        content = tomllib.loads(toml_text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput("targets", str(error), "correct the TOML") from error
    top = Entry("targets", content)
    nouns = _merge_nouns(base, top.table("nouns"))
    offices = dict(base.offices if base else ()) | {
        key: _read_office(key, value) for key, value in top.table("office").items()
    }
    targets = {target.key: target for target in base.targets} if base else {}
    for number, content_of_target in enumerate(top.tables("target"), 1):
        target = _read_target(number, content_of_target, targets, offices)
        targets[target.key] = target
    given_names = frozenset(top.words("given_names")) | (base.given_names if base else frozenset())
    tails = (*(base.compound_tails if base else ()), *top.words("compound_tails"))
    top.finish()
    catalogue = Catalogue(tuple(targets.values()), nouns, given_names, tails, tuple(offices.items()))
    _refuse_strangers(catalogue)
    _refuse_twins(catalogue)
    return catalogue


def _merge_nouns(base: Catalogue | None, added: Mapping[str, Any]) -> tuple[tuple[str, Phrases], ...]:
    nouns = dict(base.nouns if base else ())
    for group in added:
        nouns[group] = nouns.get(group, Phrases()) + Entry("targets.nouns", added).phrases(group)
    return tuple(nouns.items())


def _read_office(key: str, value: object) -> Role:
    entry = Entry(f"targets.office.{key}", value)
    home = entry.word("home")
    titles = Phrases(tuple((code, title) for code in entry.left() for title in entry.words(code)))
    return Role(titles, home=home)


def _read_target(number: int, content: object, known: Mapping[str, Target], offices: Mapping[str, Role]) -> Target:
    entry = Entry(f"targets[{number}]", content)
    key = entry.word("key")
    if not key or key.strip() != key:
        raise BadInput(f"targets[{number}].key", key, "give every target a key such as bitcoin")
    entry.place = f"targets.{key}"
    old = known.get(key)
    kind = _read_kind(entry, old)
    names = entry.phrases("name")
    if old is None and not names.pairs:
        raise BadInput(f"{entry.place}.name", "", 'give the name readers see, e.g. name = { en = "Bitcoin" }')
    target = Target(
        key,
        kind,
        names,
        aliases=entry.phrases("aliases"),
        exact=entry.phrases("exact"),
        ambiguous=entry.phrases("ambiguous"),
        tickers=entry.words("tickers"),
        anchors=entry.words("anchors"),
        not_within=entry.words("not_within"),
        not_shouted=entry.words("not_shouted"),
        surname=entry.word("surname"),
        surname_alone=entry.claim("surname_alone"),
        pronoun=entry.choice("pronoun", ("he", "she")),
        group=entry.word("group"),
        compounds=entry.claim("compounds"),
        not_as_amount=entry.claim("not_as_amount"),
        roles=tuple(_read_role(entry, place, offices) for place in entry.tables("role")),
    )
    entry.finish()
    return target if old is None else _extend(old, target)


def _read_kind(entry: Entry, old: Target | None) -> TargetKind:
    kinds = tuple(kind.value for kind in TargetKind)
    chosen = entry.choice("kind", kinds)
    if not chosen and old is None:
        raise BadInput(f"{entry.place}.kind", "", f"choose one of {', '.join(kinds)}")
    if old is not None and chosen not in ("", old.kind.value):
        raise BadInput(f"{entry.place}.kind", chosen, f"this target is known as {old.kind.value}: leave kind out")
    return TargetKind(chosen) if chosen else old.kind  # type: ignore[union-attr]


def _read_role(target: Entry, content: object, offices: Mapping[str, Role]) -> Role:
    entry = Entry(f"{target.place}.role", content)
    office, titles = entry.word("office"), entry.phrases("titles")
    if office and office not in offices:
        raise BadInput(f"{entry.place}.office", office, f"choose one of {', '.join(sorted(offices))}")
    if not office and not titles.pairs:
        raise BadInput(f"{entry.place}.titles", "", "name an office or give titles")
    held = offices.get(office, Role(Phrases()))
    role = Role(
        held.titles + titles,
        entry.instant("from"),
        entry.instant("to"),
        is_acting=entry.claim("acting"),
        home=entry.word("home") or held.home,
    )
    if role.since and role.until and role.until <= role.since:
        raise BadInput(f"{entry.place}.to", role.until.isoformat(), "the end must come after the start")
    entry.finish()
    return role


def _extend(old: Target, new: Target) -> Target:
    """`old` with what `new` adds: tuples and phrases joined, single values replaced where given."""
    changed: dict[str, Any] = {}
    for field in dataclasses.fields(Target):
        before, added = getattr(old, field.name), getattr(new, field.name)
        if field.name == "names":
            codes = {code for code, _ in added.pairs}
            changed["names"] = Phrases(added.pairs + tuple(pair for pair in before.pairs if pair[0] not in codes))
        elif isinstance(added, Phrases):
            changed[field.name] = before + added
        elif isinstance(added, tuple):
            changed[field.name] = (*before, *(item for item in added if item not in before))
        elif added:
            changed[field.name] = added
    return dataclasses.replace(old, **changed)


def _refuse_strangers(catalogue: Catalogue) -> None:
    """Keys and groups that targets refer to must exist."""
    groups = {group for group, _ in catalogue.nouns}
    for target in catalogue.targets:
        if target.group and target.group not in groups:
            raise BadInput(f"targets.{target.key}.group", target.group, f"choose one of {', '.join(sorted(groups))}")
        for anchor in target.anchors:
            if catalogue.get(anchor) is None:
                raise BadInput(f"targets.{target.key}.anchors", anchor, "name the key of another target")


def _refuse_twins(catalogue: Catalogue) -> None:
    """No two targets may be sure of one name in one language: which is meant would be chance."""
    claimed: dict[tuple[str, str], str] = {}
    for target in catalogue.targets:
        for field, code, name in _claims(target):
            for language in ("en", "nl") if code == ANY else (code,):
                holder = claimed.setdefault((language, name), target.key)
                if holder != target.key:
                    remedy = f"{holder} has this name already: list it under ambiguous, or take it away there"
                    raise BadInput(f"targets.{target.key}.{field}", name, remedy)


def _claims(target: Target) -> Iterator[tuple[str, str, str]]:
    for field, phrases in (("name", target.names), ("aliases", target.aliases), ("exact", target.exact)):
        yield from ((field, code, name) for code, name in phrases.pairs)
    yield from (("tickers", ANY, ticker) for ticker in target.tickers)
    if target.surname_alone:
        yield "surname", ANY, target.surname

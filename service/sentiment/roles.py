"""Whom a title means: “SEC chair” is who held the office when the article appeared."""

import datetime as dt
import re
from collections.abc import Collection
from typing import Final

from service.sentiment.aliases import Hit
from service.sentiment.catalogue import Catalogue, Role, Target
from service.sentiment.score import TargetKind
from service.sentiment.surroundings import is_title_case, word_after, word_before

_NOT_NOW: Final = re.compile(
    r"(?:\b(?:former|formerly|ex|then|next|future|incoming|outgoing|new|vice|deputy|one-?time|would-be|previous|late|first|"
    r"voormalige?|oud|toenmalige?|nieuwe?|volgende|toekomstige?|aankomende?|beoogde?|vorige|eerste|vice|"
    r"kandidaat|plaatsvervangende?)[\s-]*)$"
)
_ANYBODY: Final = re.compile(  # “running for US president”, “as an eventual president of the US”
    r"\b(?:an?|any|every|each|no|eventual|potential|possible|for|as|become|becoming|becomes|became|elected|elects?|"
    r"een|elke|geen|voor|als|tot|mogelijke)\s$"
)
_STANDING_IN: Final = re.compile(r"\b(?:acting|interim|waarnemende?)\s$")
_NOT_YET: Final = re.compile(r"[\s-]*(?:elect|nominee|candidate|pick|hopeful|contender|kandidaat|in spe)\b")
_NATIONALITY: Final = re.compile(r"\w{3,}(?:se|ish|ian|ean|ese|[’']s)$")
_NAME_AFTER_COMMA: Final = re.compile(r",\s([^\W\d_][\w-]*)")


def holder_of(holders: Collection[tuple[Target, Role]], at: dt.datetime | None) -> tuple[Target, Role] | None:
    """The one who held the office at `at`; without a date, the only holder the catalogue knows; None if disputed."""
    held = [(target, role) for target, role in holders if at is None or role.is_held(at)]
    return held[0] if len({target.key for target, _ in held}) == 1 else None


def holds_office(target: Target, at: dt.datetime | None) -> bool:
    """Whether a bare noun (“the president”) may stand for the target: it holds an office then, or needs none."""
    return not target.roles or (at is not None and any(role.is_held(at) for role in target.roles))


def resolve(
    hit: Hit, text: str, folded: str, *, at: dt.datetime | None, named: Collection[str], catalogue: Catalogue
) -> Target | None:
    """The person a title at `hit` means, None where it is not certain.

    Not: former, next or would-be holders; another country's; a title followed by somebody else's name; the title of
    an office that names no country where the text speaks (`named`: keys) only of others.
    """
    held = holder_of(hit.phrase.holders, at)
    if held is None:
        return None
    target, role = held
    start, end = hit.start, hit.end
    before = folded[max(start - 24, 0) : start]
    if _NOT_NOW.search(before) or _ANYBODY.search(before) or _NOT_YET.match(folded, end):
        return None
    if _STANDING_IN.search(before) and not role.is_acting:
        return None
    if hit.phrase.spelling[0][0].islower() and _is_foreign(word_before(text, start)):
        return None
    if role.home and _is_elsewhere(role.home, named, catalogue):
        return None
    return None if _names_another(text, start, end, target, catalogue.given_names) else target


def _is_foreign(before: str) -> bool:
    return before[:1].isupper() and _NATIONALITY.match(before) is not None


def _is_elsewhere(home: str, named: Collection[str], catalogue: Catalogue) -> bool:
    countries = {key for key in named if (target := catalogue.get(key)) and target.kind is TargetKind.COUNTRY}
    return bool(countries - {"european-union"}) and home not in countries


def _names_another(text: str, start: int, end: int, target: Target, given_names: frozenset[str]) -> bool:
    """Whether a name follows that is not the target's."""
    own = {word for name in (*target.names.every(), *target.aliases.every(), target.surname) for word in name.split()}
    after = word_after(text, end)
    name = re.split(r"['’]", after)[0]
    if not after:
        comma = _NAME_AFTER_COMMA.match(text, end)
        return comma is not None and comma[1] in given_names and comma[1] not in own
    if not name[:1].isupper() or name in own or name.removesuffix("s") in own:
        return False
    return name in given_names or not is_title_case(text, start, end)

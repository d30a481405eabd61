"""How far a labelled line reaches: the bullets under an advert, the titles under "Read more", a disclaimer's text."""

import re
from collections.abc import Sequence

from service.news.article import PassageKind
from service.news.passage.lines import Line
from service.news.passage.rules import SPEECH, Mark

_LONGEST_LEAD_UP = 3  # lines above a call to action that may belong to it
_LOOKED_BACK = 60  # lines above those in which the article would have spoken of the brand
_TAGLINED = Mark(PassageKind.PROMO, "promo.tagline", opens=True)

_LONGEST_BLOCK = {
    PassageKind.PROMO: 25,
    PassageKind.RELATED: 60,
    PassageKind.DISCLAIMER: 1,
    PassageKind.BIO: 3,
    PassageKind.NEWSLETTER: 14,
    PassageKind.COMMENTS: 2,
}
# What a block takes over although a rule knows it: "Sign up" in a newsletter's box, "22 hours ago" in a list of links.
TAKEN_OVER = {
    PassageKind.NEWSLETTER: {"promo.sign_up", "promo.subscribe", "share.bar", "related.navigation"},
    PassageKind.COMMENTS: {"promo.sign_up", "related.navigation"},
    PassageKind.RELATED: {"bio.byline", "bio.by", "bio.name"},
}
_MOSTTAKEN_OVER = 10  # words

_YOU = re.compile(r"\b(?:you|your|je|jij|jouw|u|uw)\b", re.IGNORECASE)
_OFFER = re.compile(
    r"\b(?:wallets?|app|accounts?|bonus\w*|korting|gratis|free|staking|staken|fees|kosten|transactiekosten|chains?|coins?"
    r"|munten|crypto\w*|download\w*|regist\w+|sign up|platform|pre-?sale|tokens?|exchange|beurs|broker|aanbod|rewards?"
    r"|cashback)\b",
    re.IGNORECASE,
)
_FORM = re.compile(
    r"(?:sign (?:me )?up|submit|subscribe|get (?:it|started)|send|go|i'm in|e-?mail|(?:full |first |last |your )?name"
    r"|naam|voornaam|aanmelden|inschrijven|verstuur|verzend|thank(?:s| you)|bedankt|success|please (?:enter|check|try)"
    r"|there was an? (?:error|problem)|something went wrong|er ging iets (?:mis|fout)|no spam|geen spam"
    r"|check your (?:e-?mail|inbox)|controleer je|unsubscribe|uitschrijven|you can unsubscribe)\b"
    r"|.*\b(?:newsletters?|nieuwsbrief|inbox|mailbox|every (?:weekday|week|day|sunday|morning)|weekly|daily|wekelijks"
    r"|dagelijks|elke (?:dag|week|ochtend)|e-?mail address|digest|briefing|destination for)\b",
    re.IGNORECASE,
)
_AGE = re.compile(r"\b(?:ago|geleden|yesterday|gisteren)\b")
_BRAND = re.compile(
    r"\b(?i:via|with|met|bij|op|on|at|using|through|visit|bezoek|join|probeer|try|download)\s+"
    r"(?:de\s|the\s|het\s)?(\$?[A-Z0-9][\w.&'+-]*(?:\s[A-Z0-9][\w.&'+-]*){0,2})"
)
_TAGLINE = re.compile(
    r"[A-Z][\w.&']*(?: [\w.&']+){0,3}(?: [-–—|] |: )"
    r"(?i:(?=.*\b(?:wallet|exchange|beurs|broker|app|casino|platform|bookmaker)\b).{3,80})"
)


def continue_blocks(lines: Sequence[Line], marks: list[Mark | None]) -> None:
    """Gives unmarked lines the mark of the block they continue (in place).

    A block ends at the first line that is marked otherwise or reads as the article going on: running text, or a
    heading with running text under it.
    """
    opened: Mark | None = None
    brand = ""
    taken = 0
    for index, line in enumerate(lines):
        mark = marks[index]
        if mark is not None:
            if opened is not None and mark.kind is PassageKind.PROMO is opened.kind:
                brand = brand or _find_brand(line)
                marks[index] = opened if mark.rule == _TAGLINED.rule else mark
                continue
            if opened is not None and _takes_over(line, mark, opened, taken):
                marks[index] = opened
                continue
            is_bare = mark.kind is not PassageKind.DISCLAIMER or line.words <= 4  # "Disclaimer", its text below
            opened, taken = (mark if mark.opens and is_bare else None), 0
            brand = _find_brand(line) if mark.kind is PassageKind.PROMO else ""
            if mark.kind is PassageKind.NEWSLETTER and index and _names_box(lines, marks, index - 1):
                marks[index - 1] = mark
            if brand and mark.opens:
                _mark_lead_up(lines, marks, index, brand)
        elif opened is not None:
            if taken < _LONGEST_BLOCK.get(opened.kind, 0) and _belongs(lines, marks, index, opened, brand, taken):
                marks[index], taken = opened, taken + 1
            else:
                opened = None


def _takes_over(line: Line, mark: Mark, block: Mark, taken: int) -> bool:
    """Whether an open block goes on over a line that a rule knows."""
    if line.words > _MOSTTAKEN_OVER:
        return False
    if block.kind is PassageKind.RELATED:
        is_age = mark.rule == "counter.date" and _AGE.search(line.lowered) is not None
        return is_age or (taken > 0 and not line.gap and mark.rule in TAKEN_OVER[block.kind])
    return mark.rule in TAKEN_OVER.get(block.kind, ())


def _mark_lead_up(lines: Sequence[Line], marks: list[Mark | None], index: int, brand: str) -> None:
    """Marks the lines right above a call to visit or buy at a brand that praise it, unless the article speaks of it."""
    above = index
    while above > max(0, index - _LONGEST_LEAD_UP) and marks[above - 1] is None:
        line = lines[above - 1]
        if brand not in line.lowered or not (_advertises(line, brand) or line.words <= 8):
            break
        above -= 1
    if not any(brand in line.lowered for line in lines[max(0, above - _LOOKED_BACK) : above]):
        marks[above:index] = [marks[index]] * (index - above)


def mark_taglines(lines: Sequence[Line], marks: list[Mark | None]) -> None:
    """Marks a product's slogan that the page repeats ("Some Wallet - safe and simple") as picture text and below."""
    seen: dict[str, int] = {}
    for line in lines:
        if len(line.core) <= 120:
            seen[line.lowered] = seen.get(line.lowered, 0) + 1
    for index, line in enumerate(lines):
        if (
            marks[index] is None
            and seen.get(line.lowered, 0) > 1
            and not line.is_sentence
            and _TAGLINE.fullmatch(line.core)
        ):
            marks[index] = _TAGLINED


def is_heading(lines: Sequence[Line], marks: Sequence[Mark | None], index: int) -> bool:
    """Whether the line is a short one over running text of the article."""
    following = index + 1
    return (
        not lines[index].bullet
        and lines[index].words <= 16
        and following < len(lines)
        and marks[following] is None
        and lines[following].is_prose
        and not lines[following].bullet
    )


def _belongs(
    lines: Sequence[Line], marks: Sequence[Mark | None], index: int, block: Mark, brand: str, taken: int
) -> bool:
    """Whether an unmarked line goes on with an open block."""
    line, kind = lines[index], block.kind
    if kind is PassageKind.PROMO:
        return _advertises(line, brand) or (
            line.words <= 8 and not line.is_sentence and not is_heading(lines, marks, index)
        )
    if kind is PassageKind.RELATED and block.rule == "related.sources":
        return line.bullet or "http" in line.lowered or "www." in line.lowered
    if kind is PassageKind.RELATED:
        return _is_teaser(marks, index, taken) or (
            _is_title_like(line) and (not _heads_text(lines, marks, index) or _hangs_on_previous(lines, index, taken))
        )
    if kind is PassageKind.DISCLAIMER:
        return line.is_prose or line.bullet
    if kind is PassageKind.NEWSLETTER:
        return line.words <= 20 and (_FORM.match(line.core) is not None or _is_box_name(lines, marks, index))
    if kind is PassageKind.COMMENTS:
        return (
            line.words <= 20
            and re.match(r"(?i:want to|please|log|sign|be the|no |you |required)", line.core) is not None
        )
    if block.rule == "bio.by":
        return taken == 0 and line.words <= 8 and line.core[:1].isupper() and not line.is_sentence
    return taken == 0 or not line.is_prose or line.core.startswith(("He ", "She ", "They ", "Hij ", "Zij ", "Ze "))


def _names_box(lines: Sequence[Line], marks: Sequence[Mark | None], index: int) -> bool:
    """Whether the line above a newsletter's call is its name."""
    line = lines[index]
    return marks[index] is None and line.words <= 5 and not line.is_sentence and not line.bullet and index > 0


def _is_box_name(lines: Sequence[Line], marks: Sequence[Mark | None], index: int) -> bool:
    """Whether a short line names one of several newsletters: what it brings stands right below."""
    if lines[index].words > 5 or lines[index].is_sentence or index + 1 >= len(lines):
        return False
    below = lines[index + 1]
    mark = marks[index + 1]
    return (mark is None and below.words <= 20 and _FORM.match(below.core) is not None) or (
        mark is not None and mark.kind is PassageKind.NEWSLETTER
    )


def _advertises(line: Line, brand: str) -> bool:
    """Whether a line inside an advert still speaks of the offer."""
    if len(line.core) > 260 or SPEECH.search(line.lowered):
        return False
    if line.bullet:
        return line.words <= 30
    is_to_reader = _YOU.search(line.core) is not None
    if brand and brand in line.lowered:
        return is_to_reader or (line.lowered.startswith(brand) and not line.is_prose)
    return is_to_reader and _OFFER.search(line.core) is not None and line.words <= 40


def _is_title_like(line: Line) -> bool:
    """Whether a line under "Read more" can be another article's title, or a tag."""
    return line.words <= 25 and (not line.is_sentence or line.core[-1] in "?!…" or (line.bullet and line.words <= 14))


def _heads_text(lines: Sequence[Line], marks: Sequence[Mark | None], index: int) -> bool:
    """Whether the line is a heading of the article, not the title above one that asks or exclaims."""
    if not is_heading(lines, marks, index):
        return False
    below = lines[index + 1]
    return below.words > 25 or not below.core.endswith(("?", "!"))


def _is_teaser(marks: Sequence[Mark | None], index: int, taken: int) -> bool:
    """Whether a sentence under a title in a list of links is its first words: how long ago it appeared stands below."""
    below = marks[index + 1 : index + 3]
    return taken > 0 and any(mark is not None and mark.rule == "counter.date" for mark in below)


def _hangs_on_previous(lines: Sequence[Line], index: int, taken: int) -> bool:
    """Whether the line stands right under the one before it while a blank line parts it from the one after.

    In a text without blank lines a list has one entry at least: the line right under "Read more".
    """
    if lines[index].gap:
        return False
    return lines[index + 1].gap or (taken == 0 and not any(line.gap for line in lines[max(1, index - 10) : index + 10]))


def _find_brand(line: Line) -> str:
    """What an advert's first line sells, in small letters: the capitalised words after "via", "with", "bij" …"""
    found = _BRAND.search(line.core)
    return found[1].lower().rstrip(".,!") if found else ""

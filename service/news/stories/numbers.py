"""Numbers and days as they stand in English and Dutch texts, each spelt one way.

100.000 · 100,000 · 100k → "100000"    1,5 miljard · 1.5 billion · $1.5bn → "1500000000"    3,5 procent · 3.5% → "3.5%"
"""

import re
from decimal import Decimal
from typing import Final

_THOUSAND, _MILLION, _BILLION, _TRILLION = (Decimal(10) ** power for power in (3, 6, 9, 12))
_MAGNITUDES: Final = {
    **dict.fromkeys(("k", "thousand", "duizend"), _THOUSAND),
    **dict.fromkeys(("m", "mn", "mln", "million", "miljoen"), _MILLION),
    **dict.fromkeys(("b", "bn", "mld", "mrd", "billion", "miljard"), _BILLION),
    **dict.fromkeys(("t", "tn", "trn", "trillion", "biljoen"), _TRILLION),
}
_PER_CENT: Final = ("%", "percent", "per cent", "procent", "pct")
_LETTER = "k|mn?|mln|bn?|mld|mrd|tn?|trn"
_LONG = "thousand|duizend|million|miljoen|billion|miljard|trillion|biljoen"
NUMBER: Final = (
    r"(?<![\w.,])\d+(?:[.,]\d+)*"
    rf"(?:(?:{_LETTER})(?!\w)|[\s-]?(?:{_LONG})(?!\w)|\s(?:mln|bn|mld|mrd)(?!\w)"
    r"|\s?%|\s(?:percent|per cent|procent|pct)(?!\w))?"
)
"""A pattern (case is not told apart) for a number with what says how large it is, and that it is a share."""

_PARTS = re.compile(r"(\d+(?:[.,]\d+)*)[\s-]?(.*)", re.DOTALL)

DAYS: Final = {
    name: number
    for number, names in enumerate(
        (
            *(("monday", "maandag"), ("tuesday", "dinsdag"), ("wednesday", "woensdag"), ("thursday", "donderdag")),
            *(("friday", "vrijdag"), ("saturday", "zaterdag"), ("sunday", "zondag")),
        )
    )
    for name in names
}
"""Days of the week, in both languages, by number."""

MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            *(("january", "januari"), ("february", "februari"), ("maart",), ("april",), ("mei",), ("june", "juni")),
            *(("july", "juli"), ("august", "augustus"), ("september",), ("october", "oktober"), ("november",)),
            ("december",),
        )
    )
    for name in names
}
"""Months but for the English March and May, which are other words too."""


def read_number(matched: str, language: str) -> str:
    """One spelling of what `NUMBER` matched, with "%" where it is a share.

    A mark before exactly three digits parts thousands, unless it is the language's own decimal mark: the comma in
    Dutch, the point in English; it is a decimal mark too before "million" and after a lone 0.
    """
    parts = _PARTS.match(matched.casefold())
    if parts is None:
        return matched
    digits, unit = parts[1], parts[2].strip()
    value = _read_digits(digits, language, has_unit=unit in _MAGNITUDES) * _MAGNITUDES.get(unit, Decimal(1))
    spelt = format(value.normalize(), "f")
    return f"{spelt}%" if unit in _PER_CENT else spelt


def _read_digits(digits: str, language: str, *, has_unit: bool) -> Decimal:
    marks = [mark for mark in digits if mark in ".,"]
    if not marks:
        return Decimal(digits)
    last = marks[-1]
    tail = digits.rsplit(last, 1)[1]
    decimal_mark = {"nl": ",", "en": "."}.get(language, "")
    is_decimal = (
        len(set(marks)) == 2
        or (len(marks) == 1 and len(tail) != 3)
        or (len(marks) == 1 and (last == decimal_mark or has_unit or digits.startswith("0")))
    )
    if not is_decimal:
        return Decimal(re.sub(r"[.,]", "", digits))
    head = re.sub(r"[.,]", "", digits[: -len(tail) - 1])
    return Decimal(f"{head or 0}.{tail}")


def is_telling(value: str) -> bool:
    """Whether a number says something of its own: no year, no small count."""
    if value.endswith("%"):
        return True
    digits = value.replace(".", "").lstrip("0")
    if "." not in value and len(value) == 4 and value[:2] in ("19", "20"):
        return False
    return len(digits) >= 3 or "." in value


def is_rare(value: str) -> bool:
    """Whether few texts of some days have this number in common: three figures and more that are not all zeroes."""
    figures = value.rstrip("%").replace(".", "").strip("0")
    return is_telling(value) and len(figures) >= (2 if "." in value else 3)

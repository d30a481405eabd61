"""What stands around a name in a text and shows that it is not meant: addresses, amounts, other people, capitals."""

import re
from typing import Final


def list_words(text: str) -> frozenset[str]:
    """The words of a text set out in lines."""
    return frozenset(text.split())


_ADDRESS: Final = re.compile(r"(?:https?://|www\.)\S+")
_HANDLE: Final = re.compile(r"@[\w.-]*\w")
_LOCAL_PART: Final = 64  # code points a mail address may have before its @
_AMOUNT_BEFORE: Final = re.compile(
    r"\d[\d.,]*\s*(?:[kmb]|mn|bn|mln|mld|mrd|(?:tr|b|m)illion|thousand|miljoen|miljard|biljoen)?[\s-]*$", re.IGNORECASE
)
_AMOUNT_AFTER: Final = re.compile(r"\s?[\d$€]")
_PAIR_BEFORE: Final = re.compile(r"[A-Z]{2,6}[/-]$")
_WORD_BEFORE: Final = re.compile(r"([^\W\d_][\w'’.-]*)\s$")
_WORD_AFTER: Final = re.compile(r"\s([^\W\d_][\w'’-]*)")
_LONG_WORD: Final = re.compile(r"[^\W\d_]{4,}")
_LETTERS: Final = re.compile(r"[^\W\d_]{2,}")
_NEAR: Final = 60  # code points to either side that show how a line is written
_TITLES: Final = list_words(
    """
    mr mrs ms miss dr prof sir president vice senator sen rep representative congressman congresswoman governor gov
    secretary minister premier chancellor chair chairman chairwoman commissioner judge justice director chief boss ceo
    candidate nominee republican democrat democratic billionaire founder attorney general lawmaker
    de het een the a an and or but in on at by for with from of to when while after before if as that said says why how
    what will can is was maar en dat als toen terwijl volgens voorzitter senator presidentskandidaat topman
    wethouder mevrouw meneer heer dhr mevr oud ex former
    """
)
_DAYS: Final = list_words(
    """
    monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
    september october november december i
    """
)


def fenced_spans(text: str) -> list[tuple[int, int]]:
    """Web and mail addresses and handles: no name in them is a mention."""
    fences: list[tuple[int, int]] = []
    if "://" in text or "www." in text:
        fences += [match.span() for match in _ADDRESS.finditer(text)]
    if "@" in text:
        for match in _HANDLE.finditer(text):
            start = match.start()
            while start > max(match.start() - _LOCAL_PART, 0) and (
                text[start - 1].isalnum() or text[start - 1] in "._+-"
            ):
                start -= 1
            fences.append((start, match.end()))
    return sorted(fences)


def is_domain(text: str, end: int) -> bool:
    """Whether a name ending at `end` goes on as a domain (`bitcoin.org`)."""
    return text[end : end + 1] == "." and text[end + 1 : end + 3].islower() and text[end + 1 : end + 3].isalpha()


def is_quote_side(text: str, start: int) -> bool:
    """Whether a ticker is what another is priced in (`BTC/USD`)."""
    return _PAIR_BEFORE.search(text, max(start - 8, 0), start) is not None


def is_amount(text: str, start: int, end: int) -> bool:
    """Whether a currency counts money (`500 USD`, `USD 500`)."""
    return (
        _AMOUNT_BEFORE.search(text, max(start - 30, 0), start) is not None or _AMOUNT_AFTER.match(text, end) is not None
    )


def is_shouted(text: str, start: int, end: int) -> bool:
    """Whether the line around is all in capitals, so that a capital says nothing."""
    before = text[max(start - _NEAR, 0) : start].rpartition("\n")[2]
    after = text[end : end + _NEAR].partition("\n")[0]
    words = _LETTERS.findall(before) + _LETTERS.findall(after)
    return len(words) > 1 and all(word.isupper() for word in words)


def is_title_case(text: str, start: int, end: int) -> bool:
    """Whether the line around is written as a headline, Most Words With Capitals."""
    before = text[max(start - _NEAR, 0) : start].rpartition("\n")[2]
    after = text[end : end + _NEAR].partition("\n")[0]
    words = _LONG_WORD.findall(before) + _LONG_WORD.findall(after)
    return len(words) > 1 and sum(word[0].isupper() for word in words) >= 0.7 * len(words)


def word_before(text: str, start: int) -> str:
    """The word right before, one blank away; "" if there is none."""
    found = _WORD_BEFORE.search(text, max(start - 30, 0), start)
    return found[1] if found else ""


def word_after(text: str, end: int) -> str:
    """The word right after, one blank away; "" if there is none."""
    found = _WORD_AFTER.match(text, end, end + 40)
    return found[1] if found else ""


def is_other_person(text: str, start: int, end: int, given_names: frozenset[str], *, is_safe: bool) -> bool:
    """Whether the surname at [start, end) belongs to somebody else's full name (“Melania Trump”, “Colin Powell”).

    A given name before it always says so. For surnames that are not safe, any capital before or after it does, unless
    the line is a headline or the word before is a title.
    """
    before, after = word_before(text, start), word_after(text, end)
    if before in given_names:
        return True
    if is_safe or is_title_case(text, start, end):
        return False
    is_name_before = (
        before[:1].isupper() and not before.isupper() and before[-1] != "." and before.lower() not in _TITLES
    )
    if is_name_before and not is_sentence_start(text, start - len(before) - 1):
        return True
    return after[:1].isupper() and not after.isupper() and after.lower() not in _DAYS


def is_sentence_start(text: str, place: int) -> bool:
    """Whether what begins at `place` opens a sentence or a line."""
    before = text[max(place - 4, 0) : place].rstrip(" \"“'‘(")
    return not before or before[-1] in ".!?:\n–—"

"""People and bodies outside the catalogue: where one is near, “he” or “the company” may mean them."""

import re
from collections.abc import Sequence
from typing import Final

from service.sentiment.score import Mention
from service.sentiment.surroundings import list_words

_PAIR: Final = re.compile(r"(?<![\w])([A-Z][\w'’-]+)\s+(?:(?:van|de|der|den|von|al|bin|ten|ter)\s+){0,2}([A-Z][\w-]+)")
_CAPITAL: Final = re.compile(r"(?<![\w])[A-Z][\w-]+")
_WORD: Final = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_PERSONS: Final = list_words(
    """
    analyst economist strategist lawyer attorney judge prosecutor spokesman spokeswoman spokesperson founder co-founder
    cofounder ceo executive investor trader minister senator governor president chairman chairwoman chair candidate
    rival opponent predecessor successor adviser advisor aide colleague lawmaker congressman congresswoman official
    officer critic researcher professor man woman husband wife son daughter father mother brother sister friend suspect
    victim journalist reporter author secretary commissioner director boss chief billionaire entrepreneur lieutenant
    someone everybody everyone anyone nobody who person leader counterpart premier chancellor king queen pope
    analist econoom strateeg advocaat rechter aanklager woordvoerder woordvoerster oprichter medeoprichter topman
    topvrouw bestuurder belegger handelaar gouverneur voorzitter kandidaat rivaal tegenstander voorganger
    opvolger adviseur medewerker collega kamerlid functionaris ambtenaar criticus onderzoeker hoogleraar vrouw
    echtgenoot zoon dochter vader moeder broer zus vriend verdachte slachtoffer journalist auteur eurocommissaris
    directeur baas miljardair ondernemer iemand iedereen niemand leider ambtgenoot bondskanselier koning koningin paus
    """
)
_NO_PERSON: Final = list_words(  # last words of capitalised pairs that are places, bodies, papers, days
    """
    street court house bank fund group inc corp university department act party york city exchange foundation committee
    association commission office times post journal news week day states union council board agency institute summit
    conference forum reserve congress senate treasury union kingdom republic islands island county state america korea
    africa zealand salvador index average industrial nasdaq jones security order bill law deal plan hill beach coast
    kamer staten unie raad zaken koninkrijk ministerie huis dag wet akkoord beurs
    monday tuesday wednesday thursday friday saturday sunday maandag dinsdag woensdag donderdag vrijdag zaterdag zondag
    """
)
_NO_NAMES: Final = list_words(  # capitals that name nobody
    """
    i etf etfs ceo cfo cto nft nfts defi ai it gdp cpi ipo usd eur btc eth monday tuesday wednesday thursday friday
    saturday sunday january february march april may june july august september october november december mr ms mrs
    """
)


def names_person(
    text: str, start: int, end: int, mentions: Sequence[Mention], given_names: frozenset[str], *, spare: str = ""
) -> bool:
    """Whether text[start:end] speaks of a person other than those of `mentions`, `spare` (a noun) aside.

    Somebody: a given name, two capitals in a row that are no place or body, or a noun such as “analyst” that is no
    title beside a mention.
    """
    known = [(mention.start, mention.end) for mention in mentions]
    for match in _PAIR.finditer(text, start, end):
        if match[2].lower() not in _NO_PERSON and not _touches(known, match.start(1), match.end(2)):
            return True
    for match in _WORD.finditer(text, start, end):
        word = match[0]
        if word in given_names or (word.lower() in _PERSONS and word.lower() != spare):
            near = 0 if word in given_names else 6  # “CEO Brian Armstrong”, “Atkins, the chair”
            if not _touches(known, match.start() - near, match.end() + min(near, 1)):
                return True
    return False


def names_other(text: str, start: int, end: int, sentence_starts: Sequence[int], mentions: Sequence[Mention]) -> bool:
    """Whether text[start:end] has any name (a capital that opens no sentence) beside those of `mentions`."""
    known = [(mention.start, mention.end) for mention in mentions]
    return any(
        match.start() not in sentence_starts
        and match[0].lower() not in _NO_NAMES
        and not _touches(known, match.start(), match.end())
        for match in _CAPITAL.finditer(text, start, end)
    )


def _touches(known: Sequence[tuple[int, int]], start: int, end: int) -> bool:
    return any(first <= end and start <= last for first, last in known)

"""People and bodies outside the catalogue: where one is near, “he” or “the company” may mean them."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import Final

from service.sentiment.score import Mention
from service.sentiment.surroundings import list_words

_CAPITAL: Final = re.compile(r"(?<!\w)[A-Z][\w-]+(?:['’]s?)?")
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
_NO_NAMES: Final = list_words(  # capitals that name nobody “he” or “the bank” could mean
    """
    i etf etfs ceo cfo cto nft nfts defi ai it gdp cpi ipo usd eur btc eth mr ms mrs dr sir tv pm
    monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september
    october november december maandag dinsdag woensdag donderdag vrijdag zaterdag zondag
    president senator secretary minister chairman chair chairwoman prime governor
    republican republicans democrat democrats democratic gop twitter facebook x truth social christmas easter internet
    washington brussels brussel new york london londen moscow moskou beijing peking tokyo tokio paris parijs berlin
    berlijn frankfurt amsterdam
    wall street silicon valley oval office davos den haag kamer tweede eerste wild west europe european africa asia
    """
)
_OPENERS: Final = list_words(  # words that open sentences without naming anybody
    """
    it this that these those there here he she they we you what who which nothing everything one some many most all such
    his her its their our my the a an and but or so yet if when while as in on at by for from with to of after before
    since although though because despite however meanwhile still now then also even last
    het dit dat deze die er hier hij zij ze wij je u wat wie welke niets alles de een en maar of dus toch als toen
    terwijl op aan bij voor van met na sinds hoewel omdat ondanks echter intussen nu dan ook zijn haar hun ons
    sindsdien daarna vervolgens daarom volgens vandaag gisteren morgen inmiddels bovendien daarnaast tegelijkertijd
    eerder later daarbij hierdoor daardoor zo waarschijnlijk mogelijk uiteindelijk ondertussen vorige momenteel
    tot binnenkort destijds daarmee hiermee bij alleen zelfs nog altijd opnieuw tijdens tevens onlangs
    """
)
_POSSESSIVE: Final = re.compile(r"['’]s?$")
_VERB_AFTER: Final = re.compile(
    r"\s+(?:said|says|told|has|had|was|is|will|would|wants|could|can|did|does|made|and|who|wrote|met|called|asked|urged|sued|thanked|"
    r"spoke|zegt|zei|schreef|en)\b"
)
_PLACE_BEFORE: Final = re.compile(r"(?<!\w)in\s$", re.IGNORECASE)  # “in Dublin”: a place, in both languages
_QUOTE_BEFORE: Final = re.compile(r"[\"“‘„(]")
_TITLE_GAP: Final = 6  # “the CEO, Brian Armstrong”, “Atkins, the chair”


def names_person(text: str, start: int, end: int, mentions: Sequence[Mention], *, spare: str = "") -> bool:
    """Whether a noun in text[start:end] means a person (“the analyst”), `spare` aside, and is no title of a mention."""
    known = [(mention.start, mention.end) for mention in mentions]
    return any(
        match[0].lower() in _PERSONS
        and match[0].lower() != spare
        and not _touches(known, match.start() - _TITLE_GAP, match.end() + 1)
        for match in _WORD.finditer(text, start, end)
    )


def names_other(text: str, start: int, end: int, openings: Sequence[int], mentions: Sequence[Mention]) -> bool:
    """Whether text[start:end] names anybody beside `mentions`: a capital that is no common word.

    `openings` are where its sentences begin: a capital there counts only before a verb (“Comey said”) or a possessive.
    """
    known = [(mention.start, mention.end) for mention in mentions]
    for match in _CAPITAL.finditer(text, start, end):
        word = _POSSESSIVE.sub("", match[0])
        if word.lower() in _NO_NAMES or _touches(known, match.start(), match.end()):
            continue
        if _PLACE_BEFORE.search(text, max(match.start() - 4, 0), match.start()):
            continue
        if match.start() not in openings and not _QUOTE_BEFORE.match(text, match.start() - 1):
            return True
        if word.lower() not in _OPENERS and (word != match[0] or _VERB_AFTER.match(text, match.end())):
            return True
    return False


def _touches(known: Sequence[tuple[int, int]], start: int, end: int) -> bool:
    """Whether any of `known` (sorted, apart) meets or adjoins [start, end)."""
    before = bisect_right(known, (end, end + 1))
    return before > 0 and known[before - 1][1] >= start

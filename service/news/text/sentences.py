"""Where sentences begin and end: lines first, then full stops that are not abbreviations, initials or numbering."""

import re

_LINE = re.compile(r"[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")

# A run of stops with the quotes and brackets that close on it, before white space (Latin) or anything at all (CJK). One
# class in front, possessive quantifiers and the look-behind keep the search fast, and linear on any input.
_STOP = re.compile(
    r"""[.!?…。！？](?<![.!?…。！？]{2})[.!?…。！？]*+["'”’»)\]」』）]*+(?:(?=\s)|(?<=[。！？」』）]))""",
)

# What follows a stop: white space, quotes that open, Dutch 's/'t/'n, then the first characters of the next word.
_NEXT = re.compile(r"""\s*+["“„«(\[‘]*+(?:['’][stn]\s|['‘’]*+)([^\W\d_]?)(\w{0,2})""")

_SHORTENED = {  # abbreviations that stand before something: never the end of a sentence
    "en": """
        mr mrs ms messrs dr prof st sen rep sens reps gov gen col lt sgt capt hon rev pres e.g i.e cf vs v viz
        ft mt approx est dept univ assn bros adm cmdr maj supt atty fr al""",
    "nl": """
        dhr mevr mw mej dr drs ir ing mr mrs prof ds st sr bijv bv d.w.z dwz o.a oa m.a.w maw i.p.v ipv t.o.v
        i.v.m ivm m.b.t mbt m.b.v t.a.v n.a.v nav o.b.v o.l.v o.i.d m.n m.i i.c a.d incl excl resp evt ca bijz
        zgn t.g.v i.h.b i.t.t t.b.v d.m.v dmv z.g fa gebr ev e.v vgl vs aant afb t.w i.h.k.v""",
}
_MAY_END = {  # abbreviations that can close a sentence: they do when a word follows that usually opens one
    "en": "etc inc ltd co corp jr sr llc plc a.m p.m u.s u.k u.n e.u d.c u.s.a ph.d b.c a.d est yr",
    "nl": "enz etc e.d e.a e.o jl ll n.v nv mln mld mrd v.s a.s d.d n.chr v.chr a.u.b b.v",
}
_BEFORE_NUMBER = {  # shortened only when a number follows: "No. 1", "art. 5", "Jan. 3"
    "en": """
        no nos art fig vol ch sec p pp par eq tab jan feb mar apr jun jul aug sept sep oct nov dec approx""",
    "nl": """
        no nr nrs art fig vol hfst blz p pp par lid jan feb febr mrt apr jun jul aug sept sep okt nov dec min
        max tel""",
}
_OPENERS = {  # words that open a sentence far more often than they follow an abbreviation or an initial inside one
    "en": """
        the a an this that these those it its he she they we i you his her their our my in on at as by but and
        if when while after before since however meanwhile still yet for from with there here what why how who
        which no not some many most all both such one two according despite although though because so then now
        also even last earlier later""",
    "nl": """
        de het een dit dat deze die hij zij ze we wij ik je jij u men er hun zijn haar ons onze in op aan als
        bij maar en toen terwijl na voor sinds toch nog ook want dus dan nu daar hier wat waarom hoe wie welke
        geen niet sommige veel alle beide met door volgens ondanks hoewel omdat daarom daarnaast bovendien
        intussen inmiddels vorige eerder later""",
}


def _words(lists: dict[str, str], language: str) -> frozenset[str]:
    """The list of `language`; of all languages together for one that has no list of its own."""
    if language in lists:
        return frozenset(lists[language].split())
    return frozenset(word for words in lists.values() for word in words.split())


_LISTS = {
    language: tuple(_words(lists, language) for lists in (_SHORTENED, _MAY_END, _BEFORE_NUMBER, _OPENERS))
    for language in ("en", "nl", "")
}
_OPENING_MARKS = "([{\"'“„‘’«*_–—/-"
_REACH = 24  # code points looked back for the word before a stop: longer ones are no abbreviation
_NUMBERING = re.compile(r"[(\[]?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,4})")
_INITIALS = re.compile(r"[^\W\d_](?:\.-?[^\W\d_])*")


def split(text: str, language: str = "") -> list[tuple[int, int]]:
    """Sentences of `text` as [start, end) in code points, in order, without outer white space.

    They never overlap and together cover everything but white space. A line break always ends a sentence.
    `language` is ISO 639-1; "en" and "nl" have abbreviation lists, any other language uses both. Linear in `len(text)`.
    """
    lists = _LISTS.get(language, _LISTS[""])
    is_caseless = text.islower()  # archives with lower-cased texts: a small letter then says nothing
    spans: list[tuple[int, int]] = []
    for line in _LINE.finditer(text):
        start, end = line.span()
        while start < end and text[start].isspace():
            start += 1
        if start == end:
            continue
        while text[end - 1].isspace():
            end -= 1
        for stop in _STOP.finditer(text, start, end):
            at = stop.end()
            if at < end and _ends_sentence(text, start, stop.start(), at, lists, is_caseless=is_caseless):
                spans.append((start, at))
                start = at
                while text[start].isspace():
                    start += 1
        spans.append((start, end))
    return spans


def _ends_sentence(
    text: str, start: int, stop: int, after: int, lists: tuple[frozenset[str], ...], *, is_caseless: bool
) -> bool:
    """Whether the stop at `stop` (closed by `after`) ends the sentence that began at `start`."""
    if text[after - 1] in "。！？」』）":
        return True
    following = _NEXT.match(text, after)
    assert following is not None  # every part of the pattern may be empty
    first, rest = following.groups()
    if first.islower() and not is_caseless and not _is_brand(rest):
        return False
    if text[stop] != "." or text[stop + 1] == ".":
        return True  # "!", "?" and an ellipsis before a capital
    before = text[max(start, stop - _REACH) : stop].rsplit(None, 1)
    word = before[-1].lstrip(_OPENING_MARKS) if before else ""
    return _ends_after(word, text, start, stop, following, lists)


def _ends_after(
    word: str, text: str, start: int, stop: int, following: re.Match[str], lists: tuple[frozenset[str], ...]
) -> bool:
    """Whether a single full stop after `word` ends a sentence, given a capital, a digit or a mark follows."""
    shortened, may_end, before_number, openers = lists
    if stop - start <= 4 and _NUMBERING.fullmatch(text, start, stop):
        return False  # "1. Bitcoin", "a. Inflation", "(iv. …"
    if len(word) > 1 and word.isupper() and word.isalpha():
        return True  # ING, SEC, NAV: an acronym, not the abbreviation that is spelt alike
    lowered = word.lower()
    if lowered in shortened:
        return False
    is_initial = _INITIALS.fullmatch(word) is not None and word[0].isupper()
    if is_initial or lowered in may_end:
        return _opens(text, following, openers)
    if lowered in before_number:
        return not text[following.start(1) : following.start(1) + 1].isdigit()
    return True


def _opens(text: str, following: re.Match[str], openers: frozenset[str]) -> bool:
    """Whether the next word is one that usually opens a sentence (or is quoted: then a new sentence is likelier)."""
    begin = following.start(1)
    if begin >= len(text) or not text[begin].isupper():
        return False
    word = text[begin : begin + _REACH].split(None, 1)[0].rstrip(".,;:!?\"'”’)")
    return word.lower() in openers


def _is_brand(rest: str) -> bool:
    """iPhone, eToro, xAI, dYdX: a small first letter that a capital follows at once may open a sentence."""
    return any(letter.isupper() for letter in rest)

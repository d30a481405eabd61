"""The words dates are written with: months in English and Dutch, time zones, and words that carry no date."""

MONTHS: dict[str, int] = {
    **dict.fromkeys(("january", "januari", "jan"), 1),
    **dict.fromkeys(("february", "februari", "feb", "febr"), 2),
    **dict.fromkeys(("march", "maart", "mar", "mrt"), 3),
    **dict.fromkeys(("april", "apr"), 4),
    **dict.fromkeys(("may", "mei"), 5),
    **dict.fromkeys(("june", "juni", "jun"), 6),
    **dict.fromkeys(("july", "juli", "jul"), 7),
    **dict.fromkeys(("august", "augustus", "aug"), 8),
    **dict.fromkeys(("september", "sept", "sep"), 9),
    **dict.fromkeys(("october", "oktober", "oct", "okt"), 10),
    **dict.fromkeys(("november", "nov"), 11),
    **dict.fromkeys(("december", "dec"), 12),
}

# Minutes east of Greenwich. EST is minus five in July too: that is what the letters say (RFC 5322, section 4.3).
OFFSETS: dict[str, int] = {
    **dict.fromkeys(("z", "ut", "utc", "gmt", "wet"), 0),
    **dict.fromkeys(("cet", "met", "mez", "bst", "west"), 60),
    **dict.fromkeys(("cest", "mest", "mesz", "eet", "sast", "cat"), 120),
    **dict.fromkeys(("eest", "msk", "eat"), 180),
    "gst": 240,
    "pkt": 300,
    "ist": 330,
    "ict": 420,
    **dict.fromkeys(("hkt", "sgt", "awst", "pht"), 480),
    **dict.fromkeys(("jst", "kst"), 540),
    "acst": 570,
    "aest": 600,
    "acdt": 630,
    "aedt": 660,
    "nzst": 720,
    "nzdt": 780,
    **dict.fromkeys(("brt", "art", "adt"), -180),
    "ndt": -150,
    "nst": -210,
    **dict.fromkeys(("ast", "edt"), -240),
    **dict.fromkeys(("est", "cdt"), -300),
    **dict.fromkeys(("cst", "mdt"), -360),
    **dict.fromkeys(("mst", "pdt"), -420),
    **dict.fromkeys(("pst", "akdt"), -480),
    "akst": -540,
    "hst": -600,
}

# Names that follow the clocks of a place, summer time included.
PLACES: dict[str, str] = {
    "et": "America/New_York",
    "eastern": "America/New_York",
    "ct": "America/Chicago",
    "mt": "America/Denver",
    "pt": "America/Los_Angeles",
    "pacific": "America/Los_Angeles",
}

_NOISE_WORDS = (
    "a an at at: on op om uur u the of de den h hrs hours time tijd published updated gepubliceerd bijgewerkt "
    "geplaatst laatst last posted datum date date: local"
)
NOISE = frozenset(_NOISE_WORDS.split())

# Languages whose readers take 03/04 for the third of April.
_DAY_FIRST_LANGUAGES_WORDS = "nl de fr es it pt da sv no nb fi pl cs ru tr id el hu ro bg uk af"
DAY_FIRST_LANGUAGES = frozenset(_DAY_FIRST_LANGUAGES_WORDS.split())

"""The words dates are written with: months and weekdays of many languages, time zones, and words without a date."""

# The twelve months, divided by "|"; short names and cases beside the full ones. A name means the same month in all.
_MONTHS_BY_LANGUAGE = {
    "en": "january jan|february feb|march mar|april apr|may|june jun|july jul|august aug|september sept sep|"
    "october oct|november nov|december dec",
    "nl": "januari|februari febr|maart mrt|april|mei|juni|juli|augustus|september|oktober okt|november|december",
    "de": "januar jän jänner|februar feber|märz mär mrz maerz|april|mai|juni|juli|august|september|oktober|november|"
    "dezember dez",
    "fr": "janvier janv|février fevrier févr fevr fév fev|mars|avril avr|mai|juin|juillet juil|août aout|septembre|"
    "octobre|novembre|décembre decembre déc",
    "es": "enero ene|febrero|marzo|abril abr|mayo|junio|julio|agosto ago|septiembre setiembre|octubre|noviembre|"
    "diciembre dic",
    "it": "gennaio gen|febbraio|marzo|aprile|maggio mag|giugno giu|luglio lug|agosto|settembre sett set|ottobre ott|"
    "novembre|dicembre",
    "pt": "janeiro|fevereiro|março marco|abril|maio|junho|julho|agosto|setembro|outubro out|novembro|dezembro",
    "sv": "januari|februari|mars|april|maj|juni|juli|augusti|september|oktober|november|december",
    "da": "januar|februar|marts|april|maj|juni|juli|august|september|oktober|november|december",
    "no": "januar|februar|mars|april|mai|juni|juli|august|september|oktober|november|desember des",
    "pl": "stycznia styczeń sty|lutego luty lut|marca marzec|kwietnia kwiecień kwi|maja|czerwca czerwiec cze|"
    "lipca lipiec lip|sierpnia sierpień sie|września wrzesień wrz|października październik paź||grudnia grudzień gru",
}
MONTHS: dict[str, int] = {
    name: number
    for names in _MONTHS_BY_LANGUAGE.values()
    for number, group in enumerate(names.split("|"), 1)
    for name in group.split()
}
"""Names that mean one month in every language that has them."""
DOUBTFUL_MONTHS: dict[str, dict[str, int]] = {
    "listopad": {"pl": 11, "cs": 11, "uk": 11, "hr": 10},
    "listopada": {"pl": 11, "cs": 11, "uk": 11, "hr": 10},
    "lis": {"pl": 11, "hr": 10},
}
"""Names that mean another month in another language: the month by language."""

_WEEKDAY_WORDS = (
    "mon monday tue tues tuesday wed wednesday thu thur thurs thursday fri friday sat saturday sun sunday "
    "ma maandag di dinsdag wo woensdag do donderdag vr vrijdag za zaterdag zo zondag "
    "mo montag dienstag mi mittwoch donnerstag fr freitag sa samstag sonnabend so sonntag "
    "lun lundi mardi mer mercredi jeu jeudi ven vendredi sam samedi dim dimanche "
    "lunes martes mié mie miércoles miercoles jue jueves vie viernes sáb sab sábado sabado dom domingo "
    "lunedì martedì mercoledì giovedì venerdì sabato domenica gio "
    "segunda terça terca ter quarta qua quinta qui sexta sex feira seg "
    "måndag mån tisdag tis onsdag ons torsdag tors tor fredag fre lördag lör söndag sön "
    "mandag man tirsdag tir lørdag lør søndag søn "
    "poniedziałek pon wtorek wt środa śr czwartek czw piątek sobota sob niedziela niedz"
)
WEEKDAYS = frozenset(_WEEKDAY_WORDS.split())

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
    "geplaatst laatst last posted datum date date: local "
    "am um uhr stand veröffentlicht aktualisiert le à h publié mis jour el la las a publicado actualizado il alle ore "
    "pubblicato aggiornato às as em atualizado kl klo klokken den publicerad uppdaterad opdateret publisert oppdatert "
    "godz o dnia roku r opublikowano aktualizacja"
)
NOISE = frozenset(_NOISE_WORDS.split())

# Languages whose readers take 03/04 for the third of April.
_DAY_FIRST_LANGUAGES_WORDS = "nl de fr es it pt da sv no nb fi pl cs ru tr id el hu ro bg uk af"
DAY_FIRST_LANGUAGES = frozenset(_DAY_FIRST_LANGUAGES_WORDS.split())

"""The report as one self-contained HTML page: no network, drawings inline, light, dark and print.

The page reads whole without its script, which only sorts tables and zooms the price; the policy in the page's head
lets no other script run.
"""

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import markupsafe

from dashboards.report import dependence_words, further_words
from dashboards.report.drawings import draw
from dashboards.report.glossary import explain
from dashboards.report.heat import lay_out
from dashboards.report.highlight import highlight
from dashboards.report.languages import ENGLISH
from dashboards.report.ledger_words import tell_count, tell_remainder
from dashboards.report.summary import summarise
from dashboards.report.words import Words
from dashboards.templating import make_environment, read_style
from service.correlation.results import CorrelationReport, Direction, LeadLag, Verdict

_VERDICT_CLASSES = {
    Verdict.NOT_SHOWN: "none",
    Verdict.SUGGESTIVE: "hint",
    Verdict.SHOWN_IN_SAMPLE: "shown",
    Verdict.HELD_OUT_OF_SAMPLE: "held",
}


@dataclass(frozen=True, slots=True)
class Part:
    """A section of the page: its template, id and text of its heading (a message), the terms its margin explains."""

    file: str
    anchor: str
    title: str
    terms: tuple[str, ...] = ()


PARTS = (
    Part("sample", "sample", "What it was computed from", ("sentiment", "bar", "available", "gap")),
    Part("verdicts", "verdicts", "What is shown, and what is not", ("verdict", "family")),
    Part("lead_lag", "lead-lag", "Who moves first", ("lag", "band", "world", "rho", "granger")),
    Part("same_bar", "same-bar", "In the same bar", ("effective-n", "interval", "holm")),
    Part("dependence", "dependence", "Dependence beyond the scan", ("distance", "partial", "flow")),
    Part("placebo", "placebo", "Placebos", ("placebo",)),
    Part("stability", "stability", "Does it hold through time?", ("rolling", "break")),
    Part("events", "events", "Around events", ("abnormal",)),
    Part("information", "information", "Information coefficient", ("information", "spread")),
    Part("predictors", "predictors", "Other predictors and targets"),
    Part("families", "families", "All families together", ("q",)),
    Part("articles", "articles", "The articles that weigh most", ("share", "evidence")),
    Part("calibration", "calibration", "How far this study can be trusted", ("certificate", "power")),
    Part("stationarity", "stationarity", "Stationarity", ("stationarity",)),
    Part("reproduce", "reproduce", "Make it again"),
)
"""In order of reading; a term is explained where it is first used."""


def render(report: CorrelationReport, language: str = ENGLISH, names: Mapping[str, str] | None = None) -> str:
    """The page in `language`; `names` are targets' names in it, by key.

    Everything that came from outside is escaped, and only http(s) addresses become links.
    """
    words = Words(language, names)
    environment = make_environment("dashboards.report", words)
    environment.globals["margin"] = _annotate(environment.get_template("margin.html.j2").render, words)
    return environment.get_template("report.html.j2").render(_context(report, words)) + "\n"


def _annotate(draw: Callable[..., str], words: Words) -> Callable[[Sequence[str], str], markupsafe.Markup]:
    """The margin of a section by its title: those of its terms that no section before it has explained."""
    explained: set[str] = set()

    def annotate(keys: Sequence[str], title: str) -> markupsafe.Markup:
        terms = [(key, *explain(key, words)) for key in keys if key not in explained]
        explained.update(keys)
        return markupsafe.Markup(draw(terms=terms, title=title))  # noqa: S704 - our own template, escaped

    return annotate


def _context(report: CorrelationReport, words: Words) -> dict[str, Any]:
    sample, script = report.sample, read_style("dashboards.report", "report.js")
    shown = [item for item in report.conclusions if item.verdict is not Verdict.NOT_SHOWN]
    states = dict(sample.states)
    return {
        "report": report,
        "sample": sample,
        "target_name": words.name(sample.target, sample.target_name),
        "parts": PARTS,
        "style": read_style("dashboards.report", "base.css") + read_style("dashboards.report", "report.css"),
        "script": script,
        "script_hash": "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        "summary": summarise(report, words),
        "family": report.conclusions[0].family if report.conclusions else 0,
        "verdict_class": lambda verdict: _VERDICT_CLASSES[verdict],
        "directions": [(d, [c for c in report.conclusions if c.direction is d]) for d in Direction],
        "questions": {direction: words.say(question) for direction, question in _QUESTIONS.items()},
        "shown": shown,
        "shown_count": len(shown),
        "not_shown": [item for item in report.conclusions if item.verdict is Verdict.NOT_SHOWN],
        "extremes": [_strongest_sides(line) for line in report.lead_lag],
        "states_total": sum(states.values()) or 1,
        "unread": states.get("unsupported_language", 0),
        "silent_bars": sample.bars_expected - sample.bars_with_sentiment,
        "unpriced_bars": sample.bars_expected - sample.bars_with_price,
        "tests_ever": tell_count(report, words),
        "remainder": lambda item: tell_remainder(item, report.ledger, words),
        "highlight": highlight,
        "lay_out": lay_out,
        "dependence": dependence_words,
        "not_studied": words.say(further_words.NOT_STUDIED),
        "event_bars": lambda window: further_words.event_bars(window, words),
        "relation_name": lambda lag: further_words.relation_name(lag, words),
        "rolling_rows": further_words.rolling_rows,
        "rolling_band": lambda window: further_words.band(window, words),
        "half_life": further_words.tell_half_life(report.information, words) if report.information else "",
        **draw(report, words),
    }


_QUESTIONS = {
    Direction.REVERSE: "does the tone follow the market?",
    Direction.SAME_BAR: "do both move together?",
    Direction.FORWARD: "does the market follow the tone?",
}


def _strongest_sides(line: LeadLag) -> dict[str, Any]:
    """Lag, r, rank correlation and n of the strongest lag on each side; None for a side without figures."""
    rows = [row for row in zip(line.lags, line.pearson, line.spearman, line.n, strict=True) if row[1] is not None]
    sides = {"reverse": [row for row in rows if row[0] < 0], "forward": [row for row in rows if row[0] > 0]}
    return {side: max(among, key=lambda row: abs(row[1] or 0.0), default=None) for side, among in sides.items()}

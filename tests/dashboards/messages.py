"""Every message our pages can say, read from the code: templates, Python calls and the tables of words."""

import ast
from collections.abc import Iterator
from pathlib import Path

import jinja2.nodes

from dashboards.report import dependence_words, further_words, glossary, html, summary, words
from dashboards.templating import make_environment
from service.correlation import verdict
from service.correlation.alongside import HALVING, SPOT_ETF
from service.correlation.crowded import label_news
from service.correlation.results import Direction, Verdict
from service.sentiment.events import EventKind

ROOT = Path(__file__).parents[2]
SPEAKERS = ("word", "say")
TEMPLATES = ROOT / "dashboards/report/templates"
TABLES = (
    *words.OUTCOME_NAMES.values(),
    *words.STATE_NAMES.values(),
    *words.STATE_MEANINGS.values(),
    *words.LANGUAGE_NAMES.values(),
    *words.MONTHS,
    *words.SHORT_MONTHS,
    *words.BARS.values(),
    *words.RULES.values(),
    *(term.name for term in glossary.GLOSSARY.values()),
    *(term.meaning for term in glossary.GLOSSARY.values()),
    *html._QUESTIONS.values(),
    *(part.title for part in html.PARTS),
    *summary._STATEMENTS.values(),
    *verdict.LABELS.values(),
    *(one.value for one in (*Verdict, *Direction)),
    *("stationary", "not stationary", "unclear", "too short"),
    *("unfetched", "fetch failed", "maintenance", "no trade", "disputed", "outage", "truncated", "quarantined"),
    further_words.NOT_STUDIED,
    *dependence_words.ANALYSIS_NAMES.values(),
    *("positive spikes", "negative spikes", "constant mean", "market model", "fitted", SPOT_ETF.label, HALVING.label),
    *("volatility", "trend", "calm", "volatile", "falling", "rising", "before", "after"),
    *("any", "market first", "news first", "as it is", "at shuffled dates", "moved into the future"),
    *("toward another target", "copies of one text counted once", "placed by published time", "too few values"),
    *("what this report is about", "nothing: p below 0.05 in one report of twenty"),
    *("nothing: it was said weeks before", "about the same, or copies carry it"),
    "less than as it is, or what is found is about the news at large",
    *("no more, or it rests on what could not be known yet", "the sample is too short to move it"),
    *("no other target has a stored series over these bars", "no such series is stored"),
    "no such series is stored: articles are placed by when they could be known",
    *("positive part", "negative part", "attention", "surprise", "disagreement of sources"),
    *("score weighted by novelty", "disagreement of scorers", "there is one scorer alone"),
    *("a stored series holds no score by source", "no series with copies counted once is stored"),
    *map(label_news, EventKind),
    *("no two venues agree", "unknown"),
    *("one venue only", "no two agree", "a venue left out", "a wick left out", "a venue missing"),
)
"""Messages that stand in a table, not in a call: whatever else is said by a name has to be added here."""


def templates() -> Iterator[tuple[str, jinja2.nodes.Template]]:
    """Each template of the report's page by file name; other pages of the package are in English only."""
    environment = make_environment("dashboards.report")
    pages = [TEMPLATES / f"{name}.html.j2" for name in ("report", "front", "margin")]
    for file in (*pages, *sorted((TEMPLATES / "sections").iterdir())):
        yield file.name, environment.parse(file.read_text(encoding="utf-8"))


def sources() -> Iterator[tuple[Path, ast.Module]]:
    """Each Python file that may say something in a report."""
    for folder in ("service", "dashboards/report", "jobs"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            text = file.read_text(encoding="utf-8")
            if folder == "dashboards/report" or "from service.wording import" in text:
                yield file, ast.parse(text)


def in_templates() -> set[str]:
    said = set()
    for _, template in templates():
        for call in template.find_all(jinja2.nodes.Call):
            speaks = isinstance(call.node, jinja2.nodes.Name) and call.node.name == "t"
            speaks |= isinstance(call.node, jinja2.nodes.Getattr) and call.node.attr == "say"
            if speaks and isinstance(call.args[0], jinja2.nodes.Const):
                said.add(call.args[0].value)
    return said


def in_python() -> set[str]:
    said = set()
    for _, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and node.args:
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                if name in SPEAKERS:
                    said |= set(literals(node.args[0]))
    return said


def literals(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from literals(node.body)
        yield from literals(node.orelse)


def all_messages() -> set[str]:
    """Everything that has letters of its own: what is only fields and signs needs no translation."""
    everything = in_templates() | in_python() | set(TABLES)
    return {message for message in everything if not words.is_wordless(message)}

"""The article page: one self-contained file without script or network; everything from the article is only text."""

from collections.abc import Mapping
from typing import Final

from dashboards.article import words
from dashboards.article.left_out import list_left_out, tell_calm, tell_moved
from dashboards.article.marks import LEARNED, LEFT_OUT
from dashboards.article.view import MentionRow, View, lay_out
from dashboards.templating import make_environment, read_style
from service.sentiment import explain
from service.sentiment.close_reading import CloseReading
from service.sentiment.score import Mention, MentionForm
from service.sentiment.scorer import Evidence, Label

UNITS: Final[Mapping[str, str]] = {
    LEFT_OUT: "how far the score moves when the word is left out; the weights do not add up to the score",
    LEARNED: "log-odds of positive over negative; start and words add up exactly, and a curve brings the sum into −1…1",
    "lexicon": "valence after the rules; the words add up, and a curve brings the sum into −1…1",
    "": "the scorer's own unit",
}


def render(close: CloseReading, *, made_by: str) -> str:
    """The page of a close reading; `made_by` is the program and its version. Equal readings give equal bytes."""
    environment = make_environment("dashboards.article")
    environment.filters.update(
        verdict=words.tell_verdict,
        instant=words.tell_instant,
        rules=_name_rules,
        language=words.name_language,
        signed=words.signed,
    )
    view = lay_out(close)
    rows = {row.mention: row for block in view.sentences for row in block.rows}
    context = {
        "view": view,
        "close": close,
        "article": close.article,
        "style": read_style("dashboards.report", "base.css") + read_style("dashboards.article", "article.css"),
        "summary": words.summarise(close),
        "unread": words.tell_unread(close.article.passages),
        "units": [_unit_of(view, column) for column in range(len(view.columns))],
        "left_out": list_left_out(close),
        "calm": tell_calm(list_left_out(close)),
        "tell_moved": tell_moved,
        "forms": _forms_of(view),
        "numbered": {row.key: row for row in view.targets},
        "rows": rows,
        "arrows": {mention: _point(row) for mention, row in rows.items()},
        "mention_tips": {mention: _tell_mention(view, mention, rows.get(mention)) for mention in close.mentions},
        "form_names": words.FORM_NAMES,
        "made_by": made_by,
    }
    return environment.get_template("article.html.j2").render(context) + "\n"


def _name_rules(evidence: Evidence) -> str:
    """The rules in words; "" for those that every word of the scorer has, which its unit tells."""
    told = " ".join(code for code in evidence.rule.split() if code not in (LEARNED, LEFT_OUT))
    return explain.name_rules(told)


def _unit_of(view: View, column: int) -> str:
    """What the weights of a scorer's words are, told by the rules they carry."""
    codes = {
        one.rule.partition(" ")[0].partition(":")[0]
        for block in view.sentences
        for row in block.rows
        if (cell := row.cells[column]) is not None
        for one in cell.first[:1]
    }
    return UNITS[next((code for code in UNITS if code in codes), "")]


def _forms_of(view: View) -> list[MentionForm]:
    """The forms that occur, in their own order."""
    found = {mention.form for mention in view.close.mentions}
    return [form for form in MentionForm if form in found]


def _point(row: MentionRow) -> str:
    """CSS classes that say which scorers (by column) read the mention as positive (`v0p`) or negative (`v0n`)."""
    labels = [(column, cell.read.label) for column, cell in enumerate(row.cells) if cell is not None]
    signs = {Label.POSITIVE: "p", Label.NEGATIVE: "n"}
    return "".join(f" v{column}{signs[label]}" for column, label in labels if label in signs)


def _tell_mention(view: View, mention: Mention, row: MentionRow | None) -> str:
    """Lines for hover and focus: who is meant, by which form, and each scorer's figure there."""
    name = view.close.catalogue.name(mention.target, "en")
    lines = [f"{name}: {words.FORM_NAMES[mention.form]}"]
    if row is None:
        return "\n".join([*lines, "not read by itself: its sentence names the target or stands in the text twice"])
    for column, cell in zip(view.columns, row.cells, strict=True):
        if cell is not None:
            lines.append(f"{column}: {cell.verdict} {words.signed(cell.read.score)}")
    return "\n".join(lines)

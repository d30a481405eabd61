"""Edits in words, for a terminal."""

from collections.abc import Iterable, Sequence

from dashboards.edits.edit import Edit, Moved
from service.instants import format_instant
from service.news.differences import Piece

_AROUND = 60  # code points of what stayed, shown on each side of a change
_MOST_MOVES = 12


def render(edit: Edit) -> str:
    """One edit: [-what stood there-] {+what stands there now+}."""
    lines = [
        f"{edit.after.article.url}",
        f"  telling {edit.before.number}, known from {format_instant(edit.before.available_at)}",
        f"  telling {edit.after.number}, known from {format_instant(edit.after.available_at)}: {summarise(edit)}",
        f"title: {_mark(edit.difference.title)}",
        "text:",
        _mark(edit.difference.text),
    ]
    lines += ["scores:"] if edit.moved else ["scores: none read"]
    lines += [f"  {one.scorer:<28}{one.target:<22}{_spell(one)}" for one in edit.moved]
    return "\n".join(lines)


def summarise(edit: Edit) -> str:
    """Size, kinds and silence in one line."""
    kinds = ", ".join(kind.value for kind in edit.difference.kinds) or "wording"
    returned = "back to an earlier text, " if edit.after.is_return else ""
    silent = "silent" if edit.is_silent else "the source gives a new date of modification"
    return f"{returned}{100 * edit.difference.share:.1f} % of the words; {kinds}; {silent}"


def render_report(edits: Sequence[Edit]) -> str:
    """The report of edits, silent ones marked, those that moved a score most first."""
    silent = sum(edit.is_silent for edit in edits)
    lines = [f"{len(edits)} edits, {silent} of them silent"]
    for edit in edits:
        article = edit.after.article
        lines.append(f"{format_instant(edit.after.available_at)}  {article.source}  {article.title}")
        lines.append(f"  {edit.article} {edit.before.number} → {edit.after.number}: {summarise(edit)}")
        if edit.difference.title and edit.before.article.title != article.title:
            lines.append(f"  was: {edit.before.article.title}")
        told = [f"{old} → {new}" for old, new in (*edit.difference.numbers, *edit.difference.names)]
        lines += [f"  {'; '.join(told[:6])}"] if told else []
        lines += [f"  {one.scorer} toward {one.target}: {_spell(one)}" for one in _choose(edit.moved)]
    return "\n".join(lines)


def _choose(moved: Iterable[Moved]) -> list[Moved]:
    changed = [one for one in moved if one.before != one.after]
    return sorted(changed, key=lambda one: -abs(one.by or 0.0))[:_MOST_MOVES]


def _spell(one: Moved) -> str:
    before, after = ("none" if value is None else f"{value:+.2f}" for value in (one.before, one.after))
    moved = "" if one.by is None else f" ({one.by:+.2f})"
    return f"{before} → {after}{moved}"


def _mark(pieces: Sequence[Piece]) -> str:
    marked = []
    for place, piece in enumerate(pieces):
        if piece.is_equal:
            marked.append(_shorten(piece.before, is_first=place == 0, is_last=place == len(pieces) - 1))
            continue
        marked += [f"[-{piece.before}-]"] if piece.before else []
        marked += [f"{{+{piece.after}+}}"] if piece.after else []
    return "".join(marked)


def _shorten(kept: str, *, is_first: bool, is_last: bool) -> str:
    head, tail = (0 if is_first else _AROUND), (0 if is_last else _AROUND)
    if len(kept) <= head + tail + 3:
        return kept
    return f"{kept[:head]} … {kept[len(kept) - tail :]}"

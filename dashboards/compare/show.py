"""A comparison as text for a terminal, as a page, and as plain values."""

from typing import Any

from dashboards.compare.comparison import Change, Comparison
from dashboards.compare.figures import Figure, Pair
from dashboards.report.words import Words
from dashboards.templating import make_environment, read_style

_SAY = Words()
NOISE = (
    "Beyond noise: further apart than the two 95 % intervals allow, taken as of independent samples. Editions whose "
    "windows overlap share data and lie closer together by chance, so this claims less than it could."
)


def as_text(found: Comparison) -> str:
    """Every change on a line, figures beyond their noise first and then how many stayed within it."""
    lines = [f"A {found.one}", f"B {found.other}", ""]
    if found.is_same:
        return "\n".join([*lines, "nothing differs: choices, sample, verdicts and figures are the same"])
    for title, changes in _parts(found):
        lines += [title, *([f"  {_spell(change)}" for change in changes] or ["  nothing"]), ""]
    beyond = found.beyond_noise
    lines += ["figures beyond their noise", *([f"  {_spell_pair(pair)}" for pair in beyond] or ["  none"]), ""]
    return "\n".join([*lines, f"{len(found.figures) - len(beyond)} of {len(found.figures)} figures are not. {NOISE}"])


def render(found: Comparison) -> str:
    """The page, self-contained, with every figure that was held beside another."""
    context = {
        "found": found,
        "parts": _parts(found),
        "pairs": [(pair, _show(pair.one), _show(pair.other), _tell_noise(pair)) for pair in found.figures],
        "noise": NOISE,
        "style": read_style("dashboards.report", "base.css") + read_style("dashboards.report", "report.css"),
    }
    return make_environment("dashboards.report").get_template("compare.html.j2").render(context) + "\n"


def as_json(found: Comparison) -> dict[str, Any]:
    """The comparison as plain values."""
    told = {title.replace(" ", "_"): [_plain(change) for change in changes] for title, changes in _parts(found)}
    figures = [
        {
            "group": pair.group,
            "name": pair.name,
            "before": pair.one.value,
            "after": pair.other.value,
            "noise": pair.noise,
            "beyond_noise": pair.is_beyond_noise,
        }
        for pair in found.figures
    ]
    return {"one": found.one, "other": found.other, "same": found.is_same, **told, "figures": figures}


def _parts(found: Comparison) -> tuple[tuple[str, tuple[Change, ...]], ...]:
    return (("verdicts", found.verdicts), ("sample", found.sample), ("choices", found.choices))


def _plain(change: Change) -> dict[str, str]:
    return {"what": change.what, "before": change.before, "after": change.after}


def _spell(change: Change) -> str:
    return f"{change.what}: {change.before or 'none'} → {change.after or 'none'}"


def _spell_pair(pair: Pair) -> str:
    return f"{pair.group}, {pair.name}: {_show(pair.one)} → {_show(pair.other)} ({_tell_noise(pair)})"


def _show(figure: Figure) -> str:
    return _SAY.signed(figure.value)


def _tell_noise(pair: Pair) -> str:
    if pair.difference is None:
        return "–"
    noise = "noise not known" if pair.noise is None else f"noise ±{_SAY.plain(pair.noise, 3)}"
    return f"{_SAY.signed(pair.difference)}, {noise}"

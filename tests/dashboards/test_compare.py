"""Two editions side by side: what changed is told, and only what chance would not move is called beyond noise."""

import copy
import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dashboards.bundle import build
from dashboards.compare import show
from dashboards.compare.comparison import Edition, compare
from dashboards.compare.figures import Figure, Pair, _fisher, _share
from dashboards.report import document
from dashboards.report.forms import render_all
from jobs.compare import compare_files, read_edition
from service.correlation.study import StudyInputs, run
from service.errors import BadInput
from tests.reports import make_inputs


@pytest.fixture(scope="module")
def inputs() -> StudyInputs:
    return make_inputs(link=2.0, bars=120)


@pytest.fixture(scope="module")
def told(inputs: StudyInputs) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(document.render(run(inputs)))
    return made


@pytest.fixture(scope="module")
def unlinked() -> dict[str, Any]:
    made: dict[str, Any] = json.loads(document.render(run(make_inputs(link=0.0, bars=120))))
    return made


def test_an_edition_beside_itself_differs_in_nothing(told: dict[str, Any]) -> None:
    found = compare(Edition("a", told), Edition("b", copy.deepcopy(told)))
    assert found.is_same
    assert found.beyond_noise == ()
    assert len(found.figures) > 20
    assert "nothing differs" in show.as_text(found)


def test_a_link_that_was_cut_is_told_in_verdict_and_figure(told: dict[str, Any], unlinked: dict[str, Any]) -> None:
    """The news answered the return of the bar before, and now does not: that lag and its verdict change, others not."""
    found = compare(Edition("linked", told), Edition("cut", unlinked))
    changed = {change.what: change for change in found.verdicts}
    assert "market → sentiment, log return" in changed
    assert changed["market → sentiment, log return"].after.startswith("not shown (r ")
    beyond = {(pair.group, pair.name) for pair in found.beyond_noise}
    assert ("market first, r", "log return at lag −1") in beyond
    assert ("same bar, r", "log return") not in beyond
    text, page = show.as_text(found), show.render(found)
    for form in (text, page):
        assert "log return at lag −1" in form
        assert "beyond" in form.lower()
    assert "<script" not in page


def test_sample_scorers_and_choices_are_told(told: dict[str, Any]) -> None:
    after = copy.deepcopy(told)
    after["sample"].update(articles=2100, end="2024-06-01T00:00:00Z")
    after["sample"]["sources"][0][0] = "<b>new wire</b>"
    after["sample"]["states"][0][1] = 1000
    after["comparisons"][0]["scorer"] = "encoder/4"
    after["reproduction"]["seed"] = 7
    found = compare(Edition("a", told), Edition("b", after))
    sample = {change.what: (change.before, change.after) for change in found.sample}
    assert sample["articles read"] == ("2\u202f000", "2\u202f100")
    assert sample["end"][1] == "2024-06-01T00:00:00Z"
    assert sample["articles by state: scored"] == ("900", "1\u202f000")
    assert sample["sources that are gone"] == ("sample-wire-en", "")
    assert sample["sources that are new"] == ("", "<b>new wire</b>")
    choices = {change.what: (change.before, change.after) for change in found.choices}
    assert choices["seed"][1] == "7"
    assert choices["scorers beside the leading one that are gone"] == ("vader/3.3.2", "")
    assert choices["scorers beside the leading one that are new"] == ("", "encoder/4")
    assert "<b>new wire" not in show.render(found)
    assert not found.is_same


@pytest.mark.parametrize(
    ("one", "other", "is_beyond"),
    [
        (Figure(0.1, 0.3), Figure(0.52, 0.3), False),  # √(0.3² + 0.3²) = 0.424
        (Figure(0.1, 0.3), Figure(0.53, 0.3), True),
        (Figure(0.1), Figure(0.9, 0.1), False),
        (Figure(None, 0.1), Figure(0.9, 0.1), False),
    ],
)
def test_noise_is_both_intervals_together(one: Figure, other: Figure, is_beyond: bool) -> None:
    assert Pair("g", "n", one, other).is_beyond_noise is is_beyond
    assert Pair("g", "n", other, one).is_beyond_noise is is_beyond


def test_the_noise_of_independent_samples_is_exceeded_by_one_in_twenty() -> None:
    """r of 400 normal pairs, and the share of 200 runs with p = 0.1: counted over many pairs of samples."""
    generator = np.random.default_rng(11)
    x, e = generator.normal(size=(2, 800, 400))
    y = 0.3 * x + np.sqrt(1 - 0.09) * e
    r = np.array([np.corrcoef(a, b)[0, 1] for a, b in zip(x, y, strict=True)])
    shares = generator.binomial(200, 0.1, 800) / 200
    for values, width in ((r, lambda v: _fisher(v, 400)), (shares, lambda v: _share(v, 200).half_width)):
        figures = [Figure(float(value), width(float(value))) for value in values]
        pairs = [Pair("", "", *two) for two in zip(figures[::2], figures[1::2], strict=True)]
        beyond = np.mean([pair.is_beyond_noise for pair in pairs])
        assert 0.02 <= beyond <= 0.085, beyond


def test_any_file_of_a_report_names_it(tmp_path: Path, inputs: StudyInputs) -> None:
    """HTML and bundle give the choices in full; the JSON alone gives what it holds."""
    other = dataclasses.replace(inputs, settings=dataclasses.replace(inputs.settings, hold_out=0.25, max_lag=10))
    for name, one in (("a", inputs), ("b", other)):
        forms = render_all(one, run(one))
        (tmp_path / f"{name}.bundle.zip").write_bytes(build.build(one, forms))
        for suffix in (".html", ".json"):
            (tmp_path / f"{name}{suffix}").write_bytes(forms[suffix])
    page = tmp_path / "what.html"
    found = compare_files(tmp_path / "a.html", tmp_path / "b.bundle.zip", page)
    choices = {change.what: (change.before, change.after) for change in found.choices}
    assert choices["settings.hold_out"] == ("0.3", "0.25")
    assert choices["settings.max_lag"] == ("–", "10")
    assert "settings.hold_out" in page.read_text(encoding="utf-8")
    by_json = compare_files(tmp_path / "a.json", tmp_path / "b.json")
    assert by_json == found
    (tmp_path / "a.bundle.zip").unlink()
    assert read_edition(tmp_path / "a.json").inputs is None
    assert "settings.hold_out" not in {
        change.what for change in compare_files(tmp_path / "a.json", page.with_name("b.json")).choices
    }
    assert show.as_json(found)["figures"][0]["group"] == "same bar, r"


@pytest.mark.parametrize("data", [b"", b"[]", b'{"schema": "other/1"}', b'{"schema": "newscandle.report/1"}'])
def test_what_is_no_report_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.json").write_bytes(data)
    with pytest.raises(BadInput):
        compare_files(tmp_path / "a.json", tmp_path / "a.json")
    (tmp_path / "a.html").write_bytes(b"")
    (tmp_path / "a.json").unlink()
    with pytest.raises(BadInput):
        read_edition(tmp_path / "a.html")

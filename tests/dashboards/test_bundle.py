"""The bundle proves its report: the same bytes from it alone, and whatever is changed in it is found and named."""

import dataclasses
import hashlib
import io
import json
import zipfile

import numpy as np
import pyarrow.csv as csv
import pyarrow.parquet as parquet
import pytest

from dashboards.bundle import archive, build, maker
from dashboards.bundle.verify import read_inputs, verify
from dashboards.report.forms import SUFFIXES, render_all
from service.correlation.results import CorrelationReport
from service.correlation.study import StudyInputs, run
from service.errors import BadInput
from tests.reports import make_inputs


@pytest.fixture(scope="module")
def inputs() -> StudyInputs:
    return make_inputs(link=2.0, bars=120)


@pytest.fixture(scope="module")
def report(inputs: StudyInputs) -> CorrelationReport:
    return run(inputs)


@pytest.fixture(scope="module")
def forms(inputs: StudyInputs, report: CorrelationReport) -> dict[str, bytes]:
    return render_all(inputs, report)


@pytest.fixture(scope="module")
def bundle(inputs: StudyInputs, forms: dict[str, bytes]) -> bytes:
    return build.build(inputs, forms)


def members_of(bundle: bytes) -> dict[str, bytes]:
    return archive.unpack(bundle).members


def sealed(bundle: bytes, *, code: str = "", **changed: bytes) -> bytes:
    """The bundle with members changed and a manifest that agrees with them: only making it again can tell.

    `code` is then said to be the digest of the code that made it.
    """
    members = members_of(bundle)
    told = {key: json.loads(members[build.MANIFEST])[key] for key in ("columns", "made_with")}
    if code:
        told["made_with"]["code"] = code
    kept = {n: d for n, d in members.items() if n not in (build.README, build.MANIFEST, build.SEAL)}
    return build.seal({**kept, **changed}, told)


def test_a_report_is_made_again_from_its_bundle_alone(
    inputs: StudyInputs, forms: dict[str, bytes], bundle: bytes
) -> None:
    assert set(forms) == set(SUFFIXES) == set(build.FORMS)
    found = verify(bundle, forms)
    assert found.is_identical, found
    assert found.versions == ()
    assert any("made again" in one for one in found.checked)
    assert build.build(make_inputs(link=2.0, bars=120), render_all(inputs, run(inputs))) == bundle


def test_the_bundle_holds_every_series_with_its_units(inputs: StudyInputs, bundle: bytes) -> None:
    """As Parquet with units in the metadata, as CSV with the same numbers, both listed with their sha256."""
    members = members_of(bundle)
    manifest = json.loads(members[build.MANIFEST])
    assert {one["name"] for one in manifest["files"]} == set(members) - {build.MANIFEST, build.SEAL}
    assert manifest["made_with"] == maker.describe()
    for name, series in (("series", inputs.series), ("companions/vader-3.3.2", inputs.companions["vader/3.3.2"])):
        table = parquet.read_table(io.BytesIO(members[f"tables/{name}.parquet"]))
        assert table.schema.field("volume").metadata[b"unit"] == b"base currency"
        assert manifest["columns"][name]["volume"]["unit"] == "base currency"
        np.testing.assert_array_equal(table["log_return"].to_numpy(), series.log_return)
        spelt = csv.read_csv(io.BytesIO(members[f"tables/{name}.csv"]))
        np.testing.assert_array_equal(spelt["log_return"].to_numpy(), series.log_return)
    again, mistold = read_inputs(members)
    assert mistold == []
    assert again.settings == inputs.settings
    assert again.weighty == inputs.weighty
    assert again.sample == inputs.sample


def test_every_form_tells_the_same_numbers(
    inputs: StudyInputs, report: CorrelationReport, forms: dict[str, bytes]
) -> None:
    """JSON, CSV and Parquet hold the same doubles; page and Markdown print the document's figures."""
    told = json.loads(forms[".json"])
    spelt, held = csv.read_csv(io.BytesIO(forms[".csv"])), parquet.read_table(io.BytesIO(forms[".parquet"]))
    assert spelt.column_names == held.column_names
    for name in ("close", "sentiment"):
        drawn = [np.nan if value is None else value for value in told["points"][name]]
        for table in (spelt, held):
            np.testing.assert_array_equal(table[name].to_numpy(), np.array(drawn, float))
    articles = np.array(told["points"]["articles"])
    for table in (spelt, held):
        np.testing.assert_array_equal(table["scored"].to_numpy() + table["no_signal"].to_numpy(), articles)
        np.testing.assert_array_equal(
            table["sentiment_vader_3_3_2"].to_numpy(), inputs.companions["vader/3.3.2"].sentiment
        )
    x, y = held["sentiment"].to_numpy(), held["log_return"].to_numpy()
    pairs = np.isfinite(x) & np.isfinite(y)
    [same_bar] = [row for row in told["same_bar"] if row["outcome"] == "log_return"]
    assert same_bar["n"] == int(pairs.sum())
    assert same_bar["pearson"] == pytest.approx(np.corrcoef(x[pairs], y[pairs])[0, 1], abs=1e-12)
    for row in report.same_bar:
        for form in (".html", ".md"):
            assert f"{row.pearson:+.3f}".replace("-", "−") in forms[form].decode()


def test_instants_of_the_rows_are_the_series_own(inputs: StudyInputs, forms: dict[str, bytes]) -> None:
    table = parquet.read_table(io.BytesIO(forms[".parquet"]))
    assert str(table.schema.field("available_at").type) == "timestamp[ms, tz=UTC]"
    np.testing.assert_array_equal(table["open_at"].cast("int64").to_numpy(), inputs.series.open_at)
    np.testing.assert_array_equal(table["available_at"].cast("int64").to_numpy(), inputs.series.available_at)


def test_another_series_on_fewer_bars_is_placed_by_its_instants(inputs: StudyInputs, report: CorrelationReport) -> None:
    """Whatever a study comes to read bar by bar is in the rows; where it has no bar there is no number."""
    cut = {
        f.name: getattr(inputs.series, f.name)[10:50:2]
        for f in dataclasses.fields(inputs.series)
        if isinstance(getattr(inputs.series, f.name), np.ndarray)
    }
    sparse = dataclasses.replace(inputs.series, **cut)
    forms = render_all(dataclasses.replace(inputs, companions={"half/1": sparse}), report)
    table = parquet.read_table(io.BytesIO(forms[".parquet"]))
    expected = np.full(inputs.series.length, np.nan)
    expected[10:50:2] = sparse.sentiment
    np.testing.assert_array_equal(table["sentiment_half_1"].to_numpy(), expected)


@pytest.mark.parametrize(
    "name", ["tables/series.parquet", "tables/series.csv", "inputs.json", "report.html", "data.csv"]
)
def test_a_changed_byte_of_a_member_is_named_by_its_checksum(bundle: bytes, name: str) -> None:
    members = members_of(bundle)
    middle = len(members[name]) // 2
    changed = members[name][:middle] + bytes([members[name][middle] ^ 1]) + members[name][middle + 1 :]
    found = verify(archive.pack({**members, name: changed}), {})
    assert not found.is_identical
    assert [one for one in found.differences if one.startswith(f"{name}: its sha256 is")]


def test_a_changed_manifest_is_named(bundle: bytes) -> None:
    members = members_of(bundle)
    for old, new in ((b"base currency", b"base corrency"), (b'"files"', b'"filez"'), (b"{", b"[")):
        changed = archive.pack({**members, build.MANIFEST: members[build.MANIFEST].replace(old, new, 1)})
        found = verify(changed, {})
        assert found.differences[0] == f"{build.MANIFEST}: is not what {build.SEAL} says"


def test_any_flipped_bit_of_the_file_is_found(bundle: bytes) -> None:
    """Wherever it falls, in the packed data or in the container: nothing passes, and nothing breaks."""
    generator = np.random.default_rng(5)
    places = [*generator.integers(0, len(bundle), 25).tolist(), 0, len(bundle) - 1]
    named = 0
    for place in places:
        flipped = bundle[:place] + bytes([bundle[place] ^ (1 << int(generator.integers(8)))]) + bundle[place + 1 :]
        try:
            found = verify(flipped, {})
        except BadInput:
            continue
        assert not found.is_identical, place
        named += bool(found.differences)
    assert named > len(places) // 2


def test_a_changed_byte_beside_the_bundle_is_named(bundle: bytes, forms: dict[str, bytes]) -> None:
    changed = {suffix: data[:-10] + bytes([data[-10] ^ 1]) + data[-9:] for suffix, data in forms.items()}
    found = verify(bundle, changed)
    assert len(found.differences) == len(SUFFIXES)
    for suffix, difference in zip(SUFFIXES, found.differences, strict=True):
        assert difference.startswith(f"the {suffix} beside it: ")


def test_figures_that_were_improved_are_found_by_making_them_again(bundle: bytes) -> None:
    """A manifest that agrees with a changed document does not help it: the study says otherwise, and where."""
    told = json.loads(members_of(bundle)["report.json"])
    told["same_bar"][0]["pearson_p"] = 0.0001
    rewritten = (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()
    found = verify(sealed(bundle, **{"report.json": rewritten}), {})
    [difference] = found.differences
    assert difference.startswith("report.json: /same_bar/0/pearson_p: 0.0001 instead of ")


def test_data_that_were_improved_are_found_by_their_digest(inputs: StudyInputs, bundle: bytes) -> None:
    better = inputs.series.sentiment.copy()
    better[1:] = np.where(np.isfinite(inputs.series.log_return[1:]), inputs.series.log_return[1:], np.nan)
    changed = dataclasses.replace(inputs, series=dataclasses.replace(inputs.series, sentiment=better))
    found = verify(build.build(changed, render_all(changed, run(changed))), {})
    assert found.differences[0].startswith("the data digest: the report says ")


def test_tables_whose_two_spellings_differ_are_found(bundle: bytes) -> None:
    spelt = members_of(bundle)["tables/series.csv"].replace(b",0.", b",1.", 1)
    found = verify(sealed(bundle, **{"tables/series.csv": spelt}), {})
    assert found.differences == ("tables/series.csv: does not say what tables/series.parquet says",)


def test_another_newscandle_is_said_to_be_one(bundle: bytes) -> None:
    """Which digests differ, whether or not the bytes do."""
    found = verify(sealed(bundle, code="0123456789abcdef"), {})
    assert found.is_identical
    assert found.versions == (("code", "0123456789abcdef", maker.describe()["code"]),)


def _zip(**members: bytes) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as made:
        for name, data in members.items():
            made.writestr(name, data)
    return written.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html>",
        _zip(other=b"x"),
        _zip(**{"manifest.json": b"{}", "manifest.sha256": hashlib.sha256(b"{}").hexdigest().encode()}),
    ],
    ids=["nothing", "html", "zip", "manifest"],
)
def test_a_foreign_file_is_refused(data: bytes) -> None:
    with pytest.raises(BadInput):
        verify(data, {})


def test_a_bomb_is_not_inflated() -> None:
    packed = archive.pack({"manifest.json": b"0" * 1001})
    with pytest.raises(archive.ForeignArchive, match="would take more than"):
        archive.unpack(packed, most=1000)
    assert archive.unpack(packed, most=1001).members

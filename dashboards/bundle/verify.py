"""Proof of a report: computed again from its bundle alone, without a store, and held beside what was handed out.

bundle ─▶ container, checksums ─▶ inputs ─▶ study.run ─▶ every form again ─▶ the same bytes, or what differs
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboards.bundle import archive, build, maker
from dashboards.bundle.differences import compare_form
from dashboards.report.forms import render_all
from dashboards.tables import Column, as_csv, lay_out, read_parquet
from service.correlation.freezing import Frozen, thaw
from service.correlation.inputs import StudyInputs, digest_data
from service.correlation.study import run
from service.errors import BadInput


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found. No `differences`: everything is byte for byte what was handed out.

    `checked` are the names held beside one another; `versions` lists what made the bundle and what checks it now, where
    the two are not the same.
    """

    differences: tuple[str, ...]
    checked: tuple[str, ...]
    versions: tuple[tuple[str, str, str], ...]

    @property
    def is_identical(self) -> bool:
        """Whether nothing differs."""
        return not self.differences


def verify(data: bytes, beside: Mapping[str, bytes]) -> Verification:
    """Check a bundle, and the files `beside` it (bytes by suffix, as `.html`) against it.

    Raises `BadInput` for a file that is no bundle of a kind known here.
    """
    try:
        found = archive.unpack(data)
    except archive.ForeignArchive as error:
        raise BadInput("FILE", "bundle", f"{error}; name a {build.SUFFIX} file or the HTML beside one") from error
    if build.MANIFEST not in (*found.members, *found.damaged):
        raise BadInput("FILE", "bundle", f"no {build.MANIFEST} in it: this is no newscandle bundle")
    differences = [f"{name}: damaged: it cannot be read from the bundle" for name in found.damaged]
    if build.MANIFEST in found.damaged:
        return Verification(tuple(differences), (), ())
    manifest, broken_seal = _read_manifest(found.members)
    differences += broken_seal
    if manifest is None:
        return Verification(tuple(differences), (), ())
    differences += _check_listed(found, manifest)
    checked = [f"{len(found.members)} files of the bundle against its manifest"]
    versions = _compare_makers(manifest.get("made_with", {}))
    changed = {name for name, _, _ in versions}
    if not differences and "zlib" not in changed and archive.pack(found.members) != data:
        differences.append("the container: its bytes are not those newscandle writes, though all it holds is")
    if not differences:
        differences += _make_again(found.members, changed)
        checked.append(f"{', '.join(build.FORMS.values())}, made again from the bundle alone")
    for suffix, name in build.FORMS.items():
        if suffix in beside:
            checked.append(f"the {suffix} beside it")
            differences += compare_form(f"the {suffix} beside it", beside[suffix], found.members.get(name, b""))
    return Verification(tuple(differences), tuple(checked), versions)


def _read_manifest(members: Mapping[str, bytes]) -> tuple[dict[str, Any] | None, list[str]]:
    """The manifest, None where it cannot be read, and what is wrong with it. Raises `BadInput` for a foreign one."""
    data = members[build.MANIFEST]
    sealed = members.get(build.SEAL, b"").split()[:1] == [hashlib.sha256(data).hexdigest().encode()]
    wrong = [] if sealed else [f"{build.MANIFEST}: is not what {build.SEAL} says"]
    try:
        manifest = json.loads(data)
        schema, listed = manifest["schema"], manifest["files"]
        all((one["name"], one["sha256"]) for one in listed)
    except (ValueError, KeyError, TypeError) as error:
        if not wrong:
            raise BadInput("FILE", "bundle", f"its {build.MANIFEST} is not one of newscandle's") from error
        return None, [*wrong, f"{build.MANIFEST}: cannot be read"]
    if schema != build.SCHEMA and not wrong:
        raise BadInput("FILE", str(schema), f"this newscandle reads {build.SCHEMA}")
    return manifest, wrong


def _check_listed(found: archive.Unpacked, manifest: Mapping[str, Any]) -> Iterator[str]:
    held = {name: hashlib.sha256(data).hexdigest() for name, data in found.members.items()}
    told = {str(one["name"]): str(one["sha256"]) for one in manifest["files"]}
    for name, digest in told.items():
        if name not in held and name not in found.damaged:
            yield f"{name}: missing from the bundle"
        elif name in held and held[name] != digest:
            yield f"{name}: its sha256 is {held[name][:12]}…, the manifest says {digest[:12]}…"
    for name in (*found.members, *found.damaged):
        if name not in told and name not in (build.MANIFEST, build.SEAL):
            yield f"{name}: not listed in the manifest"


def _make_again(members: Mapping[str, bytes], changed: set[str]) -> list[str]:
    """Everything that differs once the study is run again on what the bundle holds."""
    try:
        inputs, mistold = read_inputs(members)
    except ValueError as error:
        return [f"{build.INPUTS}: cannot be read by this newscandle: {error}"]
    made = render_all(inputs, run(inputs))
    differences = [*mistold, *_check_digests(inputs)]
    for suffix, name in build.FORMS.items():
        found = compare_form(name, members.get(name, b""), made[suffix])
        # Another Arrow may write the same rows as other bytes: that is its doing, not the report's.
        if found and suffix == ".parquet" and "pyarrow" in changed and _hold_the_same(members.get(name, b""), made):
            continue
        differences += found
    return differences


def read_inputs(members: Mapping[str, bytes]) -> tuple[StudyInputs, list[str]]:
    """The study's inputs, and tables whose CSV does not say what their Parquet says. Raises `ValueError`."""
    try:
        values = json.loads(members[build.INPUTS])
    except KeyError as error:
        raise ValueError("it is not there") from error
    tables, mistold = {}, []
    for name in (one for one in members if one.startswith(build.TABLES) and one.endswith(".parquet")):
        columns = read_parquet(members[name])
        tables[name.removeprefix(build.TABLES).removesuffix(".parquet")] = columns
        spelt = name.removesuffix(".parquet") + ".csv"
        if as_csv(lay_out([Column(title, held, "", "") for title, held in columns.items()], {})) != members.get(spelt):
            mistold.append(f"{spelt}: does not say what {name} says")
    return thaw(StudyInputs, Frozen(values, tables)), mistold


def _check_digests(inputs: StudyInputs) -> Iterator[str]:
    made, series = inputs.reproduction, inputs.series
    settings = inputs.settings.digest_with(series.aggregation)
    for name, told, is_so in (
        ("data", made.data_digest, digest_data(series, inputs.alongside)),
        ("settings", made.settings_digest, settings),
    ):
        if told != is_so:
            yield f"the {name} digest: the report says {told}, what the bundle holds has {is_so}"


def _hold_the_same(data: bytes, made: Mapping[str, bytes]) -> bool:
    rows = [Column(name, values, "", "") for name, values in read_parquet(data).items()]
    return as_csv(lay_out(rows, {})) == made[".csv"]


def _compare_makers(told: Mapping[str, str]) -> tuple[tuple[str, str, str], ...]:
    here = maker.describe()
    names: Sequence[str] = (*here, *(name for name in told if name not in here))
    return tuple(
        (name, str(told.get(name, "not told")), here.get(name, "not here"))
        for name in names
        if told.get(name) != here.get(name)
    )

"""A bundle: the inputs of a study as JSON and tables, the report in all forms, and a manifest of checksums.

README.txt      what this is and how to check it
manifest.json   schema, what made it, sha256 of every file, unit of every column
manifest.sha256 of manifest.json
inputs.json     settings, seed, sample card, weighty articles, digests; names the tables
tables/…        every aligned series the study read, as Parquet (exact) and CSV (the same numbers)
report.…        the report as HTML, Markdown and JSON
data.…          its rows, one per bar, as CSV and Parquet
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from dashboards.bundle import archive, maker
from dashboards.report.rows import describe_column
from dashboards.tables import Column, as_csv, as_parquet, lay_out
from service.correlation.freezing import Columns, freeze
from service.correlation.inputs import StudyInputs

SCHEMA = "newscandle.bundle/1"
SUFFIX = ".bundle.zip"
README, MANIFEST, SEAL, INPUTS, TABLES = "README.txt", "manifest.json", "manifest.sha256", "inputs.json", "tables/"
FORMS = {
    ".html": "report.html",
    ".md": "report.md",
    ".json": "report.json",
    ".csv": "data.csv",
    ".parquet": "data.parquet",
}
"""Where each form of the report stands in the bundle, by the suffix it has beside it."""

_TOLD = """\
A newscandle report with everything it was computed from.

report.html, report.md and report.json are the report; data.csv and data.parquet hold a row per bar.
inputs.json and tables/ are what the study read; manifest.json has the sha256 of every file, the unit of every column
and the versions that made it.

To make the report again from these files alone, and to see whether the same bytes come out:

    newscandle report verify FILE

without any store or network. Missing values are empty in CSV and null in Parquet, never zero. Instants are UTC.
"""


def build(inputs: StudyInputs, forms: Mapping[str, bytes]) -> bytes:
    """The bundle of a study and its report; `forms` as `forms.render_all` gives them. Equal input gives equal bytes."""
    frozen = freeze(inputs)
    members = {INPUTS: _write_json(frozen.values)}
    for name, columns in frozen.tables.items():
        table = lay_out([Column(title, values, *describe_column(title)) for title, values in columns.items()], {})
        members[f"{TABLES}{name}.parquet"] = as_parquet(table)
        members[f"{TABLES}{name}.csv"] = as_csv(table)
    members |= {FORMS[suffix]: data for suffix, data in forms.items()}
    return seal(members, {"columns": _tell_columns(frozen.tables), "made_with": maker.describe()})


def seal(members: Mapping[str, bytes], told: Mapping[str, Any]) -> bytes:
    """The members with their manifest, which holds `told` beside the checksums, packed."""
    files = [
        {"name": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for name, data in {README: _TOLD.encode(), **members}.items()
    ]
    manifest = _write_json({"schema": SCHEMA, **told, "files": files})
    checksum = f"{hashlib.sha256(manifest).hexdigest()}  {MANIFEST}\n".encode()
    return archive.pack({README: _TOLD.encode(), MANIFEST: manifest, SEAL: checksum, **members})


def _tell_columns(tables: Mapping[str, Columns]) -> dict[str, dict[str, dict[str, str]]]:
    return {
        name: {title: dict(zip(("unit", "meaning"), describe_column(title), strict=True)) for title in columns}
        for name, columns in tables.items()
    }


def _write_json(values: Any) -> bytes:
    return (json.dumps(values, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()

"""`newscandle report compare`: reads two reports, by any of their files, and holds them beside one another."""

import json
from pathlib import Path
from typing import Any

from dashboards.bundle import archive, build
from dashboards.compare.comparison import Comparison, Edition, compare
from dashboards.compare.show import render
from jobs.verify import read_bytes
from jobs.whole import write_whole
from service.errors import BadInput


def compare_files(one: Path, other: Path, page: Path | None = None) -> Comparison:
    """Compare two reports and write the page where asked. Raises `BadInput` for what is no report."""
    found = compare(read_edition(one), read_edition(other))
    if page is not None:
        try:
            write_whole({page: render(found).encode()})
        except OSError as error:
            raise BadInput("--html", str(page), f"cannot be written: {error.strerror}") from error
    return found


def read_edition(file: Path) -> Edition:
    """A report by its bundle, its JSON, or any form that has either beside it; with its bundle, its choices in full."""
    is_bundle = file.name.endswith(build.SUFFIX)
    stem = file.name.removesuffix(build.SUFFIX) if is_bundle else file.stem
    bundle, document = file.with_name(f"{stem}{build.SUFFIX}"), file.with_name(f"{stem}.json")
    if is_bundle or (file.suffix != ".json" and bundle.exists()):
        return _read_bundle(stem, bundle)
    if not document.exists():
        raise BadInput("FILE", str(file), f"name a report's JSON or {build.SUFFIX}, or a file with one beside it")
    inputs = _read_bundle(stem, bundle).inputs if bundle.exists() else None
    return Edition(stem, _read_json(read_bytes(document), document), inputs)


def _read_bundle(stem: str, bundle: Path) -> Edition:
    try:
        members = archive.unpack(read_bytes(bundle)).members
    except archive.ForeignArchive as error:
        raise BadInput("FILE", str(bundle), str(error)) from error
    missing = [name for name in (build.FORMS[".json"], build.INPUTS) if name not in members]
    if missing:
        raise BadInput("FILE", str(bundle), f"no {missing[0]} can be read from it")
    return Edition(stem, _read_json(members[build.FORMS[".json"]], bundle), _read_json(members[build.INPUTS], bundle))


def _read_json(data: bytes, file: Path) -> dict[str, Any]:
    try:
        told = json.loads(data)
    except ValueError as error:
        raise BadInput("FILE", str(file), "holds no JSON that can be read") from error
    if not isinstance(told, dict):
        raise BadInput("FILE", str(file), "holds no report")
    return told

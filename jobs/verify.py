"""`newscandle report verify`: reads a bundle and what lies beside it, and says whether they prove one another."""

from pathlib import Path
from typing import Any

from dashboards.bundle import build
from dashboards.bundle.verify import Verification, verify
from service.errors import BadInput


def verify_file(file: Path) -> Verification:
    """Check the bundle `file`, or the one beside the report `file`, and every form that lies beside it.

    No store, settings or network are asked. Raises `BadInput` for what cannot be read or is no bundle.
    """
    bundle = find_bundle(file)
    stem = bundle.name.removesuffix(build.SUFFIX)
    named = (bundle.with_name(f"{stem}{suffix}") for suffix in build.FORMS)
    beside = {path.suffix: read_bytes(path) for path in named if path.exists()}
    return verify(read_bytes(bundle), beside)


def find_bundle(file: Path) -> Path:
    """The bundle that `file` is or lies beside."""
    if file.name.endswith(build.SUFFIX):
        return file
    bundle = file.with_name(f"{file.stem}{build.SUFFIX}")
    if file.suffix not in build.FORMS or not bundle.exists():
        raise BadInput("FILE", str(file), f"name a {build.SUFFIX} file, or a report with its bundle beside it")
    return bundle


def read_bytes(path: Path) -> bytes:
    """The file, whole; raises `BadInput` where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInput("FILE", str(path), f"cannot be read: {error.strerror}") from error


def describe(found: Verification, file: Path) -> str:
    """The finding in plain words."""
    verdict = "byte-identical" if found.is_identical else "NOT the same"
    lines = [f"{file.name}: {verdict}"]
    lines += [f"  checked: {one}" for one in found.checked]
    lines += [f"  differs: {one}" for one in found.differences]
    if found.versions:
        why = "this may be why" if found.differences else "it makes no difference here"
        lines.append(f"  made by another newscandle or on other libraries ({why}):")
        lines += [f"    {name}: made with {made}, here {here}" for name, made, here in found.versions]
    return "\n".join(lines)


def as_json(found: Verification) -> dict[str, Any]:
    """The finding as plain values."""
    versions = [{"name": name, "made_with": made, "here": here} for name, made, here in found.versions]
    return {
        "identical": found.is_identical,
        "checked": list(found.checked),
        "differences": list(found.differences),
        "versions": versions,
    }

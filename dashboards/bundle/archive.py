"""A bundle's members in one ZIP file whose bytes depend on nothing but them; reading it trusts nothing it says."""

import io
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field

LARGEST = 512 * 1024 * 1024
"""Bytes of all members together: no report comes near, and a bomb does not get further."""

_EPOCH = (1980, 1, 1, 0, 0, 0)
_READABLE = 0o100644 << 16
_LEVEL = 6


class ForeignArchive(ValueError):
    """It is no ZIP file, or one that no bundle would be."""


@dataclass(frozen=True, slots=True)
class Unpacked:
    """Members by name, and those whose bytes are not the ones that went in (checksum or compression broken)."""

    members: dict[str, bytes]
    damaged: list[str] = field(default_factory=list)


def pack(members: Mapping[str, bytes]) -> bytes:
    """The members in the order given: no clock, no owner, one compression; equal members give equal bytes."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            told = zipfile.ZipInfo(name, _EPOCH)
            told.create_system, told.external_attr = 3, _READABLE  # as on Unix, wherever it is made
            archive.writestr(told, data, zipfile.ZIP_DEFLATED, _LEVEL)
    return written.getvalue()


def unpack(data: bytes, most: int = LARGEST) -> Unpacked:
    """Whatever can be read of it. Raises `ForeignArchive` where it is no ZIP file, holds a name twice, or would
    take more than `most` bytes.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise ForeignArchive(f"it is no ZIP file: {error}") from error
    with archive:
        listed = archive.infolist()
        if sum(one.file_size for one in listed) > most:
            raise ForeignArchive(f"it would take more than {most / 2**20:.4g} MB")
        if len({one.filename for one in listed}) != len(listed):
            raise ForeignArchive("it holds a name twice")
        found = Unpacked({})
        for one in listed:
            try:
                with archive.open(one) as member:
                    found.members[one.filename] = member.read(one.file_size)
            except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError):
                found.damaged.append(one.filename)
    return found

"""The archive's form: a tar whose last two members are the manifest and the manifest's SHA-256.

``database.dump`` is Postgres's custom format, ``media/…`` are the files under their names in the storage. Every member
is named in the manifest with its size and SHA-256, so an archive cut short, changed or added to is known as such.
"""

from __future__ import annotations

import hashlib
import json
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from io import BytesIO
from pathlib import Path
from typing import IO, Any

FORMAT = 1
"""Version of the archive's form; restoring refuses a newer one."""
DATABASE = "database.dump"
MEDIA = "media/"
MANIFEST = "manifest.json"
CHECKSUM = "manifest.sha256"
CHUNK = 1024 * 1024
_NOWHERE = "/nowhere"
"""Where members are imagined to go when their names are checked; nothing is unpacked there."""


class BadArchive(Exception):
    """The archive cannot be trusted; the message says why."""


@dataclass(frozen=True)
class Entry:
    """One member as the manifest names it."""

    name: str
    size: int
    sha256: str


@dataclass
class Manifest:
    """What the archive holds, and of what state of the program."""

    made_at: str
    postgres: int
    """The server's version as libpq counts it, e.g. 180006."""
    migrations: dict[str, list[str]]
    """Applied migrations by app."""
    database: Entry | None = None
    files: list[Entry] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    """Files that were deleted, with their rows, while the backup was taken."""
    lost: list[str] = field(default_factory=list)
    """Files that rows name and the storage does not have."""
    format: int = FORMAT

    def members(self) -> dict[str, Entry]:
        """Every entry by its member's name in the tar."""
        named = {f"{MEDIA}{entry.name}": entry for entry in self.files}
        return {DATABASE: self.database, **named} if self.database else named


class _Hashing:
    """A reader that keeps the SHA-256 of what went through it."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._source.read(size)
        self.digest.update(data)
        return data


def add(tar: tarfile.TarFile, member: str, source: IO[bytes], size: int, name: str | None = None) -> Entry:
    """Write one member of exactly ``size`` bytes; raises OSError when the source has fewer."""
    info = tarfile.TarInfo(member)
    info.size = size
    info.mode = 0o600
    reader = _Hashing(source)
    tar.addfile(info, reader)
    return Entry(name or member, size, reader.digest.hexdigest())


def close(tar: tarfile.TarFile, manifest: Manifest) -> None:
    """The manifest and its checksum, last: an archive that has them is whole."""
    text = json.dumps(asdict(manifest), ensure_ascii=False, indent=1).encode()
    digest = add(tar, MANIFEST, BytesIO(text), len(text)).sha256.encode()
    add(tar, CHECKSUM, BytesIO(digest), len(digest))


@contextmanager
def opened(path: Path) -> Iterator[tuple[tarfile.TarFile, Manifest]]:
    """The archive and its manifest, every byte of it checked. Raises ``BadArchive``."""
    try:
        with tarfile.open(path, "r:") as tar:
            manifest = _manifest(tar)
            _check_members(tar, manifest)
            yield tar, manifest
    except (tarfile.TarError, EOFError) as error:
        raise BadArchive(f"{path} is no archive of AdStudio, or it is damaged: {error}") from error


def _manifest(tar: tarfile.TarFile) -> Manifest:
    try:
        text, digest = _bytes_of(tar, MANIFEST), _bytes_of(tar, CHECKSUM)
    except KeyError as error:
        raise BadArchive("The archive has no manifest: it was cut short, or it is not a backup.") from error
    if hashlib.sha256(text).hexdigest().encode() != digest:
        raise BadArchive("The archive's manifest is damaged.")
    try:
        return _read_manifest(json.loads(text))
    except (ValueError, TypeError, KeyError) as error:
        raise BadArchive(f"The archive's manifest cannot be read: {error}") from error


def _read_manifest(told: dict[str, Any]) -> Manifest:
    if told["format"] > FORMAT:
        raise BadArchive(
            f"The archive has format {told['format']}; this version of AdStudio reads up to {FORMAT}."
            " Restore it with the version that made it, or a newer one."
        )
    database = Entry(**told.pop("database"))
    files = [Entry(**entry) for entry in told.pop("files")]
    return Manifest(**told, database=database, files=files)


def _bytes_of(tar: tarfile.TarFile, member: str) -> bytes:
    file = tar.extractfile(member)
    if file is None:
        raise BadArchive(f"{member} in the archive is not a plain file.")
    return file.read()


def _check_members(tar: tarfile.TarFile, manifest: Manifest) -> None:
    expected = manifest.members()
    for info in tar:
        _check_name(info)
        if info.name in (MANIFEST, CHECKSUM):
            continue
        entry = expected.pop(info.name, None)
        if entry is None:
            raise BadArchive(f"{info.name} is in the archive but not in its manifest, or twice.")
        if info.size != entry.size or _sha256(tar, info) != entry.sha256:
            raise BadArchive(f"{info.name} is damaged: it is not what the manifest says.")
    if expected:
        raise BadArchive(f"The archive lacks {', '.join(sorted(expected))}.")


def _check_name(info: tarfile.TarInfo) -> None:
    """No way out of the folder, no links, no devices: what ``tarfile``'s own data filter refuses, and more."""
    try:
        tarfile.data_filter(info, _NOWHERE)
    except tarfile.FilterError as error:
        raise BadArchive(f"The archive is not to be trusted: {error}") from error
    parts = info.name.split("/")
    if not info.isreg() or info.name.startswith("/") or ".." in parts or "" in parts:
        raise BadArchive(f"The archive is not to be trusted: {info.name!r} is no plain file of a backup.")


def _sha256(tar: tarfile.TarFile, info: tarfile.TarInfo) -> str:
    file = tar.extractfile(info)
    assert file is not None  # a plain file: checked before
    return sha256_of(file)


def sha256_of(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while chunk := file.read(CHUNK):
        digest.update(chunk)
    return digest.hexdigest()

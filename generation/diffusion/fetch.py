"""Fetches the diffusion models from their hub, checks them, and writes down what came in the lock file.

Revisions, sizes and checksums are the hub's own. The revision that was fetched first stays until an update is asked
for: BiRefNet's code comes with its weights, and code that changed by itself must never run.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from functools import partial
from pathlib import Path
from typing import Final, Protocol, TypeAlias

from generation.diffusion.headers import FETCH_COMMAND, broken
from generation.diffusion.lock import LOCAL, Locked, LockedFile, diffusion_dir, read_lock, write_lock
from generation.diffusion.registry import Model
from generation.errors import WeightsCorrupt, WeightsMissing

MARGIN_BYTES: Final = 2 * 1024**3
"""Left free on the disk beside the models."""
CHUNK_BYTES: Final = 16 * 1024**2
ACCEPT: Final = "--accept-license"

OnFetch: TypeAlias = Callable[[str, int, int], None]
"""``on_fetch(what, done, total)``: a file's name, and bytes of it that were checked."""
OnFile: TypeAlias = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class HubFile:
    """A file as the hub tells of it: by ``sha256`` in its large file storage, else by git's own checksum."""

    path: str
    bytes: int
    sha256: str | None = None
    git_sha1: str | None = None

    def partial(self, folder: Path) -> Path:
        """Where as much of it lies as has come so far. What it should become is part of the name."""
        path = folder / self.path
        return path.with_name(f".{path.name}.{(self.sha256 or self.git_sha1 or 'unknown')[:12]}.part")

    def missing_bytes(self, folder: Path) -> int:
        """How many bytes are still to come."""
        if _has_size(folder / self.path, self.bytes):
            return 0
        begun = self.partial(folder)
        return self.bytes - (begun.stat().st_size if begun.is_file() else 0)


@dataclass(frozen=True, slots=True)
class HubModel:
    """A repository at one revision (a commit's full hash)."""

    revision: str
    files: tuple[HubFile, ...]


class Hub(Protocol):
    """Where models come from. Both methods raise ``WeightsMissing`` with what to do."""

    def describe(self, repo: str, revision: str | None) -> HubModel:
        """The repository's files at a revision, or at its newest."""

    def download(self, repo: str, revision: str, file: HubFile, folder: Path) -> None:
        """Bring one file to its place below ``folder``, going on where an earlier try stopped."""


class LicenceNotAccepted(WeightsMissing):
    """The model's licence has to be accepted first."""


def require_acceptance(model: Model) -> None:
    """Raise ``LicenceNotAccepted`` for a model whose licence forbids some uses, unless it was accepted before."""
    if model.must_accept and model.key not in read_lock():
        raise LicenceNotAccepted(
            f"{model.repo} is under the {model.licence}. If that suits you, run {FETCH_COMMAND} {ACCEPT};"
            " or set FLUX_MODEL=flux-schnell (Apache-2.0)."
        )


def look_up(model: Model, hub: Hub, on_fetch: OnFetch, *, update: bool = False) -> HubModel | None:
    """What the hub has for a model, at the locked revision unless an update is wanted; None when all of it is here
    and whole. Raises ``WeightsMissing``."""
    locked = read_lock().get(model.key)
    if locked is not None and locked.revision == LOCAL:
        return None
    if locked is not None and not update and _whole(model, locked, on_fetch):
        return None
    told = hub.describe(model.repo, None if locked is None or update else locked.revision)
    wanted = tuple(file for file in told.files if any(fnmatch(file.path, pattern) for pattern in model.files))
    if not wanted:
        raise WeightsMissing(f"{model.repo} at {told.revision} has none of {', '.join(model.files)}")
    return HubModel(told.revision, wanted)


def check_room(wanted: Mapping[str, HubModel]) -> None:
    """Raise ``WeightsMissing`` when the disk has no room for all that is still to come, by model key."""
    folder = diffusion_dir()
    folder.mkdir(parents=True, exist_ok=True)
    needed = sum(file.missing_bytes(folder / key) for key, told in wanted.items() for file in told.files)
    free = shutil.disk_usage(folder).free
    if needed and needed + MARGIN_BYTES > free:
        raise WeightsMissing(
            f"{folder} has {free / 1e9:.1f} GB free; {needed / 1e9:.1f} GB and a margin of"
            f" {MARGIN_BYTES / 1e9:.1f} GB are needed. Set ADSTUDIO_MODELS_DIR to a larger disk."
        )


def fetch_model(model: Model, told: HubModel, hub: Hub, on_fetch: OnFetch) -> Locked:
    """Bring a model's files, check them, and lock them. Raises ``WeightsMissing`` (unreachable, gated, no room) and
    ``WeightsCorrupt``."""
    folder = diffusion_dir() / model.key
    files = {}
    for file in told.files:
        (folder / file.path).parent.mkdir(parents=True, exist_ok=True)
        bring = partial(hub.download, model.repo, told.revision, file, folder)
        files[file.path] = _fetched(folder / file.path, file, bring, partial(on_fetch, file.path))
    made = Locked(model.repo, told.revision, model.licence, model.key, files)
    write_lock(model.key, made)
    return made


def use_folder(model: Model, folder: Path) -> Locked:
    """Take a folder of this machine for a model. Code in it is locked as it is now. Raises ``WeightsMissing``."""
    if not folder.is_dir():
        raise WeightsMissing(f"{folder} is no folder")
    files = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in (".safetensors", ".json", ".py", ".model", ".txt"):
            digest = _sha256(path) if path.suffix == ".py" else "unknown"
            files[str(path.relative_to(folder))] = LockedFile(path.stat().st_size, digest)
    made = Locked(str(folder), LOCAL, model.licence, str(folder.resolve()), files)
    write_lock(model.key, made)
    return made


def _whole(model: Model, locked: Locked, on_fetch: OnFetch) -> bool:
    """Whether every file is as it was locked. One that was written to since is read through again."""
    folder, files = diffusion_dir() / locked.folder, {}
    for name, file in locked.files.items():
        path = folder / name
        if not _has_size(path, file.bytes):
            return False
        written_at = path.stat().st_mtime_ns
        if written_at != file.written_at and _sha256(path, partial(on_fetch, name)) != file.sha256:
            return False
        files[name] = replace(file, written_at=written_at)
    if files != locked.files:
        write_lock(model.key, replace(locked, files=files))
    return True


def _has_size(path: Path, size: int) -> bool:
    return path.is_file() and path.stat().st_size == size


def _fetched(path: Path, file: HubFile, bring: Callable[[], None], told: OnFile) -> LockedFile:
    """The file's entry for the lock, once it is here and right."""
    if _has_size(path, file.bytes):
        with suppress(WeightsCorrupt):
            return _checked(path, file, told)
    path.unlink(missing_ok=True)
    bring()
    return _checked(path, file, told)


def _checked(path: Path, file: HubFile, told: OnFile) -> LockedFile:
    """The file's entry for the lock, if its bytes are what the hub says. Raises ``WeightsCorrupt``."""
    if not _has_size(path, file.bytes):
        found = path.stat().st_size if path.is_file() else 0
        raise broken(path, f"{found} bytes came, {file.bytes} were expected")
    digest = _sha256(path, told)
    right = digest == file.sha256 if file.sha256 else file.git_sha1 in (None, _git_sha1(path))
    if not right:
        path.unlink()
        raise broken(path, "its checksum is not the hub's; it was removed")
    return LockedFile(file.bytes, digest, path.stat().st_mtime_ns)


def _git_sha1(path: Path) -> str:
    """What git calls the file's content by (https://git-scm.com/book/en/v2/Git-Internals-Git-Objects)."""
    content = path.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _sha256(path: Path, told: OnFile = lambda done, total: None) -> str:
    digest, done, total = hashlib.sha256(), 0, path.stat().st_size
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
            done += len(chunk)
            told(done, total)
    return digest.hexdigest()

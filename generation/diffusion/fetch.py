"""Fetches the diffusion models from their hub, checks them, and writes down what came in the lock file.

Revisions, sizes and checksums are the hub's own. The revision that was fetched first stays until an update is asked
for: BiRefNet's code comes with its weights, and code that changed by itself must never run.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Final, Protocol, TypeAlias

from generation.diffusion.headers import FETCH_COMMAND, broken
from generation.diffusion.lock import LOCAL, Locked, LockedFile, diffusion_dir, read_lock, write_lock
from generation.diffusion.registry import Model
from generation.errors import WeightsMissing

MARGIN_BYTES: Final = 2 * 1024**3
"""Left free on the disk beside the models."""
CHUNK_BYTES: Final = 16 * 1024**2
ACCEPT: Final = "--accept-license"

OnFetch: TypeAlias = Callable[[str, int, int], None]
"""``on_fetch(what, done, total)``: a file's name and bytes."""


@dataclass(frozen=True, slots=True)
class HubFile:
    """``sha256`` is None where the hub tells none (small files that are not in its large file storage)."""

    path: str
    bytes: int
    sha256: str | None


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


def fetch_model(model: Model, hub: Hub, on_fetch: OnFetch, *, update: bool = False) -> Locked:
    """Fetch a model unless it is there and whole; returns what was locked.

    Raises ``WeightsMissing`` (unreachable, gated, no room on the disk) and ``WeightsCorrupt``.
    """
    locked = read_lock().get(model.key)
    if locked is not None and locked.revision == LOCAL:
        return locked
    if locked is not None and not update and _whole(locked):
        return locked
    told = hub.describe(model.repo, None if locked is None or update else locked.revision)
    wanted = [file for file in told.files if any(fnmatch(file.path, pattern) for pattern in model.files)]
    if not wanted:
        raise WeightsMissing(f"{model.repo} at {told.revision} has none of {', '.join(model.files)}")
    folder = diffusion_dir() / model.key
    folder.mkdir(parents=True, exist_ok=True)
    _check_room(folder, wanted)
    files = {}
    for file in wanted:
        hub_progress = _Progress(on_fetch, file)
        path = folder / file.path
        if not (path.is_file() and path.stat().st_size == file.bytes):
            hub.download(model.repo, told.revision, file, folder)
        files[file.path] = _checked(path, file, hub_progress)
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


def _whole(locked: Locked) -> bool:
    folder = diffusion_dir() / locked.folder
    return all(
        (folder / name).is_file() and (folder / name).stat().st_size == file.bytes
        for name, file in locked.files.items()
    )


def _check_room(folder: Path, files: Iterable[HubFile]) -> None:
    """Raise ``WeightsMissing`` when the disk has no room for what is not there yet."""
    needed = sum(file.bytes for file in files if not (folder / file.path).is_file())
    free = shutil.disk_usage(folder).free
    if needed and needed + MARGIN_BYTES > free:
        raise WeightsMissing(
            f"{folder} has {free / 1e9:.1f} GB free; {needed / 1e9:.1f} GB and a margin of"
            f" {MARGIN_BYTES / 1e9:.1f} GB are needed. Set ADSTUDIO_MODELS_DIR to a larger disk."
        )


@dataclass(frozen=True)
class _Progress:
    on_fetch: OnFetch
    file: HubFile

    def __call__(self, done: int) -> None:
        self.on_fetch(self.file.path, done, self.file.bytes)


def _checked(path: Path, file: HubFile, told: Callable[[int], None]) -> LockedFile:
    """The file's entry for the lock, once its bytes are what the hub says. Raises ``WeightsCorrupt``."""
    if not path.is_file() or path.stat().st_size != file.bytes:
        found = path.stat().st_size if path.is_file() else 0
        raise broken(path, f"{found} bytes came, {file.bytes} were expected")
    digest = _sha256(path, told)
    if file.sha256 is not None and digest != file.sha256:
        path.unlink()
        raise broken(path, "its checksum is not the hub's; it was removed")
    return LockedFile(file.bytes, digest)


def _sha256(path: Path, told: Callable[[int], None] = lambda done: None) -> str:
    digest, done = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
            done += len(chunk)
            told(done)
    return digest.hexdigest()

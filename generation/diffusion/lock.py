"""The lock file: which revision of every model is on this machine, and what its files must look like.

Written by ``fetch_models``, read by the loaders. A model may also be a local folder, which then has no revision.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from generation.diffusion.headers import FETCH_COMMAND, broken
from generation.diffusion.registry import Model
from generation.errors import WeightsMissing
from generation.weights import models_dir

LOCK_FILE: Final = "lock.json"
LOCAL: Final = "local folder"
"""Stands where a hub's revision would."""
UNKNOWN: Final = "unknown"


@dataclass(frozen=True, slots=True)
class LockedFile:
    """``sha256`` is ``unknown`` for what was taken from a folder and is no code. ``written_at``: when the file was
    last written to, in nanoseconds since 1970; 0 for unknown."""

    bytes: int
    sha256: str = UNKNOWN
    written_at: int = 0


@dataclass(frozen=True, slots=True)
class Locked:
    """One fetched model: its repository (or folder), revision, licence as accepted, and files by path."""

    source: str
    revision: str
    licence: str
    folder: str
    files: dict[str, LockedFile] = field(default_factory=dict)


def diffusion_dir() -> Path:
    """Where the diffusion engine's weights and caches live."""
    return models_dir() / "diffusion"


def read_lock() -> dict[str, Locked]:
    """Every fetched model by its key; empty before the first fetch. Raises ``WeightsCorrupt``."""
    path = diffusion_dir() / LOCK_FILE
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
        return {
            key: Locked(
                **{**entry, "files": {name: LockedFile(**file) for name, file in entry["files"].items()}}
            )
            for key, entry in entries.items()
        }
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise broken(path, "no lock file") from error


def write_lock(key: str, locked: Locked) -> None:
    """Add or replace one model's entry, whole or not at all."""
    folder = diffusion_dir()
    folder.mkdir(parents=True, exist_ok=True)
    entries = {**read_lock(), key: locked}
    draft = folder / f".{LOCK_FILE}"
    text = json.dumps({name: asdict(entry) for name, entry in entries.items()}, indent=1)
    draft.write_text(text + "\n", encoding="utf-8")
    os.replace(draft, folder / LOCK_FILE)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a model lies on this machine."""

    folder: Path
    revision: str


def find(model: Model) -> Source:
    """The model's folder, its files as large as the lock says. Raises ``WeightsMissing``, ``WeightsCorrupt``."""
    locked = read_lock().get(model.key)
    if locked is None:
        raise WeightsMissing(
            f"{model.repo} ({model.purpose}) was never fetched; run {FETCH_COMMAND}",
            file=model.repo,
            command=FETCH_COMMAND,
        )
    folder = Path(locked.folder)
    if not folder.is_absolute():
        folder = diffusion_dir() / folder
    for name, expected in locked.files.items():
        path = folder / name
        if not path.is_file():
            raise WeightsMissing(
                f"{path} is missing; run {FETCH_COMMAND}", file=str(path), command=FETCH_COMMAND
            )
        if path.stat().st_size != expected.bytes:
            raise broken(path, f"{path.stat().st_size} bytes, expected {expected.bytes}")
    return Source(folder, locked.revision)

"""Models of the real classes with a few thousand random weights, saved as a hub's folders are and opened by the
product's own loaders."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from generation.diffusion import random_weights
from generation.diffusion.assembly import Assembly, assemble
from generation.diffusion.engine import DiffusionEngine
from generation.diffusion.lock import Locked, LockedFile, write_lock
from generation.diffusion.options import GIB, Options
from generation.diffusion.registry import chosen

CPU = torch.device("cpu")
SIZES = {**random_weights.TINY, "birefnet": {**random_weights.TINY["birefnet"], "inner": 4}}


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder a model; never written to after it was made."""
    folder = tmp_path_factory.mktemp("tiny-models")
    torch.set_num_threads(1)
    for model in chosen():
        random_weights.write_model(model, folder / model.key, SIZES, CPU)
    return folder


@pytest.fixture
def models_dir(tiny_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A models folder of the test's own whose lock file names the tiny models."""
    monkeypatch.setenv("ADSTUDIO_MODELS_DIR", str(tmp_path / "models"))
    monkeypatch.setenv("HF_MODULES_CACHE", str(tmp_path / "modules"))
    monkeypatch.setenv("DIFFUSION_DEVICE", "cpu")
    lock_folders(tiny_models)
    return tmp_path / "models"


def lock_folders(folder: Path) -> None:
    """Write the lock file as a fetch of these folders would."""
    for model in chosen():
        found = [path for path in (folder / model.key).rglob("*") if path.is_file()]
        files = {
            str(path.relative_to(folder / model.key)): LockedFile(
                path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest()
            )
            for path in found
        }
        write_lock(model.key, Locked(model.repo, "a" * 40, model.licence, str(folder / model.key), files))


@pytest.fixture
def open_tiny(models_dir: Path) -> Callable[..., Assembly]:
    """Opens the tiny models with options; the card has ``memory`` bytes."""

    def opened(memory: int = GIB, **options: object) -> Assembly:
        return assemble(Options(vram_budget=memory, compiled=False, **options), device=CPU)  # type: ignore[arg-type]

    return opened


@pytest.fixture
def tiny(open_tiny: Callable[..., Assembly]) -> Assembly:
    return open_tiny()


@pytest.fixture
def engine(tiny: Assembly) -> DiffusionEngine:
    tiny.matting.side = 64  # the real one looks at 1024 pixels, which costs seconds even with tiny weights
    return DiffusionEngine(tiny)

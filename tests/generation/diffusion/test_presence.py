"""What keeps a diffusion worker from working is told without importing torch."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from generation.diffusion import presence
from generation.diffusion.lock import Locked, write_lock
from generation.diffusion.registry import chosen

HERE = Path(__file__)


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> set[str]:
    """The packages that are found; a card is there, and no model."""
    found = {*presence.ENGINE_PACKAGES, *presence.BIREFNET_PACKAGES}
    monkeypatch.setattr(presence, "find_spec", lambda name: name if name in found else None)
    monkeypatch.setattr(presence, "NVIDIA_DRIVER", HERE)
    monkeypatch.setenv("ADSTUDIO_MODELS_DIR", str(tmp_path))
    monkeypatch.delenv("FLUX_MODEL", raising=False)
    return found


def test_each_thing_that_is_missing_is_named(installed: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    installed.discard("kornia")
    assert presence.is_wanted() and "diffusion-gpu.txt is not installed" in presence.what_is_missing()
    monkeypatch.setattr(presence, "NVIDIA_DRIVER", Path("/nowhere"))
    assert presence.what_is_missing() == "no NVIDIA card was found"
    installed.discard("torch")
    assert not presence.is_wanted() and "diffusion.txt is not installed" in presence.what_is_missing()


def test_models_are_wanted_last(installed: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "was never fetched; run manage.py fetch_models diffusion" in presence.what_is_missing()
    for model in chosen():
        write_lock(model.key, Locked(model.repo, "a" * 40, model.licence, str(tmp_path)))
    assert presence.what_is_missing() == ""
    monkeypatch.setenv("FLUX_MODEL", "flux-3")
    assert presence.what_is_missing() == "FLUX_MODEL='flux-3' is none of flux-dev, flux-schnell, flux2-klein"


def test_the_packages_are_those_of_the_requirements() -> None:
    root = HERE.parents[3]
    text = "".join((root / f"requirements/{name}.txt").read_text() for name in ("diffusion", "diffusion-gpu"))
    for name in (*presence.ENGINE_PACKAGES, *presence.BIREFNET_PACKAGES):
        assert f"\n{name}==" in text


def test_asking_imports_no_torch() -> None:
    program = "import sys; from generation.diffusion import presence; presence.what_is_missing();"
    done: Any = subprocess.run(
        [sys.executable, "-c", program + "assert 'torch' not in sys.modules"], cwd=HERE.parents[3]
    )
    assert done.returncode == 0

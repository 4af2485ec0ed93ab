"""A place without weights."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def no_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ADSTUDIO_MODELS_DIR", str(tmp_path / "models"))
    return tmp_path / "models"

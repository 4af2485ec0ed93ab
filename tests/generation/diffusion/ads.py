"""Whole ads on the tiny models, for the tests of the engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch")

from generation.ad import AdBrief, AdResult, StepResult  # noqa: E402
from generation.diffusion import headline  # noqa: E402
from generation.diffusion.engine import DiffusionEngine  # noqa: E402
from generation.pipeline import make_ad  # noqa: E402
from generation.types import Cutout, Picture, Progress, Tuning  # noqa: E402
from generation.typography.fonts import default_font  # noqa: E402

QUICK = Tuning(steps=3)
EVERYTHING = Tuning(steps=3, composition_prompt="haze", composition_steps=10)


@pytest.fixture
def small_canvas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(headline, "LONGER_SIDE", 128)
    monkeypatch.setattr(headline, "STEPS", 4)


def product() -> Cutout:
    alpha = np.zeros((200, 150), np.uint8)
    cv2.ellipse(alpha, (75, 110), (50, 80), 0, 0, 360, 255, -1)
    colors = np.random.default_rng(1).integers(0, 256, (200, 150, 3), np.uint8)
    return Cutout(np.dstack([colors, cv2.GaussianBlur(alpha, (5, 5), 0)]), "alpha", 1.0)


def photo_like() -> Picture:
    return np.random.default_rng(2).integers(0, 256, (80, 90, 3), np.uint8)


def ad(
    engine: DiffusionEngine,
    on_progress: Callable[[Progress], None] = lambda progress: None,
    on_step: Callable[[StepResult], None] = lambda result: None,
    **brief: Any,
) -> AdResult:
    wanted = {"text": "반값", "prompt": "a beach", "tuning": QUICK, "seed": 3, **brief}
    return make_ad(
        AdBrief(font=default_font().path, test_mode=True, **wanted),
        engine,
        product=product(),
        on_progress=on_progress,
        on_step=on_step,
    )

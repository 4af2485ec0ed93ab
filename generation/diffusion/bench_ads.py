"""A whole ad for the bench: the product's own pipeline on the diffusion engine, from a photo to the final picture.

Random weights find no product, so the network runs and a known matte stands in for what it says. What they paint is
no lettering either: by the check the headline is painted twice and the sculpted one used, which is the most that step
2 can cost; what it costs when the first painting passes is measured by letting it pass.
Needs OpenCV, Pillow and the fonts.
"""

from __future__ import annotations

import time
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Final
from unittest.mock import patch

import cv2
import numpy as np
from PIL import Image

from generation.ad import AdBrief, StepResult
from generation.diffusion import headline
from generation.diffusion.assembly import Assembly
from generation.diffusion.engine import DiffusionEngine
from generation.diffusion.matting import Matting
from generation.pipeline import make_ad
from generation.types import Coverage, Picture, Progress, Size
from generation.typography.fonts import default_font

PHOTO: Final = Path(__file__).resolve().parents[2] / "static" / "img" / "samples" / "coffee.png"
TEXT: Final = "오늘만 반값"


class KnownMatte(Matting):
    """The resident network's time, and an ellipse for its answer."""

    def matte(self, photo: Picture) -> Coverage:
        """An ellipse in the middle, as large as the network's answer."""
        answer = super().matte(photo)
        centre = (answer.shape[1] // 2, answer.shape[0] // 2)
        known = cv2.ellipse(
            np.zeros(answer.shape, np.float32), (centre, (centre[0], centre[1]), 0), 1.0, thickness=-1
        )
        return np.asarray(cv2.GaussianBlur(known, (0, 0), 1.5), np.float32)


def make_whole_ad(assembly: Assembly, frame: Size, *, passes: bool) -> dict[str, float]:
    """Make one ad of that size; seconds of the cut-out and of each step. ``passes``: the first painting does."""
    engine = DiffusionEngine(replace(assembly, matting=KnownMatte(assembly.residency, assembly.matting.side)))
    photo = np.array(Image.open(PHOTO).convert("RGB"))
    laps: dict[str, float] = {}
    last = time.monotonic()

    def lap(name: str) -> None:
        nonlocal last
        laps[name], last = time.monotonic() - last, time.monotonic()

    product = engine.cut_out(photo, _silent)
    lap("cut-out")
    brief = AdBrief(text=TEXT, font=default_font().path, seed=7, frame=frame)
    check = patch.object(headline, "shows_lettering", return_value=True) if passes else nullcontext()
    with check:
        make_ad(
            brief,
            engine,
            product=product,
            on_progress=_unseen,
            on_step=lambda result: lap(_name(result)),
        )
    return laps


def _name(result: StepResult) -> str:
    return f"{result.step.value} ({result.origin})" if result.origin else result.step.value


def _silent(sub_step: str, fraction: float, preview: Picture | None = None) -> None:
    """Nobody watches a benchmark's progress."""


def _unseen(progress: Progress) -> None:
    """Nobody watches a benchmark's progress."""

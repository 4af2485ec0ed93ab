"""From which side a product was lit when it was photographed, read off its own shading."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from generation.studio.proxy import inflate
from generation.studio.tone import LUMA, photo_light
from generation.types import Picture

SIDE = 96
"""Longer side, in pixels, at which shading is read: labels and texture are smaller than that shows."""
EDGE = 0.12
"""The outline's outermost part, of the largest thickness, is left out: there the inflated form is steepest and
least true."""


@dataclass(frozen=True, slots=True)
class Shading:
    """``side`` is -1 (lit from the left) to 1 (from the right); ``confidence`` 0..1 is how much of the brightness
    the form alone explains; ``round`` how much of it a ball's form would."""

    side: float
    confidence: float
    roundness: float


def judge_shading(cutout: Picture) -> Shading:
    """Fit the luminance of a trimmed cut-out (RGBA) by the normals of its inflated matte (Lambert's law)."""
    height, width = cutout.shape[:2]
    shrink = SIDE / max(height, width)
    size = (max(8, round(width * shrink)), max(8, round(height * shrink)))
    small = np.asarray(cv2.resize(cutout, size, interpolation=cv2.INTER_AREA), np.uint8)
    framed = cv2.copyMakeBorder(small, 2, 2, 2, 2, cv2.BORDER_CONSTANT)
    matte = framed[..., 3].astype(np.float32) * np.float32(1 / 255)
    thickness = np.asarray(cv2.GaussianBlur(inflate(matte), (0, 0), 1.5), np.float32)
    used = (matte > 0.99) & (thickness > EDGE * thickness.max())
    if used.sum() < SIDE:
        return Shading(0.0, 0.0, 0.0)
    luminance = photo_light(np.ascontiguousarray(framed[..., :3])) @ LUMA
    bright = np.sqrt(np.maximum(luminance, 0))[used]
    right, down = np.gradient(thickness, axis=1), np.gradient(thickness, axis=0)
    length = np.sqrt(right**2 + down**2 + 1)
    normal = np.stack([-right / length, down / length, 1 / length], axis=2)[used]
    terms = np.concatenate([np.ones((len(bright), 1)), normal], axis=1)
    fitted = terms @ np.linalg.lstsq(terms, bright, rcond=None)[0]
    spread = float(bright.std())
    if spread < 1e-3:
        return Shading(0.0, 0.0, 0.0)
    explained = max(1 - float(((bright - fitted) ** 2).mean()) / spread**2, 0.0)
    across = float(np.corrcoef(normal[:, 0], bright)[0, 1])
    return Shading(float(np.sign(across)), abs(across) * float(np.sqrt(explained)), explained)

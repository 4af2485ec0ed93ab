"""Products with a known truth, rendered with NumPy: colours, coverage, and the photo a camera would take."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.types import Coverage, Picture

SIDE = 512
GROUNDS = ("white", "wood", "teal", "black")


def ground(name: str, side: int = SIDE) -> NDArray[np.float32]:
    """sRGB 0..255 of a plain or grained surface, with a camera's noise."""
    y, x = np.mgrid[:side, :side].astype(np.float32) / side
    plain = {"white": (244, 243, 240), "teal": (60, 148, 140), "black": (27, 25, 28), "wood": (138, 96, 60)}
    picture = np.array(plain[name], np.float32) * (1.0 - 0.08 * y - 0.05 * x)[..., None]
    random = np.random.default_rng(11)
    if name == "wood":
        grain = cv2.GaussianBlur(random.normal(0, 1, (side, side)).astype(np.float32), (0, 0), 40, sigmaY=1.2)
        picture *= 1.0 + 0.16 * (grain / grain.std())[..., None]
    return np.clip(picture + random.normal(0, 1.5, picture.shape), 0, 255).astype(np.float32)


def disc(centre: tuple[float, float], radius: float, side: int = SIDE) -> Coverage:
    y, x = np.mgrid[:side, :side]
    return np.clip(radius - np.hypot(x - centre[0], y - centre[1]) + 0.5, 0, 1).astype(np.float32)


def ring_with_stem() -> Coverage:
    """A ring, its hole, and a stem three pixels wide."""
    ring = disc((256, 300), 130) * (1 - disc((256, 300), 95))
    y, x = np.mgrid[:SIDE, :SIDE]
    stem = np.clip(2.0 - np.abs(x - 256 - (y - 170) * 0.25), 0, 1) * ((y > 40) & (y < 175))
    return np.maximum(ring, stem.astype(np.float32))


def shaded(color: tuple[int, int, int], side: int = SIDE) -> NDArray[np.float32]:
    """A product's colours, lit from the left."""
    light = np.linspace(1.15, 0.8, side, dtype=np.float32)[None, :, None]
    return np.clip(np.array(color, np.float32) * light, 0, 255) * np.ones((side, 1, 1), np.float32)


def photographed(colors: NDArray[np.float32], coverage: Coverage, behind: NDArray[np.float32]) -> Picture:
    mixed = colors * coverage[..., None] + behind * (1 - coverage[..., None])
    return np.round(np.clip(mixed, 0, 255)).astype(np.uint8)


def guessed(coverage: Coverage) -> Coverage:
    """What a network would say: soft, and a little too wide."""
    return np.clip(cv2.GaussianBlur(coverage, (0, 0), 1.6) * 1.15, 0, 1).astype(np.float32)


def error_over(cutout: Picture, colors: NDArray[np.float32], coverage: Coverage) -> float:
    """Mean error, in 8-bit steps along the edge, of the cut-out laid over white, black and magenta."""
    soft = ((coverage > 0.02) & (coverage < 0.98)).astype(np.uint8)
    edge = cv2.dilate(soft, np.ones((5, 5), np.uint8)) > 0
    alpha = cutout[..., 3:].astype(np.float32) / 255
    errors = []
    for paper in ((255, 255, 255), (0, 0, 0), (255, 0, 255)):
        ours = cutout[..., :3] * alpha + np.array(paper) * (1 - alpha)
        truth = colors * coverage[..., None] + np.array(paper) * (1 - coverage[..., None])
        errors.append(np.abs(ours - truth)[edge].mean())
    return float(np.mean(errors))

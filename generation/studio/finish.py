"""From the lit scene to the picture: what stands in front, vignette, tone map, grain."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.studio.plate import Stage
from generation.studio.product import Pasted
from generation.studio.tone import Display, scene_light, tone_map
from generation.types import Box, Coverage, Linear, Picture

VIGNETTE = 0.10
"""Light lost in the middle of an edge; a corner loses twice that."""
GRAIN = 0.006
"""Standard deviation of the film grain, in display values."""
FRONT_MARGIN = 0.02
"""Least gap between the product and what stands in front, as a share of the frame's shorter side."""
FAINT = 2 / 255
"""Alpha below this does not join two pieces of what stands in front."""
BEHIND_WORDS = 0.25
"""A piece may reach under the headline with alpha below this."""


def finished(stage: Stage, light: Linear, seed: int) -> Display:
    """Vignette, tone map and grain."""
    size = stage.size
    down = np.linspace(-1, 1, size.height, dtype=np.float32)[:, None] ** 2
    across = np.linspace(-1, 1, size.width, dtype=np.float32)[None] ** 2
    shown = tone_map(
        light * (1 - np.float32(VIGNETTE) * (across + down))[..., None],
        stage.plate.exposure,
    )
    grain = np.random.default_rng(seed).standard_normal((size.height, size.width), dtype=np.float32)
    shown += cv2.GaussianBlur(grain, (0, 0), 0.5)[..., None] * np.float32(GRAIN / 0.7)
    return shown


def as_bytes(shown: Display) -> Picture:
    """A display picture in 8 bits."""
    return (np.clip(shown, 0, 1) * 255 + 0.5).astype(np.uint8)


def lay_front(stage: Stage, light: Linear, product: Pasted | None, words: Box | None) -> None:
    """Lay what stands in front over the light, in place: every connected piece of it that keeps clear of the
    product and of the headline's room, whole."""
    front = _front(stage)
    if front is None:
        return
    front *= _clear(front[..., 3], product, words)[..., None]
    light *= 1 - front[..., 3:]
    light += front[..., :3]


def _front(stage: Stage) -> NDArray[np.float32] | None:
    """What stands in front, frame size: premultiplied scene-linear RGB and coverage."""
    if stage.plate.front is None:
        return None
    side, size = stage.plate.front.shape[0], stage.size
    x, y, w, h = (round(value * side) for value in stage.crop)
    part = stage.plate.front[y : y + h, x : x + w].astype(np.float32) * np.float32(1 / 255)
    if not part[..., 3].any():
        return None
    alpha = part[..., 3:]
    layer = np.concatenate([scene_light(np.ascontiguousarray(part[..., :3])) * alpha, alpha], axis=2)
    resampling = cv2.INTER_AREA if w > size.width else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(layer, (size.width, size.height), interpolation=resampling), np.float32)


def _clear(alpha: Coverage, product: Pasted | None, words: Box | None) -> Coverage:
    """1 on the pieces that touch neither the product and its margin nor the headline's room, else 0."""
    height, width = alpha.shape
    count, pieces = cv2.connectedComponents((alpha > FAINT).astype(np.uint8))
    touched = np.zeros(count, bool)
    if product is not None:
        taken = product.picture[..., 3] > 0
        margin = round(FRONT_MARGIN * min(height, width))
        solid = np.zeros((height, width), np.uint8)
        box = product.box
        solid[box.y : box.bottom, box.x : box.right] = taken
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * margin + 1, 2 * margin + 1))
        touched[np.unique(pieces[cv2.dilate(solid, kernel) > 0])] = True
    if words is not None:
        room = slice(words.y, words.bottom), slice(words.x, words.right)
        touched[np.unique(pieces[room][alpha[room] > BEHIND_WORDS])] = True
    touched[0] = True  # too faint to belong to a piece
    return np.asarray(1 - touched[pieces], np.float32)

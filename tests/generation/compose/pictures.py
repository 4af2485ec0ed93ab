"""Small scenes for the tests of composition: a backdrop, a product in it, a flat headline."""

from __future__ import annotations

import numpy as np

from generation.types import Box, Headline, Picture, Size
from generation.typography.glyphs import raster
from generation.typography.lines import largest_type

FONT = "NanumSquare/NanumSquareB.ttf"


def backdrop(width: int = 512, height: int = 512, seed: int = 0) -> Picture:
    """A soft gradient with a little grain."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    base = np.stack([90 + 80 * x / width, 80 + 90 * y / height, np.full_like(x, 110, float)], axis=-1)
    return np.clip(base + rng.normal(0, 2.0, base.shape), 0, 255).astype(np.uint8)


def seated(frame: Picture, box: Box, seed: int = 1) -> tuple[Picture, Picture]:
    """The frame with a speckled product in it, and the product's layer; its outline is soft."""
    rng = np.random.default_rng(seed)
    height, width = frame.shape[:2]
    layer = np.zeros((height, width, 4), np.uint8)
    rows, columns = slice(box.y, box.bottom), slice(box.x, box.right)
    layer[rows, columns, :3] = rng.integers(0, 255, (box.height, box.width, 3), dtype=np.uint8)
    layer[rows, columns, 3] = 120
    layer[box.y + 1 : box.bottom - 1, box.x + 1 : box.right - 1, 3] = 255
    alpha = layer[..., 3:] / 255.0
    out = np.clip(frame * (1 - alpha) + layer[..., :3] * alpha + 0.5, 0, 255).astype(np.uint8)
    solid = layer[..., 3] == 255
    out[solid] = layer[solid][:, :3]
    return out, layer


def flat_headline(
    lines: tuple[str, ...], box: Box, color: tuple[int, int, int] = (255, 250, 240), glow: int = 0
) -> Headline:
    """Flat lettering that fills ``box``, with an even haze of ``glow`` (alpha) around it."""
    scale = max(1.0, 512 / box.width)
    fitted = largest_type(lines, FONT, Size(round(box.width * scale), round(box.height * scale)))
    pad = max(fitted.font_size_px // 2, 4)
    drawn = raster(lines, FONT, fitted.font_size_px, fitted.leading_px, (pad, pad, pad, pad))
    alpha = np.maximum(drawn.coverage * 255, glow).astype(np.uint8)
    rgb = np.broadcast_to(np.array(color, np.uint8), (*alpha.shape, 3))
    return Headline(np.dstack([rgb, alpha]), drawn.ink)

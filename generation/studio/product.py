"""The cut-out as a layer of the frame: resized once, and from then on never touched."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from generation.errors import ProductNotFound
from generation.studio.tone import Display
from generation.types import Box, Picture, Size

WRAP, WRAP_BLUR = 0.5, 0.006
"""How much of the light behind it a mixed edge pixel takes up, and how wide that light is blurred, as a share of
the frame's shorter side."""
FAINTEST = 8
"""Alpha below this does not count as silhouette."""


@dataclass(frozen=True, slots=True)
class Pasted:
    """A resized cut-out (RGBA, straight alpha) and where it lies in the frame."""

    picture: Picture
    box: Box

    def layer(self, size: Size) -> Picture:
        """The product alone at the frame's size, RGBA, empty elsewhere."""
        frame = np.zeros((size.height, size.width, 4), np.uint8)
        frame[self.box.y : self.box.bottom, self.box.x : self.box.right] = self.picture
        return frame


def trimmed(cutout: Picture) -> Picture:
    """The cut-out, RGBA, without the empty border around its silhouette. Raises ``ProductNotFound``."""
    seen = cutout[..., 3] >= FAINTEST
    if not seen.any():
        raise ProductNotFound("the cut-out is empty")
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    return cutout[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def paste_at(cutout: Picture, box: Box) -> Pasted:
    """Resample a trimmed cut-out to ``box``, its colours weighted by alpha so that no fringe appears."""
    size = (box.width, box.height)
    if box.width < cutout.shape[1]:  # 16 bits hold colour times alpha exactly, in half the room of floats
        alpha = cutout[..., 3:].astype(np.uint16)
        weighted = np.concatenate([cutout[..., :3] * alpha, alpha * np.uint16(255)], axis=2)
        sized = cv2.resize(weighted, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    else:  # floats keep the overshoot of a sharp kernel, which cancels in the division
        share = cutout[..., 3:].astype(np.float32)
        drawn = np.concatenate([cutout[..., :3] * share, share * np.float32(255)], axis=2)
        sized = np.asarray(cv2.resize(drawn, size, interpolation=cv2.INTER_CUBIC), np.float32)
    coverage = sized[..., 3:] * np.float32(1 / 255)
    straight = sized[..., :3] / np.maximum(coverage, 1)
    return Pasted((np.clip(np.dstack([straight, coverage]), 0, 255) + 0.5).astype(np.uint8), box)


def paste_over(shown: Display, product: Pasted) -> Picture:
    """The finished 8-bit picture: where the product's alpha is 255, its bytes and nothing else. The mixed pixels
    along its edge take up some of the light behind them, as an edge seen against the light does."""
    picture = (np.clip(shown, 0, 1) * 255 + 0.5).astype(np.uint8)
    box = product.box
    part = picture[box.y : box.bottom, box.x : box.right]
    color, alpha = product.picture[..., :3].astype(np.float32), product.picture[..., 3:]
    share = alpha.astype(np.float32) * np.float32(1 / 255)
    around = cv2.GaussianBlur(part, (0, 0), WRAP_BLUR * min(shown.shape[:2])).astype(np.float32)
    color += np.maximum(around - color, 0) * (1 - share) * np.float32(WRAP)
    blended = (color * share + part * (1 - share) + 0.5).astype(np.uint8)
    part[...] = np.where(alpha == 255, product.picture[..., :3], blended)
    return picture

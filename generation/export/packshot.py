"""The clean product picture that shops require: the product on pure white, filling the frame, no text."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from generation.errors import ProductNotFound
from generation.types import Box, Coverage, Cutout, Picture, Size

FILL: Final = 0.9
"""Of the frame, by the product's box. Coupang asks for 0.85; the rest allows for a soft outline."""
SOLID: Final = 128
"""Alpha from which a pixel counts as product when its box is measured."""
HAZE: Final = 6 / 255
"""Alpha below which a cut-out's haze is dropped: what is not product must be #ffffff."""
SHADOW_OPACITY: Final = 0.28
SHADOW_HEIGHT: Final = 0.035
"""Of the product's height: how tall the ellipse of the contact shadow is."""


def packshot(cutout: Cutout, size: Size, shadow: bool = False) -> Picture:
    """The product on pure white as an RGB picture of ``size``; ``shadow`` adds a soft one where it stands.

    The product is centred and its box fills ``FILL`` of the frame in the direction that is tight, so its
    longer side is at least 85 % of the frame's shorter side; a small cut-out is enlarged for that.
    Raises ``ProductNotFound`` for a cut-out without a solid pixel.
    """
    product = _solid_box(cutout.picture)
    scale = min(FILL * size.width / product.width, FILL * size.height / product.height)
    placed = _placed(cutout.picture, product, scale, size)
    alpha, colour = placed[..., 3:], placed[..., :3]
    ground = np.full((size.height, size.width, 1), 255.0, np.float32)
    if shadow:
        ground = ground * (1.0 - SHADOW_OPACITY * _contact_shadow(alpha[..., 0])[..., None])
    mixed = np.clip(colour + ground * (1.0 - alpha) + 0.5, 0, 255)
    return np.asarray(mixed, np.uint8)


def _solid_box(picture: Picture) -> Box:
    rows, columns = np.nonzero(picture[..., 3] >= SOLID)
    if rows.size == 0:
        raise ProductNotFound("the cut-out is empty")
    left, top = int(columns.min()), int(rows.min())
    return Box(left, top, int(columns.max()) - left + 1, int(rows.max()) - top + 1)


def _placed(picture: Picture, product: Box, scale: float, size: Size) -> NDArray[np.float32]:
    """The cut-out resampled onto the frame, centred: float32, premultiplied 0..255, alpha 0..1."""
    half_w, half_h = size.width / (2 * scale), size.height / (2 * scale)
    centre_x, centre_y = product.x + product.width / 2, product.y + product.height / 2
    left, top = int(np.floor(centre_x - half_w)), int(np.floor(centre_y - half_h))
    right, bottom = int(np.ceil(centre_x + half_w)), int(np.ceil(centre_y + half_h))
    source = Image.fromarray(_window(picture, left, top, right, bottom)).convert("RGBa")
    x, y = centre_x - half_w - left, centre_y - half_h - top
    window = (x, y, x + 2 * half_w, y + 2 * half_h)
    resized = source.resize((size.width, size.height), Image.Resampling.LANCZOS, box=window)
    # Pillow shows premultiplied pixels to NumPy only by their raw bytes.
    pixels = np.frombuffer(resized.tobytes("raw", "RGBa"), np.uint8).reshape(size.height, size.width, 4)
    out = np.asarray(pixels, np.float32).copy()
    out[..., 3] /= 255.0
    out[out[..., 3] < HAZE] = 0.0
    out[..., :3] = np.minimum(out[..., :3], 255.0 * out[..., 3:])
    return out


def _window(picture: Picture, left: int, top: int, right: int, bottom: int) -> Picture:
    """That part of the picture, transparent where it reaches outside."""
    height, width = picture.shape[:2]
    out = np.zeros((bottom - top, right - left, 4), np.uint8)
    x0, y0, x1, y1 = max(left, 0), max(top, 0), min(right, width), min(bottom, height)
    out[y0 - top : y1 - top, x0 - left : x1 - left] = picture[y0:y1, x0:x1]
    return out


def _contact_shadow(alpha: Coverage) -> Coverage:
    """A soft ellipse under the product's foot, 0..1, as wide as the lowest tenth of the product."""
    rows = np.nonzero(alpha.max(axis=1) > 0.5)[0]
    foot, height = int(rows[-1]), int(rows[-1] - rows[0] + 1)
    columns = np.nonzero(alpha[foot - height // 10 : foot + 1].max(axis=0) > 0.5)[0]
    centre, half_w = (columns[0] + columns[-1]) / 2, max((columns[-1] - columns[0]) / 2, 1.0)
    half_h = max(SHADOW_HEIGHT * height, 1.0)
    y, x = np.ogrid[: alpha.shape[0], : alpha.shape[1]]
    ellipse = ((x - centre) / half_w) ** 2 + ((y - (foot - half_h * 0.4)) / half_h) ** 2 <= 1.0
    image = Image.fromarray((ellipse * 255).astype(np.uint8))
    return np.asarray(image.filter(ImageFilter.GaussianBlur(half_h * 0.6)), np.float32) / 255.0

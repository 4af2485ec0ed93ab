"""A picture as the file a channel takes: best quality within its limit, sRGB tag, no other metadata."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

import numpy as np
from PIL import Image, ImageCms

from generation.errors import FileTooLarge
from generation.export.formats import Format
from generation.types import Picture, Size

BEST_QUALITY: Final = 95
"""Above this libjpeg's files grow without a visible gain."""
WORST_QUALITY: Final = 20
FULL_COLOR_QUALITY: Final = 72
"""Below this, colour at half resolution and a higher quality look better than full-resolution colour."""
ICC_DATE: Final = slice(24, 36)
"""Where an ICC header keeps its creation time (ICC.1:2022, 7.2.8)."""

Subsampling = Literal[0, 2]
"""Pillow's names for 4:4:4 and 4:2:0."""


@dataclass(frozen=True, slots=True)
class _Jpeg:
    quality: int
    data: bytes


def encode(picture: Picture, fmt: Format) -> bytes:
    """The file of an RGB picture (``uint8``, sRGB): PNG where nothing limits it, else the best JPEG.

    A picture of one of the format's sizes is written as it is; a larger one of the same shape is made
    smaller. Raises ``ValueError`` for any other size, for nothing is ever enlarged here, and
    ``FileTooLarge`` when not even the worst quality fits.
    """
    fitted = _at_accepted_size(picture, fmt)
    if fmt.extension == "png":
        return _png(fitted)
    return _best_jpeg(fitted, fmt)


def _at_accepted_size(picture: Picture, fmt: Format) -> Image.Image:
    height, width = picture.shape[:2]
    image = Image.fromarray(np.ascontiguousarray(picture[..., :3]))
    if Size(width, height) in fmt.sizes:
        return image
    smaller = [s for s in fmt.sizes if s.width <= width and _same_shape(s, width, height)]
    if not smaller:
        raise ValueError(f"{width}x{height} is no size of {fmt.key} and must not be enlarged or cropped")
    target = max(smaller, key=lambda s: s.width)
    return image.resize((target.width, target.height), Image.Resampling.LANCZOS)


def _same_shape(size: Size, width: int, height: int) -> bool:
    return abs(size.width * height - size.height * width) <= max(width, height)


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG", icc_profile=srgb_profile())
    return out.getvalue()


def _best_jpeg(image: Image.Image, fmt: Format) -> bytes:
    limit = fmt.max_bytes
    sharp = _search(image, 0, limit)
    if sharp and sharp.quality >= FULL_COLOR_QUALITY:
        return sharp.data
    small = _search(image, 2, limit)
    if small is None:
        raise FileTooLarge(f"{fmt.key}: over {limit} bytes at quality {WORST_QUALITY}", format=fmt.key)
    return small.data


def _search(image: Image.Image, subsampling: Subsampling, limit: int | None) -> _Jpeg | None:
    """The highest quality whose file is within ``limit``; ``None`` when none is."""
    best = _jpeg(image, BEST_QUALITY, subsampling)
    if limit is None or len(best.data) <= limit:
        return best
    found: _Jpeg | None = None
    low, high = WORST_QUALITY, BEST_QUALITY - 1
    while low <= high:
        middle = (low + high) // 2
        tried = _jpeg(image, middle, subsampling)
        if len(tried.data) <= limit:
            found, low = tried, middle + 1
        else:
            high = middle - 1
    return found


def _jpeg(image: Image.Image, quality: int, subsampling: Subsampling) -> _Jpeg:
    try:
        data = _written(image, quality, subsampling, optimised=True)
    except OSError:
        # Pillow buffers an optimised file whole, one byte a pixel; noise needs more. A plain file streams.
        data = _written(image, quality, subsampling, optimised=False)
    return _Jpeg(quality, data)


def _written(image: Image.Image, quality: int, subsampling: Subsampling, optimised: bool) -> bytes:
    out = io.BytesIO()
    image.save(
        out,
        "JPEG",
        quality=quality,
        subsampling=subsampling,
        optimize=optimised,
        progressive=optimised,
        icc_profile=srgb_profile(),
    )
    return out.getvalue()


@cache
def srgb_profile() -> bytes:
    """An sRGB ICC profile whose creation time is fixed, so that equal pictures give equal files."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[ICC_DATE] = b"".join(n.to_bytes(2, "big") for n in (2000, 1, 1, 0, 0, 0))
    return bytes(profile)

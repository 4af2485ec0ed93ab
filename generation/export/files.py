"""A picture as the file a channel takes: best quality within its limit, sRGB tag, where it comes from, nothing else."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal, TypeAlias

import numpy as np
from PIL import Image, ImageCms

from generation.errors import FileTooLarge
from generation.export.formats import Format
from generation.intake import png_text
from generation.types import Picture, Size

BEST_QUALITY: Final = 95
"""Above this libjpeg's files grow without a visible gain."""
WORST_QUALITY: Final = 20
FULL_COLOR_QUALITY: Final = 72
"""Below this, colour at half resolution and a higher quality look better than full-resolution colour."""
ICC_DATE: Final = slice(24, 36)
"""Where an ICC header keeps its creation time (ICC.1:2022, 7.2.8)."""

SEAL_VARIES: Final = 1024
"""Bytes by which a seal may be larger the second time: a time stamp's answer is not always the same."""

Seal: TypeAlias = Callable[[bytes, str], bytes]
"""Gives a file of that media type a signed history; it comes back larger."""
Subsampling = Literal[0, 2]
"""Pillow's names for 4:4:4 and 4:2:0."""


@dataclass(frozen=True, slots=True)
class _Jpeg:
    quality: int
    data: bytes


@dataclass(frozen=True, slots=True)
class _Tagged:
    """A picture of its final size and the XMP packet of its file."""

    image: Image.Image
    xmp: bytes


def encode(picture: Picture, fmt: Format, xmp: bytes = b"", seal: Seal | None = None) -> bytes:
    """The file of an RGB picture (``uint8``, sRGB) with its XMP packet: PNG where nothing limits it, else the best
    JPEG; sealed, it is within the limit too.

    A picture of one of the format's sizes is written as it is; a larger one of the same shape is made
    smaller. Raises ``ValueError`` for any other size, for nothing is ever enlarged here, and
    ``FileTooLarge`` when not even the worst quality fits.
    """
    fitted = _Tagged(_at_accepted_size(picture, fmt), xmp)
    file = _png(fitted) if fmt.extension == "png" else _best_jpeg(fitted, fmt, fmt.max_bytes)
    return _sealed(file, fitted, fmt, seal) if seal is not None else file


def _sealed(file: bytes, fitted: _Tagged, fmt: Format, seal: Seal) -> bytes:
    """The file sealed; where it then no longer fits, written anew with room for the seal."""
    sealed = seal(file, fmt.media_type)
    if fmt.max_bytes is None or len(sealed) <= fmt.max_bytes:
        return sealed
    room = fmt.max_bytes - (len(sealed) - len(file)) - SEAL_VARIES
    sealed = seal(_best_jpeg(fitted, fmt, room), fmt.media_type)
    if len(sealed) > fmt.max_bytes:
        raise FileTooLarge(f"{fmt.key}: over {fmt.max_bytes} bytes with its seal", format=fmt.key)
    return sealed


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


def _png(tagged: _Tagged) -> bytes:
    out = io.BytesIO()
    tagged.image.save(out, "PNG", icc_profile=srgb_profile(), pnginfo=png_text(tagged.xmp))
    return out.getvalue()


def _best_jpeg(tagged: _Tagged, fmt: Format, limit: int | None) -> bytes:
    sharp = _search(tagged, 0, limit)
    if sharp and sharp.quality >= FULL_COLOR_QUALITY:
        return sharp.data
    small = _search(tagged, 2, limit)
    if small is None:
        raise FileTooLarge(f"{fmt.key}: over {limit} bytes at quality {WORST_QUALITY}", format=fmt.key)
    return small.data


def _search(tagged: _Tagged, subsampling: Subsampling, limit: int | None) -> _Jpeg | None:
    """The highest quality whose file is within ``limit``; ``None`` when none is."""
    best = _jpeg(tagged, BEST_QUALITY, subsampling)
    if limit is None or len(best.data) <= limit:
        return best
    found: _Jpeg | None = None
    low, high = WORST_QUALITY, BEST_QUALITY - 1
    while low <= high:
        middle = (low + high) // 2
        tried = _jpeg(tagged, middle, subsampling)
        if len(tried.data) <= limit:
            found, low = tried, middle + 1
        else:
            high = middle - 1
    return found


def _jpeg(tagged: _Tagged, quality: int, subsampling: Subsampling) -> _Jpeg:
    try:
        data = _written(tagged, quality, subsampling, optimised=True)
    except OSError:
        # Pillow buffers an optimised file whole, one byte a pixel; noise needs more. A plain file streams.
        data = _written(tagged, quality, subsampling, optimised=False)
    return _Jpeg(quality, data)


def _written(tagged: _Tagged, quality: int, subsampling: Subsampling, optimised: bool) -> bytes:
    out = io.BytesIO()
    tagged.image.save(
        out,
        "JPEG",
        quality=quality,
        subsampling=subsampling,
        optimize=optimised,
        progressive=optimised,
        icc_profile=srgb_profile(),
        xmp=tagged.xmp,
    )
    return out.getvalue()


@cache
def srgb_profile() -> bytes:
    """An sRGB ICC profile whose creation time is fixed, so that equal pictures give equal files."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[ICC_DATE] = b"".join(n.to_bytes(2, "big") for n in (2000, 1, 1, 0, 0, 0))
    return bytes(profile)

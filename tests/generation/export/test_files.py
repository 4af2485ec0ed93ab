"""Files within their limits, tagged sRGB, never enlarged."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageCms

from generation.errors import FileTooLarge
from generation.export.files import encode
from generation.export.formats import FORMATS, Format
from generation.types import Picture, Size

LIMITED = [f for f in FORMATS.values() if f.max_bytes is not None]


def detailed_picture(size: Size, noise: float = 28.0) -> Picture:
    """Smooth colour with film-like grain: heavier than nearly any photo."""
    rng = np.random.default_rng(3)
    y, x = np.mgrid[: size.height, : size.width]
    base = np.stack([x * 200 / size.width, y * 200 / size.height, (x + y) % 97 * 2.0], axis=-1)
    return np.clip(base + rng.normal(0, noise, base.shape), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("fmt", LIMITED, ids=lambda f: f.key)
def test_it_stays_within_the_limit(fmt: Format) -> None:
    data = encode(detailed_picture(fmt.default), fmt)
    assert fmt.max_bytes is not None and len(data) <= fmt.max_bytes
    image = Image.open(io.BytesIO(data))
    assert image.format == "JPEG" and image.size == (fmt.default.width, fmt.default.height)


def test_it_uses_what_the_limit_allows() -> None:
    fmt = FORMATS["mms"]
    data = encode(detailed_picture(fmt.default), fmt)
    assert len(data) > 0.85 * 300_000


def test_it_writes_png_losslessly_where_nothing_limits_the_file() -> None:
    fmt = FORMATS["instagram-square"]
    picture = detailed_picture(fmt.default)
    image = Image.open(io.BytesIO(encode(picture, fmt)))
    assert image.format == "PNG" and np.array_equal(np.asarray(image), picture)


@pytest.mark.parametrize("key", ["instagram-square", "mms"])
def test_it_tags_srgb_and_carries_no_other_metadata(key: str) -> None:
    fmt = FORMATS[key]
    data = encode(detailed_picture(fmt.default), fmt)
    image = Image.open(io.BytesIO(data))
    profile = ImageCms.ImageCmsProfile(io.BytesIO(image.info["icc_profile"]))
    assert "sRGB" in ImageCms.getProfileDescription(profile)
    assert not image.getexif() and "comment" not in image.info and b"<x:xmpmeta" not in data


def test_it_gives_the_same_bytes_twice() -> None:
    fmt = FORMATS["kakao-display"]
    picture = detailed_picture(fmt.default)
    assert encode(picture, fmt) == encode(picture, fmt)


def test_it_makes_a_larger_picture_of_the_same_shape_smaller() -> None:
    fmt = FORMATS["kakao-message"]
    image = Image.open(io.BytesIO(encode(detailed_picture(Size(1080, 1080)), fmt)))
    assert image.size == (720, 720)


@pytest.mark.parametrize("size", [Size(1024, 1024), Size(1200, 900)])
def test_it_never_enlarges_or_crops(size: Size) -> None:
    with pytest.raises(ValueError, match="instagram-square"):
        encode(np.zeros((size.height, size.width, 3), np.uint8), FORMATS["instagram-square"])


def test_it_says_so_when_nothing_fits() -> None:
    impossible = Format("tiny", "test", (Size(400, 400),), max_bytes=500)
    with pytest.raises(FileTooLarge):
        encode(detailed_picture(Size(400, 400)), impossible)

"""What holds of every upload: a documented refusal, or a picture as promised."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from generation import intake
from generation.cutout.brush import brushed
from generation.errors import (
    PhotoEmpty,
    PhotoFormatUnsupported,
    PhotoTooLarge,
    PhotoTooSmall,
    PhotoUnreadable,
    ProductNotFound,
)
from generation.palette import colors_of
from generation.types import Picture
from tests.fuzz.pictures import HEIGHT, WIDTH, broken_pictures, chunks_of
from tests.fuzz.property import Property

REFUSALS = (PhotoEmpty, PhotoFormatUnsupported, PhotoTooLarge, PhotoTooSmall, PhotoUnreadable)
KEPT_OF_PNG = {b"IHDR", b"IDAT", b"IEND"}
PHOTO_SECONDS = 15.0
"""CPU time of the largest that is accepted, 80 megapixels; most take a thousandth of it."""
_PHOTO = np.full((HEIGHT, WIDTH, 3), 240, np.uint8)
_PHOTO[10:30, 10:40] = (180, 40, 30)


def _assert_picture(picture: Picture, channels: tuple[int, ...]) -> None:
    assert picture.dtype == np.uint8
    assert picture.ndim == 3
    assert picture.shape[2] in channels
    assert intake.MIN_SIDE <= min(picture.shape[:2]) <= max(picture.shape[:2]) <= intake.WORKING_SIDE


def read(data: bytes) -> None:
    try:
        photo = intake.read_photo(data)
    except REFUSALS:
        return
    assert photo.format in ("jpeg", "png", "webp", "avif", "heic")
    _assert_picture(photo.picture, (3, 4))


def kept(data: bytes) -> None:
    """What is stored is read again, is of the size that was told, and says nothing but pixels."""
    try:
        clean, extension, size = intake.clean_copy(data)
    except REFUSALS:
        return
    again = intake.read_photo(clean)
    assert again.picture.shape[:2] == (size.height, size.width)
    if extension == "png":
        assert {kind for kind, _ in chunks_of(clean)} <= KEPT_OF_PNG
    else:
        assert extension == "jpg"
        assert b"Exif" not in clean[:256]
        assert b"ICC_PROFILE" not in clean[:256]
    assert intake.screen_copy(clean).startswith(b"RIFF")


def logo(data: bytes) -> None:
    try:
        picture = intake.clean_logo(data)
    except REFUSALS:
        return
    assert picture.shape[2] == 4
    assert min(picture.shape[:2]) >= 1
    assert intake.LOGO_LEAST_SIDE <= max(picture.shape[:2]) <= intake.LOGO_SIDE
    assert all(len(color) == 7 for color in colors_of(picture))
    assert intake.encode_png(picture)


def brush(data: bytes) -> None:
    try:
        strokes = intake.read_layer(data)
        cutout = brushed(_PHOTO, np.dstack([_PHOTO, _PHOTO[..., 1]]), strokes)
    except (*REFUSALS, ProductNotFound):
        return
    assert cutout.picture.shape == (HEIGHT, WIDTH, 4)
    assert cutout.picture.dtype == np.uint8


_FILES: st.SearchStrategy[bytes] = broken_pictures()

PROPERTIES = (
    Property("photo: read", _FILES, read, PHOTO_SECONDS, share=26),
    Property("photo: cleaned and kept", _FILES, kept, PHOTO_SECONDS, share=10),
    Property("logo", _FILES, logo, PHOTO_SECONDS, share=8),
    Property("brush", _FILES, brush, PHOTO_SECONDS, share=4),
)

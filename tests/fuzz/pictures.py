"""Broken pictures: real files of every kind, cut, patched, spliced, resized in the header, given bad metadata."""

from __future__ import annotations

import io
import struct
import zlib
from functools import cache
from typing import Any

import numpy as np
from hypothesis import strategies as st
from PIL import Image, ImageCms

from generation import intake

WIDTH, HEIGHT = 56, 40
PNG_HEAD = b"\x89PNG\r\n\x1a\n"
NASTY = (0x00, 0x01, 0x7F, 0x80, 0xFE, 0xFF)
NUMBERS = (0, 1, 31, 32, 4095, 4097, 8944, 16_384, 65_535, 2**31 - 1, 2**31, 2**32 - 1)
"""Sides and lengths at which a reader's sums go over; 8944² is as many pixels as are accepted."""
METADATA = b"Exif\x00\x00"

assert intake.MAX_PIXELS  # importing it has Pillow know HEIF


def _noise(mode: str = "RGB") -> Image.Image:
    rng = np.random.default_rng(7)
    picture = rng.integers(0, 256, (HEIGHT, WIDTH, 4), np.uint8)
    picture[8:24, 8:40] = (200, 40, 30, 255)
    return Image.fromarray(picture).convert(mode)


def _file(image: Image.Image, file_format: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, file_format, **options)
    return out.getvalue()


def _turned(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[intake.ORIENTATION] = orientation
    exif[0x010F] = "maker"
    return exif.tobytes()


@cache
def seeds() -> tuple[bytes, ...]:
    """Small files of every kind that is accepted, and of some that are not."""
    rgb, alpha = _noise(), _noise("RGBA")
    wide = Image.fromarray(np.linspace(0, 65_535, HEIGHT * WIDTH).reshape(HEIGHT, WIDTH).astype(np.uint16))
    palette = rgb.quantize(16)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    moving: dict[str, Any] = {"save_all": True, "append_images": [rgb.rotate(90), rgb.rotate(180)]}
    floating = {**moving, "append_images": [alpha.rotate(180)]}
    return (
        _file(rgb, "JPEG", quality=80),
        _file(rgb, "JPEG", quality=80, progressive=True, exif=_turned(6)),
        _file(rgb, "JPEG", icc_profile=profile),
        _file(_noise("L"), "JPEG", icc_profile=srgb, exif=_turned(3)),
        _file(_noise("CMYK"), "JPEG"),
        _file(_noise("CMYK"), "JPEG", icc_profile=srgb),
        _file(rgb, "MPO", **moving),
        _file(rgb, "PNG", icc_profile=srgb, exif=_turned(8)),
        _file(alpha, "PNG"),
        _file(wide, "PNG"),
        _file(_noise("LA"), "PNG"),
        _file(_noise("1"), "PNG"),
        _file(palette, "PNG", transparency=bytes(range(0, 256, 16))),
        _file(palette, "PNG", transparency=3),
        _file(rgb, "PNG", transparency=(1, 2, 3)),
        _file(rgb, "PNG", **moving),
        _file(rgb, "WEBP", icc_profile=srgb, exif=_turned(5)),
        _file(alpha, "WEBP", lossless=True),
        _file(alpha, "WEBP", **floating),
        _file(rgb, "AVIF", exif=_turned(7)),
        _file(alpha, "AVIF", **floating),
        _file(rgb, "HEIF", exif=_turned(6)),
        _file(alpha, "HEIF"),
        _file(rgb, "GIF", **moving),
        _file(rgb, "TIFF"),
        _file(rgb, "BMP"),
    )


def chunks_of(png: bytes) -> list[tuple[bytes, bytes]]:
    """Kind and body of each chunk of a whole PNG."""
    at, found = len(PNG_HEAD), []
    while at + 12 <= len(png):
        (length,) = struct.unpack_from(">I", png, at)
        found.append((png[at + 4 : at + 8], png[at + 8 : at + 8 + length]))
        at += 12 + length
    return found


def png_of(chunks: list[tuple[bytes, bytes]]) -> bytes:
    """A PNG whose checksums are right, whatever is in it."""
    parts = (
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )
    return PNG_HEAD + b"".join(parts)


def _somewhere(draw: st.DrawFn, data: bytes | bytearray) -> int:
    """A place in the data, oftener near its beginning, where headers are."""
    last = max(len(data) - 1, 0)
    return draw(st.integers(0, min(last, 64)) | st.integers(0, last))


def _patched(draw: st.DrawFn, data: bytes) -> bytes:
    out = bytearray(data)
    for _ in range(draw(st.integers(1, 6))):
        if out:
            out[_somewhere(draw, out)] = draw(st.sampled_from(NASTY) | st.integers(0, 255))
    return bytes(out)


def _numbered(draw: st.DrawFn, data: bytes) -> bytes:
    """A number of two or four bytes, either way round, written over the header or over what stands for a side."""
    number, packing = draw(st.sampled_from(NUMBERS)), draw(st.sampled_from([">H", "<H", ">I", "<I"]))
    packed = struct.pack(packing, number % 2 ** (8 * struct.calcsize(packing)))
    sides = [data.find(struct.pack(packing, side)) for side in (WIDTH, HEIGHT, WIDTH - 1, HEIGHT - 1)]
    at = draw(st.sampled_from([side for side in sides if side >= 0] or [0]) | st.integers(0, len(data)))
    return data[:at] + packed + data[at + len(packed) :]


def _cut(draw: st.DrawFn, data: bytes) -> bytes:
    return data[: _somewhere(draw, data)]


def _spliced(draw: st.DrawFn, data: bytes) -> bytes:
    other = draw(st.sampled_from(seeds()))
    return data[: _somewhere(draw, data)] + other[_somewhere(draw, other) :]


def _stuttered(draw: st.DrawFn, data: bytes) -> bytes:
    at = _somewhere(draw, data)
    piece = data[at : at + draw(st.integers(1, 64))]
    return data[:at] + piece * draw(st.integers(0, 40)) + data[at + len(piece) :]


def _rechecked(draw: st.DrawFn, data: bytes) -> bytes:
    """A PNG with one chunk changed and its checksum right, so that the change is read."""
    chunks = chunks_of(data) if data.startswith(PNG_HEAD) else []
    if not chunks:
        return _patched(draw, data)
    at = draw(st.integers(0, len(chunks) - 1))
    kind, body = chunks[at]
    change = draw(st.sampled_from([_patched, _numbered, _cut, _stuttered]))
    chunks[at] = (kind, change(draw, body))
    if draw(st.booleans()):
        chunks.insert(at, draw(st.sampled_from(chunks)))
    return png_of(chunks)


def _labelled(draw: st.DrawFn, data: bytes) -> bytes:
    """A whole picture with metadata that is none."""
    exif = METADATA + draw(st.sampled_from([b"II*\x00", b"MM\x00*", b""])) + draw(st.binary(max_size=80))
    profile = draw(st.none() | st.binary(max_size=160))
    if profile is not None and len(profile) > 40:
        profile = profile[:36] + b"acsp" + profile[40:]
    mode, file_format = draw(
        st.sampled_from([("RGB", "JPEG"), ("CMYK", "JPEG"), ("L", "PNG"), ("RGBA", "PNG"), ("RGBA", "WEBP")])
    )
    return _file(_noise(mode), file_format, exif=exif, icc_profile=profile)


_CHANGES = (_patched, _numbered, _cut, _spliced, _stuttered, _rechecked, _rechecked, _labelled)


@st.composite
def broken_pictures(draw: st.DrawFn) -> bytes:
    """A seed, changed once or a few times; now and then bytes that were never a picture."""
    if draw(st.integers(0, 40)) == 0:
        return draw(st.binary(max_size=200))
    data = draw(st.sampled_from(seeds()))
    for _ in range(draw(st.integers(1, 3))):
        data = draw(st.sampled_from(_CHANGES))(draw, data)
    return data

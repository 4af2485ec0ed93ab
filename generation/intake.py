"""An uploaded photo becomes a picture: checked, upright, 8-bit sRGB, without metadata.

Imported by the web process, so Pillow and NumPy only.
"""

from __future__ import annotations

import io
import logging
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageFile
from PIL.PngImagePlugin import PngInfo
from pillow_heif import register_heif_opener

from generation.decoding import PixelBudget
from generation.errors import (
    PhotoEmpty,
    PhotoFormatUnsupported,
    PhotoTooLarge,
    PhotoTooSmall,
    PhotoUnreadable,
)
from generation.types import Picture, Size

logger = logging.getLogger(__name__)

MIN_SIDE: Final = 32
"""Pixels; below this no product can be cut out."""
MAX_PIXELS: Final = 80_000_000
WORKING_SIDE: Final = 4096
"""Pixels of the longer side; a larger photo is scaled down to this, more than the largest format needs."""
SCREEN_SIDE: Final = 1536
"""Pixels of the longer side of what a browser shows."""
SCREEN_QUALITY: Final = 82
SCREEN_EFFORT: Final = 2
"""libwebp's method 0..6: a merchant waits for this one."""
CLEAN_JPEG_QUALITY: Final = 95
CLEAN_PNG_LEVEL: Final = 1
"""zlib's fastest: a cut-out of 12 megapixels must not keep the merchant waiting."""
PNG_LEVEL: Final = 6
LOGO_SIDE, LOGO_LEAST_SIDE = 1024, 64
"""Pixels of a logo's longer side, without its margins."""
LOGO_FAINT_ALPHA: Final = 8
"""Alpha (of 255) below which a logo's pixel is margin."""
LOGO_EVEN: Final = 24
"""Steps of 1/255 that a margin of one colour may vary by: JPEG does that."""
LOGO_MARGIN: Final = 0.07
"""Of an opaque logo's longer side, kept of its margin."""
HEAD_BYTES: Final = 64
"""Enough to tell every accepted format."""
ORIENTATION: Final = 0x0112
"""The EXIF tag that says how the camera was held (Exif 2.32, table 4)."""
UPRIGHT: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
SRGB: Final = ImageCms.createProfile("sRGB")
DECODED_AT_ONCE: Final = PixelBudget(MAX_PIXELS)
"""Of a process: one picture of the largest kind, or several as telephones take them."""

register_heif_opener()


@dataclass(frozen=True, slots=True)
class Photo:
    """``picture`` is RGB, or RGBA where the file had transparent pixels. ``format`` is what
    the content is: ``jpeg``, ``png``, ``webp``, ``avif`` or ``heic``."""

    picture: Picture
    format: str


def read_photo(data: bytes) -> Photo:
    """Decode a photo: upright, 8-bit sRGB, its first frame if it is animated, at most ``WORKING_SIDE`` px.

    The content decides the type. Size limits are checked in the header, before anything is decoded. Raises
    ``PhotoEmpty``, ``PhotoFormatUnsupported``, ``PhotoUnreadable``, ``PhotoTooSmall``, ``PhotoTooLarge``.
    """
    image, format_name = _upright(data)
    return Photo(np.asarray(image), format_name)


def read_layer(data: bytes) -> Picture:
    """As ``read_photo``, but always RGBA: a picture without transparent pixels is opaque all over."""
    picture = read_photo(data).picture
    if picture.shape[2] == 4:
        return picture
    return np.dstack([picture, np.full(picture.shape[:2], 255, np.uint8)])


def clean_copy(data: bytes) -> tuple[bytes, str, Size]:
    """What is stored of an upload: the file, its extension (``jpg`` or ``png``) and its size in pixels.

    Fully decoded, which is the check, and encoded anew, so nothing of the original's metadata (GPS, serial
    numbers, thumbnails) is left. JPEG at quality 95 with full-resolution colour, or PNG where there is
    transparency. A photo beyond ``WORKING_SIDE`` is stored scaled down to it. Raises as ``read_photo``.
    """
    image, _ = _upright(data)
    size = Size(image.width, image.height)
    if image.mode == "RGBA":
        return _png(image, CLEAN_PNG_LEVEL), "png", size
    return _jpeg(image, CLEAN_JPEG_QUALITY), "jpg", size


def clean_logo(data: bytes) -> Picture:
    """A shop's logo out of an uploaded file, RGBA: its margins, transparent or of one colour, trimmed away, its
    longer side at most ``LOGO_SIDE`` px.

    Raises as ``read_photo``, and ``PhotoEmpty`` where nothing is to be seen, ``PhotoTooSmall`` where less than
    ``LOGO_LEAST_SIDE`` px of it are.
    """
    image, _ = _upright(data)
    layer = np.asarray(_scaled_down(image.convert("RGBA"), 2 * LOGO_SIDE))
    trimmed = _without_margins(layer)
    if trimmed is None:
        raise PhotoEmpty("nothing but margin")
    if max(trimmed.shape[:2]) < LOGO_LEAST_SIDE:
        raise PhotoTooSmall(f"{trimmed.shape[1]}x{trimmed.shape[0]} without its margins")
    return thumbnail(trimmed, LOGO_SIDE)


def _without_margins(layer: Picture) -> Picture | None:
    """A transparent margin goes entirely; one of a single opaque colour but for a little, since it is the logo's own
    ground."""
    if layer[..., 3].min() < 255:
        box = _marks(layer[..., 3] >= LOGO_FAINT_ALPHA, 0)
    else:
        edge = np.concatenate([layer[0], layer[-1], layer[:, 0], layer[:, -1]])[:, :3].astype(np.int16)
        ground = np.median(edge, axis=0).astype(np.int16)
        if np.abs(edge - ground).max() > LOGO_EVEN:
            return layer
        away = np.abs(layer[..., :3].astype(np.int16) - ground).max(axis=2) > LOGO_EVEN
        box = _marks(away, LOGO_MARGIN)
    if box is None:
        return None
    rows, columns = box
    return np.ascontiguousarray(layer[rows, columns])


def _marks(marked: NDArray[np.bool_], margin: float) -> tuple[slice, slice] | None:
    """The box of what is marked and so much around it, as a share of its longer side; None where nothing is."""
    rows, columns = np.flatnonzero(marked.any(axis=1)), np.flatnonzero(marked.any(axis=0))
    if not rows.size:
        return None
    top, bottom, left, right = (int(at) for at in (rows[0], rows[-1] + 1, columns[0], columns[-1] + 1))
    around = round(margin * max(bottom - top, right - left))
    return slice(max(top - around, 0), bottom + around), slice(max(left - around, 0), right + around)


def encode_png(picture: Picture, level: int = PNG_LEVEL, xmp: bytes = b"") -> bytes:
    """An RGB or RGBA picture as a PNG without metadata but for an XMP packet; ``level`` is zlib's, 0..9."""
    return _png(Image.fromarray(np.ascontiguousarray(picture)), level, xmp)


def encode_jpeg(picture: Picture, quality: int, xmp: bytes = b"") -> bytes:
    """An RGB picture as a JPEG without metadata but for an XMP packet, colour at full resolution; ``quality`` 1..95."""
    return _jpeg(Image.fromarray(np.ascontiguousarray(picture)), quality, xmp)


def png_text(xmp: bytes) -> PngInfo:
    """What a PNG keeps an XMP packet in (XMP specification part 3, 1.1.5); empty without one."""
    info = PngInfo()
    if xmp:
        info.add_itxt("XML:com.adobe.xmp", xmp.decode())
    return info


def thumbnail(picture: Picture, longest_side: int) -> Picture:
    """The RGB or RGBA picture scaled down to ``longest_side`` px; a smaller one is returned as it is."""
    image = Image.fromarray(np.ascontiguousarray(picture))
    return np.asarray(_scaled_down(image, longest_side))


def screen_copy(data: bytes) -> bytes:
    """A stored photo or cut-out as a WebP of at most ``SCREEN_SIDE`` px, its alpha without loss: what a browser
    shows and brushes over, a twentieth of the file."""
    with Image.open(io.BytesIO(data)) as image:
        if image.format == "JPEG":
            image.draft(image.mode, _fitted(image, SCREEN_SIDE))
        small = _scaled_down(image.convert("RGBA" if image.has_transparency_data else "RGB"), SCREEN_SIDE)
    out = io.BytesIO()
    small.save(out, "WEBP", quality=SCREEN_QUALITY, method=SCREEN_EFFORT)
    return out.getvalue()


def _png(image: Image.Image, level: int, xmp: bytes = b"") -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=level, pnginfo=png_text(xmp))
    return out.getvalue()


def _jpeg(image: Image.Image, quality: int, xmp: bytes = b"") -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, subsampling=0, xmp=xmp)
    return out.getvalue()


def _upright(data: bytes) -> tuple[Image.Image, str]:
    """The decoded photo in mode RGB or RGBA with nothing in ``info``, and its format's name."""
    if not data:
        raise PhotoEmpty("no bytes")
    format_name = _sniff(data[:HEAD_BYTES])
    if format_name is None:
        raise PhotoFormatUnsupported(f"starts with {data[:12]!r}")
    try:
        image = Image.open(io.BytesIO(data), formats=_PILLOW_NAMES[format_name])
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PhotoTooLarge(str(error)) from error
    except Exception as error:  # decoders raise many kinds for a broken file
        raise PhotoUnreadable(f"{format_name}: {error}") from error
    _check_size(image)
    try:
        with DECODED_AT_ONCE.holding(image.width * image.height):
            return _decoded(image), format_name
    except MemoryError:
        raise
    except Exception as error:  # decoders raise many kinds for a broken file
        raise PhotoUnreadable(f"{format_name}: {error}") from error


_PILLOW_NAMES: Final = {
    "jpeg": ("JPEG", "MPO"),
    "png": ("PNG",),
    "webp": ("WEBP",),
    "avif": ("AVIF",),
    "heic": ("HEIF",),
}
_HEIF_BRANDS: Final = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_AVIF_BRANDS: Final = {b"avif", b"avis"}


def _sniff(head: bytes) -> str | None:
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head[4:8] == b"ftyp":
        return _iso_media(head)
    return None


def _iso_media(head: bytes) -> str | None:
    """AVIF and HEIC share a container; the major brand, then the compatible ones, tell which it is."""
    end = min(int.from_bytes(head[:4], "big"), len(head))
    brands = {head[8:12]} | {head[at : at + 4] for at in range(16, end - 3, 4)}
    if brands & _AVIF_BRANDS:
        return "avif"
    return "heic" if brands & _HEIF_BRANDS else None


def _check_size(image: Image.Image) -> None:
    if image.width * image.height > MAX_PIXELS:
        raise PhotoTooLarge(f"{image.width}x{image.height}")
    if min(image.size) < MIN_SIDE or min(_kept_size(image)) < MIN_SIDE:
        raise PhotoTooSmall(f"{image.width}x{image.height}")


def _kept_size(image: Image.Image) -> tuple[int, int]:
    """A long strip is narrower once it is scaled down, and what is kept must be a photo still."""
    return _fitted(image, WORKING_SIDE) if _oversized(image) else image.size


def _decoded(image: Image.Image) -> Image.Image:
    if isinstance(image, ImageFile.ImageFile) and image.format in ("JPEG", "MPO") and _oversized(image):
        # libjpeg decodes at a half or a quarter of the size for a fraction of the time and memory.
        image.draft(image.mode, _fitted(image, WORKING_SIDE))
    image.load()
    orientation = _orientation(image)
    image = _scaled_down(_srgb(image), WORKING_SIDE)
    if orientation in UPRIGHT:
        image = image.transpose(UPRIGHT[orientation])
    image.info = {}
    return image


def _oversized(image: Image.Image) -> bool:
    return max(image.size) > WORKING_SIDE


def _fitted(image: Image.Image, longest_side: int) -> tuple[int, int]:
    scale = longest_side / max(image.size)
    return max(1, round(image.width * scale)), max(1, round(image.height * scale))


def _scaled_down(image: Image.Image, longest_side: int) -> Image.Image:
    if max(image.size) <= longest_side:
        return image
    size = _fitted(image, longest_side)
    if image.mode == "RGBA":  # colours of transparent pixels must not bleed in
        return image.convert("RGBa").resize(size, Image.Resampling.LANCZOS).convert("RGBA")
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except Exception as error:
        logger.info("EXIF ignored: %s", error)
        return 1


def _srgb(image: Image.Image) -> Image.Image:
    """The image in mode RGB, or RGBA where a pixel is transparent, its colours converted to sRGB."""
    profile = image.info.get("icc_profile")
    alpha = _alpha(image)
    colour = _converted(_eight_bit_colour(image), profile)
    if alpha is not None:
        colour.putalpha(alpha)
    return colour


def _alpha(image: Image.Image) -> Image.Image | None:
    """The alpha channel, 8 bits; ``None`` where every pixel is opaque."""
    if not image.has_transparency_data:
        return None
    alpha = image.getchannel("A") if image.mode in ("RGBA", "LA") else image.convert("RGBA").getchannel("A")
    lowest, _ = alpha.getextrema()
    return None if lowest == 255 else alpha


def _eight_bit_colour(image: Image.Image) -> Image.Image:
    """The colours alone, in a mode an ICC profile can belong to: RGB, L or CMYK."""
    if image.mode in ("RGB", "L", "CMYK"):
        return image
    if image.mode.startswith("I"):
        return Image.fromarray(_high_bytes(np.asarray(image)))
    if image.mode in ("LA", "La", "1"):
        return image.convert("L")
    if image.mode == "RGBA":
        return Image.merge("RGB", image.split()[:3])
    return image.convert("RGB")


def _high_bytes(wide: NDArray[np.generic]) -> NDArray[np.uint8]:
    """16-bit greys to 8 bits, rounded: 65535 = 257 * 255."""
    values = np.clip(wide.astype(np.int64), 0, 65535)
    return ((values + 128) // 257).astype(np.uint8)


def _converted(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The colours in sRGB; a photo without a usable profile is taken for sRGB (or plain CMYK, or grey)."""
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if not _is_srgb(source):
                converted = ImageCms.profileToProfile(image, source, SRGB, outputMode="RGB")
                if converted is not None:
                    return converted
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError) as error:
            logger.info("colour profile ignored: %s", error)
    return image if image.mode == "RGB" else image.convert("RGB")


def _is_srgb(profile: ImageCms.ImageCmsProfile) -> bool:
    """By name, as browsers do: converting between two sRGB profiles only adds rounding."""
    return "sRGB" in ImageCms.getProfileDescription(profile)

from __future__ import annotations

import io
import struct
import subprocess
import sys
import time
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms

from generation import intake
from generation.errors import (
    PhotoEmpty,
    PhotoFormatUnsupported,
    PhotoTooLarge,
    PhotoTooSmall,
    PhotoUnreadable,
)
from generation.types import Size

RED, BLUE = (220, 30, 30), (30, 30, 220)
GPS_BLOCK, GPS_LATITUDE_REF, GPS_LATITUDE, MAKER = 0x8825, 1, 2, 0x010F


def halves(width: int = 96, height: int = 64) -> Image.Image:
    """Red above, blue below: shows which way is up."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(BLUE, (0, height // 2, width, height))
    return image


def file_of(image: Image.Image, file_format: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, file_format, **options)
    return out.getvalue()


def png_header(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


def close(pixel: np.ndarray, color: tuple[int, ...], within: int = 12) -> bool:
    return bool(np.abs(pixel.astype(int) - np.array(color)).max() <= within)


@pytest.mark.parametrize(
    ("file_format", "name"),
    [("JPEG", "jpeg"), ("PNG", "png"), ("WEBP", "webp"), ("AVIF", "avif"), ("HEIF", "heic"), ("MPO", "jpeg")],
)
def test_it_reads_every_accepted_format(file_format: str, name: str) -> None:
    photo = intake.read_photo(file_of(halves(), file_format))
    assert (photo.format, photo.picture.shape) == (name, (64, 96, 3))
    assert photo.picture.shape == (64, 96, 3)
    assert photo.picture.dtype == np.uint8
    assert close(photo.picture[8, 48], RED) and close(photo.picture[56, 48], BLUE)


@pytest.mark.parametrize(
    "data",
    [
        b"just some text, nothing more, but long enough",
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3",
        b"<svg xmlns='http://www.w3.org/2000/svg' width='99' height='99'/>",
        file_of(halves(), "GIF"),
        file_of(halves(), "BMP"),
        file_of(halves(), "TIFF"),
        b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom",
        b"\x00",
    ],
    ids=["text", "pdf", "svg", "gif", "bmp", "tiff", "mp4", "one byte"],
)
def test_it_refuses_what_is_no_photo(data: bytes) -> None:
    with pytest.raises(PhotoFormatUnsupported):
        intake.read_photo(data)


def test_it_refuses_an_empty_file() -> None:
    with pytest.raises(PhotoEmpty):
        intake.clean_copy(b"")


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF"])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.9])
def test_it_refuses_a_truncated_file(file_format: str, share: float) -> None:
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 255, (128, 160, 3), np.uint8))
    data = file_of(noise, file_format)
    with pytest.raises(PhotoUnreadable):
        intake.clean_copy(data[: max(16, int(len(data) * share))])


def test_it_refuses_a_photo_below_32_pixels() -> None:
    with pytest.raises(PhotoTooSmall):
        intake.read_photo(file_of(Image.new("RGB", (1, 1)), "PNG"))
    with pytest.raises(PhotoTooSmall):
        intake.read_photo(file_of(Image.new("RGB", (400, 31)), "JPEG"))
    assert intake.read_photo(file_of(Image.new("RGB", (32, 32)), "PNG")).picture.shape == (32, 32, 3)


def test_it_refuses_a_strip_that_would_be_narrower_than_that_once_scaled_down() -> None:
    """What it keeps it must be able to read again."""
    with pytest.raises(PhotoTooSmall):
        intake.clean_copy(file_of(Image.new("RGB", (56, 9000)), "PNG"))
    clean, _, size = intake.clean_copy(file_of(Image.new("RGB", (72, 9000)), "PNG"))
    assert size == Size(33, 4096)
    assert intake.read_photo(clean).picture.shape == (4096, 33, 3)


@pytest.mark.parametrize("side", [30_000, 12_000, 9_000])
def test_it_refuses_a_giant_by_its_header_without_decoding(side: int) -> None:
    started = time.process_time()
    with pytest.raises(PhotoTooLarge):
        intake.read_photo(png_header(side, side))
    assert time.process_time() - started < 0.5


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP"])
def test_it_honours_the_exif_rotation(orientation: int, file_format: str) -> None:
    lying = {5, 6, 7, 8}
    upright = halves()
    upright.paste((240, 240, 20), (0, 0, 20, 16))
    stored = upright.transpose(undone(orientation)) if orientation > 1 else upright
    exif = Image.Exif()
    exif[intake.ORIENTATION] = orientation
    picture = intake.read_photo(file_of(stored, file_format, exif=exif)).picture
    assert stored.size == ((64, 96) if orientation in lying else (96, 64))
    assert picture.shape == (64, 96, 3)
    assert close(picture[6, 8], (240, 240, 20), 30)
    assert close(picture[56, 8], BLUE, 30) and close(picture[6, 80], RED, 30)


def undone(orientation: int) -> Image.Transpose:
    """What the camera did to the upright picture before it noted ``orientation``."""
    opposite = {
        Image.Transpose.ROTATE_90: Image.Transpose.ROTATE_270,
        Image.Transpose.ROTATE_270: Image.Transpose.ROTATE_90,
    }
    turn = intake.UPRIGHT[orientation]
    return opposite.get(turn, turn)


def test_it_strips_gps_and_everything_else_a_camera_wrote() -> None:
    exif = Image.Exif()
    exif[MAKER] = "SecretCamera"
    exif.get_ifd(GPS_BLOCK).update({GPS_LATITUDE_REF: "N", GPS_LATITUDE: (37.0, 33.0, 58.0)})
    data = file_of(halves(), "JPEG", exif=exif, comment=b"SecretComment")
    assert Image.open(io.BytesIO(data)).getexif().get_ifd(GPS_BLOCK)
    clean, extension, size = intake.clean_copy(data)
    again = Image.open(io.BytesIO(clean))
    assert (extension, size) == ("jpg", Size(96, 64))
    assert not again.getexif() and "comment" not in again.info and "icc_profile" not in again.info
    assert b"Secret" not in clean and b"Exif" not in clean


def test_it_survives_a_broken_exif_block() -> None:
    data = file_of(halves(), "JPEG", exif=b"Exif\x00\x00II*\x00\xff\xff\xff\xff garbage")
    assert intake.read_photo(data).picture.shape == (64, 96, 3)


def test_it_converts_a_colour_profile_to_srgb() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    swapped = bytearray(profile.tobytes())
    red, green = swapped.index(b"rXYZ"), swapped.index(b"gXYZ")
    swapped[red : red + 4], swapped[green : green + 4] = b"gXYZ", b"rXYZ"
    unnamed = bytes(swapped).replace("sRGB".encode("utf-16-be"), "mine".encode("utf-16-be"))
    photo = intake.read_photo(file_of(halves(), "PNG", icc_profile=unnamed))
    red_became = photo.picture[8, 48]
    assert red_became[1] > 200 and red_became[0] < 60


def test_it_ignores_a_broken_colour_profile() -> None:
    photo = intake.read_photo(file_of(halves(), "PNG", icc_profile=b"no profile at all"))
    assert tuple(photo.picture[8, 48]) == RED


def test_it_reads_cmyk() -> None:
    picture = intake.read_photo(file_of(halves().convert("CMYK"), "JPEG", quality=95)).picture
    assert picture.shape == (64, 96, 3)
    assert close(picture[8, 48], RED, 40) and close(picture[56, 48], BLUE, 40)


def test_it_reads_16_bit_greys_by_their_high_byte() -> None:
    ramp = np.linspace(0, 65535, 64 * 64).astype(np.uint16).reshape(64, 64)
    picture = intake.read_photo(file_of(Image.fromarray(ramp), "PNG")).picture
    assert picture.shape == (64, 64, 3)
    assert np.abs(picture[..., 0].astype(float) - ramp / 257).max() <= 0.51


def test_it_reads_grey() -> None:
    picture = intake.read_photo(file_of(Image.new("L", (64, 64), 77), "PNG")).picture
    assert picture.shape == (64, 64, 3) and set(np.unique(picture)) == {77}


def test_it_reads_a_palette_with_transparency() -> None:
    palette = halves().quantize(4)
    clear = palette.getpixel((48, 8))
    photo = intake.read_photo(file_of(palette, "PNG", transparency=clear))
    assert photo.picture.shape == (64, 96, 4)
    assert photo.picture[8, 48, 3] == 0 and photo.picture[56, 48, 3] == 255
    assert close(photo.picture[56, 48, :3], BLUE, 3)


def test_an_opaque_alpha_channel_is_no_transparency() -> None:
    photo = intake.read_photo(file_of(halves().convert("RGBA"), "PNG"))
    assert photo.picture.shape == (64, 96, 3)


@pytest.mark.parametrize("file_format", ["PNG", "WEBP", "AVIF"])
def test_it_takes_the_first_frame_of_an_animation(file_format: str) -> None:
    second = Image.new("RGB", (96, 64), (0, 255, 0))
    data = file_of(halves(), file_format, save_all=True, append_images=[second], duration=100)
    assert close(intake.read_photo(data).picture[8, 48], RED)


def test_it_keeps_transparency_in_the_stored_copy() -> None:
    image = halves().convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    clean, extension, _ = intake.clean_copy(file_of(image, "WEBP", lossless=True))
    assert extension == "png"
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(clean)))[..., 3], np.asarray(image)[..., 3])


@pytest.mark.parametrize("size", [(6000, 3000), (9000, 1000)])
def test_it_stores_a_large_photo_scaled_down(size: tuple[int, int]) -> None:
    clean, _, stored = intake.clean_copy(file_of(halves(*size), "JPEG"))
    assert stored.width == 4096 and abs(stored.height - 4096 * size[1] / size[0]) <= 1
    assert Image.open(io.BytesIO(clean)).size == (stored.width, stored.height)


def test_the_stored_copy_is_nearly_the_photo() -> None:
    source = np.asarray(Image.open("static/img/samples/coffee.png").convert("RGB"))
    clean, extension, _ = intake.clean_copy(file_of(Image.fromarray(source), "PNG"))
    stored = intake.read_photo(clean).picture.astype(int)
    assert extension == "jpg"
    assert np.abs(stored - source).mean() < 2.0


def test_it_encodes_and_makes_thumbnails() -> None:
    picture = np.asarray(halves(400, 200))
    small = intake.thumbnail(picture, 100)
    assert small.shape == (50, 100, 3)
    assert intake.thumbnail(small, 100).shape == (50, 100, 3)
    assert np.array_equal(intake.read_photo(intake.encode_png(picture)).picture, picture)
    assert close(intake.read_photo(intake.encode_jpeg(picture, 90)).picture[20, 20], RED)


def test_a_thumbnail_lets_no_clear_colour_bleed_in() -> None:
    picture = np.zeros((64, 64, 4), np.uint8)
    picture[:, :31] = (255, 0, 0, 255)
    small = intake.thumbnail(picture, 32)
    seam = small[small[..., 3] > 16]
    assert seam[:, 0].min() > 230


def test_the_web_process_may_import_it() -> None:
    code = "import sys, generation.intake; assert not {'cv2', 'onnxruntime', 'torch'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)

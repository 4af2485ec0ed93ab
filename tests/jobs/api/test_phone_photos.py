"""A photo as a phone takes it, twelve megapixels held upright, on every way in."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import numpy as np
import pillow_heif
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from jobs.models import Job, Photo
from tests.jobs.api.conftest import post

LOAF = Path(settings.BASE_DIR) / "static/img/samples/loaf.jpg"
SENSOR = (4032, 3024)
"""Pixels, as the sensor lies; the phone was turned."""
TURNED = 6
"""EXIF orientation: the sensor's top is the picture's right."""
GRAIN = 6
"""Of the sensor's noise, in 8-bit steps: detail that no encoder can do away with."""
KINDS = {"jpeg": "image/jpeg", "heic": "image/heic"}


@pytest.fixture(scope="module")
def phone_photos() -> dict[str, bytes]:
    """One picture as two kinds of phone store it."""
    rng = np.random.default_rng(12)
    plain = Image.open(LOAF).convert("RGB").resize(SENSOR, Image.Resampling.LANCZOS)
    noise = rng.normal(0, GRAIN, (SENSOR[1], SENSOR[0], 1))
    picture = Image.fromarray(np.clip(np.asarray(plain) + noise, 0, 255).astype(np.uint8))
    exif = Image.Exif()
    exif[0x0112] = TURNED
    exif[0x010F] = "A phone"
    jpeg, heic = io.BytesIO(), io.BytesIO()
    picture.save(jpeg, "JPEG", quality=92, exif=exif)
    pillow_heif.from_pillow(picture).save(heic, quality=60, exif=exif.tobytes())
    return {"jpeg": jpeg.getvalue(), "heic": heic.getvalue()}


def _ways(data: bytes, kind: str) -> dict[str, Any]:
    text = base64.b64encode(data).decode()
    url = f"data:{KINDS[kind]};base64,{text}"

    def file() -> SimpleUploadedFile:
        return SimpleUploadedFile(f"IMG_0001.{kind}", data, KINDS[kind])

    return {
        "/generate in base64": lambda client: post(client, "/generate", {"input_image": text}),
        "/generate as a data URL": lambda client: post(client, "/generate", {"product_image": url}),
        "/api/generate in base64": lambda client: post(client, "/api/generate", {"input_image": text}),
        "/api/generate as a file": lambda client: client.post("/api/generate", {"file": file()}),
        "/api/photos in base64": lambda client: post(client, "/api/photos", {"input_image": url}),
        "/api/photos as a file": lambda client: client.post("/api/photos", {"file": file()}),
        "the portal's form": lambda client: client.post(
            "/ads/new/", {"photo": file(), "text_content": "SALE"}
        ),
    }


@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", KINDS)
def test_it_passes_on_every_way_in(client: Client, phone_photos: dict[str, bytes], kind: str) -> None:
    data = phone_photos[kind]
    assert len(data) > 2_000_000
    for name, send in _ways(data, kind).items():
        answer = send(client)
        assert answer.status_code in (200, 201, 302), (name, answer.content[:500])
        photo = Photo.objects.get()
        assert (photo.width, photo.height) == (SENSOR[1], SENSOR[0]), name  # upright
        with photo.file.open("rb") as stored:
            clean = Image.open(stored)
            assert clean.size == (SENSOR[1], SENSOR[0]) and not clean.getexif()
            corner = clean.crop((0, 0, 200, 200))
            assert np.asarray(corner, float).std() > 1  # the grain is there: nothing was scaled down
        Job.objects.all().delete()
        Photo.objects.all().delete()

"""Brush strokes over a cut-out, as the portal's page sends them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from accounts.models import Shop
from jobs import photos
from jobs.models import Photo
from tests.jobs import factories
from tests.jobs.api.conftest import assert_error
from tests.jobs.submitting import encoded

pytestmark = pytest.mark.django_db


@pytest.fixture
def photo(shop: Shop) -> Photo:
    return factories.photo(shop)


def _brush(client: Client, photo: Photo, data: bytes) -> Any:
    body = encode_multipart(BOUNDARY, {"brush": SimpleUploadedFile("brush.png", data, "image/png")})
    return client.put(f"/api/photos/{photo.pk}/matte", body, content_type=MULTIPART_CONTENT)


def _strokes(photo: Photo) -> np.ndarray:
    return np.zeros((photo.height, photo.width, 4), np.uint8)


def test_strokes_change_the_stored_cut_out_where_they_are_and_nowhere_else(
    client: Client, photo: Photo
) -> None:
    before = photos.photo_cutout(photo).picture
    strokes = _strokes(photo)
    middle = (slice(photo.height // 2 - 10, photo.height // 2 + 10), slice(None))
    strokes[middle] = (0, 0, 0, 255)
    answer = _brush(client, photo, encoded(strokes))
    assert answer.status_code == 200, answer.content
    assert (answer.json()["method"], answer.json()["unsure"]) == ("brush", False)
    photo.refresh_from_db()
    after = photos.photo_cutout(photo).picture
    assert (after[middle][..., 3] == 0).all() and (before[middle][..., 3] > 0).any()
    untouched = strokes[..., 3] == 0
    assert (after[untouched] == before[untouched]).all()


def test_a_product_that_was_not_found_is_painted_in(client: Client, shop: Shop) -> None:
    photo = factories.photo(shop, cut=False)
    photos.photo_cutout_failed(photo=photo, code="photo.no_product")
    strokes = _strokes(photo)
    strokes[60:200, 60:200] = 255
    assert _brush(client, photo, encoded(strokes)).json()["matte_state"] == "ready"


def test_erasing_everything_is_refused_with_what_to_do(client: Client, photo: Photo) -> None:
    everything = _strokes(photo)
    everything[..., 3] = 255
    answer = _brush(client, photo, encoded(everything))
    assert "되돌리거나" in assert_error(answer, 422, "photo.nothing_kept", "brush")["message"]


def test_what_is_no_picture_is_refused(client: Client, photo: Photo) -> None:
    assert_error(_brush(client, photo, b"no picture"), 422, "photo.matte_invalid", "brush")


def test_nobody_brushes_a_strangers_photo(stranger: Client, photo: Photo) -> None:
    assert_error(_brush(stranger, photo, encoded(_strokes(photo))), 404)


def test_a_brushed_cut_out_can_go_back_to_the_machines(client: Client, photo: Photo) -> None:
    offered = client.get(f"/api/photos/{photo.pk}").json()["other_method"]
    assert photo.method == "brush" and offered in ("isnet", "grabcut")
    again = client.post(f"/api/photos/{photo.pk}/cutout", "{}", content_type="application/json").json()
    assert (again["matte_state"], again["method"]) == ("pending", offered)

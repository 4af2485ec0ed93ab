"""Photos: taken in once, their matte replaced."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.conf import settings as project

from accounts.models import Shop
from generation import intake
from generation.studio.engine import StudioEngine
from generation.types import Cutout
from jobs import photos, queue
from jobs.errors import Refused
from jobs.models import Photo
from jobs.photos import photo_create, photo_cutout_again, photo_matte_replace
from tests.jobs import factories
from tests.jobs.submitting import encoded, is_stored, png, stored_files

pytestmark = pytest.mark.django_db
DAY_SECONDS = 86_400


def test_the_same_bytes_again_are_the_same_photo(shop: Shop) -> None:
    data = factories.photo_bytes()
    first = photo_create(shop=shop, data=data)
    before = stored_files()
    assert photo_create(shop=shop, data=data) == first
    assert stored_files() == before
    assert photo_create(shop=factories.shop(), data=data) != first


def test_a_photo_whose_cut_out_failed_may_be_tried_again(shop: Shop) -> None:
    first = photo_create(shop=shop, data=factories.photo_bytes())
    photos.photo_cutout_failed(photo=first, code="photo.no_product")
    assert photo_create(shop=shop, data=factories.photo_bytes()) != first


def test_a_photo_beyond_32_megabytes_is_413(shop: Shop) -> None:
    with pytest.raises(Refused) as refusal:
        photo_create(shop=shop, data=b"\xff\xd8\xff" + bytes(project.PHOTO_MAX_BYTES))
    assert (refusal.value.code, refusal.value.status) == ("photo.too_large", 413)


def test_a_new_matte_replaces_the_old_file(shop: Shop, django_capture_on_commit_callbacks: Any) -> None:
    photo = factories.photo(shop)
    old = str(photo.matte.name)
    matte = np.zeros((photo.height, photo.width), np.uint8)
    matte[40:200, 60:220] = 255
    with django_capture_on_commit_callbacks(execute=True):
        photo_matte_replace(photo=photo, data=encoded(matte))
    photo.refresh_from_db()
    assert (photo.method, photo.matte_state, photo.confidence) == ("brush", "ready", 1.0)
    assert photo.matte.name != old
    assert is_stored(str(photo.matte.name)) and not is_stored(old)
    cut = photos.photo_cutout(photo).picture
    assert cut[120, 140, 3] == 255 and cut[10, 10, 3] == 0


def test_a_matte_can_be_replaced_twice_in_one_go(shop: Shop) -> None:
    photo = factories.photo(shop)
    matte = encoded(np.full((photo.height, photo.width), 255, np.uint8))
    for _ in range(2):
        photo_matte_replace(photo=photo, data=matte)
    assert photos.photo_cutout(photo).picture[..., 3].min() == 255


@pytest.mark.parametrize("data", [b"", b"no picture", png(31, 400), png(64, 64)])
def test_a_matte_that_does_not_fit_changes_nothing(shop: Shop, data: bytes) -> None:
    photo = factories.photo(shop)
    before = str(photo.matte.name)
    with pytest.raises(Refused) as refusal:
        photo_matte_replace(photo=photo, data=data)
    assert (refusal.value.code, refusal.value.field) == ("photo.matte_invalid", "matte")
    photo.refresh_from_db()
    assert photo.matte.name == before and is_stored(before)


def test_an_empty_matte_is_refused(shop: Shop) -> None:
    photo = factories.photo(shop)
    with pytest.raises(Refused, match=r"photo\.matte_invalid"):
        photo_matte_replace(photo=photo, data=encoded(np.zeros((photo.height, photo.width), np.uint8)))


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[Photo]:
    """Photos for which a worker was woken."""
    photos_woken: list[Photo] = []
    monkeypatch.setattr(queue, "wake_for_photo", photos_woken.append)
    return photos_woken


@pytest.fixture
def isnet(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(photos.weights, "isnet_path", lambda: tmp_path / "isnet.onnx")


def _cut_by(photo: Photo, method: str, confidence: float) -> Photo:
    picture = photos.photo_cutout(photo).picture
    return photos.photo_cutout_store(photo=photo, cutout=Cutout(picture, method, confidence))


def test_an_unsure_cut_out_says_so_and_offers_the_other_method(shop: Shop, isnet: None) -> None:
    photo = _cut_by(factories.photo(shop), "isnet", 0.4)
    assert photos.is_unsure(photo) and photos.other_method(photo) == "grabcut"
    assert photos.notes_of(photo) == ["note.cutout_unsure"]
    assert not photos.is_unsure(_cut_by(photo, "isnet", 0.9))
    assert photos.other_method(_cut_by(photo, "grabcut", 0.6)) == "isnet"
    assert photos.other_method(_cut_by(photo, "alpha", 1.0)) == ""


def test_without_weights_grabcut_has_no_other_method(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photos.weights, "isnet_path", lambda: None)
    photo = _cut_by(factories.photo(shop), "grabcut", 0.6)
    assert photos.other_method(photo) == ""
    with pytest.raises(Refused, match=r"photo\.no_other_method"):
        photo_cutout_again(photo=photo)


def test_the_other_method_is_asked_for_once_and_the_matte_stays_meanwhile(
    shop: Shop, isnet: None, woken: list[Photo], django_capture_on_commit_callbacks: Any
) -> None:
    photo = _cut_by(factories.photo(shop), "isnet", 0.4)
    matte = str(photo.matte.name)
    with django_capture_on_commit_callbacks(execute=True):
        photo_cutout_again(photo=photo)
        photo_cutout_again(photo=photo)
    assert woken == [photo]
    assert (photo.matte_state, photo.method) == ("pending", "grabcut")
    assert photo.matte.name == matte and is_stored(matte)


def test_a_photo_is_cut_by_the_method_asked_for(shop: Shop, isnet: None) -> None:
    photo = photo_cutout_again(photo=_cut_by(factories.photo(shop), "isnet", 0.4))
    with photo.file.open("rb") as file:
        picture = intake.read_photo(file.read()).picture
    made = photos.cut_out_picture(photo, picture, StudioEngine(), lambda *report: None)
    assert made.method == "grabcut"


def test_when_the_other_method_finds_nothing_the_first_matte_is_used_on(shop: Shop, isnet: None) -> None:
    photo = photo_cutout_again(photo=_cut_by(factories.photo(shop), "isnet", 0.4))
    photos.photo_cutout_failed(photo=photo, code="photo.no_product")
    photo.refresh_from_db()
    assert (photo.matte_state, photo.method, photo.confidence) == ("ready", "isnet", 0.4)
    assert photo.matte_error == "photo.no_product" and is_stored(str(photo.matte.name))

"""Photos go for good, and ads made of them stay: rows and the disk."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from generation import intake
from generation.types import Cutout
from jobs import exports, selectors, services
from jobs.errors import NotFound, Refused
from jobs.models import Artifact, Photo
from jobs.photo_deletion import photo_delete
from jobs.photos import photo_cutout_store
from tests.jobs import factories
from tests.jobs.submitting import finished, is_stored, stored_files, submit

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_photo_and_its_cut_out_leave_the_disk_and_ads_keep_their_pictures() -> None:
    shop = factories.shop()
    photo = factories.photo(shop)
    job = finished(shop, photo)
    files = [str(photo.file.name), str(photo.matte.name)]
    assert all(is_stored(name) for name in files)

    photo_delete(photo=photo)

    assert not any(is_stored(name) for name in files)
    assert not Photo.objects.exists()
    for artifact in Artifact.objects.filter(job=job):
        assert is_stored(str(artifact.file.name))
    job = selectors.job_get(shop=shop, job_id=job.pk)
    assert (job.photo_id, job.photo_gone) == (None, True)
    with pytest.raises(NotFound):
        photo_delete(photo=photo)


def test_a_rerun_from_the_first_step_says_that_the_photo_is_gone() -> None:
    shop = factories.shop()
    photo = factories.photo(shop)
    job = finished(shop, photo)
    photo_delete(photo=photo)
    job.refresh_from_db()
    with pytest.raises(Refused) as refusal:
        services.job_rerun(job=job, start_step=1, changes={})
    assert (refusal.value.code, refusal.value.status) == ("photo.gone", 409)
    again = services.job_rerun(job=job, start_step=2, changes={"text_content": "다른 문구"}).job
    assert again.photo_gone
    with pytest.raises(Refused, match=r"photo\.gone"):
        services.job_rerun(job=again, start_step=1, changes={})
    with pytest.raises(Refused, match=r"export\.no_photo"):
        exports.export_request(job=selectors.job_get(shop=shop, job_id=job.pk), key="instagram-story")


def test_a_photo_of_an_ad_in_the_making_stays() -> None:
    shop = factories.shop()
    photo = factories.photo(shop)
    submit(shop, photo=photo)
    with pytest.raises(Refused) as refusal:
        photo_delete(photo=photo)
    assert (refusal.value.code, refusal.value.status) == ("photo.in_use", 409)
    assert is_stored(str(photo.file.name))


def test_no_ad_is_made_of_a_photo_that_is_gone_meanwhile() -> None:
    shop = factories.shop()
    photo = factories.photo(shop)
    known = Photo.objects.get(pk=photo.pk)
    photo_delete(photo=photo)
    with pytest.raises(Refused, match=r"photo\.not_found"):
        submit(shop, photo=known)


def test_a_cut_out_that_comes_too_late_leaves_no_file() -> None:
    shop = factories.shop()
    photo = factories.photo(shop, cut=False)
    late = Photo.objects.get(pk=photo.pk)
    photo_delete(photo=photo)
    before = stored_files()
    picture = intake.read_photo(factories.photo_bytes()).picture
    layer = np.dstack([picture[..., :3], np.full(picture.shape[:2], 255, np.uint8)])
    with pytest.raises(NotFound):
        photo_cutout_store(photo=late, cutout=Cutout(layer, "brush", 1.0))
    assert stored_files() == before


def _browser(shop: Any) -> Client:
    client = Client()
    client.force_login(factories.owner(shop))
    return client


def test_the_api_deletes_a_photo_once() -> None:
    shop = factories.shop()
    photo = factories.photo(shop)
    client = _browser(shop)
    assert _browser(factories.shop()).delete(f"/api/photos/{photo.pk}").status_code == 404
    answer = client.delete(f"/api/photos/{photo.pk}")
    assert (answer.status_code, answer.content) == (204, b"")
    again = client.delete(f"/api/photos/{photo.pk}")
    assert (again.status_code, again.json()["error"]["code"]) == (404, "photo.not_found")
    assert not is_stored(str(photo.file.name))


def test_the_portal_lists_and_deletes_photos() -> None:
    shop = factories.shop()
    photo = factories.photo(shop)
    client = _browser(shop)
    page = client.get(reverse("jobs:photos")).content.decode()
    assert f"/media/photo/{photo.pk}" in page
    delete = reverse("jobs:photo-delete", args=[photo.pk])
    assert _browser(factories.shop()).post(delete).status_code == 404
    assert client.get(delete).status_code == 405
    assert "그대로 있어요" in client.post(delete, follow=True).content.decode()
    assert not Photo.objects.exists()


def test_the_portal_says_why_a_photo_cannot_go_yet() -> None:
    shop = factories.shop()
    photo = factories.photo(shop)
    submit(shop, photo=photo)
    page = _browser(shop).post(reverse("jobs:photo-delete", args=[photo.pk]), follow=True)
    assert "만드는 중인 광고가 있어요" in page.content.decode()
    assert Photo.objects.exists()

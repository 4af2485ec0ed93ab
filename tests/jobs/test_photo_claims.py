"""Who cuts out which photo, and when it is given up."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import django_rq
import numpy as np
import pytest
from django.conf import settings
from django.utils import timezone

from accounts.models import Shop
from generation.studio.engine import StudioEngine
from generation.types import Cutout, Picture, Report
from jobs import photos, queue
from jobs.claims import claim_next
from jobs.claims.photos import PhotoClaim, photo_claim, take_back_stale_photos
from jobs.models import Photo
from jobs.reconcile import reconcile
from jobs.worker.runner import JobRunner
from tests.jobs import factories
from tests.jobs.submitting import stored_files, submit

pytestmark = pytest.mark.django_db


def claimed(photo: Photo) -> PhotoClaim:
    claim = photo_claim(str(photo.pk))
    assert claim is not None
    return claim


def stop_beating(photo: Photo) -> None:
    long_ago = timezone.now() - timedelta(seconds=settings.JOB_STALE_SECONDS + 5)
    assert Photo.objects.filter(pk=photo.pk).update(heartbeat_at=long_ago)


def test_one_worker_at_a_time(shop: Shop) -> None:
    photo = factories.photo(shop, cut=False)
    claim = claimed(photo)
    assert photo_claim(str(photo.pk)) is None
    assert claim.rows.exists()
    assert take_back_stale_photos() == 0


def test_a_photo_cut_out_already_is_nobodys(shop: Shop) -> None:
    assert photo_claim(str(factories.photo(shop).pk)) is None


def test_a_dead_workers_photo_is_woken_for_at_once_and_its_claim_is_over(shop: Shop) -> None:
    photo = factories.photo(shop, cut=False)
    claim = claimed(photo)
    stop_beating(photo)
    wakeups = django_rq.get_queue("studio")
    wakeups.empty()
    reconcile()
    assert [job.func_name for job in wakeups.jobs] == [queue.CUT_OUT_PHOTO]
    wakeups.empty()
    assert not claim.rows.exists()
    assert claimed(photo).attempt == 2
    assert not claim.rows.exists()


def test_a_photo_is_given_up_after_three_dead_workers(shop: Shop) -> None:
    photo = factories.photo(shop, cut=False)
    for _ in range(settings.JOB_MAX_ATTEMPTS):
        claimed(photo)
        stop_beating(photo)
        assert take_back_stale_photos() == 1
    photo.refresh_from_db()
    assert (photo.matte_state, photo.matte_error) == ("failed", "photo.worker_lost")
    assert photo_claim(str(photo.pk)) is None


def test_asked_for_again_it_has_its_three_attempts_anew(shop: Shop, isnet_weights: Path) -> None:
    photo = factories.photo(shop, cut=False)
    Photo.objects.filter(pk=photo.pk).update(cut_attempts=2)
    photos.photo_cutout_failed(photo=photo, code="photo.no_product")
    photo.refresh_from_db()
    photos.photo_cutout_again(photo=photo, method="grabcut")
    assert claimed(photo).attempt == 1


def test_what_the_merchant_brushed_meanwhile_ends_the_claim(shop: Shop) -> None:
    photo = factories.photo(shop, cut=False)
    claim = claimed(photo)
    cutout = StudioEngine().cut_out(factories.product_picture(), lambda *_: None)
    photos.photo_cutout_store(photo=photo, cutout=cutout)
    assert not claim.rows.exists()


def half(photo: Photo, *, upper: bool) -> Cutout:
    picture = photos.photo_picture(photo)[..., :3]
    alpha = np.zeros(picture.shape[:2], np.uint8)
    rows = np.arange(len(alpha)) < len(alpha) // 2
    alpha[rows if upper else ~rows] = 255
    return Cutout(np.dstack([picture, alpha]), "brush" if upper else "grabcut", 1.0)


def test_a_worker_that_comes_too_late_changes_nothing_and_leaves_no_file(shop: Shop) -> None:
    photo = factories.photo(shop, cut=False)
    first = claimed(photo)
    stop_beating(photo)
    take_back_stale_photos()
    claimed(photo)
    before = stored_files()
    assert not photos.photo_cutout_found(photo=photo, cutout=half(photo, upper=False), rows=first.rows)
    photos.photo_cutout_failed(photo=photo, code="photo.no_product", rows=first.rows)
    photo.refresh_from_db()
    assert (photo.matte_state, photo.matte.name, stored_files()) == ("pending", "", before)


@pytest.mark.django_db(transaction=True)
def test_the_merchants_own_matte_outlives_the_machines_and_is_what_the_ad_shows(shop: Shop) -> None:
    """Drawn while the worker of an ad still cuts the product out."""
    photo = factories.photo(shop, cut=False)
    submit(shop, photo=photo, test_mode=True)
    claim = claim_next(engine="studio", worker="w")
    assert claim is not None

    class Interrupted(StudioEngine):
        def cut_out(self, picture: Picture, report: Report) -> Cutout:
            drawn = Photo.objects.get(pk=photo.pk)
            photos.photo_cutout_store(photo=drawn, cutout=half(photo, upper=True))
            return half(photo, upper=False)

    before = stored_files()
    product = JobRunner(claim, Interrupted())._product()
    photo.refresh_from_db()
    assert photo.method == "brush"
    assert product is not None and product.method == "brush"
    mattes = [path for path in stored_files() - before if "matte" in path]
    assert mattes == [photo.matte.path]


def test_a_matte_replaced_while_it_is_opened_is_read_anew(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = factories.photo(shop)
    read = photos.photo_cutout

    def slow(known: Photo) -> Cutout:
        monkeypatch.setattr(photos, "photo_cutout", read)
        known.matte.storage.delete(str(known.matte.name))
        photos.photo_cutout_store(photo=Photo.objects.get(pk=photo.pk), cutout=half(photo, upper=True))
        return read(known)

    monkeypatch.setattr(photos, "photo_cutout", slow)
    now, cutout = photos.photo_as_cut(photo.pk)
    assert now.matte.name != photo.matte.name
    assert cutout.picture[-1, :, 3].max() == 0
    now.matte.storage.delete(str(now.matte.name))
    with pytest.raises(FileNotFoundError):
        photos.photo_as_cut(photo.pk)

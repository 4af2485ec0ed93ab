"""Who cuts out which photo, and when it is given up."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import django_rq
import pytest
from django.conf import settings
from django.utils import timezone

from accounts.models import Shop
from generation.studio.engine import StudioEngine
from jobs import photos, queue
from jobs.claims.photos import PhotoClaim, photo_claim, take_back_stale_photos
from jobs.models import Photo
from jobs.reconcile import reconcile
from tests.jobs import factories

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

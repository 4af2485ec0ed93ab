"""The next step that a failed or stopped ad offers: for every code a job can end with, and where it leads."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Shop
from generation import errors
from jobs.models import Job
from jobs.portal.remedies import Remedy, remedy_for
from jobs.services import job_stop
from tests.jobs import factories
from tests.jobs.finished import failed, finished

pytestmark = pytest.mark.django_db

MERCHANTS = sorted(each.code for each in errors.MerchantError.__subclasses__())
OURS = sorted(
    {
        *(each.code for each in errors.EngineError.__subclasses__()),
        errors.GenerationError.code,
        "job.storage_failed",
        "job.worker_lost",
        "job.request_too_new",
    }
    - {errors.FileTooLarge.code}
)
"""A file too large for its channel is made so again: another format helps, trying again does not."""


@pytest.fixture
def shop() -> Shop:
    return factories.shop("봄날 커피")


def _remedy(job: Job) -> Remedy:
    return remedy_for(job, can_change_words=False)


@pytest.mark.parametrize("code", [*MERCHANTS, errors.FileTooLarge.code])
def test_what_the_merchant_has_to_mend_is_never_just_tried_again(
    client: Client, shop: Shop, code: str
) -> None:
    job = failed(shop, code)
    remedy = _remedy(job)
    assert not remedy.is_post
    client.force_login(factories.owner(shop))
    form = client.get(remedy.address).context["form"]
    assert form["text_content"].value() == "오늘만 반값"
    is_spoilt = code.startswith("photo.") and code != "photo.no_product"
    assert form.kept_photo_id == ("" if is_spoilt else str(job.photo_id))


@pytest.mark.parametrize("code", OURS)
def test_what_is_ours_is_tried_again_as_it_was(shop: Shop, code: str) -> None:
    assert _remedy(failed(shop, code)).is_post


@pytest.mark.parametrize("code", ["job.worker_lost", ""], ids=["failed", "stopped"])
def test_without_its_photo_an_ad_is_not_tried_again_in_vain(client: Client, shop: Shop, code: str) -> None:
    job = failed(shop, code) if code else job_stop(job=factories.job(shop))
    Job.objects.filter(pk=job.pk).update(photo=None, photo_gone=True)
    client.force_login(factories.owner(shop))
    page = client.get(f"/ads/{job.pk}/").content.decode()
    assert f'href="/ads/new/?from={job.pk}">사진을 올려 다시 만들기</a>' in page
    assert f"/ads/{job.pk}/retry/" not in page


def test_without_its_photo_an_ad_gets_no_other_backgrounds(client: Client, shop: Shop) -> None:
    job = finished(shop)
    client.force_login(factories.owner(shop))
    assert "네 가지 보기" in client.get(f"/ads/{job.pk}/").content.decode()
    Job.objects.filter(pk=job.pk).update(photo=None, photo_gone=True)
    assert "네 가지 보기" not in client.get(f"/ads/{job.pk}/").content.decode()


def test_a_stopped_ad_is_tried_again_as_it_was(client: Client, shop: Shop) -> None:
    job = job_stop(job=factories.job(shop))
    client.force_login(factories.owner(shop))
    page = client.get(f"/ads/{job.pk}/").content.decode()
    assert f'action="/ads/{job.pk}/retry/"' in page

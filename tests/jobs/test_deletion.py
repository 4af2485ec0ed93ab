"""A deletion that can be undone for a moment: hidden at once everywhere, gone for good afterwards."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.test import Client
from django.utils import timezone

from accounts.models import Shop
from accounts.tokens import token_create
from generation.export.formats import FORMATS
from jobs import selectors
from jobs.artifacts import artifact_store
from jobs.deletion import UNDO_WITHIN, delete_removed, job_remove, job_removed, job_restore
from jobs.errors import NotFound, Refused
from jobs.exports import formats_for
from jobs.gallery import gallery_page
from jobs.idempotency import submitted_once
from jobs.models import Job
from jobs.reconcile import reconcile
from jobs.services import Submission, job_delete, job_rerun
from jobs.sharing import LinkOver, share_link_create, share_token, shared_picture
from tests.jobs import factories
from tests.jobs.finished import finished

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    return factories.shop("봄날 커피")


def _late(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(deleted_at=timezone.now() - UNDO_WITHIN - timedelta(seconds=1))


def test_it_is_hidden_from_lists_counts_and_the_gallery(shop: Shop) -> None:
    job, other = finished(shop), finished(shop)
    job_remove(job=job)
    assert [found.pk for found in selectors.jobs_of(shop)] == [other.pk]
    assert selectors.shop_counts(shop)["total_jobs"] == 1
    assert [found.pk for found in gallery_page(shop=shop).jobs] == [other.pk]
    with pytest.raises(NotFound):
        selectors.job_get(shop=shop, job_id=job.pk)


def test_it_is_404_for_programs_and_its_pictures_are(client: Client, shop: Shop) -> None:
    job = finished(shop)
    picture = selectors.pictures(job)["final_result"]
    _, plain = token_create(shop=shop, name="test")
    asked = {"headers": {"Authorization": f"Bearer {plain}"}}
    paths = (f"/api/jobs/{job.pk}", f"/status/{job.pk}", f"/media/{picture.pk}")
    assert [client.get(path, **asked).status_code for path in paths] == [200, 200, 200]
    job_remove(job=job)
    assert [client.get(path, **asked).status_code for path in paths] == [404, 404, 404]
    assert client.delete(f"/jobs/{job.pk}", **asked).status_code == 404


def test_its_shared_link_shows_nothing_more_until_it_is_back(shop: Shop) -> None:
    job = finished(shop)
    token = share_token(share_link_create(job=job))
    job_remove(job=job)
    with pytest.raises(LinkOver):
        shared_picture(token)
    job_restore(shop=shop, job_id=job.pk)
    assert shared_picture(token).job_id == job.pk


def test_it_comes_back_whole(shop: Shop) -> None:
    job = finished(shop)
    job_remove(job=job)
    removed = job_removed(shop=shop, job_id=str(job.pk))
    assert removed == job
    assert job_restore(shop=shop, job_id=job.pk) == job
    assert set(selectors.pictures(selectors.job_get(shop=shop, job_id=job.pk))) >= {"final_result", "thumb"}
    assert job_restore(shop=shop, job_id=job.pk) == job, "asked twice"


def test_after_a_minute_it_does_not_come_back(shop: Shop) -> None:
    job = finished(shop)
    job_remove(job=job)
    assert delete_removed() == 0
    _late(job)
    with pytest.raises(NotFound):
        job_restore(shop=shop, job_id=job.pk)
    assert job_removed(shop=shop, job_id=job.pk) is None


@pytest.mark.django_db(transaction=True)
def test_the_sweep_removes_row_and_files() -> None:
    shop = factories.shop()
    job, kept = finished(shop), finished(shop)
    file = selectors.pictures(job)["final_result"].file
    for one in (job, kept):
        job_remove(job=one)
    _late(job)
    reconcile()
    assert list(Job.objects.values_list("pk", flat=True)) == [kept.pk]
    assert not file.storage.exists(file.name)


def test_another_shop_neither_sees_nor_restores_it(shop: Shop) -> None:
    job = finished(shop)
    job_remove(job=job)
    stranger = factories.shop("남의 집")
    assert job_removed(shop=stranger, job_id=job.pk) is None
    with pytest.raises(NotFound):
        job_restore(shop=stranger, job_id=job.pk)


def test_nonsense_is_no_removed_job(shop: Shop) -> None:
    assert job_removed(shop=shop, job_id="nonsense") is None


def test_a_running_one_is_refused_and_a_waiting_one_stopped(shop: Shop) -> None:
    running, waiting = factories.job(shop), factories.job(shop)
    Job.objects.filter(pk=running.pk).update(
        status="running", worker="w", attempts=1, heartbeat_at=timezone.now()
    )
    with pytest.raises(Refused, match=r"job\.running"):
        job_remove(job=running)
    job_remove(job=waiting)
    waiting.refresh_from_db()
    assert (waiting.status, waiting.deleted_at is not None) == ("stopped", True)


def test_the_database_keeps_a_job_in_the_making_from_being_deleted(shop: Shop) -> None:
    job = factories.job(shop)
    with pytest.raises(IntegrityError, match="job_deleted_is_over"):
        Job.objects.filter(pk=job.pk).update(deleted_at=timezone.now())


def test_its_idempotency_key_tells_that_it_is_deleted(shop: Shop) -> None:
    job = finished(shop)
    once = {"shop": shop, "key": "k", "fingerprint": "f", "submit": lambda: Submission(job)}
    assert submitted_once(**once).job == job
    job_remove(job=job)
    with pytest.raises(Refused, match=r"idempotency\.job_deleted"):
        submitted_once(**once)


def test_a_re_run_can_be_drawn_in_every_format_when_the_ad_it_was_made_from_is_gone(shop: Shop) -> None:
    source = finished(shop)
    made = job_rerun(job=source, start_step=3, changes={"text_position": "bottom"}).job
    job_delete(job=source)
    made.refresh_from_db()
    assert (made.parent, made.foreign_background) == (None, False)
    picture = factories.photo_bytes()
    artifact_store(job=made, kind="final_result", data=picture, size=(320, 320))
    Job.objects.filter(pk=made.pk).update(
        status="completed", progress_percent=100, finished_at=timezone.now()
    )
    assert set(formats_for(Job.objects.get(pk=made.pk))) == set(FORMATS)


def test_a_re_run_of_a_background_that_came_with_a_request_stays_so(shop: Shop) -> None:
    source = finished(shop, foreign_background=True)
    assert job_rerun(job=source, start_step=2, changes={}).job.foreign_background
    assert not job_rerun(job=source, start_step=1, changes={}).job.foreign_background


def test_the_page_undoes_it_for_owner_and_team_mate_only(client: Client, shop: Shop) -> None:
    for user in (factories.owner(shop), factories.team_mate(shop)):
        client.force_login(user)
        job = finished(shop, title="봄 신메뉴")
        answer = client.post(f"/ads/{job.pk}/delete/")
        assert answer["Location"] == f"/ads/?removed={job.pk}"
        gallery = client.get(answer["Location"]).content.decode()
        assert "‘봄 신메뉴’ 광고를 지웠어요." in gallery
        assert f'action="/ads/{job.pk}/restore/"' in gallery
        assert client.get(f"/ads/{job.pk}/").status_code == 404
        client.force_login(factories.owner(factories.shop("남의 집")))
        assert f"/ads/{job.pk}/restore/" not in client.get(f"/ads/?removed={job.pk}").content.decode()
        client.post(f"/ads/{job.pk}/restore/")
        job.refresh_from_db()
        assert job.deleted_at is not None
        client.force_login(user)
        assert client.post(f"/ads/{job.pk}/restore/")["Location"] == f"/ads/{job.pk}/"
        assert client.get(f"/ads/{job.pk}/").status_code == 200


def test_the_page_says_when_it_is_too_late(client: Client, shop: Shop) -> None:
    client.force_login(factories.owner(shop))
    job = finished(shop)
    client.post(f"/ads/{job.pk}/delete/")
    _late(job)
    answer = client.post(f"/ads/{job.pk}/restore/", follow=True)
    assert "되돌릴 수 있는 시간이 지났어요" in answer.content.decode()

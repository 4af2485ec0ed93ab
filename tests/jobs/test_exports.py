"""Exports drawn by workers: claims, fences, failures, and what becomes of one whose worker dies."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import django_rq
import httpx
import numpy as np
import pytest
from django.conf import settings
from django.utils import timezone
from PIL import Image

from accounts.models import Shop
from generation.export.formats import FORMATS
from generation.studio.engine import StudioEngine
from jobs import exports, services
from jobs.claims import LostClaim
from jobs.claims.exports import ExportClaim, export_claim_next, take_back_stale_exports
from jobs.models import Artifact, Export, Job
from jobs.params import AdParams
from jobs.queue import RUN_NEXT
from jobs.reconcile import reconcile
from jobs.worker.export_runner import ExportRunner
from tests.conftest import Stack, until
from tests.jobs import factories
from tests.jobs.conftest import Client, Lab, kill, wait_for
from tests.jobs.submitting import finished

SHORT = {"text_content": "반값", "test_mode": True, "scene": "pastel-podium", "seed": 3}
STALE_SECONDS = 3
DRAWN_WITHIN_SECONDS = 60.0


def asked(shop: Shop, key: str = "mms", job: Job | None = None) -> Export:
    made = exports.export_request(job=job or finished(shop, factories.photo(shop)), key=key)
    assert isinstance(made, Export)
    return made


def claimed(worker: str = "w") -> ExportClaim:
    claim = export_claim_next(engine="studio", worker=worker)
    assert claim is not None
    return claim


@pytest.mark.django_db
def test_one_shops_exports_do_not_hold_up_anothers(shop: Shop) -> None:
    job = finished(shop, factories.photo(shop))
    many = [asked(shop, key, job).pk for key in ("mms", "coupang", "meta-link", "kakao-display")]
    single = asked(factories.shop("옆집")).pk
    order = [claimed().export_id for _ in range(5)]
    assert sorted(order) == sorted([*many, single])
    assert order.index(single) <= 1
    assert export_claim_next(engine="studio", worker="w") is None


@pytest.mark.django_db
def test_another_engines_exports_are_left_alone(shop: Shop) -> None:
    asked(shop)
    assert export_claim_next(engine="diffusion", worker="w") is None


@pytest.mark.django_db
def test_a_stale_export_waits_again_and_its_old_worker_is_shut_out(shop: Shop) -> None:
    export = asked(shop)
    old = claimed("frozen")
    assert take_back_stale_exports() == 0
    _make_stale(export)
    assert take_back_stale_exports() == 1
    new = claimed("fresh")
    assert (new.export_id, new.attempt) == (export.pk, 2)
    with pytest.raises(LostClaim), old.held():
        pass
    with pytest.raises(LostClaim):
        old.end(to="completed")
    with pytest.raises(LostClaim):
        ExportRunner(old, StudioEngine()).run()
    assert not Artifact.objects.filter(kind="export").exists()


def _make_stale(export: Export) -> None:
    long_ago = timezone.now() - timedelta(seconds=settings.JOB_STALE_SECONDS + 5)
    Export.objects.filter(pk=export.pk).update(heartbeat_at=long_ago)


@pytest.mark.django_db
def test_after_three_attempts_it_fails_honestly(shop: Shop) -> None:
    export = asked(shop)
    for _ in range(settings.JOB_MAX_ATTEMPTS):
        claimed()
        _make_stale(export)
        take_back_stale_exports()
    export.refresh_from_db()
    assert (export.status, export.error_code) == ("failed", "export.worker_lost")


@pytest.mark.django_db
def test_a_drawing_that_fails_says_why(shop: Shop) -> None:
    photo = factories.photo(shop, cut=False)
    export = asked(shop, "coupang", finished(shop, photo))
    ExportRunner(claimed(), StudioEngine()).run()
    export.refresh_from_db()
    assert (export.status, export.error_code) == ("failed", "photo.no_product")


@pytest.mark.django_db
def test_a_job_deleted_while_its_export_is_drawn_gets_no_picture(shop: Shop) -> None:
    job = finished(shop, factories.photo(shop))
    asked(shop, "coupang", job)
    claim = claimed()
    services.job_delete(job=job)
    with pytest.raises(LostClaim):
        ExportRunner(claim, StudioEngine()).run()
    assert not Artifact.objects.filter(kind="export").exists()


@pytest.mark.django_db
def test_lost_wake_ups_of_exports_are_topped_up(shop: Shop) -> None:
    job = finished(shop, factories.photo(shop))
    Job.objects.exclude(pk=job.pk).delete()
    wakeups = django_rq.get_queue("studio")
    for key in ("mms", "coupang"):
        asked(shop, key, job)
    wakeups.empty()
    reconcile()
    assert [wakeup.func_name for wakeup in wakeups.jobs].count(RUN_NEXT) == 2
    wakeups.empty()


def _finished_live(stack: Stack, shop: Shop, **fields: Any) -> Job:
    asked_for = AdParams.model_validate({**SHORT, **fields})
    job = services.job_submit(shop=shop, params=asked_for, photo=factories.photo(shop)).job
    stack.worker()
    return wait_for(job, "completed")


def _fetch(stack: Stack, client: Client, job: Job, key: str) -> httpx.Response:
    """Ask as a program does: again and again, until it is there."""
    url = f"{stack.url}/api/jobs/{job.pk}/export?format={key}"
    answer = httpx.get(url, headers=client.headers)

    def there() -> bool:
        nonlocal answer
        answer = httpx.get(url, headers=client.headers)
        return answer.status_code != 202

    if answer.status_code == 202:
        until(there, DRAWN_WITHIN_SECONDS, f"export {key}")
    return answer


def test_every_format_has_its_own_shape_within_its_limits(stack: Stack, client_shop: Client) -> None:
    job = _finished_live(stack, client_shop.shop)
    for key, fmt in FORMATS.items():
        answer = _fetch(stack, client_shop, job, key)
        assert answer.status_code == 200, (key, answer.text)
        assert answer.headers["Content-Type"] == fmt.media_type
        assert fmt.max_bytes is None or len(answer.content) <= fmt.max_bytes
        picture = Image.open(io.BytesIO(answer.content))
        assert picture.size == (fmt.default.width, fmt.default.height)
        corner = np.asarray(picture.convert("RGB"))[:8, :8]
        assert (corner == 255).all() == fmt.packshot, key
    assert Artifact.objects.filter(job=job, kind="export").count() == len(FORMATS)
    again = _fetch(stack, client_shop, job, "mms")
    assert again.content == Artifact.objects.get(job=job, format="mms").file.read()
    assert Export.objects.get(job=job, format="mms").attempts == 1


def test_an_ad_made_for_a_channel_keeps_its_picture(stack: Stack, client_shop: Client) -> None:
    job = _finished_live(stack, client_shop.shop, test_mode=False, format="instagram-square")
    final = Image.open(Artifact.objects.get(job=job, kind="final_result").file)
    exported = Image.open(io.BytesIO(_fetch(stack, client_shop, job, "instagram-square").content))
    assert np.array_equal(np.asarray(final.convert("RGB")), np.asarray(exported))


def test_a_killed_workers_export_is_drawn_by_another(lab: Lab, client_shop: Client, settings: Any) -> None:
    settings.JOB_STALE_SECONDS = STALE_SECONDS
    first = lab.start()
    job = services.job_submit(
        shop=client_shop.shop, params=AdParams.model_validate(SHORT), photo=factories.photo(client_shop.shop)
    ).job
    wait_for(job, "completed")
    lab.wait_at("step1")
    lab.hold("step1")
    export = asked(client_shop.shop, "mms", job)
    pid = lab.wait_at("step1")
    kill(first, pid)
    lab.release("step1")

    def waiting_again() -> bool:
        reconcile()
        export.refresh_from_db()
        return export.status == "pending"

    until(waiting_again, STALE_SECONDS + 30, "the export waiting again")
    lab.start()
    answer = _fetch(lab.stack, client_shop, job, "mms")
    assert answer.status_code == 200
    export.refresh_from_db()
    assert (export.status, export.attempts) == ("completed", 2)
    assert Artifact.objects.get(job=job, kind="export").attempt == 2


def test_exports_and_jobs_take_turns(lab: Lab, client_shop: Client) -> None:
    """With many jobs waiting an export is still the next thing a worker does but one."""
    shop = client_shop.shop
    job = finished(shop, factories.photo(shop))
    lab.hold("step1")
    lab.start()
    photo = factories.photo(shop)
    waiting = [
        services.job_submit(shop=shop, params=AdParams.model_validate(SHORT), photo=photo).job
        for _ in range(4)
    ]
    lab.wait_at("step1")
    export = asked(shop, "coupang", job)
    lab.release("step1")
    for one in waiting:
        wait_for(one)
    export.refresh_from_db()
    assert export.status == "completed" and export.finished_at is not None
    assert sum(one.finished_at < export.finished_at for one in waiting if one.finished_at) <= 2

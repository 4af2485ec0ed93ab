"""GET /api/jobs/{id}/export: what is answered before, while and after a worker draws."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Shop
from generation.export.formats import FORMATS
from jobs import exports, services
from jobs.api import api
from jobs.artifacts import artifact_store
from jobs.models import Artifact, Export, Job, WorkerState
from tests.jobs import factories
from tests.jobs.api.conftest import assert_error
from tests.jobs.submitting import finished, png, stored_files, submit


@pytest.fixture
def made(shop: Shop) -> Job:
    return finished(shop, factories.photo(shop))


def ask(client: Client, job: Job, key: str = "mms") -> Any:
    return client.get(f"/api/jobs/{job.pk}/export", {"format": key})


def drawn(job: Job, key: str = "mms") -> Artifact:
    """The export as a worker leaves it."""
    data = png(12, 8)
    made = artifact_store(
        job=job, kind="export", data=data, size=(12, 8), content_type="image/jpeg", format_key=key
    )
    Export.objects.update_or_create(
        job=job,
        format=key,
        defaults={"status": "completed", "finished_at": timezone.now(), "engine": "studio"},
    )
    return made


def test_it_answers_202_until_it_is_drawn_and_then_the_picture(client: Client, made: Job) -> None:
    waiting = ask(client, made)
    assert (waiting.status_code, waiting["Retry-After"]) == (202, "2")
    told = {"job_id": str(made.pk), "format": "mms", "status": "pending", "retry_after": 2}
    assert waiting.json() == told
    assert ask(client, made).json() == told
    assert Export.objects.filter(job=made).count() == 1
    drawn(made)
    response = ask(client, made)
    assert (response.status_code, response["Content-Type"]) == (200, "image/jpeg")
    assert b"".join(response) == png(12, 8)
    assert "attachment" in response["Content-Disposition"] and "mms.jpg" in response["Content-Disposition"]


def test_the_web_process_draws_nothing(client: Client, made: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    from generation.export import every_format

    monkeypatch.setattr(every_format, "every_format", lambda *a: pytest.fail("drawn in a request"))
    assert ask(client, made).status_code == 202
    assert not Artifact.objects.filter(job=made, kind="export").exists()


def test_an_unknown_format_names_the_known_ones(client: Client, made: Job) -> None:
    for wrong in ("poster", "", "../coupang", "MMS"):
        error = assert_error(ask(client, made, wrong), 422, "format.unknown", "format")
        assert all(key in error["message"] for key in FORMATS)
    missing = client.get(f"/api/jobs/{made.pk}/export")
    assert_error(missing, 422, "request.field_invalid", "format")
    assert not Export.objects.exists()


def test_a_job_that_is_not_finished_is_told(client: Client, shop: Shop) -> None:
    assert_error(ask(client, submit(shop).job), 409, "job.not_finished")


def test_a_job_without_a_final_picture_is_told(client: Client, shop: Shop) -> None:
    stopped = services.job_stop(job=submit(shop).job)
    assert_error(ask(client, stopped), 409, "export.no_final_picture")


def test_a_packshot_needs_the_photo(client: Client, shop: Shop) -> None:
    assert_error(ask(client, finished(shop), "coupang"), 409, "export.no_photo")


def test_a_product_that_is_gone_is_not_left_out_of_the_picture(client: Client, made: Job) -> None:
    assert made.photo is not None
    made.photo.delete()
    assert_error(ask(client, made), 409, "export.no_photo")


def test_a_background_that_came_with_the_request_is_not_painted_anew(client: Client, shop: Shop) -> None:
    job = finished(shop, factories.photo(shop))
    Job.objects.filter(pk=job.pk).update(foreign_background=True)
    job.refresh_from_db()
    assert_error(ask(client, job), 409, "export.foreign_background")
    assert ask(client, job, "coupang").status_code == 202


def test_the_job_of_another_shop_does_not_exist(stranger: Client, teammate: Client, made: Job) -> None:
    assert_error(ask(stranger, made), 404, "job.not_found")
    assert_error(ask(stranger, made, "poster"), 404, "job.not_found")
    assert not Export.objects.exists()
    assert ask(teammate, made).status_code == 202


def test_it_wants_a_sign_in(anonymous: Client, program: Client, made: Job) -> None:
    assert_error(ask(anonymous, made), 401)
    assert ask(program, made).status_code == 202


@pytest.mark.parametrize(
    ("code", "status"),
    [("text.too_long", 422), ("generation.failed", 500), ("export.worker_lost", 500)],
)
def test_a_failure_is_told_and_after_a_minute_drawn_anew(
    client: Client, made: Job, code: str, status: int
) -> None:
    ask(client, made)
    failed = Export.objects.filter(job=made)
    failed.update(status="failed", error_code=code, attempts=3, finished_at=timezone.now())
    assert_error(ask(client, made), status, code)
    failed.update(finished_at=timezone.now() - exports.FAILURE_TOLD - timedelta(seconds=1))
    assert ask(client, made).json()["status"] == "pending"
    assert (failed.get().attempts, failed.get().error_code) == (0, "")


def test_a_picture_that_is_gone_is_drawn_anew(client: Client, made: Job) -> None:
    drawn(made).delete()
    assert ask(client, made).json()["status"] == "pending"
    assert Export.objects.get(job=made).attempts == 0


def test_a_diffusion_ad_is_composed_by_its_own_engine(client: Client, made: Job) -> None:
    Job.objects.filter(pk=made.pk).update(engine="diffusion")
    assert_error(ask(client, made), 503, "engine.unavailable")
    assert ask(client, made, "coupang").status_code == 202
    ahead = timezone.now() + timedelta(seconds=5)
    WorkerState.objects.create(name="gpu", host="h", pid=1, engine="diffusion", last_seen=ahead)
    assert ask(client, made).status_code == 202
    engines = dict(Export.objects.values_list("format", "engine"))
    assert engines == {"coupang": "studio", "mms": "diffusion"}


def test_too_many_waiting_exports_are_told(client: Client, made: Job, settings: Any) -> None:
    settings.QUEUE_LIMIT = 1
    assert ask(client, made).status_code == 202
    response = ask(client, made, "kakao-display")
    assert_error(response, 503, "queue.full")
    assert response["Retry-After"] == "30"
    assert ask(client, made).status_code == 202


def test_deleting_the_job_removes_its_exports(
    client: Client, made: Job, django_capture_on_commit_callbacks: Any
) -> None:
    name = str(drawn(made).file.name)
    assert any(path.endswith(name) for path in stored_files())
    with django_capture_on_commit_callbacks(execute=True):
        assert client.delete(f"/jobs/{made.pk}").status_code == 200
    assert not any(path.endswith(name) for path in stored_files())
    assert not Export.objects.exists()


def test_exports_do_not_show_among_the_jobs_own_pictures(client: Client, made: Job) -> None:
    before = client.get(f"/api/jobs/{made.pk}").json()["urls"]
    drawn(made)
    assert client.get(f"/api/jobs/{made.pk}").json()["urls"] == before


def test_the_schema_tells_of_every_answer() -> None:
    told = api.get_openapi_schema()["paths"]["/api/jobs/{job_id}/export"]["get"]
    assert {str(status) for status in told["responses"]} >= {"200", "202", "401", "404", "409", "422", "503"}
    assert set(told["responses"][200]["content"]) == {"image/png", "image/jpeg"}
    [key] = [p for p in told["parameters"] if p["name"] == "format"]
    assert all(name in key["description"] for name in FORMATS)

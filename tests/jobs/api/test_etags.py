"""ETag and 304: a program that polls is sent nothing it has already."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import F
from django.test import Client
from django.utils import timezone

from accounts.models import Shop
from jobs import system
from jobs.api import api, serving
from jobs.artifacts import artifact_store
from jobs.models import Artifact, Job
from jobs.services import job_stop
from tests.jobs.submitting import finished, make_running, png

WITHOUT_PICTURES = "/status/{}?images=none"
ADDRESSES = ("/status/{}", WITHOUT_PICTURES, "/api/jobs/{}")
both = pytest.mark.parametrize("address", ADDRESSES)
showing_pictures = pytest.mark.parametrize("address", ["/status/{}", "/api/jobs/{}"])


def get(client: Client, address: str, job: Job, etag: str = "", **headers: str) -> Any:
    sent = {"If-None-Match": etag} if etag else {}
    return client.get(address.format(job.pk), headers={**sent, **headers})


def _progress(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(progress_percent=40, sequence=F("sequence") + 1)


def _note(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(notes=["note.test_mode"])


def _stop(job: Job) -> None:
    job_stop(job=job)


def _run(job: Job) -> None:
    make_running(job)


@both
def test_nothing_new_is_304_without_a_body(client: Client, waiting: Job, address: str) -> None:
    first = get(client, address, waiting)
    again = get(client, address, waiting, first["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    assert first["Cache-Control"] == "private, no-cache"
    assert "Accept-Language" in again["Vary"]


@both
@pytest.mark.parametrize("change", [_progress, _note, _stop, _run])
def test_every_change_is_told(
    client: Client, waiting: Job, address: str, change: Callable[[Job], None]
) -> None:
    etag = get(client, address, waiting)["ETag"]
    change(waiting)
    told = get(client, address, waiting, etag)
    assert told.status_code == 200
    assert told["ETag"] != etag
    assert get(client, address, waiting, told["ETag"]).status_code == 304


@both
def test_a_better_place_in_the_queue_is_told(client: Client, shop: Shop, address: str) -> None:
    first, second = (
        Job.objects.create(shop=shop, engine="studio", seed=1, current_step="step1_background")
        for _ in range(2)
    )
    etag = get(client, address, second)["ETag"]
    job_stop(job=first)
    assert get(client, address, second, etag).json()["queue_position"] == 1


@showing_pictures
def test_a_new_picture_is_told(client: Client, waiting: Job, address: str) -> None:
    etag = get(client, address, waiting)["ETag"]
    artifact_store(job=waiting, kind="step1_result", data=png(), size=(64, 48))
    assert get(client, address, waiting, etag).status_code == 200


def test_an_answer_without_pictures_does_not_change_with_them(client: Client, waiting: Job) -> None:
    etag = get(client, WITHOUT_PICTURES, waiting)["ETag"]
    artifact_store(job=waiting, kind="step1_result", data=png(), size=(64, 48))
    assert get(client, WITHOUT_PICTURES, waiting, etag).status_code == 304


@showing_pictures
def test_a_retried_picture_is_told(client: Client, shop: Shop, address: str) -> None:
    job = finished(shop)
    etag = get(client, address, job)["ETag"]
    Artifact.objects.filter(job=job, kind="final_result").delete()
    artifact_store(job=job, kind="final_result", data=png(), size=(64, 48), attempt=2)
    assert get(client, address, job, etag).status_code == 200


@both
def test_an_etag_is_of_one_language(client: Client, waiting: Job, address: str) -> None:
    korean = get(client, address, waiting, **{"Accept-Language": "ko"})["ETag"]
    assert get(client, address, waiting, korean, **{"Accept-Language": "ko"}).status_code == 304
    english = get(client, address, waiting, korean, **{"Accept-Language": "en"})
    assert english.status_code == 200


def test_with_and_without_pictures_are_two_answers(client: Client, waiting: Job) -> None:
    tags = {get(client, address, waiting)["ETag"] for address in ADDRESSES}
    assert len(tags) == len(ADDRESSES)


@both
def test_lists_of_etags_and_a_star_are_understood(client: Client, waiting: Job, address: str) -> None:
    etag = get(client, address, waiting)["ETag"]
    for sent, status in (
        (f'"x", {etag}', 304),
        (etag.removeprefix("W/"), 304),
        ("*", 304),
        ('"x"', 200),
        ("x", 200),
        ('W/"', 200),
    ):
        assert get(client, address, waiting, sent).status_code == status, sent


@both
def test_an_etag_opens_nothing(client: Client, stranger: Client, waiting: Job, address: str) -> None:
    etag = get(client, address, waiting)["ETag"]
    assert get(stranger, address, waiting, etag).status_code == 404


def test_304_reads_no_picture_and_no_machine(
    client: Client, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = finished(shop)
    etag = get(client, "/status/{}", job)["ETag"]
    monkeypatch.setattr(system, "system_metrics", lambda: pytest.fail("asked the machine"))
    monkeypatch.setattr(serving, "json_with_pictures", lambda *a: pytest.fail("read"))
    assert get(client, "/status/{}", job, etag).status_code == 304


def test_the_clock_alone_changes_nothing(client: Client, waiting: Job) -> None:
    job = make_running(waiting)
    etag = get(client, "/status/{}", job)["ETag"]
    Job.objects.filter(pk=job.pk).update(heartbeat_at=timezone.now())
    assert get(client, "/status/{}", job, etag).status_code == 304


def test_the_schema_tells_of_304() -> None:
    paths = api.get_openapi_schema()["paths"]
    for path in ("/status/{job_id}", "/api/jobs/{job_id}"):
        told = paths[path]["get"]["responses"]
        assert told[304]["description"]
        assert "ETag" in told[200]["headers"] and told[200]["content"]

"""Support's pages answer, show a job's history and pictures, and act."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from jobs.models import Job, WorkerState
from jobs.services import artifact_store
from tests.jobs import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def support() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("support@example.com", "x"))
    return client


@pytest.mark.parametrize(
    "path",
    ["", "jobs/job/", "jobs/photo/", "jobs/workerstate/", "accounts/user/", "accounts/shop/", "queue/"],
)
def test_its_pages_answer_support_and_turn_merchants_away(support: Client, path: str) -> None:
    assert support.get(f"/admin/{path}").status_code == 200
    merchant = Client()
    merchant.force_login(factories.owner(factories.shop()))
    assert merchant.get(f"/admin/{path}").status_code == 302


def test_a_job_shows_its_history_and_pictures(support: Client) -> None:
    job = factories.job(factories.shop())
    picture = artifact_store(job=job, kind="final_result", data=factories.photo_bytes(), size=(320, 320))
    page = support.get(f"/admin/jobs/job/{job.pk}/change/").content.decode()
    assert f"/media/{picture.pk}" in page
    assert "submitted" in page


def test_a_worker_shows_what_it_holds_and_why(support: Client) -> None:
    part = {
        "name": "flux.vae",
        "gb": 0.16,
        "place": "host",
        "why": "evicted to make room",
        "precision": "full",
    }
    WorkerState.objects.create(
        name="gpu", host="here", pid=1, engine="diffusion", last_seen=timezone.now(), resident_models=[part]
    )
    page = support.get("/admin/jobs/workerstate/").content.decode()
    assert "flux.vae 0.16 GB, full, host: evicted to make room" in page


def test_support_stops_and_retries(support: Client) -> None:
    job = factories.job(factories.shop())
    act = {"_selected_action": [str(job.pk)]}
    support.post("/admin/jobs/job/", {**act, "action": "stop"})
    job.refresh_from_db()
    assert job.status == "stopped"
    support.post("/admin/jobs/job/", {**act, "action": "retry"})
    again = Job.objects.get(parent=job)
    assert (again.status, again.request["text_content"]) == ("pending", job.request["text_content"])

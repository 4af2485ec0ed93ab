"""Every page of the admin: open to a superuser, to staff by their permissions, closed to merchants."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Invitation
from accounts.team import invitation_create
from jobs.media import artifact_url
from jobs.models import Job, ModelUse, ModerationDecision, ShareLink, WorkerState
from jobs.services import artifact_store
from jobs.sharing import SHARE_LIFETIME
from tests.jobs import factories
from tests.jobs.admin import people
from tests.jobs.submitting import png

pytestmark = pytest.mark.django_db

VIEW_ONLY = (
    "jobs.view_job",
    "jobs.view_photo",
    "jobs.view_sharelink",
    "jobs.view_workerstate",
    "jobs.view_modeluse",
    "jobs.view_moderationdecision",
    "accounts.view_invitation",
    "accounts.view_shop",
    "accounts.view_user",
)


def _job() -> Job:
    shop = factories.shop()
    job = factories.job(shop)
    Job.objects.filter(pk=job.pk).update(photo=factories.photo(shop))
    job.refresh_from_db()
    return job


def _invitation(job: Job) -> Invitation:
    return invitation_create(shop=job.shop, by=factories.owner(job.shop), role="staff")[0]


def _link(job: Job) -> ShareLink:
    return ShareLink.objects.create(job=job, expires_at=timezone.now() + SHARE_LIFETIME)


PAGES: dict[str, Callable[[Job], str]] = {
    "index": lambda job: reverse("admin:index"),
    "jobs": lambda job: reverse("admin:jobs_job_changelist"),
    "job": lambda job: reverse("admin:jobs_job_change", args=[job.pk]),
    "job's history": lambda job: reverse("admin:jobs_job_history", args=[job.pk]),
    "usage": lambda job: reverse("admin:jobs_job_usage"),
    "usage as a file": lambda job: reverse("admin:jobs_job_usage_csv"),
    "workers": lambda job: reverse("admin:jobs_workerstate_changelist"),
    "photos": lambda job: reverse("admin:jobs_photo_changelist"),
    "photo": lambda job: reverse("admin:jobs_photo_change", args=[job.photo_id]),
    "questions": lambda job: reverse("admin:jobs_modeluse_changelist"),
    "decisions": lambda job: reverse("admin:jobs_moderationdecision_changelist"),
    "shops": lambda job: reverse("admin:accounts_shop_changelist"),
    "shop": lambda job: reverse("admin:accounts_shop_change", args=[job.shop_id]),
    "invitations": lambda job: reverse("admin:accounts_invitation_changelist"),
    "invitation": lambda job: reverse("admin:accounts_invitation_change", args=[_invitation(job).pk]),
    "links": lambda job: reverse("admin:jobs_sharelink_changelist"),
    "link": lambda job: reverse("admin:jobs_sharelink_change", args=[_link(job).pk]),
    "people": lambda job: reverse("admin:accounts_user_changelist"),
}


@pytest.mark.parametrize("page", PAGES)
def test_it_opens_to_a_superuser_and_to_staff_who_may_view(page: str) -> None:
    url = PAGES[page](_job())
    assert people.superuser().get(url).status_code == 200
    assert people.staff(*VIEW_ONLY).get(url).status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_it_sends_merchants_to_the_sign_in(page: str) -> None:
    job = _job()
    url = PAGES[page](job)
    for client in (people.merchant(), people.signed_in(factories.owner(job.shop))):
        answer = client.get(url)
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("admin:login"))


@pytest.mark.parametrize("page", [page for page in PAGES if page != "index"])
def test_staff_without_permissions_see_none_of_it(page: str) -> None:
    assert people.staff().get(PAGES[page](_job())).status_code == 403


@pytest.mark.parametrize("page", ["", "queues/0/", "queues/0/failed/", "workers/0/"])
def test_the_queue_s_own_pages_are_for_superusers_alone(page: str) -> None:
    """They have no permissions, and empty a queue at a click."""
    url = reverse("django_rq:home") + page
    assert people.superuser().get(url).status_code == 200
    assert people.merchant().get(url).status_code == 302
    client = people.staff(*VIEW_ONLY, "jobs.change_job")
    assert client.get(url).status_code == client.post(url).status_code == 403
    assert client.post(reverse("django_rq:clear", args=[0])).status_code == 403


def test_pictures_open_to_staff_who_may_view_what_they_are_of() -> None:
    job = _job()
    photo = f"/media/photo/{job.photo_id}"
    picture = artifact_url(artifact_store(job=job, kind="final_result", data=png(), size=(64, 48)))
    seen = {"": (404, 404), "jobs.view_photo": (200, 404), "jobs.view_job": (200, 200)}
    for permission, statuses in seen.items():
        client = people.staff(*filter(None, [permission]), email=f"{permission or 'none'}@example.com")
        assert (client.get(photo).status_code, client.get(picture).status_code) == statuses, permission


def test_the_index_tells_staff_only_what_they_may_see() -> None:
    _job()
    tiles = ("tile-today", "tile-failures", "tile-studio", "tile-disk")
    shown = {
        "none": people.staff(email="none@example.com"),
        "workers": people.staff("jobs.view_workerstate", email="workers@example.com"),
        "jobs": people.staff("jobs.view_job", email="jobs@example.com"),
    }
    pages = {name: client.get(reverse("admin:index")).content.decode() for name, client in shown.items()}
    assert [tile for tile in tiles if tile in pages["none"]] == []
    assert [tile for tile in tiles if tile in pages["workers"]] == ["tile-studio", "tile-disk"]
    assert [tile for tile in tiles if tile in pages["jobs"]] == ["tile-today", "tile-failures", "tile-studio"]
    assert reverse("admin:jobs_job_changelist") not in pages["workers"]


@pytest.mark.parametrize("act", ["retry", "stop"])
def test_only_who_may_change_jobs_acts_on_them(act: str) -> None:
    job = _job()
    url = reverse(f"admin:jobs_job_{act}", args=[job.pk])
    viewer = people.staff(*VIEW_ONLY)
    assert viewer.post(url).status_code == 403
    viewer.post(reverse("admin:jobs_job_changelist"), {"action": act, "_selected_action": [str(job.pk)]})
    assert people.merchant().post(url).status_code == 302
    job.refresh_from_db()
    assert (job.status, Job.objects.count()) == ("pending", 1)
    page = viewer.get(reverse("admin:jobs_job_change", args=[job.pk])).content.decode()
    assert url not in page
    assert '<select name="action"' not in viewer.get(reverse("admin:jobs_job_changelist")).content.decode()


def test_staff_who_may_change_jobs_stop_them() -> None:
    job = _job()
    client = people.staff("jobs.view_job", "jobs.change_job")
    client.post(reverse("admin:jobs_job_stop", args=[job.pk]))
    job.refresh_from_db()
    assert job.status == "stopped"


def _worker() -> WorkerState:
    return WorkerState.objects.create(name="w", host="h", pid=1, engine="studio", last_seen=timezone.now())


def _decision(job: Job) -> ModerationDecision:
    return ModerationDecision.objects.create(shop=job.shop, stage="input", verdict="allowed", judge="local")


ROWS_OF_WORK: dict[str, Callable[[Job], Any]] = {
    "jobs_job": lambda job: job.pk,
    "jobs_photo": lambda job: job.photo_id,
    "jobs_workerstate": lambda job: _worker().pk,
    "jobs_sharelink": lambda job: _link(job).pk,
    "jobs_modeluse": lambda job: ModelUse.objects.create(shop=job.shop, purpose="copy", model="m").pk,
    "jobs_moderationdecision": lambda job: _decision(job).pk,
    "accounts_invitation": lambda job: _invitation(job).pk,
}


@pytest.mark.parametrize("model", ROWS_OF_WORK)
def test_nobody_edits_adds_or_deletes_rows_of_work(model: str) -> None:
    job = _job()
    pk = ROWS_OF_WORK[model](job)
    client = people.superuser()
    assert client.get(reverse(f"admin:{model}_add")).status_code == 403
    assert client.post(reverse(f"admin:{model}_delete", args=[pk]), {"post": "yes"}).status_code == 403
    answer = client.post(reverse(f"admin:{model}_change", args=[pk]), {"status": "completed"})
    assert answer.status_code == 403
    job.refresh_from_db()
    assert job.status == "pending"


def test_view_only_staff_edit_no_limit() -> None:
    job = _job()
    page = people.staff(*VIEW_ONLY).get(reverse("admin:accounts_shop_changelist")).content.decode()
    assert 'name="form-0-daily_jobs"' not in page
    assert (
        'name="form-0-daily_jobs"'
        in people.superuser().get(reverse("admin:accounts_shop_changelist")).content.decode()
    )
    assert job.shop.name in page


@pytest.mark.parametrize("page", PAGES)
def test_no_page_has_inline_styles_or_scripts(page: str) -> None:
    """A strict content security policy must not break the admin."""
    text = people.superuser().get(PAGES[page](_job())).content.decode()
    assert re.findall(r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=)[^>]*>", text) == []

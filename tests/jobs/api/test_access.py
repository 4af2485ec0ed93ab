"""Who may call what: owner, team-mate, stranger, nobody, and the shop's program. What of it is a matter of bad input
stands in ``test_bad_input.py``."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.models import Shop, User
from accounts.tokens import token_create, token_revoke
from jobs.models import Job, WorkerState
from jobs.reconcile import reconcile
from tests.conftest import free_port
from tests.jobs.api.conftest import assert_error, photo_bytes, signed_in
from tests.jobs.api.described import Operation, ids, operations


def call(client: Client, verb: str, path: str) -> Any:
    if verb == "get":
        return client.get(path)
    return getattr(client, verb)(path, "{}", content_type="application/json")


@pytest.mark.parametrize("operation", [each for each in operations() if each.path != "/health"], ids=ids)
def test_it_answers_nobody(anonymous: Client, operation: Operation) -> None:
    response = call(anonymous, operation.verb, operation.at())
    assert_error(response, 401, "auth.required")
    assert response["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("who", ["client", "teammate", "program"])
def test_the_shops_own_see_its_jobs(request: pytest.FixtureRequest, waiting: Job, who: str) -> None:
    caller: Client = request.getfixturevalue(who)
    assert caller.get(f"/status/{waiting.pk}").json()["job_id"] == str(waiting.pk)
    assert [row["job_id"] for row in caller.get("/jobs").json()["jobs"]] == [str(waiting.pk)]
    assert caller.get(f"/api/jobs/{waiting.pk}").status_code == 200
    assert caller.post(f"/stop/{waiting.pk}").json() == {"job_id": str(waiting.pk), "status": "stopped"}
    assert caller.delete(f"/jobs/{waiting.pk}").json() == {"job_id": str(waiting.pk), "status": "deleted"}
    assert_error(caller.get(f"/status/{waiting.pk}"), 404, "job.not_found")


def test_a_stranger_lists_only_its_own(stranger: Client, waiting: Job) -> None:
    assert stranger.get("/jobs").json()["jobs"] == []
    assert stranger.get("/api/jobs").json() == {"items": [], "next": None}


def test_a_revoked_token_is_refused(shop: Shop, anonymous: Client) -> None:
    token, plain = token_create(shop=shop, name="old")
    header = {"Authorization": f"Bearer {plain}"}
    assert anonymous.get("/jobs", headers=header).status_code == 200
    token_revoke(token=token)
    assert_error(anonymous.get("/jobs", headers=header), 401, "token.revoked")


def test_a_good_token_decides_over_another_shops_session(stranger: Client, shop: Shop, waiting: Job) -> None:
    _token, plain = token_create(shop=shop, name="test")
    response = stranger.get(f"/status/{waiting.pk}", headers={"Authorization": f"Bearer {plain}"})
    assert response.status_code == 200


def test_a_session_needs_the_csrf_token_to_change_something(owner: User, shop: Shop, waiting: Job) -> None:
    browser = signed_in(owner, enforce_csrf_checks=True)
    assert browser.get("/jobs").status_code == 200
    for verb, path in (
        ("post", f"/stop/{waiting.pk}"),
        ("post", "/generate"),
        ("delete", f"/jobs/{waiting.pk}"),
    ):
        assert_error(call(browser, verb, path), 403, "auth.csrf")
    waiting.refresh_from_db()
    assert waiting.status == "pending"
    page = browser.get("/api/docs").content.decode()
    token = page.partition('data-csrf-token="')[2].partition('"')[0]
    stopped = browser.post(f"/stop/{waiting.pk}", headers={"X-CSRFToken": token})
    assert stopped.json()["status"] == "stopped"


def test_a_token_needs_no_csrf_token(shop: Shop, waiting: Job) -> None:
    _token, plain = token_create(shop=shop, name="test")
    program = Client(enforce_csrf_checks=True, headers={"Authorization": f"Bearer {plain}"})
    assert program.post(f"/stop/{waiting.pk}").status_code == 200


def test_a_person_without_a_shop_is_told_so(db: None) -> None:
    lonely = signed_in(User.objects.create_user("alone@example.com"))
    assert_error(lonely.get("/jobs"), 403, "auth.no_shop")


def test_health_tells_nobody_little_and_members_more(anonymous: Client, client: Client, waiting: Job) -> None:
    told = anonymous.get("/health").json()
    assert set(told) == {"status", "gpu_available", "server_time"}
    assert told["status"] == "degraded"  # no worker lives here
    told = client.get("/health").json()
    assert (told["total_jobs"], told["active_jobs"]) == (1, 1)
    assert told["system_metrics"]["ram_total_gb"] > 0
    assert "workers" in told["degraded_parts"]


def test_health_names_what_is_degraded(client: Client, waiting: Job, settings: Any) -> None:
    cache.clear()  # the whole of Valkey: other tests' rounds of reconciling
    WorkerState.objects.create(name="studio-1", host="one", pid=1, engine="studio", last_seen=timezone.now())
    assert "reconcile" in client.get("/health").json()["degraded_parts"]
    reconcile()
    parts = client.get("/health").json()["degraded_parts"]
    assert {"workers", "valkey", "queue", "reconcile"}.isdisjoint(parts)
    settings.QUEUE_LIMIT = 1
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
    assert {"valkey", "queue"} <= set(client.get("/health").json()["degraded_parts"])


def test_photos_are_shared_in_the_shop(client: Client, teammate: Client, program: Client) -> None:
    first = client.post("/api/photos", {"file": _upload()}).json()
    for caller in (teammate, program):
        assert caller.get(f"/api/photos/{first['photo_id']}").json()["sha256"] == first["sha256"]


def _upload() -> Any:
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile("coffee.jpg", photo_bytes(), "image/jpeg")

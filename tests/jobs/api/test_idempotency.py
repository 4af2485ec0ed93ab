"""The same request sent twice is done once, and another request under the same key is refused."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.models import Shop
from jobs.api import api
from jobs.api.schemas import GenerateRequest
from jobs.api.submission import fingerprint
from jobs.idempotency import KEY_LIFETIME, forget_old_keys
from jobs.models import IdempotencyKey, Job
from tests.jobs import factories
from tests.jobs.api.conftest import assert_error, base64_photo, photo_bytes, post
from tests.jobs.submitting import at_once, finished

BODY = {"text_content": "반값", "seed": 5, "colour": "red"}
KEY = "order-1"
AT_ONCE = 6


def send(client: Client, body: Any, key: str = KEY, path: str = "/generate") -> Any:
    headers = {"Idempotency-Key": key}
    return client.post(path, json.dumps(body), content_type="application/json", headers=headers)


@pytest.mark.parametrize("path", ["/generate", "/api/generate"])
def test_the_same_request_is_the_same_job(client: Client, path: str) -> None:
    first = send(client, BODY, path=path)
    assert first.status_code == 200, first.content
    again = send(client, dict(reversed(BODY.items())), path=path)
    assert again.json() == first.json()
    assert again.json()["ignored"] == ["colour"]
    assert Job.objects.count() == 1


def test_both_paths_are_one_operation(client: Client) -> None:
    assert send(client, BODY).json() == send(client, BODY, path="/api/generate").json()


def test_the_answer_tells_where_the_job_stands_now(client: Client) -> None:
    job_id = send(client, BODY).json()["job_id"]
    client.post(f"/stop/{job_id}")
    assert send(client, BODY).json()["status"] == "stopped"


@pytest.mark.parametrize("change", [{"seed": 6}, {"text_content": "세일"}, {"more": 1}])
def test_another_request_under_the_same_key_is_refused(client: Client, change: dict[str, Any]) -> None:
    send(client, BODY)
    assert_error(send(client, {**BODY, **change}), 409, "idempotency.other_request", "Idempotency-Key")
    assert Job.objects.count() == 1
    assert send(client, {**BODY, **change}, key="order-2").status_code == 200


def test_a_picture_is_part_of_the_request(client: Client) -> None:
    with_photo = {**BODY, "input_image": base64_photo()}
    assert send(client, with_photo).json() == send(client, with_photo).json()
    assert_error(send(client, BODY), 409, "idempotency.other_request")


def test_a_form_sent_again_is_the_same_job(client: Client) -> None:
    def upload(data: bytes) -> Any:
        form = {"file": SimpleUploadedFile("a.jpg", data, "image/jpeg"), "text_content": "반값"}
        return client.post("/api/generate", form, headers={"Idempotency-Key": KEY})

    first = upload(photo_bytes())
    assert first.status_code == 200, first.content
    assert upload(photo_bytes()).json() == first.json()
    assert_error(upload(photo_bytes(size=(140, 90))), 409, "idempotency.other_request")
    assert Job.objects.count() == 1


def test_keys_belong_to_a_shop(client: Client, stranger: Client, program: Client) -> None:
    mine, theirs = send(client, BODY).json(), send(stranger, BODY).json()
    assert mine["job_id"] != theirs["job_id"]
    assert send(program, BODY).json() == mine


def test_a_rerun_sent_again_is_the_same_job(client: Client, shop: Shop) -> None:
    job = finished(shop, factories.photo(shop))
    path = f"/api/jobs/{job.pk}/rerun"
    change = {"start_step": 2, "text_content": "마감"}
    first = send(client, change, path=path)
    assert first.status_code == 200, first.content
    assert send(client, change, path=path).json() == first.json()
    assert_error(send(client, change), 409, "idempotency.other_request")


def test_a_refused_request_leaves_the_key_free(client: Client, shop: Shop) -> None:
    assert_error(send(client, {"scene": "nowhere"}), 422, "scene.unknown")
    Shop.objects.filter(pk=shop.pk).update(daily_jobs=0)
    assert_error(send(client, BODY), 429, "shop.over_quota")
    Shop.objects.filter(pk=shop.pk).update(daily_jobs=5)
    assert send(client, BODY).status_code == 200


def test_a_job_that_was_sent_before_is_told_though_the_shop_is_over_its_quota(
    client: Client, shop: Shop
) -> None:
    Shop.objects.filter(pk=shop.pk).update(daily_jobs=1)
    first = send(client, BODY).json()
    assert send(client, BODY).json() == first
    assert_error(send(client, BODY, key="order-2"), 429)


def test_a_deleted_job_is_not_made_again(client: Client) -> None:
    job_id = send(client, BODY).json()["job_id"]
    assert client.delete(f"/jobs/{job_id}").status_code == 200
    assert_error(send(client, BODY), 409, "idempotency.job_deleted")


def test_a_key_holds_for_a_day(client: Client) -> None:
    first = send(client, BODY).json()
    assert forget_old_keys() == 0
    old = timezone.now() - KEY_LIFETIME - timedelta(seconds=1)
    IdempotencyKey.objects.update(created_at=old)
    assert send(client, BODY).json()["job_id"] != first["job_id"]
    IdempotencyKey.objects.update(created_at=old)
    assert forget_old_keys() == 1
    assert Job.objects.count() == 2


@pytest.mark.parametrize("key", ["x" * 256, "two words", "열쇠".encode().decode("latin-1"), "tab\there"])
def test_a_bad_key_is_refused(client: Client, shop: Shop, key: str) -> None:
    assert_error(send(client, BODY, key=key), 422, "request.field_invalid", "Idempotency-Key")
    assert not Job.objects.exists()


def test_without_a_key_every_request_is_a_job(client: Client) -> None:
    assert (
        post(client, "/generate", BODY).json()["job_id"] != post(client, "/generate", BODY).json()["job_id"]
    )
    assert send(client, BODY, key="").status_code == 200
    assert Job.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_requests_at_once_make_one_job(client: Client) -> None:
    answers = at_once(AT_ONCE, client, lambda own: send(own, BODY))
    assert [answer.status_code for answer in answers] == [200] * AT_ONCE
    assert len({answer.json()["job_id"] for answer in answers}) == 1
    assert Job.objects.count() == 1


def test_the_schema_tells_of_the_header_and_of_409() -> None:
    paths = api.get_openapi_schema()["paths"]
    for path in ("/generate", "/api/generate", "/api/jobs/{job_id}/rerun"):
        told = paths[path]["post"]
        assert {"name", "in"} <= set(told["parameters"][-1])
        assert ("Idempotency-Key", "header") in {(p["name"], p["in"]) for p in told["parameters"]}
        assert {409, 422, 429, 503} <= set(told["responses"])


def test_half_a_surrogate_pair_in_an_unknown_field_has_a_fingerprint() -> None:
    asked = GenerateRequest.model_validate({"": [{"\ud800": None}]})
    assert len(fingerprint("generate", asked, {})) == 64

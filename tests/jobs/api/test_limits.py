"""Too much at once: 503 with a full queue or without a GPU worker, 429 for a shop over its quota, on every way in."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import Shop
from jobs import photos
from jobs.models import DayOrders, Job, Photo
from tests.jobs.api.conftest import assert_error, photo_bytes, post
from tests.jobs.submitting import finished

WAYS = ("/generate", "/api/generate", "form", "rerun")
DAY_SECONDS = 86_400


@pytest.fixture
def made(shop: Shop) -> Job:
    return finished(shop)


def submit(client: Client, way: str, made: Job, **fields: Any) -> Any:
    if way == "form":
        return client.post("/api/generate", {"text_content": "SALE", **fields})
    return post(
        client, f"/api/jobs/{made.pk}/rerun" if way == "rerun" else way, {"text_content": "SALE", **fields}
    )


@pytest.mark.parametrize("way", WAYS)
def test_a_full_queue_is_busy(client: Client, made: Job, waiting: Job, way: str, settings: Settings) -> None:
    settings.QUEUE_LIMIT = 1
    answer = submit(client, way, made)
    assert_error(answer, 503, "queue.full")
    body = answer.json()
    assert (body["status"], body["message"]) == ("busy", body["detail"])
    assert 0 < body["retry_after"] == int(answer["Retry-After"])
    assert Job.objects.count() == 2
    waiting.delete()
    assert submit(client, way, made).status_code == 200


@pytest.mark.parametrize("way", WAYS)
def test_a_shop_over_its_quota_is_told_when_to_come_back(
    client: Client, stranger: Client, made: Job, shop: Shop, way: str
) -> None:
    Shop.objects.filter(pk=shop.pk).update(daily_jobs=1)
    answer = submit(client, way, made)
    error = assert_error(answer, 429, "shop.over_quota")
    assert "1" in error["message"] and 0 < int(answer["Retry-After"]) <= DAY_SECONDS
    assert Job.objects.count() == 1
    if way != "rerun":
        assert submit(stranger, way, made).status_code == 200  # another shop's day is its own


@pytest.mark.parametrize("way", WAYS)
def test_the_gpu_engine_without_a_gpu_worker_is_503(client: Client, made: Job, way: str) -> None:
    answer = submit(client, way, made, engine="diffusion")
    assert_error(answer, 503, "engine.unavailable")
    assert int(answer["Retry-After"]) > 0
    assert Job.objects.count() == 1


@pytest.mark.parametrize("way", WAYS)
def test_a_key_of_a_refused_request_stays_free(
    client: Client, made: Job, waiting: Job, way: str, settings: Settings
) -> None:
    """The program sends the same again after Retry-After, and gets its job."""
    settings.QUEUE_LIMIT = 1
    client.defaults["HTTP_IDEMPOTENCY_KEY"] = "order-1"
    assert_error(submit(client, way, made), 503, "queue.full")
    settings.QUEUE_LIMIT = 10
    first, again = submit(client, way, made), submit(client, way, made)
    assert first.status_code == 200 and first.json() == again.json()
    assert not Photo.objects.exists()


@pytest.mark.parametrize("way", ["/api/photos", "/generate"])
def test_a_shop_uploads_only_so_many_new_photos_a_day(
    client: Client, shop: Shop, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(photos, "PHOTOS_FOR_EACH_AD", 1)
    Shop.objects.filter(pk=shop.pk).update(daily_jobs=2)

    def send(width: int) -> Any:
        picture = base64.b64encode(photo_bytes(size=(width, 90))).decode()
        return post(client, way, {"input_image": picture, "text_content": "SALE"})

    taken = send(120).status_code
    assert taken in (200, 201) and send(121).status_code == taken
    Job.objects.all().delete()
    DayOrders.objects.all().delete()
    refused = send(122)
    error = assert_error(refused, 429, "photo.too_many")
    assert "2" in error["message"] and 0 < int(refused["Retry-After"]) <= DAY_SECONDS
    assert Photo.objects.count() == 2
    assert send(121).status_code == taken  # it is there already

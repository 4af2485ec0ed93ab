"""What a merchant leaves open in the portal is settled when the form is sent: the scene and the lettering."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Shop
from jobs.models import Job
from tests.jobs import factories
from tests.jobs.submitting import finished

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    return factories.shop("봄날 커피")


@pytest.mark.parametrize(
    ("chosen", "style"),
    [
        ({"scene": "rain-neon"}, "neon"),
        ({"bg_prompt": "비 오는 밤 네온"}, "neon"),
        ({}, "gold"),
        ({"scene": "rain-neon", "text_style": "clay"}, "clay"),
        ({"scene": "rain-neon", "text_model_prompt": "초콜릿 글자"}, None),
        ({"text_content": ""}, None),
    ],
)
def test_lettering_left_to_us_suits_the_scene(
    client: Client, shop: Shop, chosen: dict[str, str], style: str | None
) -> None:
    client.force_login(factories.owner(shop))
    photo = factories.photo(shop)
    client.post("/ads/new/", {"photo_id": str(photo.pk), "text_content": "오늘만 반값", **chosen})
    assert Job.objects.get().request.get("text_style") == style


@pytest.mark.parametrize(
    ("said", "scene"),
    [({}, "black-slate"), ({"scene": "beach"}, "beach"), ({"bg_prompt": "눈 오는 숲"}, None)],
)
def test_a_scene_left_to_us_is_the_trade_s_unless_a_mood_is_wished(
    client: Client, said: dict[str, str], scene: str | None
) -> None:
    shop = factories.shop("불판", industry="grill")
    client.force_login(factories.owner(shop))
    page = client.get("/ads/new/").content.decode()
    assert 'data-scene="/ads/scenes/black-slate' in page
    photo = factories.photo(shop)
    client.post("/ads/new/", {"photo_id": str(photo.pk), "text_content": "오늘만 반값", **said})
    assert Job.objects.get().request.get("scene") == scene


def test_lettering_left_to_us_again_suits_the_ad_s_scene(client: Client, shop: Shop) -> None:
    client.force_login(factories.owner(shop))
    job = finished(shop)
    Job.objects.filter(pk=job.pk).update(request={**job.request, "scene": "summer-ice", "text_style": "gold"})
    client.post(f"/ads/{job.pk}/rerun/", {"text_content": "마감 세일", "text_style": ""})
    assert Job.objects.exclude(pk=job.pk).get().request["text_style"] == "ice"

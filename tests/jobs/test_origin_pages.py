"""What people are told of generative AI: before they order, on the ad's page, behind a shared link, in the terms."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Shop
from generation.provenance import SourceType
from jobs.models import Artifact, Job, WorkerState
from jobs.sharing import share_link_create, share_token
from tests.jobs import factories
from tests.jobs.finished import finished

pytestmark = pytest.mark.django_db
BOX = 'type="checkbox" name="ai_label"'
CHECKED = f'{BOX} value="on" checked'


@pytest.fixture
def signed_in(client: Client, shop: Shop) -> Client:
    client.force_login(factories.owner(shop))
    return client


def a_painter_is_there() -> None:
    WorkerState.objects.create(name="g", host="h", pid=1, engine="diffusion", last_seen=timezone.now())


def from_source(shop: Shop, background: SourceType, final: SourceType, **fields: object) -> Job:
    job = finished(shop, **fields)
    for kind, source in ((Artifact.Kind.STEP1, background), (Artifact.Kind.FINAL, final)):
        Artifact.objects.filter(job=job, kind=kind).update(source=source)
    return job


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_who_orders_is_told_beforehand_which_engine_makes_it(signed_in: Client, shop: Shop) -> None:
    studio = page(signed_in, "/ads/new/")
    assert "생성형 AI가 아니에요" in studio and BOX not in studio
    a_painter_is_there()
    painted = page(signed_in, "/ads/new/")
    assert "디퓨전 엔진, 곧 생성형 AI가 그려요" in painted and BOX in painted and CHECKED not in painted
    assert 'href="/accounts/terms/#ai"' in studio and 'href="/accounts/terms/#ai"' in painted
    Shop.objects.filter(pk=shop.pk).update(ai_label=True)
    assert CHECKED in page(signed_in, "/ads/new/")
    assert CHECKED in page(signed_in, f"/ads/new/?from={factories.job(shop).pk}")
    assert CHECKED not in page(signed_in, f"/ads/new/?from={factories.job(shop, ai_label=False).pk}")


@pytest.mark.parametrize(("sent", "kept"), [(["off", "on"], True), (["off"], False), ([], True)])
def test_the_label_is_as_it_was_ticked_else_as_the_shop_has_it(
    signed_in: Client, shop: Shop, sent: list[str], kept: bool
) -> None:
    Shop.objects.filter(pk=shop.pk).update(ai_label=True)
    a_painter_is_there()
    fields = {"photo_id": factories.photo(shop).pk, "text_content": "반값", "ai_label": sent}
    assert signed_in.post("/ads/new/", fields).status_code == 302
    assert Job.objects.get().request.get("ai_label") is kept


@pytest.mark.parametrize(
    ("background", "final", "said"),
    [
        (SourceType.AI_COMPOSITE, SourceType.AI_COMPOSITE, "배경을 생성형 AI가 그린 광고예요"),
        (SourceType.COMPOSITE, SourceType.AI_COMPOSITE, "생성형 AI가 그린 부분이 있는 광고예요"),
        (SourceType.AI, SourceType.AI, "생성형 AI가 그린 그림이에요"),
        (SourceType.COMPOSITE, SourceType.COMPOSITE, "생성형 AI로 그린 부분은 없어요"),
        (SourceType.DIGITAL_CREATION, SourceType.DIGITAL_CREATION, "사람이 만든 3D 장면으로 만든"),
    ],
)
def test_the_ad_s_page_tells_beside_the_download_what_the_picture_is(
    signed_in: Client, shop: Shop, background: SourceType, final: SourceType, said: str
) -> None:
    job = from_source(shop, background, final)
    told = page(signed_in, f"/ads/{job.pk}/")
    assert said in told
    assert (BOX in told) == final.is_ai
    assert signed_in.get(f"/api/jobs/{job.pk}").json()["source_type"] == final


def test_of_a_background_that_was_sent_nothing_is_claimed(signed_in: Client, shop: Shop) -> None:
    sent = from_source(shop, SourceType.UNKNOWN, SourceType.UNKNOWN, foreign_background=True)
    assert "생성형 AI를 썼는지 알 수 없어요" in page(signed_in, f"/ads/{sent.pk}/")
    old = from_source(shop, SourceType.UNKNOWN, SourceType.UNKNOWN)
    assert "data-origin" not in page(signed_in, f"/ads/{old.pk}/")


def test_another_arrangement_takes_the_label_or_leaves_it(signed_in: Client, shop: Shop) -> None:
    job = from_source(shop, SourceType.AI_COMPOSITE, SourceType.AI_COMPOSITE)
    for sent, wished in ((["off", "on"], True), (["off"], False)):
        assert signed_in.post(f"/ads/{job.pk}/layout/", {"ai_label": sent}).status_code == 302
        made = Job.objects.filter(parent=job).latest("queued_at")
        assert made.request["ai_label"] is wished
        assert (
            CHECKED in page(signed_in, f"/ads/{made.pk}/")
        ) is False  # not finished yet: nothing to change


def test_who_follows_a_shared_link_is_told_too(client: Client, shop: Shop) -> None:
    painted = from_source(shop, SourceType.AI_COMPOSITE, SourceType.AI_COMPOSITE)
    studio = from_source(shop, SourceType.COMPOSITE, SourceType.COMPOSITE)
    told = [page(client, f"/s/{share_token(share_link_create(job=job))}/") for job in (painted, studio)]
    assert ["생성형 AI가 그린 부분이 있어요" in text for text in told] == [True, False]


def test_the_terms_tell_which_engine_is_generative(client: Client) -> None:
    text = page(client, "/accounts/terms/")
    assert (
        'id="ai"' in text and "스튜디오 엔진은 사람이 만든 3D 장면을 쓰며, 생성형 AI를 쓰지 않습니다" in text
    )


def test_the_brand_kit_keeps_the_shop_s_wish(signed_in: Client, shop: Shop) -> None:
    for ticked in (True, False):
        fields = {"name": shop.name, "industry": shop.industry, **({"ai_label": "on"} if ticked else {})}
        assert signed_in.post("/shop/", fields).status_code == 302
        shop.refresh_from_db()
        assert shop.ai_label is ticked

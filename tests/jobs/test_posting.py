"""What is posted with a finished ad, and what screen readers are told of it."""

from __future__ import annotations

import html
import re

import pytest
from django.test import Client
from django.utils.translation import override

from accounts.models import Shop
from jobs.models import Job, ModelUse
from jobs.sharing import share_link_create, share_token
from jobs.words.copywriting import picture_alt
from tests import openai_server as fake
from tests.jobs import factories
from tests.jobs.finished import failed, finished
from tests.openai_server import OpenAIServer

pytestmark = pytest.mark.django_db
REQUEST = {
    "text_content": "갓 구운\n소금빵",
    "product": "소금빵",
    "scene": "cafe-wood",
    "price_now": "3,500원",
}
ALT = "카페 우드 테이블 배경의 소금빵 광고. 문구: 갓 구운 소금빵. 가격: 3,500원."
WRITTEN = {
    "headlines": [],
    "subline": "",
    "sentence": "결마다 버터 향이 나는 소금빵이에요.",
    "call": "아침에 만나요.",
    "hashtags": [],
}


@pytest.fixture
def shop() -> Shop:
    shop = factories.shop("봄날 빵집")
    Shop.objects.filter(pk=shop.pk).update(industry="bakery", default_formats=["mms", "coupang"])
    shop.refresh_from_db()
    return shop


@pytest.fixture
def owner(client: Client, shop: Shop) -> Client:
    client.force_login(factories.owner(shop))
    return client


def texts(page: str) -> dict[str, str]:
    """By key, in the order of the page."""
    found = re.findall(r'<textarea id="post-([\w-]+)" readonly[^>]*>(.*?)</textarea>', page, re.DOTALL)
    return {key: html.unescape(text) for key, text in found}


def test_a_finished_ad_comes_with_the_words_to_post_it(
    owner: Client, shop: Shop, openai: OpenAIServer
) -> None:
    job = finished(shop, request=REQUEST)
    told = texts(owner.get(f"/ads/{job.pk}/").content.decode())
    keys = list(told)
    assert keys[:5] == ["mms", "smartstore", "instagram-feed", "hashtags", "alt"], "its own channels first"
    assert told["instagram-feed"].startswith("갓 구운 소금빵\n") and "3,500원" in told["instagram-feed"]
    assert told["smartstore"].startswith("봄날 빵집 소금빵\n")
    assert "#소금빵" in told["hashtags"].split() and told["alt"] == ALT
    assert not openai.asked, "looking at an ad asks nobody"


def test_words_are_written_for_the_product_that_the_merchant_names(
    owner: Client, shop: Shop, openai: OpenAIServer
) -> None:
    openai.respond(fake.answers(WRITTEN))
    job = finished(shop, request={**REQUEST, "product": ""})
    assert list(texts(owner.get(f"/ads/{job.pk}/").content.decode())) == ["alt"], "nothing is guessed"
    part = owner.post(f"/ads/{job.pk}/post/", {"product": "소금빵"}, headers={"HX-Request": "true"})
    page = part.content.decode()
    assert "<html" not in page and 'value="1"' in page
    assert WRITTEN["sentence"] in texts(page)["instagram-feed"]
    assert ModelUse.objects.get().purpose == ModelUse.Purpose.COPY
    whole = owner.post(f"/ads/{job.pk}/post/", {"product": "소금빵"}).content.decode()
    assert "<html" in whole and "data-post open" in whole


def test_other_words_come_with_the_next_seed(owner: Client, shop: Shop) -> None:
    job = finished(shop, request=REQUEST)
    told = [
        texts(owner.post(f"/ads/{job.pk}/post/", {"product": "소금빵", "seed": seed}).content.decode())
        for seed in (0, 1)
    ]
    assert told[0]["instagram-feed"] != told[1]["instagram-feed"] and told[0]["alt"] == told[1]["alt"]


@pytest.mark.parametrize("sent", [{"product": " "}, {"product": "빵" * 121}, {"product": "빵", "seed": -1}])
def test_what_is_wrong_is_said(owner: Client, shop: Shop, sent: dict[str, str]) -> None:
    job = finished(shop, request=REQUEST)
    assert owner.post(f"/ads/{job.pk}/post/", sent).status_code == 422


def test_an_ad_that_is_not_there_is_not_posted(owner: Client, shop: Shop) -> None:
    job = failed(shop, "photo.no_product")
    assert owner.post(f"/ads/{job.pk}/post/", {"product": "빵"}).status_code == 404


def test_the_picture_is_told_to_screen_readers(owner: Client, client: Client, shop: Shop) -> None:
    job = finished(shop, request=REQUEST)
    assert f'alt="{ALT}"' in owner.get(f"/ads/{job.pk}/").content.decode()
    link = share_link_create(job=job, user=factories.owner(shop))
    shared = Client().get(f"/s/{share_token(link)}/").content.decode()
    assert f'alt="{ALT}"' in shared and f'og:image:alt" content="{ALT}"' in shared


def test_alt_text_speaks_the_readers_language_and_guesses_nothing(shop: Shop) -> None:
    job = finished(shop, request=REQUEST)
    with override("en"):
        assert picture_alt(job).startswith("Ad for 소금빵, scene: ")
    Job.objects.filter(pk=job.pk).update(foreign_background=True, request={"text_content": "소금빵"})
    job.refresh_from_db()
    assert picture_alt(job) == "봄날 빵집 광고. 문구: 소금빵."


def test_the_product_named_on_the_form_stays_with_the_ad(owner: Client, shop: Shop) -> None:
    photo = factories.photo(shop)
    answer = owner.post("/ads/new/", {"photo_id": photo.pk, "text_content": "반값", "product": "소금빵"})
    job = Job.objects.get(pk=answer["Location"].split("/")[2])
    assert job.request["product"] == "소금빵"
    assert 'value="소금빵"' in owner.get(f"/ads/new/?from={job.pk}").content.decode()
    sent = {"photo_id": photo.pk, "text_content": "반값", "product": "씨발"}
    refused = owner.post("/ads/new/", sent)
    assert "product" in refused.context["form"].errors
    assert 'aria-expanded="true"' in refused.content.decode(), "what is wrong is not folded away"

"""Four other backgrounds, ordered together or not at all."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import Shop
from generation.studio.scenes import scenes
from jobs import queue
from jobs.errors import NotFound, Refused
from jobs.gallery import gallery_page
from jobs.models import Job, VariationSet
from jobs.services import job_delete
from jobs.variations import (
    VARIATIONS,
    scenes_beside,
    variation_choose,
    variation_set_get,
    variations_begin,
)
from tests.jobs import factories
from tests.jobs.finished import finished

pytestmark = pytest.mark.django_db
REQUEST = {"text_content": "오늘만 반값", "scene": "cafe-wood", "text_style": "gold", "text_position": "top"}


@pytest.fixture
def shop() -> Shop:
    return factories.shop("봄날 커피")


def _limit(shop: Shop, left: int) -> Shop:
    Shop.objects.filter(pk=shop.pk).update(daily_jobs=shop.jobs.count() + left)
    shop.refresh_from_db()
    return shop


def test_they_differ_in_the_background_alone(shop: Shop) -> None:
    job = finished(shop, request=REQUEST)
    made = variations_begin(job=job, user=factories.owner(shop))
    four = list(made.jobs.all())
    assert len({one.request["scene"] for one in four} - {"cafe-wood"}) == VARIATIONS
    assert len({one.seed for one in four}) == VARIATIONS
    for one in four:
        kept = {name: value for name, value in REQUEST.items() if name != "scene"}
        assert one.request.items() >= kept.items()
        assert (one.parent, one.photo, one.request["start_step"]) == (job, job.photo, 1)
        assert one.created_by == factories.owner(shop)


def test_the_next_four_are_others_again(shop: Shop) -> None:
    job = finished(shop, request=REQUEST)
    variations_begin(job=job)
    variations_begin(job=job)
    tried = Job.objects.exclude(pk=job.pk).values_list("request__scene", flat=True)
    assert len(set(tried)) == 2 * VARIATIONS


def test_likely_scenes_come_first_and_no_feast_that_is_not_meant(shop: Shop) -> None:
    beside = scenes_beside(finished(shop, request=REQUEST), 8)
    assert not {"christmas", "seollal", "chuseok"} & set(beside)
    by_prompt = finished(shop, request={"text_content": "반값", "bg_prompt": "해변 모래 여름"})
    assert "beach" not in scenes_beside(by_prompt, len(scenes()))


def test_a_diffusion_ad_keeps_its_scene_and_gets_other_seeds(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "wake", lambda engine: None)
    job = finished(shop, request=REQUEST, engine="diffusion")
    four = list(variations_begin(job=job).jobs.all())
    assert {one.request["scene"] for one in four} == {"cafe-wood"}
    assert len({one.seed for one in four}) == VARIATIONS


@pytest.mark.parametrize("left", [0, 1, VARIATIONS - 1])
def test_over_the_quota_none_is_ordered_and_the_page_says_so(client: Client, shop: Shop, left: int) -> None:
    job = finished(shop, request=REQUEST)
    _limit(shop, left)
    client.force_login(factories.owner(shop))
    answer = client.post(f"/ads/{job.pk}/variations/")
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    told = f"오늘은 {left}개만 더 만들 수 있어요" if left else "모두 썼어요"
    assert told in answer.content.decode()
    assert Job.objects.count() == 1
    assert not VariationSet.objects.exists()


def test_within_the_quota_all_four_are_ordered(client: Client, shop: Shop) -> None:
    job = finished(shop, request=REQUEST)
    _limit(shop, VARIATIONS)
    client.force_login(factories.owner(shop))
    answer = client.post(f"/ads/{job.pk}/variations/")
    made = VariationSet.objects.get()
    assert answer["Location"] == f"/ads/sets/{made.pk}/"
    assert made.jobs.count() == VARIATIONS
    assert client.get(answer["Location"]).content.decode().count('class="card"') == VARIATIONS


def test_when_the_queue_fills_up_on_the_way_none_is_ordered(shop: Shop, settings: Any) -> None:
    job = finished(shop, request=REQUEST)
    settings.QUEUE_LIMIT = 2
    with pytest.raises(Refused, match=r"queue\.full"):
        variations_begin(job=job)
    assert Job.objects.count() == 1


def test_one_is_chosen_and_the_gallery_shows_it_alone(shop: Shop) -> None:
    source = finished(shop, request=REQUEST)
    made = VariationSet.objects.create(shop=shop, source=source)
    four = [finished(shop, variation_set=made) for _ in range(VARIATIONS)]

    def shown() -> set[Any]:
        return {job.pk for job in gallery_page(shop=shop).jobs}

    assert shown() == {source.pk, *(job.pk for job in four)}
    variation_choose(of=made, job=four[2])
    assert shown() == {source.pk, four[2].pk}
    variation_choose(of=made, job=four[0])
    assert shown() == {source.pk, four[0].pk}, "one may think better of it"
    job_delete(job=four[0])
    assert shown() == {source.pk, *(job.pk for job in four[1:])}, "the others are not lost with it"


def test_only_a_finished_one_of_the_set_is_chosen(shop: Shop) -> None:
    made = VariationSet.objects.create(shop=shop)
    with pytest.raises(NotFound):
        variation_choose(of=made, job=finished(shop))
    waiting = factories.job(shop)
    Job.objects.filter(pk=waiting.pk).update(variation_set=made)
    waiting.refresh_from_db()
    with pytest.raises(Refused, match=r"job\.not_finished"):
        variation_choose(of=made, job=waiting)


def test_the_pages_are_the_shop_s_own(client: Client, shop: Shop) -> None:
    made = VariationSet.objects.create(shop=shop)
    job = finished(shop, variation_set=made)
    alone = finished(shop)
    for user in (factories.owner(shop), factories.team_mate(shop)):
        client.force_login(user)
        assert client.get(f"/ads/sets/{made.pk}/").status_code == 200
        assert client.get(f"/ads/{job.pk}/variation/").status_code == 200
        assert client.get(f"/ads/{alone.pk}/variation/").status_code == 404
        assert client.post(f"/ads/{alone.pk}/choose/").status_code == 404
        assert client.post(f"/ads/{job.pk}/choose/")["Location"] == f"/ads/{job.pk}/"
    made.refresh_from_db()
    assert made.chosen == job
    client.force_login(factories.owner(factories.shop("남의 집")))
    assert client.get(f"/ads/sets/{made.pk}/").status_code == 404
    for view, method in (("variations", "post"), ("choose", "post"), ("variation", "get")):
        assert getattr(client, method)(f"/ads/{job.pk}/{view}/").status_code == 404
    with pytest.raises(NotFound):
        variation_set_get(shop=factories.shop(), set_id=made.pk)


def test_the_four_stand_beside_the_ad_they_come_from_while_it_is_there(client: Client, shop: Shop) -> None:
    source = finished(shop)
    made = variations_begin(job=source)
    client.force_login(factories.owner(shop))
    preview = source.artifacts.get(kind="preview").pk
    page = client.get(f"/ads/sets/{made.pk}/").content.decode()
    assert f'<img src="/media/{preview}"' in page and f'href="/ads/{source.pk}/"' in page
    client.post(f"/ads/{source.pk}/delete/")
    page = client.get(f"/ads/sets/{made.pk}/").content.decode()
    assert "set-source" not in page and f'href="/ads/{source.pk}/"' not in page

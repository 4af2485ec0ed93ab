"""The gallery: searched by words, filtered, page by page, small pictures."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import Shop
from jobs.events import job_row
from jobs.gallery import PAGE, gallery_page
from jobs.models import Artifact, Job
from jobs.portal.pages import JobPage
from tests.jobs import factories
from tests.jobs.finished import failed, finished

pytestmark = pytest.mark.django_db
HTMX = {"headers": {"HX-Request": "true"}}


@pytest.fixture
def shop() -> Shop:
    return factories.shop("봄날 커피")


def _found(shop: Shop, **asked: Any) -> list[Any]:
    return [job.pk for job in gallery_page(shop=shop, **asked).jobs]


def test_words_are_found_in_title_headline_prompt_and_scene(shop: Shop) -> None:
    titled = finished(shop, title="봄 신메뉴 딸기라떼", request={"text_content": "a"})
    worded = finished(shop, title="x", request={"text_content": "딸기\n반값"})
    wished = finished(shop, title="y", request={"text_content": "b", "bg_prompt": "딸기밭 햇살"})
    placed = finished(shop, title="z", request={"text_content": "c", "scene": "hanok-window"})
    assert set(_found(shop, words="딸기")) == {titled.pk, worded.pk, wished.pk}
    assert _found(shop, words="딸기 반값") == [worded.pk], "every word"
    assert _found(shop, words="한옥") == [placed.pk]
    assert _found(shop, words="hanok") == [placed.pk]
    assert _found(shop, words="100%_") == []


@pytest.mark.parametrize("words", ["'; DROP TABLE jobs_job; --", "%", "\\", "𐍈" * 50])
def test_any_words_can_be_searched(shop: Shop, words: str) -> None:
    finished(shop)
    assert _found(shop, words=words) == []


def test_filters_show_what_they_say(shop: Shop) -> None:
    making, done, lost = factories.job(shop), finished(shop), failed(shop, "job.worker_lost")
    liked = finished(shop, favourite=True)
    shown = {
        "all": {making.pk, done.pk, lost.pk, liked.pk},
        "making": {making.pk},
        "done": {done.pk, liked.pk},
        "failed": {lost.pk},
        "favourites": {liked.pk},
        "nonsense": {making.pk, done.pk, lost.pk, liked.pk},
    }
    for show, expected in shown.items():
        assert set(_found(shop, show=show)) == expected, show


def test_it_goes_on_where_it_was_though_ads_are_added_and_deleted(shop: Shop) -> None:
    jobs = [factories.job(shop) for _ in range(PAGE + 5)]
    first = gallery_page(shop=shop)
    assert len(first.jobs) == PAGE
    factories.job(shop)
    Job.objects.filter(pk=first.jobs[-1].pk).delete()
    second = gallery_page(shop=shop, cursor=first.next)
    assert [job.pk for job in second.jobs] == [job.pk for job in reversed(jobs[:5])]
    assert second.next == ""


def test_another_shop_s_ads_are_never_found(shop: Shop) -> None:
    finished(factories.shop("남의 집"), title="딸기")
    assert _found(shop, words="딸기") == []


def test_a_made_up_cursor_is_404(client: Client, shop: Shop) -> None:
    client.force_login(factories.owner(shop))
    for cursor in ("nonsense", "%00", "eA", "한글"):
        assert client.get("/ads/", {"after": cursor}).status_code == 404


def test_a_search_answers_with_the_results_alone_and_keeps_its_address(client: Client, shop: Shop) -> None:
    finished(shop, title="딸기라떼")
    finished(shop, title="오늘만")
    client.force_login(factories.owner(shop))
    part = client.get("/ads/?found&q=딸기&show=done", **HTMX)
    assert part.content.decode().count('class="card"') == 1
    assert "<html" not in part.content.decode()
    assert part["HX-Replace-Url"] == "/ads/?show=done&q=%EB%94%B8%EA%B8%B0"
    whole = client.get("/ads/?q=딸기").content.decode()
    assert whole.count('class="card"') == 1
    assert 'value="딸기"' in whole
    assert "data-newest" not in whole, "new ads do not mix with what was found"


def test_the_next_page_keeps_search_and_filter(client: Client, shop: Shop) -> None:
    for _ in range(PAGE + 2):
        finished(shop, title="딸기")
    finished(shop, title="오늘만")
    client.force_login(factories.owner(shop))
    first = client.get("/ads/?q=딸기&show=done").content.decode()
    [more] = re.findall(r'<a class="button" href="([^"]+)" hx-get="\1"', first)
    rest = client.get("/ads/" + more.replace("&amp;", "&"), **HTMX).content.decode()
    assert rest.count('class="card"') == 2
    without_scripts = client.get("/ads/" + more.replace("&amp;", "&")).content.decode()
    assert "<html" in without_scripts and without_scripts.count('class="card"') == 2


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("q=없는말", "‘없는말’에 맞는 광고가 없어요"),
        ("show=favourites", "즐겨찾기한 광고가 없어요"),
        ("show=making", "지금 만드는 광고가 없어요"),
        ("show=failed", "만들지 못한 광고가 없어요"),
    ],
)
def test_where_nothing_is_it_says_so_and_what_to_do(
    client: Client, shop: Shop, query: str, told: str
) -> None:
    finished(shop)
    client.force_login(factories.owner(shop))
    page = client.get(f"/ads/?{query}").content.decode()
    assert told in page
    assert "모든 광고 보기" in page


def test_words_are_shown_as_words(client: Client, shop: Shop) -> None:
    client.force_login(factories.owner(shop))
    page = client.get("/ads/", {"q": "<script>alert(1)</script>"}).content.decode()
    assert "<script>alert" not in page


def test_cards_offer_the_stored_small_pictures(client: Client, shop: Shop) -> None:
    job = finished(shop)
    client.force_login(factories.owner(shop))
    page = client.get("/ads/").content.decode()
    by_kind = {picture.kind: picture.pk for picture in job.artifacts.all()}
    assert f'srcset="/media/{by_kind["thumb"]} 320w, /media/{by_kind["preview"]} 512w"' in page
    assert str(by_kind["final_result"]) not in page
    assert 'loading="lazy"' in page
    Artifact.objects.filter(kind="thumb").delete()
    older = client.get("/ads/").content.decode()
    assert "srcset" not in older
    assert f'src="/media/{by_kind["preview"]}"' in older


def test_thumbs_are_the_gallery_s_and_not_the_api_s(shop: Shop) -> None:
    assert "thumb" not in job_row(finished(shop))["urls"]


@pytest.mark.parametrize(
    ("key", "shape"),
    [("", "square"), ("instagram-portrait", "portrait"), ("instagram-story", "tall"), ("mms", "wide")],
)
def test_an_ad_of_another_shape_is_whole_on_its_square_card(
    client: Client, shop: Shop, key: str, shape: str
) -> None:
    job = finished(shop, request={"text_content": "반값", "format": key})
    client.force_login(factories.owner(shop))
    assert JobPage(job).shape == shape
    thumb = job.artifacts.get(kind="thumb").pk
    has_back = f'<img class="card-back" src="/media/{thumb}"' in client.get("/ads/").content.decode()
    assert has_back == (shape != "square")
    assert f'data-shape="{shape}"' in client.get(f"/ads/{job.pk}/").content.decode()

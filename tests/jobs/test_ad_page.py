"""What a merchant does with an ad on its page: layouts, names, favourites, remedies, browsers inside apps."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Shop
from jobs import durations
from jobs.models import Job, VariationSet, WorkerState
from jobs.sharing import share_link_create, share_links_revoke, share_token
from tests.jobs import factories
from tests.jobs.finished import failed, finished
from tests.test_english_pages import korean_in

pytestmark = pytest.mark.django_db
VIEWS = ("layout", "retry", "variations", "share", "unshare", "favourite", "rename", "delete")
KAKAO = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/124 Mobile Safari/537.36 KAKAOTALK 10.8.2"


@pytest.fixture
def shop() -> Shop:
    return factories.shop("봄날 커피")


def _page(client: Client, job: Job, **headers: str) -> str:
    return client.get(f"/ads/{job.pk}/", headers=headers).content.decode()


@pytest.mark.parametrize("view", VIEWS)
def test_a_stranger_s_ad_is_not_known_and_the_unknown_sign_in(client: Client, shop: Shop, view: str) -> None:
    job = finished(shop)
    assert client.post(f"/ads/{job.pk}/{view}/")["Location"].startswith("/accounts/login/")
    client.force_login(factories.owner(factories.shop("남의 집")))
    assert client.post(f"/ads/{job.pk}/{view}/").status_code == 404
    assert Job.objects.count() == 1
    assert client.get(f"/ads/{job.pk}/zip/").status_code == 404


@pytest.mark.parametrize("view", [*VIEWS, "restore", "choose"])
def test_things_change_by_post_with_a_csrf_token_only(shop: Shop, view: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(factories.owner(shop))
    job = finished(shop)
    assert client.post(f"/ads/{job.pk}/{view}/").status_code == 403
    assert client.get(f"/ads/{job.pk}/{view}/").status_code == 405


def test_the_layout_is_changed_from_step_3(client: Client, shop: Shop) -> None:
    request = {
        "text_content": "오늘만 반값",
        "text_position": "top",
        "subline": "선착순",
        "price_before": "9,000원",
    }
    job = finished(shop, request=request)
    client.force_login(factories.owner(shop))
    sent = {"text_position": "bottom", "composition_mode": "blend", "subline": "", "price_now": "4,500원"}
    answer = client.post(f"/ads/{job.pk}/layout/", sent)
    made = Job.objects.exclude(pk=job.pk).get()
    assert answer["Location"] == f"/ads/{made.pk}/"
    assert made.parent == job
    wanted = {
        "start_step": 3,
        "text_content": "오늘만 반값",
        "text_position": "bottom",
        "composition_mode": "blend",
        "subline": "",
        "price_before": "",
        "price_now": "4,500원",
    }
    assert made.request.items() >= wanted.items()
    kept = set(made.artifacts.values_list("kind", flat=True))
    assert kept == {"cutout", "step1_result", "step2_result"}


def test_what_is_wrong_with_a_layout_stands_at_its_field(client: Client, shop: Shop) -> None:
    job = finished(shop)
    client.force_login(factories.owner(shop))
    answer = client.post(f"/ads/{job.pk}/layout/", {"text_position": "sideways", "subline": "\u0e01"})
    assert answer.status_code == 422
    assert set(answer.context["layout_form"].errors) == {"text_position"}
    answer = client.post(f"/ads/{job.pk}/layout/", {"subline": "\u0e01"})
    assert "\u0e01" in answer.context["layout_form"].errors["subline"][0]
    assert Job.objects.count() == 1


def test_the_layout_is_offered_where_there_is_lettering(client: Client, shop: Shop) -> None:
    client.force_login(factories.owner(shop))
    job = finished(shop)
    assert "배치만 바꾸기" in _page(client, job)
    job.artifacts.filter(kind="step2_result").delete()
    assert "배치만 바꾸기" not in _page(client, job)


def test_an_ad_gets_another_name(client: Client, shop: Shop) -> None:
    job = finished(shop)
    client.force_login(factories.owner(shop))
    client.post(f"/ads/{job.pk}/rename/", {"title": "  봄  신메뉴 "})
    job.refresh_from_db()
    assert (job.title, job.request["text_content"]) == ("봄 신메뉴", "오늘만 반값")
    assert (
        "%EB%B4%84-%EC%8B%A0%EB%A9%94%EB%89%B4"
        in client.get(f"/ads/{job.pk}/download/")["Content-Disposition"]
    )
    for title in ("", "   ", "긴" * 121):
        assert client.post(f"/ads/{job.pk}/rename/", {"title": title}).status_code == 422
    job.refresh_from_db()
    assert job.title == "봄 신메뉴"


def test_an_ad_becomes_a_favourite_and_no_more(client: Client, shop: Shop) -> None:
    job = finished(shop)
    client.force_login(factories.team_mate(shop))
    part = client.post(f"/ads/{job.pk}/favourite/", {"on": "1"}, headers={"HX-Request": "true"})
    assert 'aria-pressed="true"' in part.content.decode()
    job.refresh_from_db()
    assert job.favourite
    assert client.post(f"/ads/{job.pk}/favourite/", {"on": "0"})["Location"] == f"/ads/{job.pk}/"
    job.refresh_from_db()
    assert not job.favourite


@pytest.mark.parametrize(
    ("code", "label", "where"),
    [
        ("photo.no_product", "사진 바꾸기", 'href="/ads/new/?from={pk}"'),
        ("photo.unreadable", "사진 바꾸기", 'href="/ads/new/?from={pk}"'),
        ("text.glyph_missing", "문구·글꼴 바꾸기", 'href="/ads/new/?from={pk}"'),
        ("font.unknown", "문구·글꼴 바꾸기", 'href="/ads/new/?from={pk}"'),
        ("scene.unknown", "다른 걸로 골라 다시 만들기", 'href="/ads/new/?from={pk}"'),
        ("engine.out_of_memory", "그대로 다시 시도", 'action="/ads/{pk}/retry/"'),
        ("job.worker_lost", "그대로 다시 시도", 'action="/ads/{pk}/retry/"'),
        ("generation.failed", "그대로 다시 시도", 'action="/ads/{pk}/retry/"'),
    ],
)
def test_a_failed_ad_offers_what_mends_it(
    client: Client, shop: Shop, code: str, label: str, where: str
) -> None:
    job = failed(shop, code)
    client.force_login(factories.owner(shop))
    page = _page(client, job)
    alert = page[page.index('role="alert"') :]
    first = re.search(r'<(?:a|button) class="button primary wide big"[^>]*>.*?</(?:a|button)>', alert, re.S)
    assert first and label in first[0]
    assert where.format(pk=job.pk) in alert


def test_words_that_failed_are_changed_on_the_page_where_the_background_is_there(
    client: Client, shop: Shop
) -> None:
    job = finished(shop, status="failed", error_code="text.too_long")
    client.force_login(factories.owner(shop))
    page = _page(client, job)
    assert '<a class="button primary wide big" href="#words">' in page
    assert '<details class="panel fold" id="words"' in page


def test_our_failure_is_tried_again_as_it_was(client: Client, shop: Shop) -> None:
    job = failed(shop, "job.worker_lost")
    client.force_login(factories.owner(shop))
    answer = client.post(f"/ads/{job.pk}/retry/")
    made = Job.objects.exclude(pk=job.pk).get()
    assert answer["Location"] == f"/ads/{made.pk}/"
    assert (made.seed, made.photo, made.parent) == (job.seed, job.photo, job)
    changed = {name for name in made.request if made.request[name] != job.request.get(name)}
    assert changed <= {"start_step", "font_name"}


def test_a_retry_that_is_refused_says_why(client: Client, shop: Shop) -> None:
    job = failed(shop, "job.worker_lost")
    Shop.objects.filter(pk=shop.pk).update(daily_jobs=1)
    client.force_login(factories.owner(shop))
    assert "모두 썼어요" in client.post(f"/ads/{job.pk}/retry/", follow=True).content.decode()
    assert Job.objects.count() == 1


def test_a_waiting_ad_says_when_no_worker_is_there(client: Client, shop: Shop) -> None:
    job = factories.job(shop)
    client.force_login(factories.owner(shop))
    assert "만드는 컴퓨터가 모두 꺼져 있어요" in _page(client, job)
    WorkerState.objects.create(name="w", host="h", pid=1, engine="studio", last_seen=timezone.now())
    assert "만드는 컴퓨터가 모두 꺼져 있어요" not in _page(client, job)


def test_times_are_told_as_people_say_them(client: Client, shop: Shop) -> None:
    job = factories.job(shop, engine="diffusion")
    Job.objects.filter(pk=job.pk).update(
        status="running", worker="w", attempts=1, heartbeat_at=timezone.now(), started_at=timezone.now()
    )
    client.force_login(factories.owner(shop))
    assert re.search(r"약 4\d초 남았어요", _page(client, job))
    slow = {"step1_background": 300.0, "step2_text_asset": 30.0, "step3_composite": 6.0}
    finished(shop, engine="diffusion", step_seconds=slow)
    durations.forget()
    assert "약 6분 남았어요" in _page(client, job)


@pytest.mark.parametrize(
    "state", ["finished", "failed", "waiting", "set", "shared", "over", "zip", "removed"]
)
def test_no_page_has_scripts_or_styles_inside(client: Client, shop: Shop, state: str) -> None:
    client.force_login(factories.owner(shop))
    job = finished(shop, variation_set=VariationSet.objects.create(shop=shop))
    token = share_token(share_link_create(job=job))
    if state == "over":
        share_links_revoke(job=job)
    removed = finished(shop)
    client.post(f"/ads/{removed.pk}/delete/")
    address = {
        "finished": f"/ads/{job.pk}/",
        "failed": f"/ads/{failed(shop, 'job.worker_lost').pk}/",
        "waiting": f"/ads/{factories.job(shop).pk}/",
        "set": f"/ads/sets/{job.variation_set_id}/",
        "shared": f"/s/{token}/",
        "over": f"/s/{token}/",
        "zip": f"/ads/{job.pk}/zip/",
        "removed": f"/ads/?removed={removed.pk}",
    }[state]
    page = client.get(address).content.decode()
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:|data:", page)


def test_every_new_page_reads_in_english(client: Client, shop: Shop) -> None:
    Shop.objects.filter(pk=shop.pk).update(name="Spring")
    client.force_login(factories.owner(shop))
    asked = {"title": "Sale", "request": {"text_content": "Sale", "scene": "cafe-wood"}}
    job = finished(shop, variation_set=VariationSet.objects.create(shop=shop), **asked)
    removed = finished(shop, **asked)
    lost = failed(shop, "job.worker_lost", **asked)
    client.post(f"/ads/{removed.pk}/delete/")
    client.post(f"/ads/{job.pk}/share/")
    paths = (
        f"/ads/{job.pk}/",
        f"/ads/{lost.pk}/",
        f"/ads/sets/{job.variation_set_id}/",
        f"/ads/{job.pk}/zip/",
        f"/ads/?removed={removed.pk}",
        "/ads/?q=zzz",
        "/ads/?show=favourites",
    )
    for path in paths:
        page = client.get(path, headers={"Accept-Language": "en", "User-Agent": KAKAO}).content.decode()
        assert korean_in(page) == [], path

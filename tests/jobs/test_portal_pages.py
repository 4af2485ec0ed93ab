"""The portal's pages for the owner, a team-mate, a stranger and someone not signed in."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Shop
from generation.export.formats import FORMATS
from jobs.artifacts import artifact_store
from jobs.models import Artifact, Job, WorkerState
from tests.jobs import factories
from tests.test_english_pages import korean_in

pytestmark = pytest.mark.django_db
VIEWS = (
    ("job", "get"),
    ("card", "get"),
    ("download", "get"),
    ("stop", "post"),
    ("rerun", "post"),
    ("delete", "post"),
)


@pytest.fixture
def shop() -> Shop:
    return factories.shop("봄날 커피")


def _finished(shop: Shop, **fields: Any) -> Job:
    job = factories.job(shop)
    picture = factories.photo_bytes()
    for kind in (Artifact.Kind.STEP1, Artifact.Kind.STEP2, Artifact.Kind.FINAL):
        artifact_store(job=job, kind=kind, data=picture, size=(320, 320))
    values = {"status": "completed", "progress_percent": 100, "finished_at": timezone.now(), **fields}
    Job.objects.filter(pk=job.pk).update(**values)
    job.refresh_from_db()
    return job


def _ask(client: Client, view: str, method: str, job: Job) -> Any:
    data = {"text_content": "내일도 반값", "text_position": "top", "composition_mode": "overlay"}
    return getattr(client, method)(reverse(f"jobs:{view}", args=[job.pk]), data if method == "post" else None)


@pytest.mark.parametrize(("view", "method"), VIEWS)
def test_it_serves_owner_and_team_mate(client: Client, shop: Shop, view: str, method: str) -> None:
    for user in (factories.owner(shop), factories.team_mate(shop)):
        job = _finished(shop)
        client.force_login(user)
        assert _ask(client, view, method, job).status_code == (200 if method == "get" else 302)


@pytest.mark.parametrize(("view", "method"), VIEWS)
def test_it_does_not_know_a_stranger_s_job(client: Client, shop: Shop, view: str, method: str) -> None:
    job = _finished(shop)
    client.force_login(factories.owner(factories.shop("남의 집")))
    assert _ask(client, view, method, job).status_code == 404
    assert Job.objects.filter(pk=job.pk).exists()
    assert Job.objects.count() == 1


@pytest.mark.parametrize(("view", "method"), VIEWS)
def test_it_sends_the_unknown_to_sign_in(client: Client, shop: Shop, view: str, method: str) -> None:
    answer = _ask(client, view, method, _finished(shop))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("path", ["/", "/ads/", "/ads/new/", "/ads/scenes/cafe-wood.webp"])
def test_it_keeps_every_other_page_for_the_signed_in(client: Client, path: str) -> None:
    assert client.get(path)["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize(("view", "method"), [entry for entry in VIEWS if entry[1] == "post"])
def test_it_changes_things_by_post_with_a_csrf_token_only(shop: Shop, view: str, method: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(factories.owner(shop))
    job = _finished(shop)
    assert _ask(client, view, method, job).status_code == 403
    assert _ask(client, view, "get", job).status_code == 405
    assert Job.objects.count() == 1


def test_it_starts_new_shops_at_a_new_ad_and_others_at_their_ads(client: Client, shop: Shop) -> None:
    client.force_login(factories.owner(shop))
    assert client.get("/")["Location"] == "/ads/new/"
    assert "첫 광고를 만들어 볼까요?" in client.get("/ads/").content.decode()
    factories.job(shop)
    assert client.get("/")["Location"] == "/ads/"


def test_it_shows_only_the_shop_s_own_ads_a_page_at_a_time(client: Client, shop: Shop) -> None:
    for _ in range(25):
        factories.job(shop)
    foreign = factories.job(factories.shop("남의 집"))
    client.force_login(factories.owner(shop))
    first = client.get("/ads/").content.decode()
    assert first.count('class="card"') == 24
    assert str(foreign.pk) not in first
    [following] = re.findall(r'<a class="button" href="([^"]+)"', first[first.index('class="more"') :])
    more = client.get(f"/ads/{following}", headers={"HX-Request": "true"}).content.decode()
    assert more.count('class="card"') == 1
    assert "<html" not in more
    ids = set(re.findall(r'data-job="([^"]+)"', first + more))
    assert ids == {str(job.pk) for job in shop.jobs.all()}


def test_it_submits_an_ad_with_a_file_alone(client: Client, shop: Shop) -> None:
    """As a browser without JavaScript sends it."""
    client.force_login(factories.owner(shop))
    file = SimpleUploadedFile("p.png", factories.photo_bytes(), "image/png")
    answer = client.post(
        "/ads/new/",
        {
            "photo": file,
            "text_content": "오늘만\r\n반값",
            "scene": "cafe-wood",
            "text_style": "gold",
            "text_position": "top",
            "composition_mode": "behind",
            "format": "instagram-story",
            "bg_prompt": "따뜻한 카페",
        },
    )
    job = Job.objects.get()
    assert answer["Location"] == f"/ads/{job.pk}/"
    assert job.created_by == factories.owner(shop)
    assert job.photo is not None
    wanted = {
        "text_content": "오늘만\n반값",
        "scene": "cafe-wood",
        "text_style": "gold",
        "text_position": "top",
        "composition_mode": "behind",
        "format": "instagram-story",
        "bg_prompt": "따뜻한 카페",
    }
    assert job.request.items() >= wanted.items()


def test_it_shows_errors_at_their_fields_and_loses_nothing(client: Client, shop: Shop) -> None:
    photo = factories.photo(shop)
    client.force_login(factories.owner(shop))
    answer = client.post(
        "/ads/new/",
        {"photo_id": str(photo.pk), "text_content": "긴" * 81, "bg_prompt": "한옥", "scene": "nowhere"},
    )
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"text_content", "scene"}
    page = answer.content.decode()
    assert f'value="{photo.pk}"' in page
    assert "긴" * 81 in page
    assert "한옥</textarea>" in page
    assert not Job.objects.exists()


def test_it_keeps_a_file_sent_with_a_wrong_field(client: Client, shop: Shop) -> None:
    client.force_login(factories.owner(shop))
    file = SimpleUploadedFile("p.png", factories.photo_bytes(), "image/png")
    answer = client.post("/ads/new/", {"photo": file, "text_content": "긴" * 81})
    kept = shop.photos.get()
    assert f'value="{kept.pk}"' in answer.content.decode()


def test_it_names_glyphs_the_font_lacks_at_the_headline(client: Client, shop: Shop) -> None:
    photo = factories.photo(shop)
    client.force_login(factories.owner(shop))
    answer = client.post("/ads/new/", {"photo_id": str(photo.pk), "text_content": "반값 \u0e01"})
    assert "\u0e01" in answer.context["form"].errors["text_content"][0]


def test_it_asks_for_a_photo(client: Client, shop: Shop) -> None:
    client.force_login(factories.owner(shop))
    answer = client.post("/ads/new/", {"text_content": "반값"})
    assert set(answer.context["form"].errors) == {"photo"}


@pytest.mark.parametrize("data", [b"", b"not a picture at all"])
def test_it_refuses_what_is_no_photo_at_the_photo(client: Client, shop: Shop, data: bytes) -> None:
    client.force_login(factories.owner(shop))
    answer = client.post("/ads/new/", {"photo": SimpleUploadedFile("p.jpg", data), "text_content": "반값"})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"photo"}


def test_it_does_not_take_a_stranger_s_photo(client: Client, shop: Shop) -> None:
    foreign = factories.photo(factories.shop("남의 집"))
    client.force_login(factories.owner(shop))
    answer = client.post("/ads/new/", {"photo_id": str(foreign.pk), "text_content": "반값"})
    assert set(answer.context["form"].errors) == {"photo"}


def test_it_fills_the_form_from_an_ad_of_the_shop(client: Client, shop: Shop) -> None:
    job = _finished(shop)
    client.force_login(factories.owner(shop))
    assert "오늘만 반값</textarea>" in client.get(f"/ads/new/?from={job.pk}").content.decode()
    client.force_login(factories.owner(factories.shop("남의 집")))
    assert client.get(f"/ads/new/?from={job.pk}").status_code == 404
    assert client.get("/ads/new/?from=nonsense").status_code == 404


def test_it_changes_the_words_of_a_finished_ad(client: Client, shop: Shop) -> None:
    job = _finished(shop)
    client.force_login(factories.owner(shop))
    answer = client.post(
        f"/ads/{job.pk}/rerun/",
        {"text_content": "내일도 반값", "text_position": "bottom", "composition_mode": "overlay"},
    )
    made = Job.objects.exclude(pk=job.pk).get()
    assert answer["Location"] == f"/ads/{made.pk}/"
    assert made.parent == job
    assert made.request["start_step"] == 2
    assert (made.request["text_content"], made.request["text_position"]) == ("내일도 반값", "bottom")


def test_it_says_why_words_cannot_be_changed(client: Client, shop: Shop) -> None:
    job = _finished(shop)
    client.force_login(factories.owner(shop))
    answer = client.post(f"/ads/{job.pk}/rerun/", {"text_content": ""})
    assert answer.status_code == 422
    assert answer.context["rerun_form"].errors["text_content"]
    assert Job.objects.count() == 1


def test_it_tells_where_a_waiting_job_stands_without_scripts(client: Client, shop: Shop) -> None:
    factories.job(shop)
    job = factories.job(shop)
    client.force_login(factories.owner(shop))
    page = client.get(f"/ads/{job.pk}/").content.decode()
    assert "앞에 1개가 기다려요</span>" in page, "no worker is there, so no time is promised"
    assert '<noscript><meta http-equiv="refresh"' in page
    assert "중지</button>" in page
    assert "내려받기" not in page


def test_it_tells_the_time_of_a_waiting_job_where_a_worker_is(client: Client, shop: Shop) -> None:
    WorkerState.objects.create(name="w", host="h", pid=1, engine="studio", last_seen=timezone.now())
    job = factories.job(shop)
    client.force_login(factories.owner(shop))
    page = client.get(f"/ads/{job.pk}/").content.decode()
    assert re.search(r"바로 다음 차례예요 · 약 \d+초 남았어요</span>", page)


def test_it_shows_the_photo_until_there_is_a_picture(client: Client, shop: Shop) -> None:
    job = factories.job(shop)
    job.photo = factories.photo(shop)
    job.save()
    client.force_login(factories.owner(shop))
    address = f"/media/photo/{job.photo.pk}"
    assert address in client.get(f"/ads/{job.pk}/").content.decode()
    artifact_store(job=job, kind="step1_result", data=factories.photo_bytes(), size=(320, 320))
    assert address not in client.get(f"/ads/{job.pk}/").content.decode()


def test_it_stops_a_waiting_job(client: Client, shop: Shop) -> None:
    job = factories.job(shop)
    client.force_login(factories.owner(shop))
    client.post(f"/ads/{job.pk}/stop/")
    job.refresh_from_db()
    assert job.status == "stopped"


def test_it_shows_why_a_job_failed_and_what_to_do(client: Client, shop: Shop) -> None:
    job = factories.job(shop)
    Job.objects.filter(pk=job.pk).update(
        status="failed", error_code="photo.no_product", finished_at=timezone.now()
    )
    client.force_login(factories.owner(shop))
    page = client.get(f"/ads/{job.pk}/").content.decode()
    assert "사진에서 제품을 찾지 못했어요" in page
    assert f"/ads/new/?from={job.pk}" in page


def test_it_tells_the_notes_of_a_job(client: Client, shop: Shop) -> None:
    job = _finished(shop, notes=["note.cutout_grabcut"])
    client.force_login(factories.owner(shop))
    assert "GrabCut" in client.get(f"/ads/{job.pk}/").content.decode()


def test_it_hands_out_the_picture_as_a_file(client: Client, shop: Shop) -> None:
    job = _finished(shop, title="오늘만 반값! / 50%")
    client.force_login(factories.owner(shop))
    answer = client.get(f"/ads/{job.pk}/download/")
    assert answer["Content-Type"] == "image/png"
    assert "attachment" in answer["Content-Disposition"]
    assert f"-{str(job.pk)[:8]}.png" in answer["Content-Disposition"]
    assert b"".join(answer.streaming_content) == factories.photo_bytes()


def test_it_has_nothing_to_hand_out_before_the_end(client: Client, shop: Shop) -> None:
    job = factories.job(shop)
    client.force_login(factories.owner(shop))
    assert client.get(f"/ads/{job.pk}/download/").status_code == 404


def test_it_does_not_delete_a_running_job(client: Client, shop: Shop) -> None:
    job = factories.job(shop)
    Job.objects.filter(pk=job.pk).update(
        status="running", worker="w", attempts=1, heartbeat_at=timezone.now()
    )
    client.force_login(factories.owner(shop))
    answer = client.post(f"/ads/{job.pk}/delete/", follow=True)
    assert "먼저 중지해 주세요" in answer.content.decode()
    assert Job.objects.filter(pk=job.pk).exists()


def test_it_serves_scene_pictures_to_be_kept(client: Client, shop: Shop) -> None:
    client.force_login(factories.owner(shop))
    answer = client.get("/ads/scenes/cafe-wood.webp")
    assert answer["Content-Type"] == "image/webp"
    assert "max-age" in answer["Cache-Control"]
    assert client.get("/ads/scenes/no-such-scene.webp").status_code == 404


@pytest.mark.parametrize("path", ["/ads/", "/ads/new/", "/accounts/login/", "/accounts/signup/", "/nothing/"])
def test_it_has_neither_scripts_nor_styles_inside_the_page(client: Client, shop: Shop, path: str) -> None:
    """So that a content security policy can forbid both."""
    if path.startswith("/ads"):
        client.force_login(factories.owner(shop))
    factories.job(shop)
    page = client.get(path).content.decode()
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|https?://(?!www\.w3\.org)", page)


def test_it_reads_in_english(client: Client, shop: Shop) -> None:
    _finished(shop, title="Sale", request={"text_content": "Sale"})
    client.force_login(factories.owner(shop))
    Shop.objects.filter(pk=shop.pk).update(name="Spring")
    for path in ("/ads/", "/ads/new/", f"/ads/{Job.objects.get().pk}/"):
        page = client.get(path, headers={"Accept-Language": "en"}).content.decode()
        assert korean_in(page) == [], path


def _channels(client: Client, job: Job) -> list[str]:
    page = client.get(reverse("jobs:job", args=[job.pk])).content.decode()
    return re.findall(rf'href="/api/jobs/{job.pk}/export\?format=([\w-]+)" data-export', page)


def test_a_finished_ad_is_offered_in_every_format_it_can_be_drawn_in(client: Client, shop: Shop) -> None:
    client.force_login(factories.owner(shop))
    without_photo = _finished(shop)
    ads = {key for key, entry in FORMATS.items() if not entry.packshot}
    assert set(_channels(client, without_photo)) == ads
    with_photo = _finished(shop, photo=factories.photo(shop))
    assert set(_channels(client, with_photo)) == set(FORMATS)
    assert len(_channels(client, with_photo)) == len(FORMATS)
    own_background = _finished(shop, foreign_background=True)
    assert _channels(client, own_background) == []


def test_an_ad_that_is_not_finished_is_offered_in_no_format(client: Client, shop: Shop) -> None:
    client.force_login(factories.owner(shop))
    assert _channels(client, factories.job(shop)) == []


def test_channels_have_names_in_both_languages(client: Client, shop: Shop) -> None:
    client.force_login(factories.owner(shop))
    page = reverse("jobs:job", args=[_finished(shop, photo=factories.photo(shop)).pk])
    assert "쿠팡" in client.get(page).content.decode()
    english = client.get(page, headers={"Accept-Language": "en"}).content.decode()
    part = english[
        english.index("data-channels") : english.index("</details>", english.index("data-channels"))
    ]
    assert "Coupang" in part and not re.search("[가-힣]", part)

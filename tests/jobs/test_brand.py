"""The brand kit: its page for owner, staff and strangers, its logo, and what jobs take from it."""

from __future__ import annotations

import io
import re
from typing import Any

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from accounts.models import Shop, Tone
from generation.export.formats import FORMATS
from generation.palette import colors_of
from generation.prompts.copy import suggest
from generation.seasons import seasons_on
from generation.studio.engine import StudioEngine
from generation.types import LogoCorner
from generation.typography.fonts import fonts
from jobs import brand, exports, selectors, services
from jobs.claims.exports import export_claim_next
from jobs.errors import Refused
from jobs.models import Artifact, Job
from jobs.params import AdParams
from jobs.worker.briefs import brief_of
from jobs.worker.export_runner import ExportRunner
from tests.jobs import factories
from tests.jobs.submitting import finished, is_stored, stored_files, submit

PAGE = "/shop/"
KIT = {
    "name": "봄날 커피",
    "industry": "cafe",
    "tone": "warm",
    "brand_color": "#1F5C46",
    "accent_color": "#e6783c",
    "default_font": str(fonts()[0].path),
    "default_formats": ["mms", "instagram-story"],
}
RED, GREEN = (214, 40, 48), (20, 92, 70)


@pytest.fixture
def shop(db: None) -> Shop:
    return factories.shop("봄날")


def logo(color: tuple[int, int, int] = RED, kind: str = "PNG", size: tuple[int, int] = (300, 120)) -> bytes:
    image = Image.new("RGBA", size, (0, 0, 0, 0))
    image.paste((*color, 255), (40, 30, size[0] - 40, size[1] - 30))
    out = io.BytesIO()
    (image.convert("RGB") if kind == "JPEG" else image).save(out, kind)
    return out.getvalue()


def _signed_in(shop: Shop) -> Client:
    client = Client()
    client.force_login(factories.owner(shop))
    return client


def _post(client: Client, **changes: Any) -> Any:
    return client.post(PAGE, {**KIT, **changes})


def _stored_picture(shop: Shop) -> np.ndarray:
    with shop.logo.open("rb") as file:
        return np.asarray(Image.open(io.BytesIO(file.read())))


# The page ------------------------------------------------------------------------------------------------


def test_an_owner_changes_all_of_the_kit(shop: Shop) -> None:
    client = _signed_in(shop)
    assert _post(client, logo=SimpleUploadedFile("l.png", logo())).status_code == 302
    shop.refresh_from_db()
    kept = {name: getattr(shop, name) for name in KIT}
    assert kept == {**KIT, "brand_color": "#1f5c46"}
    page = client.get(PAGE).content.decode()
    assert 'value="#1f5c46"' in page and 'fill="#1f5c46"' in page
    assert page.count("checked") == 3
    assert 'data-color="#d62830"' in page


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "긴" * 81),
        ("industry", "banking"),
        ("tone", "rude"),
        ("brand_color", "red"),
        ("brand_color", "#12345"),
        ("accent_color", "#12345g"),
        ("accent_color", '#"><b>'),
        ("default_font", "../../etc/passwd"),
        ("default_formats", ["mms", "billboard"]),
    ],
)
def test_a_wrong_value_is_told_at_its_field_and_nothing_is_lost(shop: Shop, field: str, value: Any) -> None:
    answer = _post(_signed_in(shop), **{field: value})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {field}
    page = answer.content.decode()
    others = {"name": KIT["name"], "brand_color": KIT["brand_color"], "accent_color": KIT["accent_color"]}
    for name, kept in others.items():
        assert name == field or f'value="{kept}"' in page
    shop.refresh_from_db()
    assert (shop.name, shop.brand_color, shop.default_formats) == ("봄날", "", [])


def test_a_logo_sent_with_a_wrong_field_is_kept(shop: Shop) -> None:
    _post(_signed_in(shop), brand_color="red", logo=SimpleUploadedFile("l.png", logo()))
    shop.refresh_from_db()
    assert shop.logo and shop.name == "봄날"


def test_staff_see_the_kit_and_cannot_change_it(shop: Shop) -> None:
    brand.logo_store(shop=shop, data=logo())
    client = Client()
    client.force_login(factories.team_mate(shop))
    page = client.get(PAGE).content.decode()
    assert "가게 주인만" in page and "저장하기" not in page and '<fieldset class="kit-all" disabled' in page
    assert client.get("/shop/logo.png").status_code == 200
    assert _post(client).status_code == 403
    assert client.post("/shop/logo/", {"logo": SimpleUploadedFile("l.png", logo(GREEN))}).status_code == 403
    shop.refresh_from_db()
    assert shop.name == "봄날" and tuple(_stored_picture(shop)[20, 20][:3]) == RED


def test_a_stranger_sees_and_changes_only_their_own(shop: Shop) -> None:
    brand.logo_store(shop=shop, data=logo())
    other = factories.shop("남의 집")
    client = _signed_in(other)
    assert client.get("/shop/logo.png").status_code == 404
    assert "봄날" not in client.get(PAGE).content.decode()
    _post(client)
    shop.refresh_from_db()
    assert shop.name == "봄날"


@pytest.mark.parametrize("path", [PAGE, "/shop/logo.png", "/shop/specimen.png"])
def test_nobody_is_sent_to_sign_in(client: Client, path: str) -> None:
    assert client.get(path)["Location"].startswith("/accounts/login/")


def test_changes_want_a_csrf_token(shop: Shop) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(factories.owner(shop))
    assert client.post(PAGE, KIT).status_code == 403
    assert client.post("/shop/logo/", {}).status_code == 403


def test_the_pages_have_neither_scripts_nor_styles_inside(shop: Shop) -> None:
    brand.logo_store(shop=shop, data=logo())
    client = _signed_in(shop)
    for path in (PAGE, "/shop/team/"):
        page = client.get(path).content.decode()
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", page)


def test_a_font_shows_how_it_looks(shop: Shop) -> None:
    client = _signed_in(shop)
    pictures = {client.get("/shop/specimen.png", {"font": font.path}).content for font in fonts()[:3]}
    assert len(pictures) == 3
    for data in pictures:
        assert np.asarray(Image.open(io.BytesIO(data)))[..., 1].max() == 255
    assert client.get("/shop/specimen.png", {"font": "../manage.py"}).status_code == 404


# The logo ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "HEIF"])
def test_a_logo_is_told_by_its_content_and_stored_as_a_clean_png(shop: Shop, kind: str) -> None:
    client = _signed_in(shop)
    upload = SimpleUploadedFile("logo.svg", logo(kind=kind), "image/svg+xml")
    answer = client.post("/shop/logo/", {"logo": upload})
    assert answer.status_code == 200
    shop.refresh_from_db()
    picture = _stored_picture(shop)
    assert picture.shape[2] == 4 and picture.shape[1] < 300
    served = client.get(answer.json()["url"])
    assert served["Content-Type"] == "image/png" and "private" in served["Cache-Control"]
    assert answer.json()["colors"][0].startswith("#")


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script><rect width="90" height="90"/></svg>'


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"", 422, "logo.empty"),
        (SVG, 422, "logo.format_unsupported"),
        (logo()[:-60], 422, "logo.unreadable"),
        (logo(size=(120, 90)), 422, "logo.too_small"),
        (b"\x89PNG\r\n\x1a\n" + bytes(brand.LOGO_MAX_BYTES), 413, "logo.too_large"),
    ],
)
def test_what_is_no_logo_is_refused_in_the_one_shape(shop: Shop, data: bytes, status: int, code: str) -> None:
    answer = _signed_in(shop).post("/shop/logo/", {"logo": SimpleUploadedFile("l.png", data)})
    assert answer.status_code == status
    body = answer.json()
    assert (body["error"]["code"], body["error"]["field"]) == (code, "logo")
    assert body["detail"] == body["error"]["message"] != ""
    shop.refresh_from_db()
    assert not shop.logo


def test_a_logo_that_shows_nothing_is_refused(shop: Shop) -> None:
    out = io.BytesIO()
    Image.new("RGBA", (200, 100), (0, 0, 0, 0)).save(out, "PNG")
    with pytest.raises(Refused, match=r"logo\.empty"):
        brand.logo_store(shop=shop, data=out.getvalue())


def test_without_the_page_s_script_a_wrong_logo_is_told_at_its_field(shop: Shop) -> None:
    answer = _post(_signed_in(shop), logo=SimpleUploadedFile("l.svg", SVG))
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"logo"}
    assert f'value="{KIT["brand_color"]}"' in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_new_logo_takes_the_old_one_s_place_and_its_file_away() -> None:
    shop = factories.shop()
    brand.logo_store(shop=shop, data=logo())
    first = str(shop.logo.name)
    brand.logo_store(shop=shop, data=logo(GREEN))
    assert shop.logo.name != first
    assert not is_stored(first) and is_stored(str(shop.logo.name))
    second = str(shop.logo.name)
    _post(_signed_in(shop), remove_logo="on")
    shop.refresh_from_db()
    assert not shop.logo and not is_stored(second)


def test_colours_come_from_what_the_logo_shows(shop: Shop) -> None:
    picture = np.zeros((200, 300, 4), np.uint8)
    picture[:, :200] = (*GREEN, 255)
    picture[:, 200:260] = (*RED, 255)
    picture[:, 260:, :3] = (10, 20, 240)
    assert colors_of(picture) == ["#145c46", "#d62830"]
    grey = np.full((50, 50, 4), 255, np.uint8)
    grey[10:20, :, :3] = 40
    assert colors_of(grey) == ["#ffffff", "#282828"]
    assert colors_of(np.zeros((50, 50, 4), np.uint8)) == []


# What ads take from it -----------------------------------------------------------------------------------


def test_usual_formats_come_first(shop: Shop) -> None:
    brand.brand_update(
        shop=shop, name="봄날", industry="cafe", default_formats=["mms", "instagram-story", "coupang"]
    )
    client = _signed_in(shop)
    offered = re.findall(r'name="format" value="([\w-]*)"', client.get("/ads/new/").content.decode())
    assert offered[:3] == ["", "mms", "instagram-story"]
    assert sorted(offered[1:]) == sorted(key for key, entry in FORMATS.items() if not entry.packshot)
    job = finished(shop, factories.photo(shop))
    page = client.get(reverse("jobs:job", args=[job.pk])).content.decode()
    channels = re.findall(r"export\?format=([\w-]+)\" data-export", page)
    assert channels[:2] == ["mms", "instagram-story"]
    assert channels[len([k for k in FORMATS if not FORMATS[k].packshot])] == "coupang"
    assert sorted(channels) == sorted(FORMATS)


def test_suggested_headlines_speak_in_the_shop_s_tone(shop: Shop) -> None:
    by_tone = {tone: suggest("크루아상", "bakery", tone) for tone in ("", *Tone.values)}
    for told in by_tone.values():
        assert len(told) == len(set(told)) == 5
        assert all("크루아상" in line for line in told)
    assert len({tuple(told) for told in by_tone.values()}) == len(by_tone)
    Shop.objects.filter(pk=shop.pk).update(tone="lively", industry="bakery")
    client = _signed_in(shop)
    token = client.get("/ads/new/").context["csrf_token"]
    answer = client.post(
        "/api/copy", {"product": "크루아상"}, "application/json", headers={"X-CSRFToken": str(token)}
    )
    seasons = seasons_on(timezone.localdate())
    assert answer.json()["suggestions"] == suggest("크루아상", "bakery", "lively", seasons)


def _logo_of(job: Job) -> bytes:
    with selectors.pictures(job)[Artifact.Kind.LOGO].file.open("rb") as file:
        data: bytes = file.read()
    return data


def test_a_job_keeps_the_logo_and_the_colours_it_was_submitted_with(shop: Shop) -> None:
    brand.brand_update(shop=shop, name="봄날", industry="cafe", brand_color="#112233", accent_color="#445566")
    brand.logo_store(shop=shop, data=logo())
    photo = factories.photo(shop)
    job = finished(shop, photo, logo="top-left")
    brand.brand_update(shop=shop, name="봄날", industry="cafe", brand_color="#ffffff")
    brand.logo_store(shop=shop, data=logo(GREEN))
    brief = brief_of(job)
    assert brief.logo is not None and brief.logo.corner is LogoCorner.TOP_LEFT
    assert tuple(brief.logo.picture[20, 20][:3]) == RED
    assert (brief.brand_color, brief.accent_color) == ("#112233", "#445566")
    again = services.job_rerun(job=job, start_step=2, changes={"text_content": "내일도"}).job
    assert _logo_of(again) == _logo_of(job)
    assert brief_of(again).accent_color == "#445566"
    fresh = brief_of(submit(shop, photo=photo, logo="auto").job)
    assert fresh.logo is not None and tuple(fresh.logo.picture[20, 20][:3]) == GREEN
    assert (fresh.brand_color, fresh.accent_color) == ("#ffffff", "")
    brand.logo_remove(shop=shop)
    assert brief_of(selectors.job_get(shop=shop, job_id=job.pk)).logo is not None


def _export(job: Job, key: str) -> bytes:
    Artifact.objects.filter(job=job, kind=Artifact.Kind.EXPORT).delete()
    exports.export_request(job=job, key=key)
    claim = export_claim_next(engine="studio", worker="w")
    assert claim is not None
    ExportRunner(claim, StudioEngine()).run()
    with Artifact.objects.get(job=job, kind=Artifact.Kind.EXPORT).file.open("rb") as file:
        data: bytes = file.read()
    return data


def test_an_old_ad_is_drawn_with_its_own_logo_after_the_shop_has_another(shop: Shop) -> None:
    brand.logo_store(shop=shop, data=logo())
    photo, asked = factories.photo(shop), {"scene": "white-sweep", "seed": 3}
    signed = finished(shop, photo, logo="bottom-right", **asked)
    first = _export(signed, "kakao-message")
    brand.logo_store(shop=shop, data=logo(GREEN))
    assert _export(signed, "kakao-message") == first
    plain = _export(finished(shop, photo, **asked), "kakao-message")
    pictures = [
        np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int) for data in (first, plain)
    ]
    changed = np.argwhere(np.abs(pictures[0] - pictures[1]).max(axis=2) > 40)
    height, width = pictures[0].shape[:2]
    assert len(changed) > 1000
    assert changed[:, 0].min() > 0.8 * height and changed[:, 1].min() > 0.8 * width


def test_a_rerun_can_add_the_logo_and_leave_it_out(shop: Shop) -> None:
    brand.logo_store(shop=shop, data=logo())
    job = finished(shop, factories.photo(shop))
    assert brief_of(job).logo is None and Artifact.Kind.LOGO not in selectors.pictures(job)
    added = services.job_rerun(job=job, start_step=3, changes={"logo": "auto"}).job
    assert brief_of(added).logo is not None
    signed = finished(shop, factories.photo(shop), logo="auto")
    assert brief_of(services.job_rerun(job=signed, start_step=2, changes={"logo": "none"}).job).logo is None


@pytest.mark.django_db(transaction=True)
def test_a_job_s_logo_goes_with_the_job() -> None:
    shop = factories.shop()
    brand.logo_store(shop=shop, data=logo())
    before = stored_files()
    job = finished(shop, logo="auto")
    services.job_delete(job=job)
    assert stored_files() == before


def test_without_a_logo_asking_for_one_is_refused(shop: Shop) -> None:
    with pytest.raises(Refused) as refused:
        submit(shop, logo="auto")
    assert (refused.value.code, refused.value.status, refused.value.field) == ("logo.missing", 422, "logo")
    assert not Job.objects.exists()


def test_a_logo_is_of_no_use_to_a_background_alone(shop: Shop) -> None:
    brand.logo_store(shop=shop, data=logo())
    assert "logo" in submit(shop, logo="auto", stop_step=1).ignored
    assert "logo" not in submit(shop, logo="auto").ignored


@pytest.mark.parametrize("corner", [corner.value for corner in LogoCorner])
def test_every_corner_is_a_value_of_the_field(corner: str) -> None:
    assert AdParams.model_validate({"logo": corner}).logo == corner


def test_the_portal_s_checkbox_asks_for_the_logo(shop: Shop) -> None:
    brand.logo_store(shop=shop, data=logo())
    client, photo = _signed_in(shop), factories.photo(shop)
    for sent, wanted in ((["none", "auto"], "auto"), (["none"], "none"), ([], None)):
        data = {"photo_id": str(photo.pk), "text_content": "반값", **({"logo": sent} if sent else {})}
        answer = client.post("/ads/new/", data)
        assert answer.status_code == 302, answer.context["form"].errors
        assert Job.objects.get(pk=answer["Location"].split("/")[2]).request.get("logo") == wanted
    job = finished(shop, photo, logo="bottom-left")
    rerun = reverse("jobs:rerun", args=[job.pk])
    answer = client.post(rerun, {"text_content": "내일도"})
    assert Job.objects.get(pk=answer["Location"].split("/")[2]).request["logo"] == "bottom-left"
    answer = client.post(rerun, {"text_content": "내일도", "logo": "none"})
    assert Job.objects.get(pk=answer["Location"].split("/")[2]).request["logo"] == "none"

"""The new ad's page as the server sends it, and the files that its script asks for."""

from __future__ import annotations

import gzip
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from accounts.models import Shop
from generation.export.formats import FORMATS
from generation.typography.fonts import font_file, fonts
from jobs.models import Job
from tests.jobs import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    return factories.shop("봄날 커피")


@pytest.fixture
def owner(client: Client, shop: Shop) -> Client:
    client.force_login(factories.owner(shop))
    return client


def test_every_catalogued_font_is_served_whole_and_packed(owner: Client) -> None:
    for font in fonts():
        plain = owner.get(f"/ads/fonts/{font.path}")
        packed = owner.get(f"/ads/fonts/{font.path}", headers={"Accept-Encoding": "gzip, br"})
        assert plain.content == font_file(font.path).read_bytes() == gzip.decompress(packed.content)
        assert packed["Content-Encoding"] == "gzip" and "immutable" in packed["Cache-Control"]


@pytest.mark.parametrize("path", ["NanumSquare/OFL.txt", "catalogue.json", "../README.md", "nothing.ttf"])
def test_nothing_else_of_the_fonts_folder_is_served(owner: Client, path: str) -> None:
    assert owner.get(f"/ads/fonts/{path}").status_code == 404


def test_fonts_are_for_the_signed_in(client: Client) -> None:
    assert client.get(f"/ads/fonts/{fonts()[0].path}").status_code == 302


def test_the_page_names_the_shops_own_font(owner: Client, shop: Shop) -> None:
    Shop.objects.filter(pk=shop.pk).update(default_font="Gaegu/GaeguBold.ttf")
    assert 'data-usual-font="Gaegu/GaeguBold.ttf"' in owner.get("/ads/new/").content.decode()


def test_the_shops_own_formats_stand_in_a_group_before_the_others_each_once(
    owner: Client, shop: Shop
) -> None:
    Shop.objects.filter(pk=shop.pk).update(default_formats=["mms", "coupang", "instagram-story"])
    groups = owner.get("/ads/new/").context["form"].formats
    keys = [[choice.value for choice, _picked in picks] for _name, picks in groups]
    assert keys[:2] == [[""], ["mms", "instagram-story"]]
    offered = [key for group in keys for key in group]
    assert sorted(offered) == sorted({"", *(key for key, entry in FORMATS.items() if not entry.packshot)})
    assert [picked for _name, picks in groups for choice, picked in picks if not choice.value] == [True]


def test_small_lines_and_prompts_reach_the_request_and_come_back(owner: Client) -> None:
    wanted = {
        "subline": "매장에서만",
        "price_before": "12,000원",
        "price_now": "6,000원",
        "text_model_prompt": "gold letters",
        "bg_negative_prompt": "people",
    }
    file = SimpleUploadedFile("p.png", factories.photo_bytes(), "image/png")
    owner.post("/ads/new/", {"photo": file, "text_content": "반값", **wanted})
    job = Job.objects.get()
    assert job.request.items() >= wanted.items()
    page = owner.get(f"/ads/new/?from={job.pk}").content.decode()
    assert all(value in page for value in wanted.values())
    assert page.count(" open><summary>") == 2


def test_a_refused_price_is_told_at_its_field_in_an_open_fold(owner: Client, shop: Shop) -> None:
    photo = factories.photo(shop)
    sent = {"photo_id": str(photo.pk), "text_content": "반값", "price_now": "1" * 21}
    answer = owner.post("/ads/new/", sent)
    assert set(answer.context["form"].errors) == {"price_now"}
    page = answer.content.decode()
    assert " open><summary>작은 글씨·가격" in page and "1" * 21 in page


def test_a_draft_is_over_once_its_ad_was_ordered_and_only_in_that_shop(owner: Client, shop: Shop) -> None:
    def draft() -> str:
        return str(owner.get("/ads/new/").context["draft"])

    assert draft() == "shown"
    file = SimpleUploadedFile("p.png", factories.photo_bytes(), "image/png")
    refused = owner.post("/ads/new/", {"photo": file, "text_content": "긴" * 81})
    assert refused.context["draft"] == "kept" and draft() == "shown"
    photo_id = str(shop.photos.get().pk)
    owner.post("/ads/new/", {"photo_id": photo_id, "text_content": "반값"})
    assert [draft(), draft()] == ["over", "shown"]
    assert owner.get(f"/ads/new/?from={Job.objects.get().pk}").context["draft"] == "kept"


def test_a_screens_copy_of_photo_and_cut_out_is_small_and_the_shops_own(owner: Client, shop: Shop) -> None:
    photo = factories.photo(shop)
    row = owner.get(f"/api/photos/{photo.pk}").json()
    with Image.open(io.BytesIO(owner.get(row["matte_screen_url"]).content)) as cut:
        assert (cut.format, cut.mode, cut.size) == ("WEBP", "RGBA", (photo.width, photo.height))
        assert cut.getpixel((0, 0))[3] == 0 and cut.getpixel((photo.width // 2, photo.height // 2))[3] == 255
    with Image.open(io.BytesIO(owner.get(row["screen_url"]).content)) as whole:
        assert (whole.format, whole.size) == ("WEBP", (photo.width, photo.height))
    stranger = Client()
    stranger.force_login(factories.owner(factories.shop("남의 집")))
    assert stranger.get(row["screen_url"]).status_code == 404
    assert stranger.get(row["matte_screen_url"]).status_code == 404
    assert Client().get(row["screen_url"]).status_code == 401


def test_a_photo_of_12_megapixels_comes_down_to_a_screens_size(owner: Client, shop: Shop) -> None:
    data = io.BytesIO()
    Image.new("RGB", (4000, 3000), (90, 120, 60)).save(data, "JPEG")
    row = owner.post("/api/photos", {"file": SimpleUploadedFile("p.jpg", data.getvalue())}).json()
    with Image.open(io.BytesIO(owner.get(row["screen_url"]).content)) as small:
        assert small.size == (1536, 1152)


def test_a_photo_without_a_cut_out_has_no_screen_copy_of_one(owner: Client, shop: Shop) -> None:
    photo = factories.photo(shop, cut=False)
    assert owner.get(f"/api/photos/{photo.pk}").json()["matte_screen_url"] is None
    assert owner.get(f"/media/matte/{photo.pk}/screen").status_code == 404

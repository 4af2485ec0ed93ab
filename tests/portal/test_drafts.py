"""What was begun on the new ad's page is there again, at a desk and on a phone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from accounts.models import Shop
from jobs.models import Job, Photo
from tests.browsing import follow
from tests.jobs import factories
from tests.portal.desk import Desk


def _begin(desk: Desk) -> None:
    desk.upload_cut_out()
    desk.page.get_by_label("문구", exact=True).fill("오늘만\n반값")
    desk.choose("scene", "christmas")
    desk.choose("format", "instagram-story")
    desk.page.get_by_text("작은 글씨·가격").click()
    desk.page.get_by_label("할인 가격").fill("6000")
    desk.page.get_by_label("할인 가격").blur()
    desk.draft_is_kept()
    desk.page.wait_for_function(
        "slug => localStorage.getItem(`adstudio:draft:${slug}`).includes('6,000')", arg=desk.shop.slug
    )


def _is_as_begun(desk: Desk) -> None:
    expect(desk.page.locator("[data-drop]")).to_have_attribute("data-state", "ready")
    expect(desk.page.get_by_text("만들던 광고예요")).to_be_visible()
    found = [desk.value(name) for name in ("text_content", "scene", "format", "price_now", "photo_id")]
    assert found == ["오늘만\n반값", "christmas", "instagram-story", "6,000원", str(desk.photo.pk)]
    expect(desk.page.locator("[data-count]")).to_have_text("6/80")
    expect(desk.page.get_by_label("할인 가격")).to_be_visible()
    expect(desk.page.locator(".covered:visible")).to_have_count(2)


def test_a_draft_survives_reloading_leaving_and_signing_in_again(desk: Desk) -> None:
    _begin(desk)
    desk.page.reload()
    _is_as_begun(desk)
    desk.page.goto("/ads/")
    desk.page.goto("/ads/new/")
    _is_as_begun(desk)
    desk.page.context.clear_cookies()
    follow(desk.page, desk.page.get_by_role("button", name="광고 만들기"))
    desk.sign_in()
    _is_as_begun(desk)
    assert not Job.objects.exists()


def test_starting_over_and_ordering_end_the_draft(desk: Desk) -> None:
    _begin(desk)
    desk.page.get_by_role("button", name="처음부터").click()
    expect(desk.page.locator("[data-drop]")).to_have_attribute("data-state", "empty")
    assert (desk.value("text_content"), desk.value("scene"), desk.value("photo_id")) == ("", "", "")
    expect(desk.page.get_by_role("button", name="처음부터")).to_be_hidden()
    _begin(desk)
    desk.page.get_by_role("button", name="광고 만들기").click()
    expect(desk.page).to_have_url(re.compile(r"/ads/[0-9a-f-]{36}/$"))
    desk.page.goto("/ads/new/")
    expect(desk.page.locator("[data-drop]")).to_have_attribute("data-state", "empty")
    assert desk.value("text_content") == ""
    desk.page.reload()
    assert desk.value("text_content") == ""


def test_a_draft_does_not_come_over_an_ad_that_is_repeated(desk: Desk) -> None:
    _begin(desk)
    job = factories.job(desk.shop, text_content="내일은 제값", scene="beach")
    desk.page.goto(f"/ads/new/?from={job.pk}")
    expect(desk.page.get_by_label("문구", exact=True)).to_have_value("내일은 제값")
    assert (desk.value("scene"), desk.value("format")) == ("beach", "")
    desk.page.goto("/ads/new/")
    _is_as_begun(desk)


def test_a_photo_that_is_gone_takes_nothing_else_of_the_draft_along(desk: Desk) -> None:
    _begin(desk)
    Photo.objects.all().delete()
    desk.page.reload()
    expect(desk.page.get_by_role("alert")).to_contain_text("사진을 다시 올려 주세요")
    assert (desk.value("text_content"), desk.value("photo_id")) == ("오늘만\n반값", "")


@pytest.mark.parametrize("desk", ["phone"], indirect=True)
def test_a_logo_is_part_of_the_draft_once_it_was_chosen(desk: Desk) -> None:
    page = desk.page
    Shop.objects.filter(pk=desk.shop.pk).update(logo="logos/mine.png")
    page.reload()
    desk.is_ready()
    logo = page.get_by_label("로고 넣기")
    page.get_by_label("문구", exact=True).fill("반값")
    page.wait_for_function("() => localStorage.length")
    page.get_by_label("문구", exact=True).fill("")
    page.wait_for_function("() => !localStorage.length")
    before = logo.is_checked()
    logo.set_checked(not before)
    page.wait_for_function("() => localStorage.length")
    page.reload()
    desk.is_ready()
    expect(logo).to_be_checked(checked=not before)

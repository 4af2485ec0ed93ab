"""The new ad's page as a merchant uses it, at a desk and on a phone."""

from __future__ import annotations

import io
import re
import time
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from jobs.models import Job, WorkerState
from tests.conftest import START_SECONDS, Stack, until
from tests.jobs import factories
from tests.portal.brushing import open_brush, paint_stroke, save_brush
from tests.portal.desk import Desk
from tests.portal.test_accessibility import findings
from tests.portal.test_browser import JOB_MS

A_MINUTE = 60.0


def _heic(width: int, height: int) -> bytes:
    out = io.BytesIO()
    Image.fromarray(factories.product_picture(width, height)).save(out, "HEIF")
    return out.getvalue()


def test_an_iphones_heic_is_shown_as_the_server_made_it(desk: Desk) -> None:
    desk.upload(_heic(640, 480), "IMG_0001.HEIC")
    picture = desk.page.locator("[data-picture]")
    expect(picture).to_have_attribute("src", re.compile(r"/media/photo/.*/screen"))
    expect(picture).to_be_visible()
    expect(picture).to_have_js_property("naturalWidth", 640)
    expect(desk.page.get_by_text("제품을 오려 내는 중")).to_be_visible()


def test_the_cut_out_is_shown_on_a_checker_and_stood_in_the_scene(desk: Desk) -> None:
    desk.upload_cut_out()
    expect(desk.page.locator("[data-picture]")).to_have_attribute(
        "src", re.compile(r"/media/matte/.*/screen")
    )
    expect(desk.page.locator("[data-preview-product]")).to_be_visible()
    foot = desk.page.evaluate(
        """() => {
            const frame = document.querySelector("[data-frame]").getBoundingClientRect();
            const product = document.querySelector("[data-preview-product]").getBoundingClientRect();
            return [(product.left + product.right) / 2 - (frame.left + frame.right) / 2, frame.bottom - product.bottom];
        }"""
    )
    assert abs(foot[0]) < 2 and foot[1] > 0


def test_a_photo_that_is_refused_leaves_the_earlier_one_and_all_else(desk: Desk) -> None:
    desk.upload_cut_out()
    desk.page.get_by_label("문구", exact=True).fill("오늘만 반값")
    desk.choose("scene", "christmas")
    desk.upload(b"not a photo", "a.txt")
    expect(desk.page.get_by_role("alert")).to_contain_text("JPEG, PNG, WebP, HEIC")
    expect(desk.page.locator("[data-drop]")).to_have_attribute("data-state", "ready")
    assert desk.value("photo_id") == str(desk.photo.pk)
    desk.page.evaluate(
        """() => {
            const data = new DataTransfer();
            data.items.add(new File([new Uint8Array(32 * 1024 * 1024 + 1)], "huge.jpg", { type: "image/jpeg" }));
            const dropped = new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
            document.querySelector("[data-drop]").dispatchEvent(dropped);
        }"""
    )
    expect(desk.page.get_by_role("alert")).to_contain_text("32 MB")
    assert (desk.value("text_content"), desk.value("scene")) == ("오늘만 반값", "christmas")


# The likeness ---------------------------------------------------------------------------------------------


def test_the_headline_is_set_in_the_chosen_font_and_style_line_by_line(desk: Desk) -> None:
    page = desk.page
    words = page.locator("[data-preview-words]")
    page.get_by_label("문구", exact=True).fill("오늘만\n반값")
    expect(words).to_have_text("오늘만\n반값", use_inner_text=True)
    page.wait_for_function("() => [...document.fonts].some((face) => face.family.includes('NanumSquareEB'))")
    page.get_by_label("글꼴").select_option("Gaegu/GaeguBold.ttf")
    page.wait_for_function("() => [...document.fonts].some((face) => face.family.includes('GaeguBold'))")
    assert "GaeguBold" in words.evaluate("(each) => getComputedStyle(each).fontFamily")
    desk.choose("text_style", "gold")
    expect(words).to_have_attribute("data-look", "gold")
    assert words.evaluate("(each) => each.style.getPropertyValue('--middle')") == "#e3a52c"
    inside = page.evaluate(
        """() => {
            const frame = document.querySelector("[data-frame]").getBoundingClientRect();
            const words = document.querySelector("[data-preview-words]").getBoundingClientRect();
            return words.left >= frame.left && words.right <= frame.right && words.top >= frame.top
                && words.bottom < frame.top + frame.height / 2;
        }"""
    )
    assert inside
    assert desk.complaints == []


def test_a_story_shows_what_the_app_covers_and_a_square_nothing(desk: Desk) -> None:
    page = desk.page
    covered = page.locator(".covered:visible")
    expect(covered).to_have_count(0)
    page.get_by_label("문구", exact=True).fill("반값")
    desk.choose("format", "instagram-story")
    expect(covered).to_have_count(2)
    shares = page.evaluate(
        """() => {
            const box = (query) => document.querySelector(query).getBoundingClientRect();
            const frame = box("[data-frame]");
            return [frame.width / frame.height, box("[data-covered=top]").height / frame.height,
                    box("[data-covered=bottom]").height / frame.height,
                    (box("[data-preview-words]").top - frame.top) / frame.height];
        }"""
    )
    assert shares[:3] == pytest.approx([1080 / 1920, 270 / 1920, 384 / 1920], abs=0.02)
    assert shares[3] > 270 / 1920, "the words keep clear of it"
    desk.choose("format", "kakao-display")
    expect(covered).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


# What is chosen -------------------------------------------------------------------------------------------


def test_scenes_are_found_by_words_of_both_languages(desk: Desk) -> None:
    page = desk.page
    tiles = page.locator(".tile:has([name=scene]):visible")
    every = page.locator(".tile:has([name=scene])").count()
    more = page.get_by_role("button", name="더 보기").first
    if more.is_visible():
        assert tiles.count() == 9
        more.click()
    expect(tiles).to_have_count(every)
    find = page.get_by_label("배경 찾기")
    for word in ("성탄절", "xmas", "Christmas"):
        find.fill(word)
        expect(tiles).to_have_count(1)
        expect(page.get_by_role("radio", name="크리스마스")).to_be_visible()
    find.fill("우주선")
    expect(tiles).to_have_count(0)
    expect(page.get_by_text("맞는 것이 없어요")).to_be_visible()
    find.press("Enter")
    expect(page).to_have_url(re.compile("/ads/new/$"))


def test_a_suggested_headline_is_a_tap_away(desk: Desk) -> None:
    page = desk.page
    page.get_by_role("button", name="문구 추천").click()
    product = page.get_by_label("무엇을 파나요?")
    expect(product).to_be_focused()
    product.press("Enter")
    expect(page.get_by_text("제품 이름을 먼저 적어 주세요")).to_be_visible()
    product.fill("크루아상")
    product.press("Enter")
    chips = page.locator("[data-suggestions] button")
    expect(chips).to_have_count(5)
    chips.nth(1).click()
    headline = page.get_by_label("문구", exact=True)
    expect(headline).to_have_value(re.compile("크루아상"))
    expect(chips.nth(1)).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[data-preview-words]")).to_have_text(headline.input_value())
    assert page.locator("[data-count]").first.inner_text() == f"{len(headline.input_value())}/80"

    before = chips.all_inner_texts()
    page.get_by_role("button", name="다른 문구").click()
    expect(chips.first).not_to_have_text(before[0])
    assert not set(before) & set(chips.all_inner_texts()) and chips.count() == 5
    small = page.locator("[data-subline] .chip-button")
    small.click()
    expect(page.get_by_label("작은 글씨")).to_have_value(small.inner_text())
    small.click()
    expect(page.get_by_label("작은 글씨")).to_have_value("")


def test_a_wish_is_worked_out_told_and_undone(desk: Desk) -> None:
    page = desk.page
    page.get_by_text("원하는 분위기 적기").click()
    page.get_by_role("button", name="다듬기", exact=True).click()
    expect(page.get_by_text("원하는 분위기를 먼저 적어 주세요")).to_be_visible()
    page.get_by_label("원하는 분위기", exact=True).fill("눈 오는 겨울, 금색 글자")
    page.get_by_role("button", name="다듬기", exact=True).click()
    told = page.locator("[data-changes]")
    expect(told).to_contain_text("“눈 오는 겨울, 금색 글자”에 맞춰")
    expect(told).to_contain_text(re.compile("배경: 자동 → "))
    expect(told).to_contain_text("글자 느낌: 자동 → 골드")
    expect(told.locator(".reason")).to_contain_text("“골드” 문구가 어울려요")
    assert (desk.value("scene"), desk.value("text_style")) == ("winter-snow", "gold")
    assert desk.value("bg_prompt").isascii() and desk.value("text_model_prompt").isascii()
    expect(page.locator("[data-preview-scene]")).to_have_attribute("src", re.compile("winter-snow"))
    page.locator("[data-wish]").get_by_role("button", name="되돌리기").click()
    assert (desk.value("scene"), desk.value("text_style")) == ("", "")
    assert (desk.value("bg_prompt"), desk.value("text_model_prompt")) == ("눈 오는 겨울, 금색 글자", "")


def test_prices_are_written_for_the_merchant_and_reach_the_request(desk: Desk) -> None:
    page = desk.page
    desk.upload_cut_out()
    page.get_by_label("문구", exact=True).fill("반값")
    page.get_by_text("작은 글씨·가격").click()
    page.get_by_label("작은 글씨").fill("매장에서만")
    before, now = page.get_by_label("원래 가격"), page.get_by_label("할인 가격")
    assert now.get_attribute("inputmode") == "numeric"
    before.fill("12000")
    now.fill("6000")
    now.blur()
    expect(before).to_have_value("12,000원")
    expect(page.get_by_text("50% 싸게 보여요")).to_be_visible()
    expect(page.locator("[data-preview-small]")).to_contain_text("6,000원")
    now.fill("하나 더")
    now.blur()
    expect(now).to_have_value("하나 더")
    now.fill("5900")
    now.press("Enter")
    expect(page).to_have_url(re.compile(r"/ads/[0-9a-f-]{36}/$"))
    wanted = {"subline": "매장에서만", "price_before": "12,000원", "price_now": "5,900원"}
    assert Job.objects.get().request.items() >= wanted.items()


def test_a_refusal_keeps_everything_and_is_brought_into_view(desk: Desk) -> None:
    page = desk.page
    desk.upload_cut_out()
    page.get_by_label("문구", exact=True).fill("반값 \u0e01")
    more = page.get_by_role("button", name="더 보기").first
    if more.is_visible():
        more.click()
    desk.choose("scene", "seollal")
    desk.choose("format", "mms")
    page.get_by_role("button", name="광고 만들기").click()
    expect(page.get_by_text("고른 글꼴에 없는 글자가 있어요")).to_be_in_viewport()
    assert desk.value("text_content") == "반값 \u0e01"
    assert (desk.value("scene"), desk.value("format")) == ("seollal", "mms")
    expect(page.locator("[data-drop]")).to_have_attribute("data-state", "ready")
    expect(page.get_by_role("radio", name="설날")).to_be_visible()


def test_nothing_serious_stands_in_the_way_of_anyone(desk: Desk) -> None:
    """axe-core with everything unfolded, and in the brush."""
    page = desk.page
    desk.upload_cut_out()
    page.get_by_label("문구", exact=True).fill("반값")
    page.get_by_text("작은 글씨·가격").click()
    page.get_by_text("원하는 분위기 적기").click()
    page.get_by_role("button", name="문구 추천").click()
    page.get_by_label("무엇을 파나요?").fill("크루아상")
    page.get_by_role("button", name="추천받기").click()
    expect(page.locator("[data-suggestions] button")).to_have_count(5)
    desk.choose("format", "instagram-story")
    assert findings(page) == []
    open_brush(page)
    assert findings(page) == []


@pytest.mark.parametrize("desk", ["phone"], indirect=True)
def test_nothing_moves_by_itself_while_a_photo_is_taken_in(desk: Desk) -> None:
    page = desk.page
    page.evaluate(
        """() => {
            window.moved = 0;
            new PerformanceObserver((list) => {
                for (const entry of list.getEntries()) window.moved += entry.value;
            }).observe({ type: "layout-shift", buffered: true });
        }"""
    )
    desk.upload_cut_out()
    expect(page.locator("[data-preview-product]")).to_be_visible()
    page.wait_for_timeout(300)
    assert page.evaluate("window.moved") < 0.02


# The whole way --------------------------------------------------------------------------------------------


def test_font_and_brush_keep_to_the_content_security_policy(desk: Desk) -> None:
    page = desk.page
    policy = page.reload().header_value("content-security-policy") or ""  # type: ignore[union-attr]
    assert {"default-src 'none'", "script-src 'self'", "style-src 'self'"} <= set(policy.split("; "))
    desk.is_ready()
    desk.upload_cut_out()
    page.get_by_label("문구", exact=True).fill("반값")
    page.wait_for_function("() => [...document.fonts].some((face) => face.family.includes('headline'))")
    canvas = open_brush(page)
    paint_stroke(page, canvas, 0.5)
    save_brush(page)
    assert desk.complaints == []


@pytest.mark.timeout(240)
def test_from_a_blank_page_to_a_downloaded_ad_within_a_minute(
    desk: Desk, stack: Stack, tmp_path: Path
) -> None:
    stack.worker()
    page = desk.page
    page.reload()
    until(WorkerState.objects.exists, START_SECONDS, "the worker's first beat")
    started = time.monotonic()
    desk.upload(Path("static/img/samples/loaf.jpg").read_bytes(), "loaf.jpg")
    page.get_by_label("문구", exact=True).type("오늘만\n반값", delay=120)
    page.get_by_role("radio", name="크리스마스").check(force=True)
    page.get_by_role("button", name="광고 만들기").click()
    with page.expect_download(timeout=JOB_MS) as waiting:
        page.get_by_role("link", name="내려받기").click(timeout=JOB_MS)
    waiting.value.save_as(tmp_path / "ad.png")
    took = time.monotonic() - started
    print(f"from a blank page to a downloaded ad: {took:.1f} s")
    with Image.open(tmp_path / "ad.png") as picture:
        assert picture.size == (1024, 1024)
    assert Job.objects.get().request["scene"] == "christmas"
    assert took < A_MINUTE
    assert desk.complaints == []

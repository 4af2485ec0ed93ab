"""A finished ad in a real browser, on a telephone and at a desk: taken away, shown, compared, changed, deleted."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from accounts.models import Shop
from generation.export.formats import FORMATS
from jobs.models import Job, ShareLink, VariationSet
from tests.browsing import follow
from tests.conftest import Stack
from tests.jobs import factories
from tests.jobs.conftest import wait_for
from tests.jobs.finished import export_stored, finished
from tests.portal.conftest import OpenBoth, OpenPage, fits, submitted

DRAWN_MS = 120_000
KAKAO = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/124 Mobile Safari/537.36 KAKAOTALK 10.8.2"


def _complaints(page: Page) -> list[str]:
    told: list[str] = []
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("console", lambda message: told.append(message.text) if message.type == "error" else None)
    return told


DRAWN_LAST = ("mms", "coupang")


@pytest.mark.timeout(300)
def test_all_formats_come_in_one_file_once_workers_have_drawn_them(
    open_both: OpenBoth, shop: Shop, stack: Stack, tmp_path: Path
) -> None:
    """Asked for at a desk and on a telephone while two formats are still to be drawn; both get the whole."""
    job = submitted(shop)
    stack.worker()
    wait_for(job, "completed")
    stack.stop_worker()
    for key in set(FORMATS) - set(DRAWN_LAST):
        entry = FORMATS[key]
        size = (entry.default.width, entry.default.height)
        export_stored(job, key, size, "PNG" if entry.extension == "png" else "JPEG")
    desk, telephone = pages = open_both(f"/ads/{job.pk}/")
    with (
        desk.expect_download(timeout=DRAWN_MS) as at_desk,
        telephone.expect_download(timeout=DRAWN_MS) as on_telephone,
    ):
        for page in pages:
            page.get_by_role("link", name="모든 규격 ZIP").click()
            told = f"{len(FORMATS)}개 가운데 {len(FORMATS) - len(DRAWN_LAST)}개를 그렸어요"
            expect(page.locator("[data-said]")).to_have_text(told)
            expect(page.locator("[data-counted]")).to_be_visible()
            assert fits(page)
        stack.start_worker()
    for page, waiting in zip(pages, (at_desk, on_telephone), strict=True):
        expect(page.locator("[data-said]")).to_have_text("내려받았어요.")
        waiting.value.save_as(tmp_path / "all.zip")
        _is_whole(zipfile.ZipFile(tmp_path / "all.zip"))


def _is_whole(archive: zipfile.ZipFile) -> None:
    assert archive.testzip() is None
    assert len(archive.namelist()) == len(FORMATS) + 1
    for key in DRAWN_LAST:
        [name] = [name for name in archive.namelist() if name.endswith(f"-{key}.jpg")]
        picture = Image.open(io.BytesIO(archive.read(name)))
        picture.load()
        assert picture.size == (FORMATS[key].default.width, FORMATS[key].default.height)


@pytest.mark.timeout(300)
def test_the_packshot_is_one_press_away(open_both: OpenBoth, shop: Shop, stack: Stack) -> None:
    job = submitted(shop)
    stack.worker()
    wait_for(job, "completed")
    desk, telephone = pages = open_both(f"/ads/{job.pk}/")
    with (
        desk.expect_download(timeout=DRAWN_MS) as at_desk,
        telephone.expect_download(timeout=DRAWN_MS) as on_telephone,
    ):
        for page in pages:
            page.get_by_role("link", name="흰 배경 사진").click()
    for page, waiting in zip(pages, (at_desk, on_telephone), strict=True):
        assert waiting.value.suggested_filename.endswith("-smartstore.jpg")
        expect(page.locator("[data-said]")).to_have_text("흰 배경 사진: 내려받았어요.")
        assert fits(page)


def test_photo_and_ad_are_compared_by_keyboard_and_finger(open_page: OpenPage, shop: Shop) -> None:
    page = open_page(f"/ads/{finished(shop).pk}/")
    button = page.get_by_role("button", name="사진과 비교")
    button.focus()
    page.keyboard.press("Enter")
    line = page.get_by_role("slider", name="사진과 광고를 나누는 선")
    expect(line).to_be_focused()
    expect(page.get_by_alt_text("올린 제품 사진")).to_be_visible()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    expect(line).to_have_attribute("aria-valuetext", "사진이 60퍼센트 보여요")
    box = line.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] * 0.2, box["y"] + box["height"] * 0.5)
    expect(line).to_have_value(re.compile(r"^(1?\d|2[0-4])$"))
    divide = "getComputedStyle(document.querySelector('[data-stage-box]')).getPropertyValue('--divide')"
    assert float(page.evaluate(divide)) == int(line.input_value()) / 100
    button.click()
    expect(line).to_be_hidden()
    expect(page.get_by_alt_text("올린 제품 사진")).to_be_hidden()


def test_a_link_is_made_copied_opened_by_anyone_and_taken_back(open_page: OpenPage, shop: Shop) -> None:
    job = finished(shop)
    page = open_page(f"/ads/{job.pk}/")
    page.get_by_role("button", name="일주일 링크 만들기").click()
    expect(page.get_by_text("링크를 복사했어요.")).to_be_visible()
    address = page.get_by_label("공유 링크").input_value()
    pasted = (
        page.context.new_page()
    )  # asking to read the clipboard would need a permission of the whole browser's
    pasted.goto("/ads/")
    pasted.get_by_role("searchbox").press("Control+V")
    expect(pasted.get_by_role("searchbox")).to_have_value(address[:100])
    pasted.close()
    assert fits(page)
    stranger = open_page(address, anonymous=True)
    expect(stranger.get_by_role("heading", name="봄날 커피")).to_be_visible()
    expect(stranger.locator(".shared-picture")).to_have_js_property("naturalWidth", 320)
    assert stranger.context.cookies() == []
    assert fits(stranger)
    with stranger.expect_download() as waiting:
        stranger.get_by_role("link", name="내려받기").click()
    assert waiting.value.suggested_filename == "봄날-커피.png"
    page.get_by_role("button", name="링크 거두기").click()
    expect(page.get_by_role("button", name="일주일 링크 만들기")).to_be_focused()
    stranger.reload()
    expect(stranger.get_by_role("heading", name="볼 수 없는 링크예요")).to_be_visible()
    assert ShareLink.objects.get().revoked_at is not None


SHARE_SHEET = """
    navigator.canShare = (data) => Boolean(data.files);
    navigator.share = async (data) => { window.shared = data.files.map((file) => [file.name, file.type, file.size]); };
"""


def test_the_share_sheet_gets_the_file(open_page: OpenPage, shop: Shop) -> None:
    job = finished(shop)
    page = open_page("/ads/")
    page.add_init_script(SHARE_SHEET)
    page.goto(f"/ads/{job.pk}/")
    page.get_by_role("button", name="공유하기").click()
    page.wait_for_function("() => window.shared")
    size = len(factories.photo_bytes())
    assert page.evaluate("window.shared") == [
        [f"adstudio-오늘만-반값-{str(job.pk)[:8]}.png", "image/png", size]
    ]


def test_where_files_cannot_be_shared_there_is_no_such_button(open_page: OpenPage, shop: Shop) -> None:
    page = open_page("/ads/")
    page.add_init_script("navigator.canShare = undefined;")
    page.goto(f"/ads/{finished(shop).pk}/")
    expect(page.get_by_role("link", name="내려받기")).to_be_visible()
    expect(page.get_by_role("button", name="공유하기")).to_be_hidden()


def test_a_refused_share_sheet_falls_back_to_the_download(open_page: OpenPage, shop: Shop) -> None:
    page = open_page("/ads/")
    broken = 'navigator.share = async () => { throw new DOMException("no", "DataError"); };'
    page.add_init_script(SHARE_SHEET + broken)
    page.goto(f"/ads/{finished(shop).pk}/")
    with page.expect_download():
        page.get_by_role("button", name="공유하기").click()


@pytest.mark.timeout(300)
def test_four_backgrounds_come_side_by_side_and_one_is_chosen(
    open_both: OpenBoth, shop: Shop, stack: Stack
) -> None:
    """Ordered at a desk, seen there and on a telephone, which chooses."""
    source = submitted(shop)
    stack.worker()
    wait_for(source, "completed")
    desk, telephone = pages = open_both(f"/ads/{source.pk}/")
    expect(telephone.get_by_role("button", name="네 가지 보기")).to_be_visible()
    follow(desk, desk.get_by_role("button", name="네 가지 보기"))
    expect(desk).to_have_url(re.compile(r"/ads/sets/[0-9a-f-]{36}/$"))
    telephone.goto(desk.url)
    for page in pages:
        _lie_side_by_side(page)
    for page in pages:
        expect(page.get_by_role("button", name="이걸로 고르기")).to_have_count(4, timeout=DRAWN_MS)
        pictures = [image.get_attribute("src") for image in page.locator(".set-cards img").all()]
        assert len(set(pictures)) == 4
    follow(telephone, telephone.get_by_role("button", name="이걸로 고르기").nth(1))
    made = VariationSet.objects.get()
    assert telephone.url.endswith(f"/ads/{made.chosen_id}/")
    expect(telephone.get_by_text("이 배경으로 골랐어요")).to_be_visible()
    for page in pages:
        page.goto("/ads/")
        expect(page.locator(".card")).to_have_count(2)
        page.goto(f"/ads/{made.chosen_id}/")
        page.get_by_role("link", name="배경 후보 나란히 보기").click()
        expect(page.locator(".card-chosen")).to_have_count(1)


def _lie_side_by_side(page: Page) -> None:
    cards = page.locator(".set-cards .card")
    expect(cards).to_have_count(4)
    lefts = "(cards) => cards.map((card) => Math.round(card.getBoundingClientRect().left))"
    columns = set(cards.evaluate_all(lefts))  # in one look: cards are replaced as they come to be made
    assert len(columns) == 2, "two by two"
    assert fits(page)


def test_over_the_quota_the_page_says_so_and_orders_none(open_page: OpenPage, shop: Shop) -> None:
    job = finished(shop)
    Shop.objects.filter(pk=shop.pk).update(daily_jobs=3)
    page = open_page(f"/ads/{job.pk}/")
    page.get_by_role("button", name="네 가지 보기").click()
    expect(page.get_by_role("alert")).to_contain_text("오늘은 2개만 더 만들 수 있어요")
    assert fits(page)
    assert Job.objects.count() == 1


def test_the_layout_is_changed_on_the_page(open_page: OpenPage, shop: Shop) -> None:
    job = finished(shop)
    page = open_page(f"/ads/{job.pk}/")
    page.get_by_text("배치만 바꾸기").click()
    fold = page.locator("#layout")
    fold.get_by_role("radio", name="아래").check(force=True)
    fold.get_by_label("할인 가격").fill("4,500원")
    assert fits(page)
    fold.get_by_role("button", name="이 배치로 다시 만들기").click()
    expect(page.get_by_text("바로 다음 차례예요")).to_be_visible()
    made = Job.objects.exclude(pk=job.pk).get()
    wanted = {"start_step": 3, "text_position": "bottom", "price_now": "4,500원"}
    assert made.request.items() >= wanted.items()


def test_it_is_named_kept_deleted_and_brought_back(open_page: OpenPage, shop: Shop) -> None:
    job = finished(shop)
    page = open_page(f"/ads/{job.pk}/")
    star = page.get_by_role("button", name="즐겨찾기")
    star.click()
    expect(star).to_have_attribute("aria-pressed", "true")
    page.get_by_text("이름 바꾸기").click()
    page.get_by_label("광고 이름").fill("봄 신메뉴")
    page.get_by_role("button", name="저장").click()
    expect(page.get_by_role("heading", name="봄 신메뉴")).to_be_visible()
    page.get_by_role("button", name="지우기").click()
    expect(page.get_by_text("‘봄 신메뉴’ 광고를 지웠어요.")).to_be_visible()
    expect(page.locator(".card")).to_have_count(0)
    assert fits(page)
    page.get_by_role("button", name="되돌리기").click()
    expect(page.get_by_text("광고를 되돌렸어요.")).to_be_visible()
    expect(page.get_by_role("heading", name="봄 신메뉴")).to_be_visible()
    page.goto("/ads/?show=favourites")
    expect(page.locator(".card")).to_have_count(1)


def test_inside_kakaotalk_plain_links_and_a_way_out(open_page: OpenPage, shop: Shop, stack: Stack) -> None:
    job = finished(shop)
    page = open_page(f"/ads/{job.pk}/", user_agent=KAKAO)
    out = page.get_by_role("link", name="다른 브라우저로 열기").get_attribute("href") or ""
    assert out.startswith("kakaotalk://web/openExternal?url=http%3A%2F%2F127.0.0.1")
    assert fits(page)
    with page.expect_download() as waiting:
        page.get_by_role("link", name="내려받기").click()
    assert waiting.value.url == f"{stack.url}/ads/{job.pk}/download/", "no blob, which the app cannot save"


def test_nothing_on_the_pages_breaks_the_content_security_policy(open_page: OpenPage, shop: Shop) -> None:
    job = finished(shop)
    page = open_page("/ads/")
    told = _complaints(page)
    page.goto(f"/ads/{job.pk}/")
    page.get_by_role("button", name="사진과 비교").click()
    page.keyboard.press("ArrowRight")
    page.get_by_role("button", name="일주일 링크 만들기").click()
    expect(page.get_by_text("링크를 복사했어요.")).to_be_visible()
    page.get_by_role("button", name="즐겨찾기").click()
    expect(page.get_by_role("button", name="즐겨찾기")).to_have_attribute("aria-pressed", "true")
    page.goto("/ads/?q=오늘만")
    expect(page.locator(".card")).to_have_count(1)
    assert told == []


def test_everything_is_there_without_scripts(open_page: OpenPage, shop: Shop) -> None:
    job = finished(shop)
    page = open_page(f"/ads/{job.pk}/", java_script_enabled=False)
    expect(page.get_by_role("button", name="사진과 비교")).to_be_hidden()
    page.get_by_role("button", name="일주일 링크 만들기").click()
    expect(page.get_by_label("공유 링크")).to_have_value(re.compile(r"/s/"))
    page.get_by_role("link", name="모든 규격 ZIP").click()
    expect(page.get_by_role("heading", name="모든 규격을 그리고 있어요")).to_be_visible()
    page.goto(f"/ads/{job.pk}/")
    page.get_by_role("button", name="지우기").click()
    page.get_by_role("button", name="되돌리기").click()
    expect(page.get_by_text("광고를 되돌렸어요.")).to_be_visible()


@pytest.mark.timeout(300)
def test_the_words_to_post_are_copied_one_by_one(open_page: OpenPage, shop: Shop) -> None:
    """Over plain HTTP, where the clipboard may be out of reach: then the text is selected."""
    job = finished(shop, request={"text_content": "갓 내린 라떼"})
    page = open_page(f"/ads/{job.pk}/", user_agent=KAKAO)
    complaints = _complaints(page)
    page.get_by_text("올릴 글", exact=True).click()
    expect(page.get_by_role("textbox", name="대체 텍스트")).to_have_value(re.compile("갓 내린 라떼"))
    page.get_by_label("무엇을 파나요?").last.fill("라떼")
    page.get_by_role("button", name="글 쓰기").click()
    feed = page.get_by_role("textbox", name="인스타그램 피드")
    expect(feed).to_have_value(re.compile("#라떼"))
    page.evaluate("() => { Clipboard.prototype.writeText = () => Promise.reject(); }")
    page.get_by_role("button", name="복사 — 인스타그램 피드").click()
    expect(page.locator("[data-post-said]")).to_have_text("복사했어요.")
    selected = feed.evaluate("field => field.value.slice(field.selectionStart, field.selectionEnd)")
    assert selected == feed.input_value()
    before = feed.input_value()
    page.get_by_role("button", name="다른 글").click()
    expect(page.get_by_role("textbox", name="인스타그램 피드")).not_to_have_value(before)
    assert fits(page) and not complaints

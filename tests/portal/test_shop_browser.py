"""The shop's own area in a real browser: a team grows by a link, a brand is seen before it is saved."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from django.conf import settings
from PIL import Image
from playwright.sync_api import Browser, Page, Route, expect

from accounts.models import Membership
from generation.palette import badge_ground, rgb_of, written
from tests.browsing import follow, sign_in
from tests.conftest import Stack
from tests.jobs import factories

WIDTHS = (1280, 390)


def _logo(color: tuple[int, int, int]) -> dict[str, object]:
    out = io.BytesIO()
    image = Image.new("RGBA", (240, 100), (0, 0, 0, 0))
    image.paste((*color, 255), (20, 20, 220, 80))
    image.save(out, "PNG")
    return {"name": "logo.png", "mimeType": "image/png", "buffer": out.getvalue()}


def _menu(page: Page, name: str) -> None:
    page.locator(".menu summary").click()
    follow(page, page.get_by_role("link", name=name, exact=True).first)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("width", WIDTHS)
def test_an_invitation_leads_through_sign_up_into_the_shop(
    page: Page, browser: Browser, stack: Stack, width: int
) -> None:
    shop = factories.shop("봄날 커피")
    factories.job(shop)
    page.set_viewport_size({"width": width, "height": 844})
    sign_in(page, shop)
    _menu(page, "함께 일하는 사람")
    page.get_by_label("이메일(선택)").fill("mina@example.com")
    follow(page, page.get_by_role("button", name="초대하기"))
    # Without a mail server the mail lies in a file.
    expect(page.get_by_role("heading", name="링크를 직접 보내 주세요")).to_be_visible()
    page.get_by_role("button", name="링크 복사").click()
    expect(page.get_by_role("button", name="복사했어요")).to_be_visible()
    link = page.get_by_label("초대 링크").input_value()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    mails = [path.read_text() for path in Path(settings.RUN_DIR, "mail").iterdir()]
    assert any(link in text and "mina@example.com" in text for text in mails)

    other = browser.new_context(base_url=stack.url, locale="ko-KR", viewport={"width": width, "height": 844})
    guest = other.new_page()
    guest.goto(link)
    assert guest.evaluate("document.documentElement.scrollWidth") <= width
    follow(guest, guest.get_by_role("link", name="가입하고 함께하기"))
    expect(guest.get_by_role("heading", name="봄날 커피에 함께해요")).to_be_visible()
    guest.get_by_label("이메일", exact=True).fill("mina@example.com")
    guest.get_by_label("비밀번호").fill(factories.PASSWORD)
    for consent in ("이용약관", "개인정보"):
        guest.get_by_role("checkbox", name=re.compile(consent)).check()
    guest.get_by_role("button", name="가입하고 시작하기").click()
    guest.wait_for_url("**/ads/")
    expect(guest.locator(".menu-name")).to_have_text("봄날 커피")
    expect(guest.locator(".card")).to_have_count(1)
    member = Membership.objects.get(user__email="mina@example.com")
    assert (member.shop, member.role) == (shop, "staff")

    page.goto("/shop/team/")
    row = page.get_by_role("listitem").filter(has_text="mina@example.com")
    expect(row).to_have_count(1)
    row.locator("summary").click()
    row.get_by_role("button", name=re.compile("내보내기")).click()
    expect(page.get_by_role("status")).to_contain_text("들어올 수 없어요")
    guest.reload()
    guest.wait_for_url("**/shops/new/")
    other.close()


@pytest.mark.timeout(240)
@pytest.mark.parametrize("width", WIDTHS)
def test_a_brand_is_seen_before_it_is_saved(page: Page, stack: Stack, width: int) -> None:
    told: list[str] = []
    page.on("pageerror", lambda error: told.append(str(error)))
    shop = factories.shop("봄날 커피")
    page.set_viewport_size({"width": width, "height": 844})
    sign_in(page, shop)
    _menu(page, "브랜드")
    sample = page.locator("[data-sample]")
    page.locator("input[name=logo]").set_input_files(_logo((200, 40, 60)))  # type: ignore[arg-type]
    expect(page.locator("[data-logo-told]")).to_have_text("로고를 저장했어요")
    expect(sample.locator("[data-logo]")).to_have_attribute("href", re.compile(r"/shop/logo\.png\?v="))
    page.locator("[data-color-field=ground] [data-color='#c8283c']").click()
    assert page.get_by_label("브랜드 색", exact=True).input_value() == "#c8283c"
    expect(sample.locator("[data-ground]")).to_have_attribute("fill", "#c8283c")
    expect(sample).to_have_attribute("data-ink", "light")
    page.get_by_label("포인트 색", exact=True).fill("#ffe08a")
    deep = written(badge_ground(rgb_of("#ffe08a")))
    assert int(deep[1:3], 16) < 0xB0, "white type would not read on it"
    expect(sample.locator("[data-accent]")).to_have_attribute("fill", deep)
    page.get_by_label("기본 글꼴").select_option(index=2)
    expect(sample.locator("[data-words]")).to_have_attribute("href", re.compile(r"font=.+ttf"))
    page.locator("input[name=logo]").set_input_files(
        {"name": "a.svg", "mimeType": "image/svg+xml", "buffer": b"<svg/>"}
    )
    expect(page.get_by_role("alert")).to_contain_text("지원하지 않는 로고 파일이에요")
    assert page.get_by_label("포인트 색", exact=True).input_value() == "#ffe08a"
    page.get_by_role("checkbox", name="문자(MMS)").check()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("button", name="저장하기").click()
    expect(page.get_by_text("브랜드를 저장했어요.")).to_be_visible()
    shop.refresh_from_db()
    assert (shop.brand_color, shop.accent_color) == ("#c8283c", "#ffe08a")
    assert shop.default_formats == ["mms"] and shop.logo
    assert told == []


def test_a_logo_chosen_before_the_script_came_is_kept(page: Page, stack: Stack) -> None:
    """On a slow line the page can be used before its scripts are there."""
    held: list[Route] = []
    page.route("**/shop-brand.js", lambda route: held.append(route))
    sign_in(page, factories.shop("봄날 커피"))
    with page.expect_request("**/shop-brand.js"):
        page.goto("/shop/", wait_until="commit")
    page.locator("input[name=logo]").set_input_files(_logo((200, 40, 60)))  # type: ignore[arg-type]
    held[0].continue_()
    expect(page.locator("[data-logo-told]")).to_have_text("로고를 저장했어요")


def test_the_kit_works_without_scripts(page: Page, stack: Stack) -> None:
    context = page.context.browser.new_context(  # type: ignore[union-attr]
        base_url=stack.url, locale="ko-KR", java_script_enabled=False
    )
    plain = context.new_page()
    shop = factories.shop("봄날 커피")
    sign_in(plain, shop)
    plain.goto("/shop/")
    plain.locator("input[name=logo]").set_input_files(_logo((200, 40, 60)))  # type: ignore[arg-type]
    plain.get_by_label("브랜드 색", exact=True).fill("#123456")
    plain.get_by_role("button", name="저장하기").click()
    expect(plain.locator("[data-ground]")).to_have_attribute("fill", "#123456")
    shop.refresh_from_db()
    assert shop.logo
    context.close()

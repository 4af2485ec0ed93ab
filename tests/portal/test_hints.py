"""Hints below the headline while it is typed: mended with one tap, explained, kept, and never in the way."""

from __future__ import annotations

from playwright.sync_api import Route, expect

from tests.portal.conftest import fits
from tests.portal.desk import Desk


def test_words_are_mended_explained_and_kept(desk: Desk) -> None:
    page = desk.page
    headline, items = page.locator("[name=text_content]"), page.locator("[data-hints-list] > li")
    expect(page.locator("[data-hints]")).to_be_hidden()

    headline.press_sequentially("국내 최고 까페, 놓치면 안되요", delay=5)
    expect(items).to_have_count(3)
    assert fits(page)
    items.filter(has_text="되요").locator(".hint-fix").click()
    expect(headline).to_have_value("국내 최고 까페, 놓치면 안돼요")
    expect(items.filter(has_text="되요")).to_have_count(0)

    law = items.filter(has_text="국내 최고")
    expect(law.locator(".hint-why")).to_be_hidden()
    law.get_by_role("button", name="왜?").click()
    expect(law.locator(".hint-why")).to_contain_text("표시·광고의 공정화에 관한 법률")
    expect(page.locator("[data-hints-notice]")).to_contain_text("법률 자문이 아니")

    items.filter(has_text="까페").locator(".hint-close").click()
    expect(items.filter(has_text="까페")).to_have_count(0)
    headline.press("End")
    headline.press_sequentially("!")
    expect(items.filter(has_text="안 돼요")).to_have_count(1)
    expect(items.filter(has_text="까페")).to_have_count(0)
    expect(law.locator(".hint-why")).to_be_visible()


def test_an_answer_that_comes_late_or_never_is_in_nobodys_way(desk: Desk) -> None:
    """The first question is never answered; the next one's answer counts, and the ad can be sent meanwhile."""
    page, held = desk.page, list[Route]()
    page.route("**/api/check-words", lambda route: held.append(route) if not held else route.continue_())
    headline = page.locator("[name=text_content]")
    with page.expect_request("**/api/check-words"):
        headline.fill("오늘만 할인중")
    expect(page.locator("[data-submit]")).to_be_enabled()
    headline.fill("두개 사면 하나 더")
    expect(page.locator("[data-hints-list] > li")).to_contain_text(["두개 → 두 개"])

"""The gallery in a real browser: searched while typing, endless, live, by keyboard and without scripts."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from accounts.models import Shop
from jobs.gallery import PAGE
from jobs.services import job_stop
from tests.conftest import Stack
from tests.jobs import factories
from tests.jobs.conftest import wait_for
from tests.jobs.finished import finished
from tests.portal.conftest import OpenBoth, OpenPage, fits, submitted

JOB_MS = 90_000


def test_it_finds_while_typing_and_keeps_the_address(open_page: OpenPage, shop: Shop) -> None:
    finished(shop, title="딸기라떼")
    finished(shop, title="오늘만 반값", favourite=True)
    page = open_page("/ads/")
    expect(page.locator(".card")).to_have_count(2)
    page.get_by_label("광고 찾기").fill("딸기")
    expect(page.locator(".card")).to_have_count(1)
    expect(page.get_by_label("광고 찾기")).to_be_focused()
    expect(page).to_have_url(re.compile("q=%EB%94%B8%EA%B8%B0"))
    page.reload()
    expect(page.locator(".card")).to_have_count(1)
    page.get_by_role("link", name="즐겨찾기").click()
    expect(page.get_by_text("‘딸기’에 맞는 광고가 없어요")).to_be_visible()
    assert fits(page)
    page.get_by_role("link", name="모든 광고 보기").click()
    expect(page.locator(".card")).to_have_count(2)


def test_it_goes_on_as_one_scrolls_and_by_keyboard(open_page: OpenPage, shop: Shop) -> None:
    for _ in range(PAGE * 2 + 3):
        factories.job(shop)
    page = open_page("/ads/")
    expect(page.locator(".card")).to_have_count(PAGE)
    page.locator(".more a").evaluate("link => link.scrollIntoView()")
    expect(page.locator(".card")).to_have_count(PAGE * 2)
    # Not scrolled to: it would be gone when the key is pressed, if coming into sight had been quicker.
    page.locator(".more a").evaluate("link => link.focus({ preventScroll: true })")
    page.keyboard.press("Enter")
    expect(page.locator(".card")).to_have_count(PAGE * 2 + 3)
    expect(page.locator(".card").nth(PAGE * 2).locator("a")).to_be_focused()
    expect(page.locator(".more")).to_have_count(0)
    page.wait_for_timeout(500)  # the socket's snapshot has told of all that wait: none comes twice
    expect(page.locator(".card")).to_have_count(PAGE * 2 + 3)
    ids = page.locator(".card").evaluate_all("cards => cards.map((card) => card.dataset.job)")
    assert len(set(ids)) == PAGE * 2 + 3


def test_without_scripts_there_is_a_link_to_more_and_a_button_to_search(
    open_page: OpenPage, shop: Shop
) -> None:
    for _ in range(PAGE + 1):
        factories.job(shop)
    finished(shop, title="딸기라떼")
    page = open_page("/ads/", java_script_enabled=False)
    page.get_by_role("link", name="더 보기").click()
    expect(page.locator(".card")).to_have_count(2)
    page.get_by_label("광고 찾기").fill("딸기")
    page.get_by_role("button", name="찾기").click()
    expect(page.locator(".card")).to_have_count(1)


@pytest.mark.timeout(240)
def test_an_ad_ordered_elsewhere_appears_and_is_finished_before_one_s_eyes(
    open_both: OpenBoth, shop: Shop, stack: Stack
) -> None:
    finished(shop)
    pages = open_both("/ads/")
    for page in pages:
        expect(page.locator(".card")).to_have_count(1)
    job = submitted(shop)
    stack.worker()
    for page in pages:
        first = page.locator(".card").first
        expect(first).to_have_attribute("data-job", str(job.pk), timeout=30_000)
    wait_for(job, "completed")
    small = {str(picture.pk) for picture in job.artifacts.filter(kind__in=["thumb", "preview"])}
    for page in pages:
        first = page.locator(".card").first
        expect(first.locator("[data-progress]")).to_have_count(0, timeout=JOB_MS)
        expect(first.locator("img")).to_have_js_property("complete", True)
        assert str(first.locator("img").evaluate("image => image.currentSrc")).rsplit("/", 1)[-1] in small
        expect(page.locator(".card")).to_have_count(2)
        assert fits(page)


def test_the_card_picture_fits_the_screen(open_page: OpenPage, shop: Shop, viewport: dict[str, int]) -> None:
    job = finished(shop)
    by_kind = {picture.kind: str(picture.pk) for picture in job.artifacts.all()}
    for density, kind in ((1, "thumb"), (3, "preview")):
        page = open_page("/ads/", device_scale_factor=density)
        image = page.locator(".card img")
        expect(image).to_have_js_property("complete", True)
        assert str(image.evaluate("image => image.currentSrc")).endswith(by_kind[kind])
        assert fits(page)


def test_a_first_visit_leads_to_the_first_ad(open_page: OpenPage, shop: Shop) -> None:
    page = open_page("/ads/")
    expect(page.get_by_role("heading", name="첫 광고를 만들어 볼까요?")).to_be_visible()
    expect(page.get_by_label("광고 찾기")).to_have_count(0)
    assert fits(page)


def test_a_stopped_ad_is_among_those_not_made(open_page: OpenPage, shop: Shop) -> None:
    job_stop(job=factories.job(shop))
    page = open_page("/ads/")
    page.get_by_role("link", name="실패").click()
    expect(page.locator(".card .badge")).to_have_text("중지됨")

"""The new ad's page on a slow line: what is written and chosen before its scripts came is what the merchant wants."""

from __future__ import annotations

import json
import re

from playwright.sync_api import Route, expect

from accounts.models import Shop
from tests.jobs import factories
from tests.portal.desk import Desk

YESTERDAY = {"text_content": "어제 적은 것", "scene": "beach", "format": "mms", "product": "크루아상"}
"""A draft that lies in the browser already."""


def _kept(desk: Desk) -> dict[str, str]:
    found = desk.page.evaluate("slug => localStorage.getItem(`adstudio:draft:${slug}`)", desk.shop.slug)
    return dict(json.loads(found))


def _open_with_scripts_held(desk: Desk) -> Route:
    held: list[Route] = []
    desk.page.route("**/new-ad.js", lambda route: held.append(route))
    with desk.page.expect_request("**/new-ad.js"):
        desk.page.goto("/ads/new/", wait_until="commit")
    desk.page.locator("[data-submit]").wait_for()
    return held[0]


def test_nothing_is_lost_that_was_there_before_the_scripts(desk: Desk) -> None:
    page = desk.page
    Shop.objects.filter(pk=desk.shop.pk).update(logo="logos/mine.png")
    page.evaluate(
        "([slug, draft]) => localStorage.setItem(`adstudio:draft:${slug}`, JSON.stringify(draft))",
        [desk.shop.slug, YESTERDAY],
    )
    route = _open_with_scripts_held(desk)
    page.locator("#camera" if page.locator(".drop-camera").is_visible() else "[name=photo]").set_input_files(
        {"name": "a.png", "mimeType": "image/png", "buffer": factories.photo_bytes(640, 480)}
    )
    page.get_by_text("작은 글씨·가격").click()
    page.get_by_label("할인 가격").fill("6000")
    desk.choose("scene", "christmas")
    page.get_by_label("글꼴").select_option("Gaegu/GaeguBold.ttf")
    has_logo = page.get_by_label("로고 넣기").is_checked()
    page.get_by_label("로고 넣기").set_checked(not has_logo)
    page.get_by_label("문구", exact=True).fill("오늘만 반값")
    route.continue_()
    desk.is_ready()

    def is_there() -> None:
        wanted = ["오늘만 반값", "christmas", "6,000원", "Gaegu/GaeguBold.ttf"]
        assert [desk.value(name) for name in ("text_content", "scene", "price_now", "font_name")] == wanted
        assert page.get_by_label("로고 넣기").is_checked() != has_logo
        assert desk.value("format") == "mms", "the draft fills in what was left alone"
        assert page.locator("[data-product]").input_value() == "크루아상"
        expect(page.locator("[name=photo_id]")).to_have_value(re.compile("^[0-9a-f-]{36}$"))

    is_there()
    expect(page.locator("[data-preview-words]")).to_have_text("오늘만 반값")
    expect(page.locator("[data-preview-scene]")).to_have_attribute("src", re.compile("christmas"))
    expect(page.locator("[data-preview-small]")).to_contain_text("6,000원")
    expect(page.locator("[data-preview-product]")).to_be_visible()
    page.wait_for_function("() => [...document.fonts].some((face) => face.family.includes('GaeguBold'))")
    photo = desk.value("photo_id")
    page.wait_for_function(
        "([slug, photo]) => localStorage.getItem(`adstudio:draft:${slug}`).includes(photo)",
        arg=[desk.shop.slug, photo],
    )
    kept = _kept(desk)
    assert (kept["text_content"], kept["scene"], kept["photo_id"]) == ("오늘만 반값", "christmas", photo)
    page.unroute_all()
    page.reload()
    desk.is_ready()
    is_there()
    assert desk.value("photo_id") == photo


def test_what_was_written_is_kept_though_nothing_else_happens(desk: Desk) -> None:
    """Closed again right after the scripts came: the draft has it without another stroke."""
    route = _open_with_scripts_held(desk)
    desk.page.get_by_label("문구", exact=True).fill("오늘만 반값")
    route.continue_()
    desk.is_ready()
    desk.page.goto("/ads/")
    assert _kept(desk) == {"text_content": "오늘만 반값"}

"""The new ad's page open in a real browser, on a desk and in a hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from accounts.models import Shop
from generation import intake
from jobs.models import Photo
from tests.browsing import sign_in
from tests.conftest import Stack
from tests.jobs import factories

SCREENS = {
    "desktop": {"viewport": {"width": 1280, "height": 800}},
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
}


@dataclass
class Desk:
    """A merchant at the new ad's page. ``photo`` is cut out already: uploading its file gives it at once."""

    page: Page
    shop: Shop
    photo: Photo
    complaints: list[str]

    def sign_in(self) -> None:
        sign_in(self.page, self.shop, "/accounts/login/?next=/ads/new/")
        self.is_ready()

    def is_ready(self) -> None:
        """The page's scripts are there and answer."""
        expect(self.page.locator("#ad-form")).to_have_attribute("data-ready", "", timeout=20_000)

    def upload(self, data: bytes | None = None, name: str = "product.png") -> None:
        buffer = factories.photo_bytes(self.photo.width, self.photo.height) if data is None else data
        chosen = {"name": name, "mimeType": "application/octet-stream", "buffer": buffer}
        self.page.locator("input[name=photo]").set_input_files(chosen)  # type: ignore[arg-type]

    def upload_cut_out(self) -> None:
        self.upload()
        expect(self.page.locator("[data-drop]")).to_have_attribute("data-state", "ready")

    def value(self, name: str) -> str:
        radio = self.page.locator(f"input[type=radio][name={name}]:checked")
        return radio.input_value() if radio.count() else self.page.locator(f"[name={name}]").input_value()

    def choose(self, name: str, value: str) -> None:
        self.page.locator(f'[name={name}][value="{value}"]').check(force=True)

    def draft_is_kept(self) -> None:
        """The draft is written a moment after the last change."""
        self.page.wait_for_function(
            "text => localStorage.getItem(`adstudio:draft:${text[0]}`)?.includes(text[1])",
            arg=[self.shop.slug, str(self.photo.pk)],
        )


@pytest.fixture(params=SCREENS)
def desk(request: pytest.FixtureRequest, browser: Browser, stack: Stack) -> Iterator[Desk]:
    """Signed in at the new ad's page, on both screens."""
    context = browser.new_context(base_url=stack.url, locale="ko-KR", **SCREENS[request.param])
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    shop = factories.shop("봄날 베이커리")
    made = Desk(page, shop, factories.photo(shop), complaints)
    assert made.photo.width < intake.SCREEN_SIDE
    signed_in = Client()
    signed_in.force_login(factories.owner(shop))
    session = signed_in.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": stack.url}])
    page.goto("/ads/new/")
    made.is_ready()
    yield made
    context.close()

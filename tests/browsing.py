"""A browser test's first steps: signing in, and going from page to page without outrunning a page's scripts."""

from __future__ import annotations

from playwright.sync_api import Locator, Page

from accounts.models import Shop
from tests.jobs import factories

LOAD_MS = 60_000


def follow(page: Page, target: Locator) -> None:
    """Click what leads to another page, and wait until that page's styles and scripts are there.

    What is clicked or typed before a page's scripts have come is lost to them: a test must not be faster than that.
    """
    with page.expect_event("load", timeout=LOAD_MS):
        target.click()


def fill_sign_in(page: Page, shop: Shop, path: str = "/accounts/login/") -> Locator:
    """Open the sign-in page and fill it in for the shop's owner. Returns the button that sends it."""
    page.goto(path)
    page.get_by_label("이메일").fill(factories.owner(shop).email or "")
    page.get_by_label("비밀번호").fill(factories.PASSWORD)
    return page.get_by_role("button", name="로그인")


def sign_in(page: Page, shop: Shop, path: str = "/accounts/login/") -> None:
    """Sign the shop's owner in by hand, as a merchant does."""
    follow(page, fill_sign_in(page, shop, path))

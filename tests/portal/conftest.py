"""What the browser tests of the portal share: someone signed in, a telephone and a desk, complaints."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import Browser, BrowserContext, Page

from accounts.models import Shop
from jobs.models import Job
from jobs.params import AdParams
from jobs.services import job_submit
from tests.conftest import Stack
from tests.jobs import factories
from tests.portal.desk import desk as desk

DESK = {"width": 1280, "height": 800}
TELEPHONE = {"width": 390, "height": 844}
QUICK = {"text_content": "반값", "test_mode": True, "scene": "pastel-podium", "seed": 3}
"""A small picture of the real thing, made in a moment."""


@pytest.fixture(params=[DESK, TELEPHONE], ids=["1280", "390"])
def viewport(request: pytest.FixtureRequest) -> dict[str, int]:
    return dict(request.param)


@pytest.fixture
def shop(stack: Stack) -> Shop:
    return factories.shop("봄날 커피")


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """What the browser complains about, apart from the refusals that a test provokes."""
    told: list[str] = []
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("console", lambda message: told.append(message.text) if message.type == "error" else None)
    return told


def signed_in(context: BrowserContext, stack: Stack, shop: Shop) -> None:
    """The owner's session, as signing in makes it (``tests/portal/test_browser.py`` signs in by hand)."""
    owner = factories.owner(shop)
    session = SessionStore()
    session[SESSION_KEY] = str(owner.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = owner.get_session_auth_hash()
    session.create()
    context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": str(session.session_key), "url": stack.url}]
    )


OpenPage = Callable[..., Page]
OpenBoth = Callable[[str], tuple[Page, Page]]


@pytest.fixture
def open_on(browser: Browser, stack: Stack, shop: Shop) -> Iterator[OpenPage]:
    """Opens pages of the shop's owner on a screen, each in a context of its own: another tab, another device."""
    contexts: list[BrowserContext] = []

    def opened(viewport: dict[str, int], path: str, *, anonymous: bool = False, **options: object) -> Page:
        wanted = {"base_url": stack.url, "locale": "ko-KR", "viewport": viewport, **options}
        context = browser.new_context(**wanted)  # type: ignore[arg-type]
        contexts.append(context)
        if not anonymous:
            signed_in(context, stack, shop)
        page = context.new_page()
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def open_page(open_on: OpenPage, viewport: dict[str, int]) -> OpenPage:
    """Opens pages on one screen: the test runs once for each."""
    return partial(open_on, viewport)


@pytest.fixture
def open_both(open_on: OpenPage) -> OpenBoth:
    """Opens a page at a desk and on a telephone at once: what is dear (a worker, a kill, a restart) happens once and
    is followed on both."""
    return lambda path: (open_on(DESK, path), open_on(TELEPHONE, path))


def submitted(shop: Shop, **asked: object) -> Job:
    params = AdParams.model_validate({**QUICK, **asked})
    return job_submit(shop=shop, params=params, photo=factories.photo(shop)).job


def fits(page: Page) -> bool:
    """No sideways scrolling."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))

"""axe-core on every page, at both widths, light and dark: nothing serious is found."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from jobs.models import Job
from jobs.sharing import share_link_create, share_token
from jobs.variations import variations_begin
from tests.browsing import sign_in
from tests.conftest import Stack
from tests.jobs import factories
from tests.jobs.submitting import finished, submit

SERIOUS = {"serious", "critical"}
LOOKS = [(1280, "light"), (390, "dark")]
OPEN_PAGES = (
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/password/reset/",
    "/accounts/terms/",
    "/accounts/privacy/",
    "/no-such-page/",
)
SIGNED_IN_PAGES = (
    *("/ads/", "/ads/new/", "/ads/photos/", "/accounts/shops/new/", "/accounts/logout/"),
    *("/accounts/data/", "/accounts/reauthenticate/", "/accounts/export/", "/accounts/delete/"),
    *("/accounts/password/change/", "/accounts/email/"),
    *("/shop/", "/shop/team/", "/shop/api/"),
)


@pytest.fixture(params=LOOKS, ids=[f"{width}-{scheme}" for width, scheme in LOOKS])
def looked_at(request: pytest.FixtureRequest, browser: Browser, stack: Stack) -> Iterator[Page]:
    width, scheme = request.param
    context = browser.new_context(
        base_url=stack.url,
        locale="ko-KR",
        color_scheme=scheme,
        reduced_motion="reduce",
        viewport={"width": width, "height": 844},
    )
    yield context.new_page()
    context.close()


def findings(page: Page) -> list[str]:
    """What axe-core finds serious: the rule and the elements."""
    results = Axe().run(page).response["violations"]
    return [
        f"{page.url} {rule['id']}: {[node['html'][:120] for node in rule['nodes']]}"
        for rule in results
        if rule["impact"] in SERIOUS
    ]


@pytest.mark.timeout(240)
def test_pages_for_everyone(looked_at: Page) -> None:
    found = []
    for path in OPEN_PAGES:
        looked_at.goto(path)
        found += findings(looked_at)
    assert found == []


@pytest.mark.timeout(240)
def test_pages_for_merchants(looked_at: Page) -> None:
    shop = factories.shop("봄날 커피")
    sign_in(looked_at, shop)
    found = []
    for path in SIGNED_IN_PAGES:
        looked_at.goto(path)
        found += findings(looked_at)
    assert found == []


@pytest.mark.timeout(240)
def test_ads_in_every_state(looked_at: Page) -> None:
    shop = factories.shop("봄날 커피")
    sign_in(looked_at, shop)
    waiting = submit(shop, text_content="기다리는 광고").job
    done = finished(shop, factories.photo(shop), text_content="완성된 광고")
    failed = submit(shop, text_content="실패한 광고").job
    Job.objects.filter(pk=failed.pk).update(
        status="failed", error_code="product.not_found", finished_at=failed.queued_at
    )
    stopped = submit(shop, text_content="중지한 광고").job
    Job.objects.filter(pk=stopped.pk).update(status="stopped", finished_at=stopped.queued_at)
    backgrounds = variations_begin(job=done)
    shared = share_link_create(job=done)
    ads = [f"/ads/{job.pk}/" for job in (waiting, done, failed, stopped)]
    found = []
    for path in ("/ads/", *ads, f"/ads/sets/{backgrounds.pk}/", f"/s/{share_token(shared)}/", "/s/over/"):
        looked_at.goto(path)
        looked_at.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
        found += findings(looked_at)
    assert found == []

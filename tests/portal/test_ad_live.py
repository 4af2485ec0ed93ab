"""An ad while it is made, as its page shows it: a dropped line, a killed worker, a restarted server, another device.

A desk and a telephone follow the same ad in each test."""

from __future__ import annotations

from collections import Counter

import pytest
from playwright.sync_api import Page, Route, WebSocketRoute, expect

from accounts.models import Shop
from adstudio.processes import stop_together
from jobs.models import Job
from tests.browsing import follow
from tests.conftest import Stack
from tests.jobs.conftest import Lab, kill, wait_for
from tests.portal.conftest import OpenBoth, fits, submitted

JOB_MS = 90_000
AWAY = "연결이 끊겼어요, 다시 잇는 중"


@pytest.fixture
def lab(stack: Stack, tmp_path: object) -> Lab:
    return Lab(stack, tmp_path)  # type: ignore[arg-type]


def _finished(page: Page) -> None:
    expect(page.locator("#job .badge")).to_have_text("완성", timeout=JOB_MS)
    expect(page.get_by_role("link", name="내려받기")).to_be_visible()
    expect(page.locator("[data-stage]")).to_have_js_property("complete", True)
    expect(page.locator("[data-offline]")).to_be_hidden()


def _fit(pages: tuple[Page, Page]) -> bool:
    return all(fits(page) for page in pages)


@pytest.mark.timeout(240)
def test_a_dropped_socket_is_told_calmly_and_comes_back(
    open_both: OpenBoth, shop: Shop, stack: Stack
) -> None:
    job = submitted(shop)
    pages = open_both("/ads/")
    sockets: list[WebSocketRoute] = []
    is_away = [False]

    def pass_on(route: WebSocketRoute) -> None:
        if is_away[0]:
            route.close()
            return
        sockets.append(route)
        route.connect_to_server()

    for page in pages:
        page.route_web_socket("**/ws/**", pass_on)
        page.goto(f"/ads/{job.pk}/")
        expect(page.get_by_text("바로 다음 차례예요")).to_be_visible()
        expect(page.get_by_text(AWAY)).to_be_hidden()
    is_away[0] = True
    for socket in sockets:
        socket.close()
    for page in pages:
        expect(page.get_by_text(AWAY)).to_be_visible()
    assert _fit(pages)
    is_away[0] = False
    for page in pages:
        expect(page.get_by_text(AWAY)).to_be_hidden(timeout=20_000)
    stack.worker()
    for page in pages:
        _finished(page)


@pytest.mark.timeout(240)
def test_a_killed_worker_s_ad_goes_on_and_the_page_with_it(
    open_both: OpenBoth, shop: Shop, stack: Stack, lab: Lab
) -> None:
    job = submitted(shop)
    pages = open_both(f"/ads/{job.pk}/")
    lab.hold("step2")
    worker = lab.start()
    pid = lab.wait_at("step2")
    for page in pages:
        expect(page.locator('[data-step="step1_background"]')).to_have_attribute("data-state", "done")
        expect(page.locator(".pieces li")).to_have_count(2)
        shown = page.locator("[data-stage]").get_attribute("src")
        assert shown and shown.startswith("/media/"), "the background is on the stage before the ad is there"
    assert _fit(pages)
    kill(worker, pid)
    lab.release("step2")
    reconcile = stack.child("reconcile", "manage.py", "reconcile_jobs", "--loop")
    reconcile.start()
    try:
        for page in pages:
            expect(page.get_by_text("다시 시도하고 있어요")).to_be_visible(timeout=40_000)
        stack.start_worker()
        for page in pages:
            _finished(page)
    finally:
        stop_together([reconcile])
    assert Job.objects.get(pk=job.pk).attempts == 2
    assert _fit(pages)


@pytest.mark.timeout(240)
def test_a_restarted_server_is_waited_for(open_both: OpenBoth, shop: Shop, stack: Stack) -> None:
    job = submitted(shop)
    pages = open_both(f"/ads/{job.pk}/")
    for page in pages:
        expect(page.get_by_text("바로 다음 차례예요")).to_be_visible()
    stop_together([stack.web])
    for page in pages:
        expect(page.get_by_text(AWAY)).to_be_visible()
    assert _fit(pages)
    stack.worker()
    wait_for(job, "completed", seconds=JOB_MS / 1000)
    stack.start_web()
    for page in pages:
        _finished(page)


@pytest.mark.timeout(240)
def test_the_end_is_shown_though_the_server_goes_away_in_that_moment(
    open_both: OpenBoth, shop: Shop, stack: Stack
) -> None:
    """The finished page is asked for again when the first question meets nobody."""
    job = submitted(shop)
    pages = open_both(f"/ads/{job.pk}/")
    asked: Counter[Page] = Counter()

    def first_time_lost(route: Route) -> None:
        page = route.request.frame.page
        asked[page] += 1
        if asked[page] == 1:
            route.abort()
        else:
            route.continue_()

    for page in pages:
        page.route(f"**/ads/{job.pk}/", first_time_lost)
    stack.worker()
    for page in pages:
        _finished(page)
    assert [asked[page] for page in pages] == [2, 2]


@pytest.mark.timeout(240)
def test_another_device_and_a_returning_tab_see_the_same(
    open_both: OpenBoth, shop: Shop, stack: Stack, lab: Lab
) -> None:
    """Begun at the desk and left there, stopped on the telephone, tried again at the desk, seen by both."""
    job = submitted(shop)
    desk, telephone = pages = open_both(f"/ads/{job.pk}/")
    lab.hold("step2")
    lab.start()
    lab.wait_at("step2")
    for page in pages:
        page.goto("/accounts/login/")  # away
        page.go_back()
        expect(page.locator('[data-step="step2_text_asset"]')).to_have_attribute("data-state", "now")
        expect(page.locator(".pieces li")).to_have_count(2)
    desk.goto("/accounts/login/")
    telephone.get_by_role("button", name="중지").click()
    desk.go_back()
    lab.release("step2")
    for page in pages:
        expect(page.get_by_text("중지한 작업이에요")).to_be_visible(timeout=30_000)
    assert _fit(pages)
    follow(desk, desk.get_by_role("button", name="그대로 다시 시도"))
    telephone.goto(desk.url)
    for page in pages:
        _finished(page)


@pytest.mark.timeout(240)
def test_our_failure_is_tried_again_with_one_press(open_both: OpenBoth, shop: Shop, stack: Stack) -> None:
    job = submitted(shop)
    Job.objects.filter(pk=job.pk).update(
        status="failed", error_code="job.worker_lost", finished_at=job.queued_at
    )
    pages = open_both(f"/ads/{job.pk}/")
    stack.worker()
    for page in pages:
        expect(page.get_by_role("alert")).to_contain_text("작업기가 세 번 멈춰")
        assert fits(page)
        follow(page, page.get_by_role("button", name="그대로 다시 시도"))
    for page in pages:
        _finished(page)
        assert str(job.pk) not in page.url

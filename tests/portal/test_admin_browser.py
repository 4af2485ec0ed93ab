"""The admin in a real browser: support signs in, finds a failed job, makes it again; every page fits a phone."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from jobs.models import Job, WorkerState
from tests.browsing import follow
from tests.conftest import Stack
from tests.jobs import factories

PHONE = {"width": 390, "height": 844}


def _sign_in(page: Page) -> None:
    User.objects.create_superuser("support@example.com", factories.PASSWORD)
    page.goto("/admin/")
    page.get_by_label("이메일").fill("support@example.com")
    page.get_by_label("비밀번호").fill(factories.PASSWORD)
    follow(page, page.get_by_role("button", name="로그인"))
    expect(page.get_by_role("heading", name="오늘 작업")).to_be_visible()


def _failed() -> Job:
    shop = factories.shop("봄날 커피")
    job = factories.job(shop, text_content="딸기 라떼")
    Job.objects.filter(pk=job.pk).update(
        status="failed",
        error_code="photo.no_product",
        photo=factories.photo(shop),
        started_at=timezone.now(),
        finished_at=timezone.now(),
        step_seconds={"step1_background": 3.1},
    )
    return job


@pytest.mark.timeout(180)
def test_support_finds_a_failed_job_and_makes_it_again(
    page: Page, stack: Stack, complaints: list[str]
) -> None:
    job = _failed()
    _sign_in(page)
    follow(page, page.get_by_role("link", name="photo.no_product"))
    follow(page, page.get_by_role("link", name=re.compile("딸기 라떼")))
    expect(page.get_by_role("heading", name="오류")).to_be_visible()
    expect(page.get_by_role("img", name="올린 사진")).to_have_js_property("complete", True)
    follow(page, page.get_by_role("button", name="다시 만들기"))
    expect(page.locator(".messagelist .success")).to_contain_text("새 작업을 넣었습니다")
    made = Job.objects.get(parent=job)
    follow(page, page.locator(".messagelist a"))
    expect(page).to_have_url(re.compile(str(made.pk)))
    follow(page, page.get_by_role("button", name="중지"))
    expect(page.locator(".messagelist .success")).to_contain_text("중지했습니다")
    made.refresh_from_db()
    assert made.status == "stopped"
    assert complaints == []


@pytest.mark.timeout(180)
def test_every_page_fits_a_phone(page: Page, stack: Stack, complaints: list[str]) -> None:
    job = _failed()
    WorkerState.objects.create(
        name="studio-a-host-with-a-long-name.example.com-4711",
        host="a-host-with-a-long-name.example.com",
        pid=4711,
        engine="studio",
        last_seen=timezone.now(),
    )
    _sign_in(page)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    for path in (
        "",
        "jobs/job/",
        f"jobs/job/{job.pk}/change/",
        "jobs/job/usage/?days=90",
        "jobs/workerstate/",
        "jobs/photo/",
        "accounts/shop/",
        f"accounts/shop/{job.shop_id}/change/",
        "accounts/invitation/",
        "jobs/sharelink/",
    ):
        page.goto(f"/admin/{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
    assert complaints == []

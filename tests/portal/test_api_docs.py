"""The interactive API documentation in a real browser, under a strict policy and without any other host."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, Response, expect

from jobs.api import api
from jobs.models import Job
from tests.conftest import Stack
from tests.jobs import factories

PATIENCE_MS = 60_000


@pytest.fixture
def strict(browser: Browser, stack: Stack) -> Iterator[Page]:
    """A page of somebody who is not signed in; the product's own policy holds there."""
    context = browser.new_context(base_url=stack.url, locale="ko-KR")
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    yield page
    context.close()


def test_it_shows_every_operation_and_asks_no_other_host(strict: Page, stack: Stack) -> None:
    asked: list[str] = []
    complaints: list[str] = []
    strict.on("request", lambda request: asked.append(request.url))
    strict.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    strict.on("pageerror", lambda error: complaints.append(str(error)))
    answer = strict.goto("/api/docs")
    assert answer is not None
    policy = set((answer.header_value("content-security-policy") or "").split("; "))
    assert {"default-src 'none'", "script-src 'self'", "style-src 'self'"} <= policy
    count = sum(len(verbs) for verbs in api.get_openapi_schema()["paths"].values())
    expect(strict.locator(".opblock")).to_have_count(count, timeout=PATIENCE_MS)
    strict.locator("#operations-serving-generate .opblock-summary").click()
    expect(strict.locator("#operations-serving-generate .opblock-body")).to_contain_text("text_content")
    elsewhere = [url for url in asked if urlsplit(url).netloc not in ("", urlsplit(stack.url).netloc)]
    assert elsewhere == [] and complaints == []
    strict.context.close()


def test_a_request_is_tried_out_with_the_portals_session(strict: Page, stack: Stack) -> None:
    shop = factories.shop()
    job = factories.job(shop)
    client = Client()
    client.force_login(factories.owner(shop))
    name = settings.SESSION_COOKIE_NAME
    strict.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": stack.url}])
    strict.goto("/api/docs")
    stop = strict.locator("#operations-serving-stop")
    stop.locator(".opblock-summary").click()
    stop.locator(".try-out__btn").click()
    stop.locator("input[placeholder=job_id]").fill(str(job.pk))
    with strict.expect_response(f"**/stop/{job.pk}") as waiting:
        stop.locator(".execute").click()
    answer: Response = waiting.value
    assert answer.status == 200, answer.text()
    assert Job.objects.get(pk=job.pk).status == "stopped"
    strict.context.close()

"""A whole run, from signing up to the finished ad: its logs hold nobody's secrets, addresses or words."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest
from django.conf import settings

from accounts.tokens import token_create
from jobs.media import artifact_url
from jobs.models import Job
from tests.conftest import Stack, until
from tests.jobs import factories

EMAIL, PASSWORD, WRONG = "person.in.logs@example.com", "Pa55word-for-the-log-test", "a-wrong-password-typed"
HEADLINE, PROMPT, SUBLINE = "비밀문구", "a prompt that nobody else may read", "나만의 작은 글"
CALLBACK = "http://127.0.0.1:9/callback-with-a-secret-key-in-it"


def logs_of(stack: Stack) -> str:
    children = [stack.web, *stack.workers]
    return "".join(Path(child.spec.log).read_text(errors="replace") for child in children)


@pytest.mark.timeout(240)
def test_no_log_line_holds_a_secret_or_what_people_typed(stack: Stack) -> None:
    shop = factories.shop("로그 가게", owner=factories.person(EMAIL))
    owner = factories.owner(shop)
    owner.set_password(PASSWORD)
    owner.save()
    _, token = token_create(shop=shop, name="logs")
    cookie, reset_key = _as_a_person(stack)
    job_id = _as_a_program(stack, token)
    stack.start_worker()
    until(lambda: Job.objects.get(pk=job_id).is_terminal, 90, "the ad")
    job = Job.objects.get(pk=job_id)
    assert job.status == "completed", job.error_code
    signed = artifact_url(job.artifacts.get(kind="final_result"), signed=True)
    assert httpx.get(stack.url + signed).status_code == 200
    assert httpx.get(f"{stack.url}{signed}x").status_code == 401
    stack.stop_worker()

    told = logs_of(stack)
    assert "django.request" in told, "the log of this run was not read"
    secrets = (
        EMAIL,
        PASSWORD,
        WRONG,
        token,
        cookie,
        reset_key,
        signed.partition("=")[2],
        settings.SECRET_KEY,
    )
    words = (HEADLINE, PROMPT, SUBLINE, shop.callback_secret, CALLBACK)
    assert [each for each in (*secrets, *words) if each in told] == []


def _as_a_person(stack: Stack) -> tuple[str, str]:
    """Sign in, wrongly and rightly, and have the password reset; the session's cookie and the mail's key."""
    with httpx.Client(base_url=stack.url, follow_redirects=False) as browser:

        def send(path: str, **fields: str) -> httpx.Response:
            browser.get(path)
            token = browser.cookies["csrftoken"]
            return browser.post(
                path, data={**fields, "csrfmiddlewaretoken": token}, headers={"Referer": f"{stack.url}{path}"}
            )

        send("/accounts/login/", login=EMAIL, password=WRONG)
        assert send("/accounts/login/", login=EMAIL, password=PASSWORD).status_code == 302
        cookie = browser.cookies["sessionid"]
        assert browser.get("/ads/no-such-page/").status_code == 404
        browser.cookies.delete("sessionid")
        send("/accounts/password/reset/", email=EMAIL)
        mails = sorted((Path(settings.RUN_DIR) / "mail").iterdir(), key=lambda path: path.stat().st_mtime)
        found = re.search(r"/accounts/password/reset/key/(\S+)/", mails[-1].read_text())
        assert found
        browser.get(f"/accounts/password/reset/key/{found[1]}/")
        return cookie, found[1]


def _as_a_program(stack: Stack, token: str) -> str:
    headers = {"Authorization": f"Bearer {token}"}
    asked = {"text_content": HEADLINE, "bg_prompt": PROMPT, "subline": SUBLINE, "test_mode": True}
    assert httpx.get(f"{stack.url}/jobs", headers={"Authorization": f"Bearer {token}x"}).status_code == 401
    refused = httpx.post(f"{stack.url}/generate", headers=headers, json={**asked, "callback_url": CALLBACK})
    assert refused.status_code == 422
    answer = httpx.post(f"{stack.url}/generate", headers=headers, json=asked)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["job_id"])

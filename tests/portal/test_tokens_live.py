"""A token's life on the live system: made and copied in a real browser, used by a program, revoked."""

from __future__ import annotations

import subprocess
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from playwright.sync_api import Page, expect

from accounts.models import ApiToken, Shop
from accounts.tokens import token_create
from tests.browsing import follow, sign_in
from tests.conftest import Stack
from tests.jobs import factories


@pytest.fixture
def shop(page: Page, stack: Stack) -> Shop:
    """Its owner has just signed in."""
    shop = factories.shop("봄날 커피")
    sign_in(page, shop)
    return shop


def _status(stack: Stack, plain: str, path: str = "/jobs", method: str = "GET") -> httpx.Response:
    return httpx.request(method, stack.url + path, headers={"Authorization": f"Bearer {plain}"}, timeout=30)


def test_it_is_made_copied_used_and_revoked(page: Page, stack: Stack, shop: Shop) -> None:
    page.locator("[data-menu] summary").click()
    follow(page, page.get_by_role("link", name="API"))
    follow(page, page.get_by_role("link", name="첫 토큰 만들기"))
    page.get_by_label("이름").fill("주문 프로그램")
    follow(page, page.get_by_role("button", name="토큰 만들기"))
    expect(page).to_have_url(f"{stack.url}/shop/api/")
    made = page.get_by_role("region", name="주문 프로그램 토큰을 만들었어요")
    made.get_by_role("button", name="복사").click()
    expect(made.get_by_role("button", name="복사했어요")).to_be_visible()
    plain = made.get_by_label("새 토큰").input_value()

    photo = factories.photo_bytes(400, 400)
    order = httpx.post(
        f"{stack.url}/api/generate",
        headers={"Authorization": f"Bearer {plain}"},
        files={"file": ("product.png", photo)},
        data={"text_content": "오늘만 반값"},
        timeout=30,
    )
    assert order.status_code == 200, order.text
    assert _status(stack, plain, f"/status/{order.json()['job_id']}").json()["status"] == "pending"

    page.reload()
    expect(made).to_have_count(0)
    assert plain not in page.content()
    follow(page, page.get_by_role("link", name="새 토큰"))
    page.get_by_label("이름").press("Control+V")
    expect(page.get_by_label("이름")).to_have_value(plain)
    follow(page, page.get_by_role("link", name="그만두기"))

    follow(page, page.get_by_role("link", name="폐기하기"))
    expect(page.get_by_role("heading", name="토큰을 폐기할까요?")).to_be_visible()
    page.get_by_role("button", name="폐기하기").click()
    expect(page.get_by_text("주문 프로그램 토큰을 폐기했어요.")).to_be_visible()
    refused = _status(stack, plain)
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "token.revoked")


def test_the_first_call_on_the_page_works_as_it_is(
    page: Page, stack: Stack, shop: Shop, tmp_path: object
) -> None:
    """What a reader copies and runs, with the token put in and the photo beside it."""
    _, plain = token_create(shop=shop, name="shell")
    page.goto("/shop/api/")
    example = page.locator("pre").inner_text().replace("ads_…", plain)
    (tmp_path / "product.jpg").write_bytes(factories.photo_bytes(400, 400))  # type: ignore[operator]
    first, _, second = example.partition("\n\n")
    told = subprocess.run(
        ["bash", "-ec", first], cwd=str(tmp_path), capture_output=True, text=True, timeout=60, check=True
    )
    job_id = httpx.Response(200, text=told.stdout).json()["job_id"]
    told = subprocess.run(
        ["bash", "-ec", f"ADSTUDIO_TOKEN={plain}\n{second.replace('JOB_ID', job_id)}"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert httpx.Response(200, text=told.stdout).json()["status"] == "pending"


def test_the_signing_key_is_hidden_until_asked_for(page: Page, stack: Stack, shop: Shop) -> None:
    page.goto("/shop/api/")
    assert shop.callback_secret not in page.content()
    page.get_by_role("button", name="키 보기").click()
    expect(page.get_by_label("콜백 서명 키").locator("input")).to_have_value(shop.callback_secret)
    page.reload()
    assert shop.callback_secret not in page.content()


def test_many_at_once_get_what_the_limit_allows(stack: Stack) -> None:
    """Through real web threads and the real Valkey: not one more, not one fewer."""
    token, plain = token_create(shop=factories.shop(), name="busy")
    ApiToken.objects.filter(pk=token.pk).update(rate_per_minute=20)
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: _status(stack, plain, "/fonts"), range(50)))
    assert Counter(answer.status_code for answer in answers) == {200: 20, 429: 30}
    allowed = [answer for answer in answers if answer.status_code == 200]
    assert sorted(int(answer.headers["X-RateLimit-Remaining"]) for answer in allowed) == list(range(20))
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.json()["error"]["code"] == "token.rate_limited"
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert _status(stack, plain, "/health").status_code == 200
    _, other = token_create(shop=factories.shop(), name="calm")
    assert _status(stack, other, "/fonts").status_code == 200

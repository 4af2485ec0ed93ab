"""The main job as a merchant does it, in a real browser on the live system: from sign-in to the file."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from accounts.models import Shop
from jobs.models import Job
from tests.browsing import follow, sign_in
from tests.conftest import Stack
from tests.jobs import factories

JOB_MS = 90_000
SMALLEST_SIDE = 1000
PHOTO = {"name": "product.png", "mimeType": "image/png", "buffer": factories.photo_bytes(640, 640)}


def _sign_in(page: Page) -> None:
    sign_in(page, factories.shop("봄날 커피"))
    expect(page.get_by_role("heading", name="새 광고")).to_be_visible()


@pytest.mark.timeout(240)
def test_it_goes_from_sign_in_to_a_downloaded_ad(
    page: Page, stack: Stack, complaints: list[str], tmp_path: Path
) -> None:
    stack.worker()
    _sign_in(page)
    page.locator("input[name=photo]").set_input_files(PHOTO)  # type: ignore[arg-type]
    page.get_by_label("문구", exact=True).fill("오늘만\n반값")
    page.get_by_role("radio", name="한옥").check(force=True)
    expect(page.locator("[data-drop]")).to_have_attribute(
        "data-state", re.compile("ready|unsure"), timeout=JOB_MS
    )
    expect(page.locator("[data-picture]")).to_have_js_property("complete", True)
    stack.stop_worker()  # so that it is not ahead of the page
    follow(page, page.get_by_role("button", name="광고 만들기"))

    expect(page).to_have_url(re.compile(r"/ads/[0-9a-f-]{36}/$"))
    page.locator("#job [data-progress]").evaluate(
        """(bar) => {
            window.percents = [];
            new MutationObserver(() => window.percents.push(bar.value)).observe(bar, { attributeFilter: ["value"] });
        }"""
    )
    stack.start_worker()
    expect(page.locator("#job .badge")).to_have_text("완성", timeout=JOB_MS)
    percents = page.evaluate("window.percents")
    assert percents == sorted(percents)
    assert len(set(percents)) >= 3, "no progress was shown on the way"
    expect(page.get_by_role("status")).to_have_text("완성")
    expect(page.locator("[data-stage]")).to_have_js_property("naturalWidth", 1024)
    expect(page.locator(".pieces li")).to_have_count(3)

    with page.expect_download() as waiting:
        page.get_by_role("link", name="내려받기").click()
    job = Job.objects.get()
    assert waiting.value.suggested_filename == f"adstudio-오늘만-반값-{str(job.pk)[:8]}.png"
    waiting.value.save_as(tmp_path / "ad.png")
    with Image.open(tmp_path / "ad.png") as picture:
        assert picture.format == "PNG"
        assert min(picture.size) >= SMALLEST_SIDE

    follow(page, page.get_by_role("link", name="내 광고").first)
    expect(page.locator(".card img")).to_have_js_property("complete", True)
    assert complaints == []


def test_it_refuses_what_is_no_photo_and_goes_on_with_the_next(page: Page, stack: Stack) -> None:
    _sign_in(page)
    page.get_by_label("문구", exact=True).fill("오늘만 반값")
    chooser = page.locator("input[name=photo]")
    chooser.set_input_files({"name": "a.txt", "mimeType": "text/plain", "buffer": b"not a photo"})
    expect(page.get_by_role("alert")).to_contain_text("지원하지 않는 파일이에요")
    chooser.set_input_files(PHOTO)  # type: ignore[arg-type]
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.locator("[name=photo_id]")).not_to_have_value("")
    assert page.get_by_label("문구", exact=True).input_value() == "오늘만 반값"


def test_it_takes_a_pasted_and_a_dropped_photo(page: Page, stack: Stack) -> None:
    _sign_in(page)
    for event, holder, name in (
        ("paste", "clipboardData", "ClipboardEvent"),
        ("drop", "dataTransfer", "DragEvent"),
    ):
        buffer = io.BytesIO(factories.photo_bytes(500 if event == "paste" else 501, 400))
        before = page.locator("[name=photo_id]").input_value()
        page.evaluate(
            """([event, holder, name, bytes]) => {
                const data = new DataTransfer();
                data.items.add(new File([new Uint8Array(bytes)], "p.png", { type: "image/png" }));
                const target = document.querySelector("[data-drop]");
                target.dispatchEvent(new window[name](event, { [holder]: data, bubbles: true, cancelable: true }));
            }""",
            [event, holder, name, list(buffer.getvalue())],
        )
        expect(page.locator("[name=photo_id]")).not_to_have_value(re.compile(f"^{before}$"))
        expect(page.locator("[name=photo_id]")).to_have_value(re.compile("^[0-9a-f-]{36}$"))


def test_it_stops_a_waiting_job_and_offers_to_make_it_again(page: Page, stack: Stack) -> None:
    _sign_in(page)
    page.locator("input[name=photo]").set_input_files(PHOTO)  # type: ignore[arg-type]
    page.get_by_label("문구", exact=True).fill("오늘만 반값")
    follow(page, page.get_by_role("button", name="광고 만들기"))
    expect(page.get_by_text("바로 다음 차례예요")).to_be_visible()
    page.get_by_role("button", name="중지").click()
    expect(page.get_by_text("중지한 작업이에요")).to_be_visible()
    follow(page, page.get_by_role("link", name="다시 만들기"))
    assert page.get_by_label("문구", exact=True).input_value() == "오늘만 반값"
    expect(page.locator("[name=photo_id]")).to_have_value(re.compile("^[0-9a-f-]{36}$"))


def _submit(page: Page) -> None:
    """An ad of a photo that is cut out already."""
    photo = factories.photo(Shop.objects.get())
    chosen = {**PHOTO, "buffer": factories.photo_bytes(photo.width, photo.height)}
    page.locator("input[name=photo]").set_input_files(chosen)  # type: ignore[arg-type]
    expect(page.locator("[data-drop]")).to_have_attribute("data-state", "ready")
    page.get_by_label("문구", exact=True).fill("오늘만 반값")
    follow(page, page.get_by_role("button", name="광고 만들기"))
    expect(page.get_by_text("바로 다음 차례예요")).to_be_visible()


@pytest.mark.timeout(240)
def test_it_follows_a_job_by_asking_when_no_socket_opens(page: Page, stack: Stack) -> None:
    page.route_web_socket("**/ws/**", lambda socket: socket.close())
    _sign_in(page)
    _submit(page)
    stack.worker()
    expect(page.get_by_role("link", name="내려받기")).to_be_visible(timeout=JOB_MS)


@pytest.mark.timeout(240)
def test_it_brings_the_gallery_up_to_date_by_itself(page: Page, stack: Stack) -> None:
    _sign_in(page)
    _submit(page)
    follow(page, page.get_by_role("link", name="내 광고").first)
    expect(page.locator(".card .badge")).to_have_text("대기 중")
    stack.worker()
    expect(page.locator(".card .badge")).to_have_count(0, timeout=JOB_MS)
    expect(page.locator(".card img")).to_have_js_property("complete", True)
    shown = str(page.locator(".card img").evaluate("image => image.currentSrc"))
    small = Job.objects.get().artifacts.filter(
        kind__in=["thumb", "preview"]
    )  # a browser may keep what it has
    assert {picture.width for picture in small} == {320, 512}
    assert shown.rpartition("/")[2] in {str(picture.pk) for picture in small}


@pytest.mark.timeout(240)
def test_nothing_on_a_page_breaks_the_content_security_policy(
    page: Page, stack: Stack, complaints: list[str]
) -> None:
    _sign_in(page)
    _submit(page)
    follow(page, page.get_by_role("link", name="내 광고").first)
    expect(page.locator(".card")).to_have_count(1)
    policy = page.reload().header_value("content-security-policy") or ""  # type: ignore[union-attr]
    assert {"default-src 'none'", "script-src 'self'", "style-src 'self'"} <= set(policy.split("; "))
    refused = page.evaluate(
        """() => new Promise((resolve) => {
            document.addEventListener("securitypolicyviolation", (event) => resolve(event.effectiveDirective));
            const script = document.createElement("script");
            script.textContent = "window.ran = true";
            document.head.append(script);
        })"""
    )
    assert refused == "script-src-elem"
    assert page.evaluate("window.ran") is None
    assert [told for told in complaints if "Executing inline script" not in told] == []


def test_it_works_without_scripts(page: Page, stack: Stack) -> None:
    context = page.context.browser.new_context(base_url=stack.url, locale="ko-KR", java_script_enabled=False)  # type: ignore[union-attr]
    plain = context.new_page()
    _sign_in(plain)
    plain.locator("input[name=photo]").set_input_files(PHOTO)  # type: ignore[arg-type]
    plain.get_by_label("문구", exact=True).fill("오늘만 반값")
    plain.get_by_role("button", name="광고 만들기").click()
    expect(plain.get_by_text("순서를 기다리고 있어요")).to_be_visible()
    context.close()


@pytest.mark.parametrize("path", ["/ads/", "/ads/new/", "/accounts/signup/", "/accounts/login/"])
def test_it_fits_a_phone_without_sideways_scrolling(page: Page, stack: Stack, path: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    if path.startswith("/ads"):
        _sign_in(page)
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390

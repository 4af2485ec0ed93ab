"""A browser before a web process whose pictures lie in a bucket: the pages' policy, what scripts read, downloads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browsing import sign_in
from tests.conftest import START_SECONDS, WEB_SERVER, Stack, answers, free_port, until
from tests.jobs import factories
from tests.jobs.finished import export_stored, finished
from tests.s3 import ObjectServer

DRAW_AND_READ = """async (url) => {
  const image = new Image();
  image.src = url;
  await image.decode();
  const surface = new OffscreenCanvas(8, 8).getContext("2d");
  surface.drawImage(image, 0, 0, 8, 8);
  return surface.getImageData(0, 0, 1, 1).data.length;
}"""


@pytest.fixture
def page_on_s3(stack: Stack, on_s3: ObjectServer, browser: Browser, tmp_path: Path) -> Iterator[Page]:
    port = free_port()
    environ = {**on_s3.environ, "ADSTUDIO_RUN_DIR": str(tmp_path / "web")}
    web = stack.child("s3-web", *WEB_SERVER, "-p", str(port), "adstudio.asgi:application", environ=environ)
    web.start()
    until(lambda: not web.alive or answers(port), START_SECONDS, "the web server")
    context = browser.new_context(base_url=f"http://127.0.0.1:{port}", locale="ko-KR")
    yield context.new_page()
    context.close()
    web.kill()


def test_an_ad_is_seen_read_by_scripts_and_downloaded(page_on_s3: Page, on_s3: ObjectServer) -> None:
    shop = factories.shop()
    job = finished(shop)
    export_stored(job, "kakao-message", (800, 400))
    complaints: list[str] = []
    page_on_s3.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    served: list[str] = []
    page_on_s3.on("response", lambda got: served.append(got.url) if got.status == 200 else None)
    sign_in(page_on_s3, shop, f"/accounts/login/?next=/ads/{job.pk}/")
    stage = page_on_s3.locator("[data-stage]")
    expect(stage).to_be_visible()
    assert stage.evaluate("image => image.decode().then(() => image.naturalWidth)") == 320
    assert any(url.startswith(f"{on_s3.url}/") for url in served)

    shared = page_on_s3.locator("[data-share-file]").get_attribute("data-share-file")
    size = page_on_s3.evaluate("async url => (await (await fetch(url)).blob()).size", shared)
    assert size == job.artifacts.get(kind="final_result").size
    assert page_on_s3.evaluate(DRAW_AND_READ, f"/media/photo/{job.photo_id}/screen") == 4
    assert page_on_s3.evaluate(DRAW_AND_READ, f"/media/matte/{job.photo_id}/screen") == 4

    with page_on_s3.expect_download() as waiting:
        page_on_s3.locator("[data-download]").click()
    assert waiting.value.suggested_filename.startswith("adstudio-오늘만-반값-")
    page_on_s3.locator("details:has([data-export]) > summary").first.click()
    with page_on_s3.expect_download() as waiting:
        page_on_s3.locator("[data-export][href$='kakao-message']").click()
    assert waiting.value.suggested_filename.endswith("kakao-message.jpg")
    assert complaints == []

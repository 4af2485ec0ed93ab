"""A finished ad downloaded for a channel, in a real browser with a real worker, on a telephone and on a desk."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect

from jobs import services
from jobs.params import AdParams
from tests.browsing import sign_in
from tests.conftest import Stack
from tests.jobs import factories
from tests.jobs.conftest import wait_for

DRAWN_MS = 60_000
SHORT = {"text_content": "반값", "test_mode": True, "scene": "pastel-podium", "seed": 3}


def test_it_draws_and_downloads_a_channels_picture(page: Page, stack: Stack, tmp_path: Path) -> None:
    shop = factories.shop("봄날 커피")
    params = AdParams.model_validate(SHORT)
    job = services.job_submit(shop=shop, params=params, photo=factories.photo(shop)).job
    stack.start_worker()
    wait_for(job, "completed")
    sign_in(page, shop)
    for width, channel, key in ((390, "쿠팡", "coupang"), (1280, "11번가", "11st")):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(f"/ads/{job.pk}/")
        page.get_by_text("채널 규격으로 내려받기").click()
        told = page.locator("[data-told]")
        stack.stop_worker()  # so that what is said meanwhile stays
        with page.expect_download(timeout=DRAWN_MS) as waiting:
            page.get_by_role("link", name=channel).click()
            expect(told).to_have_text(f"{channel}: 그리고 있어요. 몇 초 걸려요.")
            expect(told).to_be_in_viewport()
            stack.start_worker()
        expect(told).to_have_text(f"{channel}: 내려받았어요.")
        file = tmp_path / waiting.value.suggested_filename
        waiting.value.save_as(file)
        assert file.name.endswith(f"-{key}.jpg")
        assert Image.open(io.BytesIO(file.read_bytes())).size == (1000, 1000)
        expect(page).to_have_url(f"{stack.url}/ads/{job.pk}/")
        assert page.evaluate("document.documentElement.scrollWidth") <= width

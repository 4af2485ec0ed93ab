"""The other cut-out method, offered and taken on the new ad's page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from jobs.models import Photo
from tests.conftest import Stack
from tests.portal.test_browser import JOB_MS, PHOTO, _sign_in


@pytest.mark.timeout(240)
def test_a_merchant_takes_the_other_cut_out_method_and_goes_back(
    page: Page, stack: Stack, isnet_weights: Path
) -> None:
    stack.worker()
    _sign_in(page)
    page.locator("input[name=photo]").set_input_files(PHOTO)  # type: ignore[arg-type]
    drop, again = page.locator("[data-drop]"), page.get_by_role("button", name="다르게 오리기")
    for method, width in (("isnet", 1280), ("grabcut", 390), ("isnet", 390)):
        page.set_viewport_size({"width": width, "height": 800})
        expect(drop).to_have_attribute("data-state", re.compile("ready|unsure"), timeout=JOB_MS)
        expect(again).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        photo = Photo.objects.get()
        assert (photo.method, photo.matte_state) == (method, "ready")
        assert (photo.confidence or 0) > 0.5
        with page.expect_response("**/cutout") as waiting:
            again.click()
        assert waiting.value.json()["matte_state"] == "pending"

"""The portal can be kept among a phone's apps, and stays light enough for one."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client
from PIL import Image
from playwright.sync_api import Page, Response

from authoring.icons import FOLDER, ICONS, Icon, draw
from jobs.portal.manifest import GROUND
from tests.browsing import sign_in
from tests.conftest import Stack
from tests.jobs import factories

KILOBYTE = 1024
SCRIPTS_KB, STYLES_KB, FIRST_PAGE_KB = 60, 40, 250
SAFE_ZONE = 0.4
"""Radius of what every phone shows of a maskable icon, as a share of its side."""
STATIC = settings.BASE_DIR / "static"


# The manifest and its icons -----------------------------------------------------------------------------------
def test_anybody_gets_the_manifest(client: Client) -> None:
    answer = client.get("/manifest.webmanifest")
    assert answer["Content-Type"] == "application/manifest+json"
    assert "max-age" in answer["Cache-Control"]
    told = answer.json()
    assert (told["start_url"], told["scope"], told["display"], told["lang"]) == (
        "/ads/new/",
        "/",
        "standalone",
        "ko",
    )
    assert any("가" <= letter <= "힣" for letter in told["name"])


def test_its_icons_are_there_in_the_sizes_it_tells(client: Client) -> None:
    icons = client.get("/manifest.webmanifest").json()["icons"]
    assert {(icon["purpose"], icon["sizes"]) for icon in icons} == {
        (purpose, f"{side}x{side}") for purpose in ("any", "maskable") for side in (192, 512)
    }
    for icon in icons:
        found = finders.find(icon["src"].removeprefix(settings.STATIC_URL))
        assert isinstance(found, str)
        with Image.open(found) as picture:
            assert f"{picture.width}x{picture.height}" == icon["sizes"]


def test_its_colour_is_the_pages_ground() -> None:
    tokens = (STATIC / "css/tokens.css").read_text()
    assert f"--ground: {GROUND};" in tokens.partition("@media")[0]


@pytest.mark.parametrize("icon", ICONS, ids=lambda icon: icon.name)
def test_the_stored_icons_are_the_marks(icon: Icon) -> None:
    stored = np.asarray(Image.open(FOLDER / icon.name).convert("RGBA"), np.int16)
    assert np.abs(stored - np.asarray(draw(icon).convert("RGBA"), np.int16)).max() <= 2
    assert tuple(stored[icon.side // 2, icon.side // 8]) == (0x2F, 0x5B, 0xEA, 255)
    assert bool(stored[0, 0, 3] == 255) is icon.is_full


def test_a_mask_cuts_nothing_of_the_mark() -> None:
    picture = np.asarray(Image.open(FOLDER / "maskable-512.png").convert("RGB"), np.int16)
    rows, columns = np.nonzero((picture > 200).all(axis=2))
    assert len(rows) > 1000
    assert np.hypot(rows - 255.5, columns - 255.5).max() < SAFE_ZONE * 512


# In a real browser --------------------------------------------------------------------------------------------
def test_the_browser_takes_the_manifest(page: Page, stack: Stack) -> None:
    page.goto("/accounts/login/")
    answer = page.context.new_cdp_session(page).send("Page.getAppManifest")
    assert answer["errors"] == []
    assert answer["url"] == f"{stack.url}/manifest.webmanifest"
    assert json.loads(answer["data"])["short_name"] == "AdStudio"
    icon = page.locator("link[rel=apple-touch-icon]").get_attribute("href")
    assert page.request.get(icon or "").headers["content-type"] == "image/png"


@pytest.mark.timeout(240)
def test_the_first_page_is_light(page: Page, stack: Stack) -> None:
    """Bytes of the document, styles, scripts and whatever else the page asks for, apart from pictures, in a browser
    that has nothing yet; uncompressed, as this server sends them."""
    sign_in(page, factories.shop("봄날 커피"))
    page.context.new_cdp_session(page).send("Network.clearBrowserCache")
    fresh = page.context.new_page()  # what the first one still waits for is not counted
    got: list[Response] = []
    fresh.on("response", lambda answer: got.append(answer))
    fresh.goto("/ads/new/", wait_until="networkidle")
    sizes = {
        urlsplit(answer.url).path: len(answer.body())
        for answer in got
        if answer.request.resource_type != "image"
    }
    assert {"/ads/new/", "/static/css/base.css", "/static/js/portal.js"} <= set(sizes)
    print("\n".join(f"{size:>8} {path}" for path, size in sorted(sizes.items(), key=lambda item: -item[1])))
    assert sum(sizes.values()) <= FIRST_PAGE_KB * KILOBYTE, sizes


# What could be loaded at all ----------------------------------------------------------------------------------
def _zipped(files: list[Path]) -> dict[str, int]:
    return {file.name: len(gzip.compress(file.read_bytes(), 9)) for file in files}


@pytest.mark.parametrize(("pattern", "most"), [("**/*.js", SCRIPTS_KB), ("**/*.css", STYLES_KB)])
def test_all_scripts_and_all_styles_are_small(pattern: str, most: int) -> None:
    sizes = _zipped(list(STATIC.glob(pattern)))
    print(sum(sizes.values()), sizes)
    assert sizes
    assert sum(sizes.values()) <= most * KILOBYTE, sizes

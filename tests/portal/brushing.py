"""The mask brush in a merchant's hand."""

from __future__ import annotations

import numpy as np
from playwright.sync_api import Locator, Page, expect

from jobs import photos
from jobs.models import Photo


def open_brush(page: Page) -> Locator:
    page.get_by_role("button", name="가장자리 다듬기").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page.locator("[data-brush-told]")).to_have_text("")
    return page.locator("[data-brush-canvas]")


def paint_stroke(page: Page, canvas: Locator, height: float) -> None:
    """A stroke from side to side, at that share of the canvas's height."""
    box = canvas.bounding_box()
    assert box
    y = box["y"] + height * box["height"]
    page.mouse.move(box["x"] + box["width"] * 0.3, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.7, y, steps=8)
    page.mouse.up()


def save_brush(page: Page) -> None:
    page.get_by_role("button", name="저장").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.locator("[data-drop]")).to_have_attribute("data-state", "brushed")


def stored_matte(photo: Photo) -> np.ndarray:
    photo.refresh_from_db()
    return photos.photo_cutout(photo).picture

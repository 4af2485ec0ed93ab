"""The mask brush: what is painted is saved and nothing else, by mouse, touch and keyboard."""

from __future__ import annotations

import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.conftest import PATIENCE_MS, until
from tests.portal.brushing import open_brush, paint_stroke, save_brush, stored_matte
from tests.portal.desk import Desk


def test_the_brush_erases_undoes_and_saves_what_was_painted_alone(desk: Desk) -> None:
    before = stored_matte(desk.photo)
    desk.upload_cut_out()
    page = desk.page
    canvas = open_brush(page)
    save, undo = page.get_by_role("button", name="저장"), page.get_by_role("button", name="되돌리기")
    expect(save).to_be_disabled()
    paint_stroke(page, canvas, 0.45)
    expect(save).to_be_enabled()
    undo.click()
    expect(save).to_be_disabled()
    page.get_by_role("button", name="다시 하기").click()
    expect(save).to_be_enabled()
    page.keyboard.press("Control+z")
    expect(save).to_be_disabled()
    paint_stroke(page, canvas, 0.55)
    save_brush(page)
    expect(page.locator("[data-picture]")).to_have_attribute("src", re.compile("^blob:"))  # at once
    expect(page.locator("[data-picture]")).to_be_visible()
    desk.upload(b"not a photo", "a.txt")  # the brushed one is there again
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator("[data-picture]")).to_have_attribute("src", re.compile(r"/media/matte/.*/screen"))

    after = stored_matte(desk.photo)
    assert desk.photo.method == "brush"
    rows = np.flatnonzero((after != before).any(axis=(1, 2)))
    centre, middle = (rows.min() + rows.max()) / 2, desk.photo.height / 2
    assert rows.size < desk.photo.height * 0.25, "only a band was painted"
    assert 0 < centre - middle < desk.photo.height * 0.3, "the second stroke, not the one undone"
    assert (after[round(centre), desk.photo.width // 2 - 20 : desk.photo.width // 2 + 20, 3] == 0).all()
    assert (after[: rows.min()] == before[: rows.min()]).all()
    assert (after[rows.max() + 1 :] == before[rows.max() + 1 :]).all()


def test_the_brush_keeps_what_was_lost_in_the_photos_own_colours(desk: Desk) -> None:
    desk.upload_cut_out()
    canvas = open_brush(desk.page)
    desk.page.get_by_role("radio", name="살리기").check(force=True)
    paint_stroke(desk.page, canvas, 0.5)
    save_brush(desk.page)
    after = stored_matte(desk.photo)
    with Image.open(desk.photo.file.open("rb")) as file:
        photo = np.asarray(file.convert("RGB"))
    solid = after[..., 3] == 255
    assert (after[solid][:, :3] == photo[solid]).all()
    row = after[desk.photo.height // 2, :, 3]
    assert np.count_nonzero(row == 255) > 0.7 * 0.33 * desk.photo.width * 2


def test_the_brush_works_from_the_keyboard(desk: Desk) -> None:
    before = stored_matte(desk.photo)
    desk.upload_cut_out()
    canvas = open_brush(desk.page)
    expect(canvas).to_be_focused()
    for key in ("ArrowRight", "ArrowDown", "+", " "):
        desk.page.keyboard.press(key)
    save_brush(desk.page)
    changed = (stored_matte(desk.photo) != before).any(axis=2)
    assert 0 < changed.mean() < 0.1


def test_leaving_the_brush_asks_once_there_is_something_to_lose(desk: Desk) -> None:
    stored = desk.photo.matte.name
    desk.upload_cut_out()
    page = desk.page
    canvas = open_brush(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    canvas = open_brush(page)
    paint_stroke(page, canvas, 0.5)
    page.keyboard.press("Escape")
    expect(page.get_by_text("다듬은 것을 버릴까요?")).to_be_visible()
    page.get_by_role("button", name="계속 다듬기").click()
    expect(page.get_by_role("button", name="저장")).to_be_enabled()
    page.get_by_role("button", name="취소").click()
    page.get_by_role("button", name="버리기").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    desk.photo.refresh_from_db()
    assert desk.photo.matte.name == stored
    expect(page.locator("[data-drop]")).to_have_attribute("data-state", "ready")


@pytest.mark.parametrize("desk", ["phone"], indirect=True)
def test_two_fingers_zoom_and_paint_nothing(desk: Desk) -> None:
    desk.upload_cut_out()
    canvas = open_brush(desk.page)
    box = canvas.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    touch = desk.page.context.new_cdp_session(desk.page)

    def at(kind: str, *spots: tuple[float, float]) -> None:
        points = [{"x": a, "y": b, "id": n} for n, (a, b) in enumerate(spots)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    seen = canvas.screenshot()
    at("touchStart", (x - 20, y))
    at("touchStart", (x - 20, y), (x + 20, y))
    for apart in (40, 70, 100):
        at("touchMove", (x - apart, y), (x + apart, y))
    at("touchEnd")
    expect(desk.page.get_by_role("button", name="저장")).to_be_disabled()
    until(lambda: canvas.screenshot() != seen, PATIENCE_MS / 1000, "the picture larger")
    at("touchStart", (x - 30, y))
    at("touchMove", (x + 30, y))
    at("touchEnd")
    expect(desk.page.get_by_role("button", name="저장")).to_be_enabled()

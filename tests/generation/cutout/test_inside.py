from __future__ import annotations

import cv2
import numpy as np

from generation.cutout import edges, inside
from generation.types import Coverage, Picture
from tests.generation.cutout.known import SIDE, ground, photographed, shaded

GREEN = (46, 104, 88)


def packet() -> Coverage:
    matte = np.zeros((SIDE, SIDE), np.float32)
    matte[90:430, 150:370] = 1
    return matte


def bar(top: int, bottom: int) -> Coverage:
    matte = np.zeros((SIDE, SIDE), np.float32)
    matte[top:bottom, 200:320] = 1
    return matte


def with_letter(letter: tuple[int, int, int], behind: str = "white") -> tuple[Picture, Coverage]:
    """A packet with a printed bar, and a matte that takes the bar for a hole."""
    colors = shaded(GREEN)
    colors[bar(200, 240) > 0] = letter
    return photographed(colors, packet(), ground(behind)), packet() - bar(200, 240)


def test_lettering_of_nearly_the_grounds_colour_is_no_hole() -> None:
    photo, matte = with_letter((232, 219, 190))
    assert edges.sort_parts(matte).coverage[220, 260] == 0
    assert edges.sort_parts(matte, photo).coverage[220, 260] == 1


def test_a_glint_brighter_than_the_ground_is_no_hole() -> None:
    photo, matte = with_letter((250, 250, 250), "teal")
    assert edges.sort_parts(matte, photo).coverage[220, 260] == 1


def test_a_hole_through_which_the_ground_is_seen_in_shadow_stays() -> None:
    through = packet() - bar(200, 240)
    shade = 1 - 0.4 * cv2.GaussianBlur(bar(220, 240), (0, 0), 8)[..., None]
    for behind in ("white", "wood", "teal"):
        photo = photographed(shaded(GREEN), through, ground(behind) * shade)
        assert edges.sort_parts(through, photo).coverage[220, 260] == 0


def test_a_shadow_left_under_the_product_goes() -> None:
    shade = cv2.GaussianBlur(bar(430, 470), (0, 0), 6)
    photo = photographed(shaded(GREEN), packet(), ground("wood") * (1 - 0.5 * shade[..., None]))
    matte = np.maximum(packet(), 0.45 * shade)
    assert edges.sort_parts(matte).coverage[450, 260] > 0.2
    assert edges.sort_parts(matte, photo).coverage[445:, :].max() < 0.1


def test_steam_that_brightens_the_ground_stays_soft() -> None:
    steam = cv2.GaussianBlur(bar(20, 90), (0, 0), 10) * np.float32(0.5)
    colors = shaded(GREEN)
    colors[:95] = 240
    truth = np.maximum(packet(), steam)
    photo = photographed(colors, truth, ground("black"))
    found = edges.sort_parts(truth, photo).coverage
    assert 0.3 < found[45, 260] < 0.65
    assert np.abs(np.diff(found[20:80, 210:310], axis=0)).max() < 0.1


def test_glass_stays_see_through_without_a_hard_border() -> None:
    glass = np.maximum(packet() * np.float32(0.4), packet() - cv2.erode(packet(), np.ones((25, 25))))
    photo = photographed(shaded((200, 215, 215)), glass, ground("teal"))
    found = edges.sort_parts(glass, photo).coverage
    middle = found[150:370, 190:330]
    assert middle.min() > 0.25 and middle.max() < 0.75
    assert np.abs(np.diff(middle, axis=0)).max() < 0.05


def test_a_solid_part_of_which_the_network_was_unsure_is_made_solid_by_its_colour() -> None:
    unsure = packet() * np.float32(0.35)
    unsure[90:250] = packet()[90:250]
    photo = photographed(shaded((236, 150, 120)), packet(), ground("black"))
    found = edges.sort_parts(unsure, photo).coverage
    assert edges.sort_parts(unsure).coverage[380, 260] < 0.5
    assert found[380, 260] > 0.8


def test_without_any_ground_the_matte_alone_is_judged() -> None:
    matte = np.ones((64, 64), np.float32)
    assert inside.filled(matte, np.full((64, 64, 3), 90, np.uint8)).min() == 1

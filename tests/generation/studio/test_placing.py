from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from generation.studio import framing
from generation.studio.background import choose_camera, make_background, plan, seen_by
from generation.studio.framing import Request
from generation.studio.plate import load_plate
from generation.studio.pose import Pose, judge_pose
from generation.studio.product import paste_at
from generation.studio.proxy import SLICES, Proxy, build_proxy
from generation.types import BackgroundBrief, Camera, Picture, Size
from tests.generation.studio.shapes import block, brief, matte, painted


def quiet(sub_step: str, fraction: float, preview: Picture | None) -> None:
    """A report nobody reads."""


def hoop() -> Picture:
    """The alpha of a thin ring."""
    alpha = np.zeros((300, 300), np.uint8)
    cv2.circle(alpha, (150, 150), 135, 255, 14)
    return alpha


def stand_in(asked: BackgroundBrief) -> Proxy:
    made = plan(asked)
    assert made.cutout is not None
    assert made.place is not None
    pasted = paste_at(made.cutout, made.place.box)
    return build_proxy(pasted.picture, made.place, made.frame.optics, 96)


def test_it_cuts_a_thin_hoop_finer_than_a_bottle() -> None:
    tilted = cv2.warpAffine(hoop(), np.array([[1, 0.2, 0], [0, 1, 0]]), (360, 300))
    tilted = np.maximum(tilted, np.roll(np.pad(hoop(), ((0, 0), (0, 60))), 40, axis=0))
    thin, thick = stand_in(brief(product=painted(np.asarray(tilted, np.uint8)))), stand_in(brief())
    assert thin.fine > 1
    assert len(thin.slices) == thin.fine * SLICES
    assert (thick.fine, len(thick.slices)) == (1, SLICES)


def test_it_seats_a_hoop_smaller_than_the_scene_was_dressed_for() -> None:
    made = plan(brief("beach", product=painted(hoop()), side=1024))
    assert made.place is not None
    height = made.place.box.height / made.frame.optics.scale_at(made.plate.base)
    assert height <= 0.65 * made.plate.product_height


def test_it_stands_up_a_dish_smaller_than_it_would_lie() -> None:
    lying = judge_pose(matte("cake"))
    assert seen_by(lying, Camera.EYE).reach < lying.reach == seen_by(lying, Camera.ANGLE).reach


def test_it_lays_a_card_down_where_no_camera_sees_it_from_the_front() -> None:
    card = judge_pose(block(200, 260).picture[..., 3])
    bottle = judge_pose(matte("bottle"))
    assert choose_camera((Camera.ANGLE, Camera.TOP), Camera.AUTO, card) is Camera.TOP
    assert choose_camera((Camera.ANGLE, Camera.TOP), Camera.AUTO, bottle) is Camera.ANGLE
    assert choose_camera((Camera.EYE, Camera.TOP), Camera.AUTO, card) is Camera.EYE
    assert seen_by(card, Camera.ANGLE).lying
    assert not seen_by(bottle, Camera.ANGLE).lying


def test_it_puts_the_middle_of_a_foot_not_its_front_at_the_scenes_place() -> None:
    plate = load_plate("white-sweep", Camera.ANGLE)
    request, size = Request(Size(640, 640), None), Size(200, 220)
    pose = Pose(Camera.ANGLE, False, 0.2, 1.0)
    frame = framing.frame_for(plate, request, size, pose)
    front = framing.centred_place(plate, frame, request, size, pose)
    _, base = frame.optics.project(plate.base)
    assert base + 0.15 * front.box.width < front.box.bottom < base + 0.4 * front.box.width
    assert front.foot[2] == plate.base[2], "on the same ground"
    lying = replace(pose, lying=True)
    assert np.array_equal(framing.centred_place(plate, frame, request, size, lying).foot, plate.base)


def test_it_leaves_no_bare_third_under_a_product_in_a_tall_frame() -> None:
    for scene in ("white-sweep", "cafe-wood", "rain-neon", "beach"):
        place = plan(brief(scene, size=Size(540, 960))).place
        assert place is not None
        assert 0.7 * 960 < place.box.bottom < 0.94 * 960


def test_it_ends_the_mirror_image_where_the_stone_ends() -> None:
    pictures = [
        make_background(
            brief("water-ripples", None, 480, product=painted(matte("jar"), color)), quiet
        ).picture
        for color in ((230, 10, 10), (10, 10, 230))
    ]
    place = plan(brief("water-ripples", "jar", 480)).place
    assert place is not None
    columns = slice(place.box.x, place.box.right)
    difference = np.abs(pictures[0][:, columns].astype(int) - pictures[1][:, columns]).mean(axis=(1, 2))
    near = difference[place.box.bottom + 3 : place.box.bottom + 12].mean()
    beyond = difference[place.box.bottom + 22 : place.box.bottom + 60].mean()
    assert near > 4 * beyond

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from generation.studio import framing
from generation.studio.background import choose_camera, make_background, plan, seen_by
from generation.studio.plate import load_plate
from generation.studio.pose import Pose, judge_pose
from generation.studio.product import paste_at
from generation.studio.proxy import SLICES, Proxy, build_proxy
from generation.studio.request import Request
from generation.types import BackgroundBrief, Camera, Picture, Size, TextPosition
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
    assert height <= 0.75 * made.plate.product_height


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
    assert abs(front.foot[2] - plate.base[2]) < 1e-9, "on the same ground"
    lying = replace(pose, lying=True)
    assert np.array_equal(framing.centred_place(plate, frame, request, size, lying).foot, plate.base)


def test_it_leaves_no_bare_third_under_a_product_in_a_tall_frame() -> None:
    for scene in ("white-sweep", "cafe-wood", "rain-neon", "beach"):
        place = plan(brief(scene, size=Size(540, 960))).place
        assert place is not None
        assert 0.7 * 960 < place.box.bottom < 0.94 * 960


def test_something_low_is_wide_in_a_tall_frame_and_all_above_it_is_its_headlines() -> None:
    for scene in ("cafe-wood", "white-sweep"):
        made = plan(brief(scene, product=block(300, 130), size=Size(540, 960)))
        words = made.words()
        assert made.place is not None and words is not None
        assert made.place.box.width > 0.7 * 540
        assert 0 < made.place.box.y - words.bottom < 0.05 * 960


def plank(degrees: float) -> Picture:
    """The alpha of a flat strip, photographed lying askew."""
    alpha = np.zeros((300, 400), np.uint8)
    corners = cv2.boxPoints(((200, 150), (300, 70), degrees)).astype(np.int32)
    cv2.fillPoly(alpha, [corners], 255)
    return alpha


def test_it_lays_down_what_would_stand_on_a_corner() -> None:
    askew, upright = judge_pose(plank(25)), judge_pose(plank(0))
    assert (askew.camera, askew.lying) == (Camera.TOP, True)
    assert upright.camera is Camera.EYE
    assert choose_camera((Camera.EYE, Camera.ANGLE), Camera.AUTO, askew) is Camera.ANGLE
    assert seen_by(askew, Camera.ANGLE).lying


def test_it_leaves_no_empty_quarter_beyond_a_narrow_product_in_a_wide_frame() -> None:
    for size in (Size(1200, 600), Size(1660, 260)):
        place = plan(brief("marble-kitchen", product=block(100, 290), size=size)).place
        assert place is not None
        assert place.box.right > 0.83 * size.width
        wide = plan(brief("marble-kitchen", product=block(400, 290), size=size)).place
        assert wide is not None
        assert 0.03 * size.width < size.width - wide.box.right


def test_it_keeps_the_room_for_a_headline_and_its_price_below_a_product() -> None:
    for scene, product in (("window-leaves", block(110, 300)), ("beach", painted(matte("cake")))):
        asked = brief(scene, product=product, side=640, text_position=TextPosition.BOTTOM, headline_room=200)
        made = plan(asked)
        assert made.place is not None
        assert made.place.box.bottom <= 640 - 190
        assert made.place.box.height > 120


def test_it_moves_a_product_aside_for_a_headline_at_half_height() -> None:
    made = plan(brief("black-slate", product=block(300, 390), side=640, text_position=TextPosition.CENTER))
    assert made.place is not None
    words = made.words()
    assert words is not None and words.width > 0.35 * 640
    assert words.right <= made.place.box.x and made.place.box.right < 0.98 * 640
    tall = plan(
        brief("black-slate", product=block(300, 390), size=Size(540, 960), text_position=TextPosition.CENTER)
    )
    words = tall.words()
    assert tall.place is not None and words is not None
    assert words.y > 0.3 * 960 and words.bottom < tall.place.box.y
    assert tall.place.box.height > 0.28 * 960 and tall.place.box.bottom < 0.95 * 960


def test_something_tall_stands_lower_and_larger_where_no_price_goes_below_it() -> None:
    asked = brief("linen-kraft", product=block(110, 300), side=640, headline_room=190)
    free, priced = plan(asked).place, plan(replace(asked, small_lines=110)).place
    assert free is not None and priced is not None
    assert free.box.height > 0.38 * 640
    assert free.box.height > priced.box.height and free.box.bottom > priced.box.bottom


def test_it_lets_a_product_reach_into_the_room_of_a_headline_that_passes_behind_it() -> None:
    for size in (Size(640, 640), Size(1200, 600)):
        asked = brief("walnut-desk", product=block(220, 300), size=size, headline_room=160)
        front, behind = plan(asked), plan(replace(asked, headline_behind=True))
        assert front.place is not None and behind.place is not None
        words = behind.words()
        assert words is not None
        assert words.y < behind.place.box.y < words.bottom
        assert abs(behind.place.box.x + behind.place.box.width / 2 - size.width / 2) < 0.03 * size.width


def test_it_keeps_room_for_the_small_lines_below_something_lying() -> None:
    asked = brief("pastel-podium", product=painted(matte("cake")), side=640, headline_room=150)
    free, priced = plan(asked).place, plan(replace(asked, small_lines=110)).place
    assert free is not None and priced is not None
    assert priced.box.bottom <= 640 - 110 + 1
    assert priced.box.height > 0.6 * free.box.height


def test_a_headline_below_the_product_keeps_off_what_the_channel_covers() -> None:
    size = Size(540, 960)
    asked = brief(
        "walnut-desk",
        product=block(300, 300),
        size=size,
        text_position=TextPosition.BOTTOM,
        headline_room=200,
        covered_top=135,
        covered_bottom=192,
    )
    made = plan(asked)
    words = made.words()
    assert made.place is not None and words is not None
    assert made.place.box.bottom <= 960 - 192 - 200
    assert made.place.box.height > 0.2 * 960


def test_it_flips_a_scene_whose_other_side_is_calmer_for_a_headline_beside_the_product() -> None:
    turned = []
    for scene in ("marble-kitchen", "walnut-desk", "garden-table", "chuseok", "window-leaves"):
        asked = brief(scene, product=block(100, 290), size=Size(1200, 600), camera=Camera.EYE)
        chosen = plan(asked)
        for flip in (False, True):
            plate = load_plate(scene, Camera.EYE, flip=flip)
            other = replace(chosen, plate=plate, frame=framing.frame_for(plate, chosen.request))
            assert chosen.clutter() < 1.4 * other.clutter()
        turned.append(chosen.plate.key.direction[0] != load_plate(scene, Camera.EYE).key.direction[0])
        for words in (
            {"text_position": TextPosition.BOTTOM},
            {"headline_behind": True},
            {"headline": False},
            {"headline_room": 200},
        ):
            assert plan(replace(asked, **words)).hints().key == chosen.hints().key, (
                "other words, the same light"
            )
    assert any(turned)


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

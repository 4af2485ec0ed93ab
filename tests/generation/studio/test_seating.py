from __future__ import annotations

from itertools import product as every

import cv2
import numpy as np
import pytest

from generation.errors import ProductNotFound
from generation.studio import framing
from generation.studio.background import make_background, plan
from generation.studio.plate import load_plate, stage
from generation.studio.pose import judge_pose
from generation.studio.product import paste_at, trimmed
from generation.studio.proxy import inflate
from generation.studio.scenes import scenes
from generation.studio.seating import bare
from generation.types import BackgroundBrief, Box, Camera, Picture, Size, TextPosition
from tests.generation.studio.shapes import block, brief, matte, painted

SIZES = [Size(1080, 1080), Size(1080, 1920), Size(1200, 628), Size(1660, 260)]

UNCHANGING = [key for key, scene in scenes().items() if not load_plate(key, scene.cameras[0]).recolor]
"""Scenes that look the same whatever the product's colour."""


def quiet(sub_step: str, fraction: float, preview: Picture | None) -> None:
    """A report nobody reads."""


def can(width: int, height: int, elevation: float) -> Picture:
    """The silhouette of an upright cylinder that wide and high, seen from that many degrees above."""
    sag = round(width / 2 * np.sin(np.radians(elevation)))
    shown = round(height * np.cos(np.radians(elevation)))
    alpha = np.zeros((shown + 2 * sag + 3, width + 3), np.uint8)
    alpha[sag : sag + shown, 1 : width + 1] = 255
    for middle in (sag, sag + shown):
        cv2.ellipse(alpha, (width // 2 + 1, middle), (width // 2, sag), 0, 0, 360, 255, -1)
    return alpha


@pytest.mark.parametrize(
    ("name", "camera", "lying"),
    [
        ("bottle", Camera.EYE, False),
        ("jar", Camera.EYE, False),
        ("box", Camera.EYE, False),
        ("coffee", Camera.ANGLE, True),
        ("cake", Camera.ANGLE, True),
        ("banana", Camera.ANGLE, True),
        ("pizza", Camera.TOP, True),
    ],
)
def test_it_reads_how_a_photo_was_taken(name: str, camera: Camera, lying: bool) -> None:
    pose = judge_pose(matte(name))
    assert (pose.camera, pose.lying) == (camera, lying)
    assert pose.confidence > 0.7


@pytest.mark.parametrize(
    ("elevation", "height", "camera", "lying"),
    [(8, 300, Camera.EYE, False), (15, 90, Camera.EYE, False), (45, 40, Camera.ANGLE, True),
     (45, 160, Camera.ANGLE, False), (80, 30, Camera.TOP, True)],
)  # fmt: skip
def test_it_tells_cans_from_dishes_at_any_height_of_the_camera(
    elevation: float, height: int, camera: Camera, lying: bool
) -> None:
    pose = judge_pose(can(200, height, elevation))
    assert (pose.camera, pose.lying) == (camera, lying)


def test_it_stands_a_ring_on_its_edge() -> None:
    ring = np.zeros((240, 220), np.uint8)
    cv2.ellipse(ring, (110, 125), (95, 100), 0, 0, 360, 255, 24)
    pose = judge_pose(ring)
    assert (pose.camera, pose.lying) == (Camera.EYE, False)


def test_it_does_not_trust_a_ragged_foot() -> None:
    teeth = np.full((120, 300), 255, np.uint8)
    teeth[60:, (np.arange(300) // 30) % 2 == 0] = 0
    assert judge_pose(teeth).confidence == 0


def test_it_refuses_an_empty_cut_out() -> None:
    with pytest.raises(ProductNotFound):
        judge_pose(np.full((20, 20), 90, np.uint8))
    with pytest.raises(ProductNotFound):
        trimmed(np.zeros((20, 20, 4), np.uint8))


def test_it_inflates_a_long_strip_to_a_cylinder() -> None:
    strip = np.zeros((80, 400), np.float32)
    strip[20:60] = 1
    thickness = inflate(strip)
    assert thickness[40, 200] == pytest.approx(20, rel=0.08)
    assert thickness[30, 200] == pytest.approx(np.sqrt(20**2 - 9.5**2), rel=0.1)
    assert thickness[10, 200] == 0


@pytest.mark.parametrize(("key", "camera"), [(k, c) for k, scene in scenes().items() for c in scene.cameras])
@pytest.mark.parametrize("shape", [(300, 300), (900, 60), (60, 900)], ids=["square", "wide", "tall"])
def test_it_fits_every_product_into_every_frame_beside_its_headline(
    key: str, camera: Camera, shape: tuple[int, int]
) -> None:
    for size, position in every(SIZES, [None, *TextPosition]):
        asked = brief(
            key,
            None,
            size=size,
            product=block(*shape),
            camera=camera,
            headline=position is not None,
            text_position=position or TextPosition.AUTO,
        )
        made = plan(asked)
        assert made.place is not None
        box = made.place.box
        assert min(box.x, box.y) >= 0
        assert box.right <= size.width
        assert box.bottom <= size.height
        assert box.width / box.height == pytest.approx(shape[0] / shape[1], rel=0.2)
        assert max(box.width / size.width, box.height / size.height) > 0.2
        area = made.hints().headline_area
        if area is not None and position is not TextPosition.CENTER:
            assert not overlap(area, box)


def overlap(one: Box, other: Box) -> bool:
    return one.x < other.right and other.x < one.right and one.y < other.bottom and other.y < one.bottom


def test_it_makes_the_product_larger_when_no_headline_needs_room() -> None:
    with_room, without = plan(brief()).place, plan(brief(headline=False)).place
    assert with_room is not None
    assert without is not None
    assert without.box.height > 1.1 * with_room.box.height


def test_it_leaves_a_pasted_product_of_the_same_size_as_it_was() -> None:
    noise = np.random.default_rng(3).integers(0, 256, (40, 30, 4), np.uint8)
    noise[..., 3] = 255
    assert np.array_equal(paste_at(noise, Box(0, 0, 30, 40)).picture, noise)


def test_it_resizes_without_a_fringe_of_the_colours_outside() -> None:
    picture = np.zeros((300, 300, 4), np.uint8)
    picture[..., :3] = (0, 255, 0)
    cv2.circle(picture, (150, 150), 120, (200, 40, 30, 255), -1, cv2.LINE_AA)
    picture[..., :3][picture[..., 3] > 0] = (200, 40, 30)
    for side in (90, 700):
        pasted = paste_at(picture, Box(0, 0, side, side)).picture
        assert np.abs(pasted[pasted[..., 3] > 8][:, :3].astype(int) - (200, 40, 30)).max() <= 2


@pytest.mark.parametrize("key", ["cafe-wood", "hanok-window", "pastel-podium"])
@pytest.mark.parametrize("name", ["bottle", "coffee"])
def test_it_never_repaints_the_product(key: str, name: str) -> None:
    made = make_background(brief(key, name), quiet)
    assert made.product is not None
    solid = made.product[..., 3] == 255
    assert solid.mean() > 0.02
    assert np.array_equal(made.picture[solid], made.product[solid][:, :3])


def without_its_product(asked: BackgroundBrief) -> Picture:
    """The same part of the same plate, empty."""
    made = plan(asked)
    return bare(stage(made.plate, made.frame.crop, asked.size), asked.seed, made.words())


@pytest.mark.parametrize("key", UNCHANGING)
@pytest.mark.parametrize("name", ["bottle", "coffee"])
def test_it_grounds_the_product_with_a_shadow_and_leaves_the_rest_alone(key: str, name: str) -> None:
    asked = brief(key, name, side=512)
    made = make_background(asked, quiet)
    assert made.product is not None
    place = plan(asked).place
    assert place is not None
    empty = without_its_product(asked)
    outside = made.product[..., 3] == 0
    change = cv2.GaussianBlur((made.picture.astype(np.float32) - empty).mean(axis=2), (0, 0), 1)
    under = outside & (np.arange(512)[:, None] >= place.box.bottom - 0.05 * place.box.height)
    under &= np.abs(np.arange(512)[None] - (place.box.x + place.box.width / 2)) < 0.3 * place.box.width
    contact = under & (np.arange(512)[:, None] < place.box.bottom + 6)
    assert change[contact].min() < -12, "dark where the product meets the ground"
    far = np.abs(made.picture[:60].astype(int) - empty[:60])
    assert np.percentile(far, 99) <= 24 and far.mean() < 8, "hardly anything changes far from the product"


def test_it_throws_the_shadow_away_from_the_key_light() -> None:
    asked = brief("pastel-podium", "bottle", side=512)
    place = plan(asked).place
    assert place is not None
    empty = without_its_product(asked).astype(int)
    change = make_background(asked, quiet).picture.astype(int).mean(axis=2) - empty.mean(axis=2)
    band = slice(place.box.bottom - place.box.height // 5, place.box.bottom)
    left = change[band, place.box.x - place.box.width // 2 : place.box.x].mean()
    right = change[band, place.box.right : place.box.right + place.box.width // 2].mean()
    light_from_left = load_plate("pastel-podium", Camera.EYE).key.direction[0] < 0
    near, far = (left, right) if light_from_left else (right, left)
    assert far < near - 4


def test_it_mirrors_the_product_in_a_polished_floor() -> None:
    red = make_background(brief("hanok-window", None, product=painted(matte("box"), (220, 20, 20))), quiet)
    blue = make_background(brief("hanok-window", None, product=painted(matte("box"), (20, 20, 220))), quiet)
    place = plan(brief("hanok-window", "box")).place
    assert place is not None
    below = slice(place.box.bottom + 4, place.box.bottom + 30), slice(place.box.x, place.box.right)
    difference = (red.picture[below].astype(int) - blue.picture[below]).mean(axis=(0, 1))
    assert difference[0] > 3
    assert difference[2] < -3


def test_it_places_a_draft_exactly_where_the_picture_has_it() -> None:
    whole = plan(brief(side=1024))
    small = whole.at(Size(512, 512))
    assert whole.place is not None
    assert small.place is not None
    assert small.place.box.x == pytest.approx(whole.place.box.x / 2, abs=1)
    assert small.place.box.bottom == pytest.approx(whole.place.box.bottom / 2, abs=1.5)
    assert framing.framed(small.plate, small.frame.crop, Size(512, 512)).crop == whole.frame.crop

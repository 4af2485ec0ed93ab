from __future__ import annotations

import cv2
import numpy as np
import pytest

from generation.studio import framing
from generation.studio.optics import thrown
from generation.studio.plate import Plate, key_light, load_plate, stage
from generation.studio.request import Request
from generation.studio.scenes import scenes
from generation.studio.tone import photo_light, scene_light, tone_map
from generation.types import Camera, Size, TextPosition

VIEWS = [(key, camera) for key, scene in scenes().items() for camera in scene.cameras]
SIZES = [
    Size(1080, 1080),
    Size(1080, 1350),
    Size(1080, 1920),
    Size(1200, 628),
    Size(1200, 600),
    Size(1660, 260),
]


@pytest.fixture(scope="module", params=VIEWS, ids=lambda view: f"{view[0]}-{view[1]}")
def plate(request: pytest.FixtureRequest) -> Plate:
    key, camera = request.param
    return load_plate(key, camera)


def test_it_gets_back_the_light_that_a_tone_mapped_picture_shows() -> None:
    light = np.exp(np.random.default_rng(1).uniform(-5, 1, (64, 64, 3))).astype(np.float32)
    shown = tone_map(light)
    seen = (shown > 0.02) & (shown < 0.98)
    assert seen.mean() > 0.5
    assert np.abs(tone_map(scene_light(shown)) - shown)[seen.all(axis=2)].max() < 1 / 255


def test_it_brightens_by_stops_and_reads_photos_by_the_srgb_curve() -> None:
    grey = np.full((1, 1, 3), 0.18, np.float32)
    assert tone_map(grey, 1.0).mean() == pytest.approx(tone_map(2 * grey).mean(), abs=2e-3)
    assert photo_light(np.array([0, 188, 255], np.uint8)) == pytest.approx([0, 0.5029, 1], abs=1e-3)


def test_it_shows_the_baked_picture_unchanged_at_its_own_crop(plate: Plate) -> None:
    frame = framing.framed(plate, plate.crop, Size(256, 256))
    x, y, w, h = (round(v * plate.picture.shape[0]) for v in frame.crop)
    baked = cv2.resize(plate.picture[y : y + h, x : x + w], (256, 256), interpolation=cv2.INTER_AREA) / 255
    shown = tone_map(stage(plate, frame.crop, frame.size).full)
    assert np.abs(shown - baked).mean() < 1 / 255


def test_it_splits_the_light_into_shares_that_fit_in_the_whole(plate: Plate) -> None:
    set_up = stage(plate, plate.snapped(plate.crop), Size(200, 200))
    assert set_up.full.min() >= 0
    assert (set_up.key <= set_up.full + 1e-5).all()
    assert (set_up.gloss <= set_up.full - set_up.key + 1e-5).all()
    assert len(set_up.masks) == len(plate.receivers)
    assert (set_up.key / np.maximum(set_up.full, 1e-3)).max() > 0.2, "a key light falls into the scene"


def test_it_finds_the_scene_point_behind_a_pixel(plate: Plate) -> None:
    frame = framing.framed(plate, plate.crop, Size(640, 640))
    point = plate.base + np.array([0.3, 0.2, 0])
    pixel = np.append(frame.optics.project(point), 1)
    found = frame.optics.onto(plate.receivers[0]) @ pixel
    assert found[:3] / found[3] == pytest.approx(point, abs=1e-6)


def test_it_throws_a_shadow_straight_along_the_light() -> None:
    floor = np.array([0.0, 0, 1, 0])
    x, y, z, w = thrown(np.array([1.0, 0, 1, 0]), floor) @ [0, 0, 2, 1]
    assert (x / w, y / w, z / w) == pytest.approx((-2, 0, 0))


def test_it_stands_the_product_on_ground_that_receives_its_shadow(plate: Plate) -> None:
    frame = framing.framed(plate, plate.crop, Size(400, 400))
    x, y = (round(v) for v in frame.optics.project(plate.base))
    assert stage(plate, frame.crop, frame.size).masks[0][y, x] > 0.9


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size.width}x{size.height}")
@pytest.mark.parametrize("position", [None, *TextPosition])
def test_it_keeps_the_place_of_the_product_in_every_frame(
    plate: Plate, size: Size, position: TextPosition | None
) -> None:
    request = Request(size, position)
    frame = framing.frame_for(plate, request)
    x, y, w, h = frame.crop
    assert min(x, y) >= 0
    assert max(x + w, y + h) <= 1
    assert w / h == pytest.approx(size.width / size.height, rel=0.02)
    across, down = frame.optics.project(plate.base)
    assert 0.25 * size.width < across < 0.75 * size.width
    assert 0.4 * size.height < down < 0.95 * size.height
    area = framing.headline_area(plate, frame, request, None)
    if position is None:
        assert area is None
    else:
        assert area is not None
        assert min(area.x, area.y) >= 0
        assert area.right <= size.width
        assert area.bottom <= size.height
        assert area.width * area.height >= 0.06 * size.width * size.height


def test_it_tells_the_key_light_as_the_camera_sees_it(plate: Plate) -> None:
    light = key_light(plate)
    assert np.linalg.norm(light.direction) == pytest.approx(1)
    assert light.direction[1] > 0, "it shines from above"
    right = plate.optics.axes()[0]
    assert light.direction[0] == pytest.approx(float(right @ plate.key.direction))


def test_it_decodes_a_plate_only_once() -> None:
    assert load_plate("cafe-wood", Camera.EYE) is load_plate("cafe-wood", Camera.EYE)

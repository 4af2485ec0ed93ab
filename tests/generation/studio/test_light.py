from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from generation.studio import framing, occlusion, seating, surroundings
from generation.studio.background import against, make_background, seen_by
from generation.studio.irradiance import irradiance
from generation.studio.matching import harmonious, matched, near
from generation.studio.plate import WHOLE, Key, Lobe, Plate, Stage, flipped, key_light, stage
from generation.studio.pose import Pose, judge_pose
from generation.studio.product import Pasted, paste_at, paste_over
from generation.studio.proxy import Proxy, build_proxy, contact
from generation.studio.request import Request
from generation.studio.shade import blocker, lost
from generation.studio.shading import judge_shading
from generation.studio.tone import LUMA
from generation.types import Box, Camera, Linear, Picture, Size
from tests.generation.studio.plates import BLOCK, SUN, drawn
from tests.generation.studio.shapes import block, brief, matte, painted

SIZE = Size(256, 256)
SOFTBOX = Key(
    np.array([-0.6, -0.2, 0.7746]), 0.5, (1.0, 1.0, 1.0), 200.0,
    place=np.array([-3.0, -1.0, 4.0]), axes=(np.array([0.3, -0.9, 0.0]), np.array([0.75, 0.25, 0.6])),
)  # fmt: skip


def seated(plate: Plate, picture: Picture | None = None) -> tuple[Stage, Proxy, Pasted]:
    """A standing block in the whole of a drawn plate."""
    cut = block(60, 120).picture if picture is None else picture
    silhouette = Size(cut.shape[1], cut.shape[0])
    frame = framing.framed(plate, WHOLE, SIZE)
    pose = Pose(Camera.EYE, False, 0.0, 1.0)
    place = framing.place(plate, frame, Request(SIZE, None), silhouette, pose)
    pasted = paste_at(cut, place.box)
    return stage(plate, WHOLE, SIZE), build_proxy(pasted.picture, place, frame.optics, 96), pasted


def relit(plate: Plate) -> tuple[Linear, Stage, Pasted]:
    set_up, proxy, pasted = seated(plate)
    return seating.relit(set_up, proxy, pasted, seating.FINAL, lambda _: None), set_up, pasted


def on_block(plate: Plate) -> NDArray[np.bool_]:
    """Where the block is in the frame, without its outline."""
    assert plate.depth is not None
    seen = cv2.resize((plate.depth.layer > 0).astype(np.uint8), (256, 256), interpolation=cv2.INTER_NEAREST)
    return cv2.erode(seen, np.ones((9, 9), np.uint8)) > 0


def test_it_throws_the_key_shadow_on_what_lies_on_no_plane() -> None:
    sun = replace(SUN, direction=np.array([-0.95, -0.05, 0.3082]))
    plate = drawn(key=sun)
    light, set_up, _ = relit(plate)
    face = on_block(plate)
    darker = ((set_up.full - light) / set_up.key).mean(axis=2)
    assert darker[face].mean() > 0.5, "the block stands in the product's shadow"
    without, _, _ = relit(drawn(key=sun, depth=None))
    assert np.allclose(without[face], set_up.full[face], rtol=0.02), "and only its depth tells so"


def test_it_joins_planes_and_depth_without_a_seam() -> None:
    plate = drawn(key=replace(SUN, direction=np.array([-0.2, -0.9, 0.39])))
    light, set_up, pasted = relit(plate)
    kept = (light / set_up.full).mean(axis=2)
    assert kept.min() > 0
    assert kept.max() < 1.6
    outside = pasted.layer(SIZE)[..., 3] == 0
    off = (set_up.covered < 0.5) & outside
    around = cv2.dilate(off.astype(np.uint8), np.ones((7, 7))) - off
    assert abs(kept[off].mean() - kept[(around > 0) & outside].mean()) < 0.25


def test_it_softens_a_softbox_shadow_with_distance() -> None:
    set_up, proxy, _ = seated(drawn(key=SOFTBOX))
    shadow = seating._key_shadow(set_up, proxy, None, seating.FINAL)
    foot = proxy.place.box
    row = shadow[foot.bottom - 4]
    lit = np.flatnonzero(row > 0.02)
    assert lit.max() > foot.right + 10, "it falls to the right, away from the light"
    edge = np.abs(np.diff(shadow, axis=0)).max(axis=0)
    near, far = edge[foot.right + 2 : foot.right + 8].max(), edge[foot.right + 40 : foot.right + 48].max()
    assert near > 1.2 * far > 0


def test_it_spreads_its_samples_over_the_whole_rectangle() -> None:
    places = np.array(occlusion.key_samples(SOFTBOX, 64))
    assert SOFTBOX.axes is not None and SOFTBOX.place is not None
    assert (places[:, 3] == 1).all()
    inside = (places[:, :3] - SOFTBOX.place) @ np.linalg.pinv(np.array(SOFTBOX.axes))
    assert np.abs(inside).max() <= 1
    assert np.abs(inside.mean(axis=0)).max() < 0.1
    assert np.histogram2d(*inside.T, bins=4, range=[[-1, 1]] * 2)[0].min() >= 2


def test_it_does_not_shade_what_lies_beyond_the_light() -> None:
    wall = np.array([0.0, 1, 0, -3])
    set_up, proxy, _ = seated(drawn())
    receiver = occlusion.Receiver(occlusion.Raster(Box(0, 0, 256, 256), 0.5), wall, set_up.optics)
    between = np.array([0.0, 1.5, 1.0, 1.0])
    assert occlusion.hidden(receiver, proxy, proxy.slices, between, colored=False).max() == 0
    assert (
        occlusion.hidden(receiver, proxy, proxy.slices, np.array([0.0, -6, 1, 1]), colored=False).max() > 0.9
    )


def test_it_mirrors_by_every_lobe() -> None:
    def glow(*lobes: Lobe) -> float:
        light, set_up, pasted = relit(drawn(lobes=lobes))
        below = slice(pasted.box.bottom + 3, pasted.box.bottom + 12), slice(pasted.box.x, pasted.box.right)
        reds = (light - set_up.full)[below]
        return float((reds[..., 0] - reds[..., 2]).mean())

    sharp, dull = glow(Lobe(1.0, 0.08)), glow(Lobe(1.0, 0.7))
    assert sharp > dull > 0
    assert glow(Lobe(0.5, 0.08), Lobe(0.5, 0.7)) == pytest.approx((sharp + dull) / 2, rel=0.05)


def test_it_shades_walls_less_with_distance_and_never_behind_their_back() -> None:
    set_up, proxy, _ = seated(drawn())
    light = irradiance(set_up)
    points = np.array([[0, 0.8, 1], [0, 2, 1], [0, 6, 1], [0, -3, 1]], np.float32)
    normals = np.tile(np.array([[0, -1, 0]], np.float32), (4, 1))
    near, middle, far, before = lost(points, normals, blocker(proxy), set_up.plate.environment, light)[:, 2]
    assert near > 2 * middle > 4 * far > 0
    assert before == 0


def test_it_never_takes_more_light_than_there_is_however_bright_what_the_product_hides() -> None:
    set_up, proxy, _ = seated(drawn())
    light = irradiance(set_up)
    glaring = np.full_like(set_up.plate.environment, 40.0)
    points = np.array([[0, 0.3, 0.4], [0, 0.5, 1], [0.2, -0.3, 0.2]], np.float32)
    normals = np.array([[0, -1, 0], [0, -1, 0], [0, 0, 1]], np.float32)
    taken = lost(points, normals, blocker(proxy), glaring, light)
    assert taken.max() > 0.5
    assert taken.max() < 1


def test_it_measures_how_much_light_a_surface_gets() -> None:
    light = irradiance(seated(drawn())[0])
    assert light.mean == pytest.approx(0.5, abs=1e-3)
    assert np.abs(light.moment).max() < 1e-3
    towards, away = light.on(SUN.direction), light.on(-SUN.direction)
    assert towards[0] - light.ambient(SUN.direction[None].astype(np.float32))[0, 0] == pytest.approx(
        3 / np.pi, rel=0.02
    )
    assert (away < towards).all()


def leaf(x: int) -> Picture:
    """Something green in front, around that column of the half-size master."""
    front = np.zeros((128, 128, 4), np.uint8)
    cv2.circle(front, (x, 90), 9, (40, 160, 60, 255), -1, cv2.LINE_AA)
    front[..., 1] = np.maximum(front[..., 1], 160)
    return front


def test_it_lays_over_what_stands_in_front_unless_it_meets_the_product() -> None:
    def greens(front: Picture) -> tuple[float, Picture]:
        set_up, proxy, pasted = seated(drawn(front=front))
        picture = seating.seat(set_up, proxy, pasted, 1, seating.FINAL, lambda _: None)
        solid = pasted.layer(SIZE)[..., 3] == 255
        assert np.array_equal(picture[solid], pasted.layer(SIZE)[solid][:, :3])
        green = (picture[..., 1].astype(int) - picture[..., 0] > 40) & ~solid
        return float(green.mean()), picture

    beside, before = greens(leaf(14))[0], greens(leaf(64))[0]
    assert beside > 0.01
    assert before == 0
    both = np.maximum(leaf(14), leaf(64))
    assert greens(both)[0] == pytest.approx(beside, rel=0.02), "each piece for itself"


def test_it_keeps_the_headline_free_of_what_stands_in_front() -> None:
    set_up = stage(drawn(front=leaf(14)), WHOLE, SIZE)
    plain = seating.bare(stage(drawn(), WHOLE, SIZE), 1)
    assert not np.array_equal(seating.bare(set_up, 1), plain)
    assert np.array_equal(seating.bare(set_up, 1, Box(10, 150, 60, 60)), plain)


def test_it_flips_everything_together() -> None:
    plate = drawn(front=leaf(14), key=SOFTBOX)
    turned = flipped(plate)
    point = np.array([0.7, 0.4, 0.2])
    x, y = plate.optics.project(point)
    assert turned.optics.project(point * [-1, 1, 1]) == pytest.approx((1 - x, y))
    assert key_light(turned).direction == pytest.approx(np.array(key_light(plate).direction) * [-1, 1, 1])
    assert np.allclose(np.cross(*turned.optics.axes()[:2]), turned.optics.axes()[2]), "still right-handed"
    one, other = relit(plate)[0], relit(turned)[0]
    assert np.abs(one - other[:, ::-1]).mean() < 0.01 * one.mean()


@pytest.mark.parametrize("side", [-1, 1])
@pytest.mark.parametrize("name", ["bottle", "jar", "box"])
def test_it_reads_from_which_side_a_photo_was_lit(name: str, side: int) -> None:
    alpha = matte(name)
    across = np.linspace(-1, 1, alpha.shape[1])
    cut = painted(alpha).picture.copy()
    cut[..., :3] = (120 + 70 * side * across)[None, :, None]
    shading = judge_shading(cut)
    assert (shading.side, shading.confidence > 0.5) == (side, True)
    from_left = drawn()
    assert against(shading, from_left) == (side == 1)
    assert against(shading, flipped(from_left)) == (side == -1)


def test_it_does_not_read_a_side_off_a_flat_or_patterned_thing() -> None:
    flat = painted(matte("box")).picture
    assert judge_shading(flat).confidence == 0
    patterned = flat.copy()
    patterned[..., :3] = (
        np.random.default_rng(2)
        .integers(0, 256, (8, 8, 3))
        .astype(np.uint8)
        .repeat(flat.shape[0] // 8 + 1, 0)
        .repeat(flat.shape[1] // 8 + 1, 1)[: flat.shape[0], : flat.shape[1]]
    )
    assert judge_shading(patterned).confidence < 0.45


def test_it_takes_a_shaded_disc_for_a_ball_and_a_flat_one_for_a_dish() -> None:
    y, x = np.mgrid[-1:1:300j, -1:1:300j]
    inside = x**2 + y**2 < 1
    lit = 60 + 180 * np.clip(0.5 * np.sqrt(np.maximum(1 - x**2 - y**2, 0)) - 0.5 * y - 0.3 * x, 0, 1)
    ball = painted((inside * 255).astype(np.uint8)).picture
    ball[..., :3] = lit[..., None]
    dish = painted((inside * 255).astype(np.uint8)).picture
    ball_pose, dish_pose = (judge_pose(cut[..., 3], judge_shading(cut).roundness) for cut in (ball, dish))
    assert (ball_pose.camera, ball_pose.lying) == (Camera.EYE, False)
    assert (dish_pose.camera, dish_pose.lying) == (Camera.TOP, True)


def test_it_stands_up_what_lay_when_the_camera_is_at_table_height() -> None:
    lying = Pose(Camera.ANGLE, True, 0.0, 1.0)
    assert not seen_by(lying, Camera.EYE).lying
    assert seen_by(lying, Camera.ANGLE) == lying
    assert seen_by(Pose(Camera.EYE, False, 0.05, 1.0), Camera.TOP).lying


def test_it_stands_every_foot_of_a_stool_on_the_ground() -> None:
    stool = np.zeros((200, 160), np.float32)
    stool[10:40, 10:150] = 1
    for left, bottom in ((12, 198), (60, 180), (95, 180), (140, 198)):
        stool[40:bottom, left : left + 8] = 1
    touching, ground = contact(stool, 0.0)
    for left, rise in ((12, 0), (60, 18), (95, 18), (140, 0)):
        assert touching[left : left + 8].all()
        assert ground[left + 4] == rise
    assert not touching[30:55].any()


def test_it_lets_the_light_behind_into_the_mixed_pixels_only() -> None:
    cut = np.zeros((40, 40, 4), np.uint8)
    cut[..., :3], cut[8:32, 8:32, 3], cut[7, 8:32, 3] = (30, 30, 30), 255, 128
    product = Pasted(cut, Box(10, 10, 40, 40))
    bright = np.full((64, 64, 3), 0.9, np.float32)
    shown = paste_over(bright, product)
    assert (shown[18:42, 18:42] == 30).all()
    plain = (30 * 128 + 230 * 127) // 255
    assert (shown[17, 18:42] > plain + 5).all()
    dark = paste_over(np.full((64, 64, 3), 0.05, np.float32), product)
    assert np.abs(dark[17, 18:42].astype(int) - (30 * 128 + 13 * 127) // 255).max() <= 1


def test_it_matches_the_light_only_as_a_whole() -> None:
    warm = np.full((64, 128, 3), 0.5, np.float32) * np.array([1.3, 1.0, 0.6], np.float32)
    set_up, _, pasted = seated(drawn(environment=warm, key=replace(SUN, energy=0.01)))
    changed = matched(pasted, irradiance(set_up), 0.0)
    before, after = (p.picture[p.picture[..., 3] == 255][:, :3].astype(float) for p in (pasted, changed))
    assert np.array_equal(changed.picture[..., 3], pasted.picture[..., 3])
    assert len(np.unique(after, axis=0)) == len(np.unique(before, axis=0))
    assert after[0, 0] / before[0, 0] > after[0, 2] / before[0, 2]


def test_it_tints_a_sweep_in_the_products_hue_and_leaves_coloured_things() -> None:
    teal = harmonious(painted(matte("box"), (20, 120, 120)).picture)
    assert teal[2] > teal[0] and teal.min() > 0.1
    grey = harmonious(painted(matte("box"), (90, 90, 90)).picture)
    assert grey[0] > grey[2], "something colourless gets a warm one"
    picture = np.full((256, 256, 3), 200, np.uint8)
    picture[:, 128:] = (220, 40, 40)
    plain, tinted = (stage(drawn(picture=picture), WHOLE, SIZE, tint).full for tint in (None, teal))
    assert np.allclose(tinted[:, :120], plain[:, :120] * teal, rtol=0.1)
    assert np.allclose(tinted[:, 136:], plain[:, 136:], rtol=0.02)


@pytest.mark.parametrize("color", ["#0a3d91", "#ff2d95", "#ffd400", "#111111", "#ffffff"])
def test_a_shop_s_colour_becomes_the_paint_nearest_to_it(color: str) -> None:
    red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    paint = near(color)
    assert 0.15 < float(paint @ LUMA) < 0.85
    if color in ("#111111", "#ffffff"):
        assert paint.max() - paint.min() < 0.02
    else:
        assert (np.argsort(paint) == np.argsort([red, green, blue])).all()
        assert paint.max() - paint.min() > 0.1


def test_a_shop_s_colour_takes_the_place_of_the_product_s() -> None:
    by_product, by_shop = (
        make_background(brief("color-sweep", "box", brand_color=color), lambda *_: None)
        for color in ("", "#0a3d91")
    )
    assert by_product.product is not None and by_shop.product is not None
    assert np.array_equal(by_product.product, by_shop.product)
    walls = [made.picture[:40].reshape(-1, 3).mean(axis=0) for made in (by_product, by_shop)]
    assert walls[0][0] > walls[0][2] and walls[1][2] > 1.2 * walls[1][0]


def test_the_file_s_colour_noise_is_painted_like_the_wall_it_lies_in() -> None:
    picture = np.full((256, 256, 3), 120, np.uint8)
    picture[100:108, 100:108] = (118, 120, 122)
    deep = near("#145c46")
    plain, painted_over = (stage(drawn(picture=picture), WHOLE, SIZE, tint).full for tint in (None, deep))
    assert np.allclose(painted_over, plain * deep, rtol=0.01)


def test_it_finds_the_points_that_the_depth_layer_shows() -> None:
    plate = drawn()
    there = surroundings.surroundings(plate, WHOLE)
    assert there is not None
    (left, right), (front, back), height = BLOCK
    points = there.points
    margin = 0.06
    assert (points[:, 0] > left - margin).all() and (points[:, 0] < right + margin).all()
    assert (points[:, 1] > front - margin).all() and (points[:, 1] < back + margin).all()
    assert points[:, 2].max() == pytest.approx(height, abs=margin)
    facing = there.normals[np.abs(points[:, 1] - front) < 0.03]
    assert np.median(facing[:, 1]) < -0.8

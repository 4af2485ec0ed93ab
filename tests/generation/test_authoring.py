"""Every shipped plate is complete and consistent, and the baker still makes one where Blender is."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from authoring.pack import _write_front, depth_layer, gloss_lobes
from authoring.tone import Linear, agx
from generation.studio.tone import scene_light

ROOT = Path(__file__).resolve().parents[2]
PLATES = ROOT / "generation" / "studio" / "plates"
BLENDER_PYTHON = ROOT / "authoring" / ".venv" / "bin" / "python"
PLATE_FILES = {
    "full.webp", "key.webp", "gloss.webp", "glcol.webp", "masks.png", "depth.png", "env.npz", "meta.json",
}  # fmt: skip
META_KEYS = {
    "P", "C", "key", "base", "recv", "lobes", "depth", "exposure", "elevation",
    "product_height", "product_width", "crop", "headline", "mirrored", "recolor",
}  # fmt: skip
CARD_KEYS = {"key", "name_ko", "name_en", "words", "mood", "season", "cameras", "headline_ink"}
ELEVATIONS = {"eye": (5, 20), "angle": (35, 55), "top": (80, 90)}
PLATE_LIMIT, ALL_PLATES_LIMIT = 750_000, 24 << 20
"""Bytes on disk."""
MASTER_SIDE = 1792
"""Pixels."""


def shipped_scenes() -> list[Path]:
    return sorted(p for p in PLATES.iterdir() if p.is_dir())


def shipped_plates() -> list[Path]:
    return [camera for scene in shipped_scenes() for camera in sorted(scene.iterdir()) if camera.is_dir()]


def name_of(folder: Path) -> str:
    return str(folder.relative_to(PLATES))


def check_plate(plate: Path, side: int) -> dict[str, Any]:
    """The checks that hold for every plate, shipped or just baked; returns its meta.json."""
    files = {file.name for file in plate.iterdir()}
    meta: dict[str, Any] = json.loads((plate / "meta.json").read_text())
    assert files - {"front.webp"} == PLATE_FILES
    assert set(meta) == META_KEYS
    pictures = {name: Image.open(plate / name) for name in files if name.endswith((".webp", ".png"))}
    full = pictures["full.webp"]
    assert full.width == full.height >= side
    half, quarter = (full.width // 2,) * 2, (full.width // 4,) * 2
    assert pictures["key.webp"].size == pictures["gloss.webp"].size == half
    assert pictures["glcol.webp"].size == quarter
    assert pictures["masks.png"].mode == "L"
    assert pictures["masks.png"].size == (half[0] * len(meta["recv"]), half[1])
    if "front.webp" in pictures:
        assert pictures["front.webp"].mode == "RGBA" and pictures["front.webp"].size == half
    if "depth.png" in pictures:
        assert pictures["depth.png"].size == quarter
        assert np.asarray(pictures["depth.png"]).max() <= meta["depth"][2]
        assert sum(share for share, _ in meta["lobes"]) == pytest.approx(1, abs=0.01)
    env = np.load(plate / "env.npz")["env"]
    assert env.shape == (64, 128, 3) and env.dtype == np.float16
    assert np.isfinite(env).all() and (env >= 0).all() and env.max() > 0
    return meta


def project(meta: dict[str, Any], point: list[float]) -> tuple[float, float]:
    x, y, w = np.array(meta["P"]) @ [*point, 1.0]
    assert w > 0, "behind the camera"
    return float(x / w), float(y / w)


def check_geometry(plate: Path, meta: dict[str, Any]) -> None:
    """Camera, base, planes and masks tell the same story."""
    projection, eye = np.array(meta["P"]), np.array(meta["C"])
    assert projection.shape == (3, 4)
    assert np.abs(projection @ eye).max() < 1e-3, "the camera's place does not project to nothing"
    low, high = ELEVATIONS[plate.name]
    assert low <= meta["elevation"] <= high
    base = meta["base"]
    assert abs(np.dot(meta["recv"][0], [*base, 1.0])) < 1e-6, "the product does not stand on the first plane"
    x, y = project(meta, base)
    left, top, width, height = meta["crop"]
    assert left < x < left + width and top < y < top + height
    masks = np.asarray(Image.open(plate / "masks.png"))
    side = masks.shape[0]
    assert masks[int(y * side), int(x * side)] > 200, "the first mask is empty where the product stands"
    for i in range(len(meta["recv"])):
        assert masks[:, i * side : (i + 1) * side].max() > 200, f"plane {i} is nowhere in the picture"


def check_room(meta: dict[str, Any]) -> None:
    """The product fits its crop, and crop and headline lie in the frame."""
    for x, y, width, height in (meta["crop"], meta["headline"]):
        assert 0 <= x < x + width <= 1.0001 and 0 <= y < y + height <= 1.0001
    x, y, z = meta["base"]
    foot = project(meta, [x, y, z])
    half = meta["product_width"] / 2
    assert project(meta, [x + half, y, z])[0] < meta["crop"][0] + meta["crop"][2]
    if meta["elevation"] < 20:
        assert project(meta, [x, y, z + meta["product_height"]])[1] > meta["crop"][1]
    assert foot[0] == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("plate", shipped_plates(), ids=name_of)
def test_it_ships_complete_plates(plate: Path) -> None:
    meta = check_plate(plate, MASTER_SIDE)
    check_geometry(plate, meta)
    check_room(meta)
    assert sum(file.stat().st_size for file in plate.iterdir()) <= PLATE_LIMIT


@pytest.mark.parametrize("plate", shipped_plates(), ids=name_of)
def test_it_ships_a_key_light_that_can_cast_a_shadow(plate: Path) -> None:
    key = json.loads((plate / "meta.json").read_text())["key"]
    assert np.linalg.norm(key["dir"]) == pytest.approx(1, abs=1e-4)
    assert key["dir"][2] > 0.2, "the light comes from below or grazes the table"
    assert key["energy"] > 0
    if key["kind"] == "area":
        assert all(np.linalg.norm(axis) > 0.05 for axis in key["axes"])
        assert np.dot(*key["axes"]) == pytest.approx(0, abs=1e-3)
    else:
        assert 0 < key["angle"] < 0.2
    share = np.asarray(Image.open(plate / "key.webp").convert("L"))
    shaded, lit = np.percentile(share, [2, 98])
    assert lit > 60 and lit - shaded > 40, "no light and shade to speak of"


@pytest.mark.parametrize("plate", shipped_plates(), ids=name_of)
def test_it_ships_pictures_that_are_neither_dark_nor_burnt(plate: Path) -> None:
    grey = np.asarray(Image.open(plate / "full.webp").convert("L"))
    assert 20 < grey.mean() < 236
    assert np.percentile(grey, 99) - np.percentile(grey, 1) > 50, "nothing stands out"
    assert (grey > 252).mean() < 0.04


@pytest.mark.parametrize("scene", shipped_scenes(), ids=name_of)
def test_it_ships_a_catalogue_entry_with_every_scene(scene: Path) -> None:
    card = json.loads((scene / "scene.json").read_text())
    assert set(card) == CARD_KEYS
    assert card["key"] == scene.name and card["headline_ink"] in ("light", "dark")
    assert sorted(card["cameras"]) == sorted(p.name for p in scene.iterdir() if p.is_dir())
    assert any(not word.isascii() for word in card["words"]) and any(word.isascii() for word in card["words"])
    assert Image.open(scene / "thumb.webp").size == (400, 400)


def test_it_ships_pictures_that_the_reader_turns_back_into_the_baked_light() -> None:
    scene = np.random.default_rng(3).uniform(0.02, 1.5, (64, 64, 3)).astype(np.float32)
    scene = 0.7 * scene.mean(2, keepdims=True) + 0.3 * scene
    read = scene_light(agx(scene))
    assert np.abs(read - scene).max() < 0.01


def flat(value: tuple[float, float, float], side: int = 64) -> Linear:
    return np.full((side, side, 3), value, np.float32)


def test_it_keeps_the_depth_only_of_what_is_near_and_on_no_plane() -> None:
    record = {
        "P": [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]],
        "base": [0, 0, 5],
        "product_height": 1,
        "product_width": 1,
    }
    position = flat((0.5, 0, 6.0))
    position[:8], position[8:16], position[16:24, :32] = (0.5, 0, 5.0), (0, 0, 0), (40, 0, 5)
    on_plane = np.zeros((64, 64), np.float32)
    on_plane[40:] = 1
    layer, (near, far, levels) = depth_layer(record, position, [on_plane], 1023)
    assert (near, far) == pytest.approx((1 / 6, 1 / 5))
    assert (layer[:8] == levels).all(), "the nearest"
    assert (layer[24:40] == 1).all(), "the furthest"
    assert (layer[8:16] == 0).all(), "nothing but sky"
    assert (layer[16:24, :32] == 0).all(), "too far away"
    assert (layer[40:] == 0).all(), "on a listed plane"


def test_it_tells_the_coats_share_of_the_gloss() -> None:
    record = {"lobes": [], "base": [0, 0, 0], "product_width": 2.0, "roughness": 0.5, "coat_roughness": 0.1}
    here, ground = flat((0.1, 0.1, 0)), np.ones((64, 64), np.float32)
    lobes = gloss_lobes(record, flat((0.08,) * 3), flat((0.02,) * 3, 16), here, ground)
    assert lobes == [[pytest.approx(0.75, abs=1e-3), 0.1], [pytest.approx(0.25, abs=1e-3), 0.5]]
    assert gloss_lobes(record, flat((0.08,) * 3), None, here, ground) == [[1.0, 0.5]]
    told = record | {"lobes": [[0.3, 0.05], [0.7, 0.6]]}
    assert gloss_lobes(told, flat((0.08,) * 3), None, here, ground) == told["lobes"]


def test_it_packs_what_stands_in_front_with_its_own_alpha(tmp_path: Path) -> None:
    front = np.zeros((64, 64, 4), np.float32)
    _write_front(tmp_path / "nothing.webp", front)
    assert not (tmp_path / "nothing.webp").exists()
    front[20:40, 20:40] = (0.1, 0.4, 0.1, 0.5)
    _write_front(tmp_path / "front.webp", front)
    packed = np.asarray(Image.open(tmp_path / "front.webp"))
    assert packed.shape == (64, 64, 4)
    assert packed[30, 30, 3] == pytest.approx(128, abs=2)
    light = scene_light(packed[30:31, 30:31, :3].astype(np.float32) / 255)[0, 0]
    assert light == pytest.approx((0.2, 0.8, 0.2), abs=0.06), "not darkened by its alpha"
    assert packed[0, 0, 3] == 0


def test_it_ships_plates_within_the_size_limit() -> None:
    assert shipped_plates()
    assert sum(file.stat().st_size for file in PLATES.rglob("*") if file.is_file()) <= ALL_PLATES_LIMIT


def test_it_has_a_scene_script_for_every_shipped_scene() -> None:
    scripts = {p.stem.replace("_", "-") for p in (ROOT / "authoring" / "scenes").glob("[a-z]*.py")}
    assert {scene.name for scene in shipped_scenes()} == scripts


def _blender_missing() -> str:
    """Why no plate can be baked here; empty when one can."""
    if not BLENDER_PYTHON.exists():
        return "authoring/.venv is not there; `make plates` installs it"
    probe = subprocess.run([BLENDER_PYTHON, "-c", "import bpy"], capture_output=True, text=True, check=False)
    return f"bpy does not import: {probe.stderr.strip()[-200:]}" if probe.returncode else ""


def test_it_bakes_a_tiny_plate(tmp_path: Path) -> None:
    if reason := _blender_missing():
        pytest.skip(reason)
    command: list[str | Path] = [BLENDER_PYTHON, "-m", "authoring.bake", "pastel-podium", "--view", "eye"]
    size: list[str | Path] = [
        "--side",
        "64",
        "--samples",
        "2",
        "--out",
        tmp_path / "plates",
        "--raw",
        tmp_path / "raw",
    ]
    environment = os.environ | {"OMP_NUM_THREADS": "2"}
    done = subprocess.run(
        [*command, *size], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    plate = tmp_path / "plates" / "pastel-podium" / "eye"
    meta = check_plate(plate, 64)
    check_geometry(plate, meta)
    check_room(meta)
    assert json.loads((plate.parent / "scene.json").read_text())["cameras"] == ["eye"]
    baked, shipped = (
        json.loads((p / "eye" / "meta.json").read_text()) for p in (plate.parent, PLATES / "pastel-podium")
    )
    assert np.allclose(baked["P"], shipped["P"]), "the script and the shipped plate have drifted apart"

"""From raw passes to a shipped plate: a tone-mapped picture, share maps and a few numbers (see README.md)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from authoring.exr import read_exr, read_exr_alpha
from authoring.tone import agx

Linear = NDArray[np.float32]

QUALITIES = ((93, 84), (91, 84), (89, 80), (87, 74), (85, 66), (82, 56))
"""WebP qualities of the picture and of the share maps, best first: the first that keeps the plate within its budget
is taken."""
PLATE_BUDGET = 480_000
"""Bytes on disk."""
LAYER_QUALITY, THUMB_QUALITY = 84, 82
THUMB_SIDE = 400
PANORAMA = (128, 64)
DEPTH_REACH = 3.2
"""Surfaces whose depth is kept: this near to the product's foot, times its height or width."""
DEPTH_LEVELS = (4095, 2047, 1023)
"""Steps of inverse depth, finest first: the first that keeps the layer within its budget is taken."""
DEPTH_BUDGET = 60_000
"""Bytes on disk."""
ON_PLANE = 0.98
"""From this coverage on a pixel belongs to its listed plane and needs no depth."""
COAT_REACH = 0.8
"""The coat's share is read around the foot, this far in widths of the product."""
MASK_STEPS = 5
"""Masks are stored in so many steps: on sand and cloth finer ones would be noise."""
LEAST_SEEN = 0.8
"""A plane that covers no pixel more than this is not seen."""
LEAST_FRONT = 0.02
"""Coverage that nothing in front of the product exceeds means that there is nothing."""
FACING = 0.6
"""A surface belongs to a receiving plane when the cosine between their normals exceeds this."""


def read_pass(folder: Path, name: str) -> Linear:
    """One raw pass, scene-linear RGB."""
    return np.nan_to_num(read_exr(folder / f"{name}_0001.exr"), nan=0, posinf=100, neginf=0)


def _bytes(values: Any) -> NDArray[np.uint8]:
    return np.asarray(np.clip(values, 0, 1) * 255 + 0.5).astype(np.uint8)


def _shrink(values: Linear, factor: int) -> Linear:
    side = values.shape[0] // factor
    return np.asarray(cv2.resize(values, (side, side), interpolation=cv2.INTER_AREA), np.float32)


def _webp(path: Path, values: Any, quality: int) -> None:
    Image.fromarray(_bytes(values)).save(path, "WEBP", quality=quality, method=6)


def receiver_mask(position: Linear, normal: Linear, plane: list[float], tolerance: float) -> Linear:
    """Where a surface lies on the plane and faces as it does, grown a little over its rounded edge."""
    axis = np.array(plane[:3], np.float32)
    near = np.abs(position @ axis + np.float32(plane[3])) < tolerance
    facing = np.abs(normal @ axis) > FACING
    grown = cv2.dilate((near & facing).astype(np.float32), np.ones((3, 3)))
    return np.asarray(cv2.GaussianBlur(grown, (0, 0), 0.8), np.float32)


def _seen_planes(
    receivers: list[dict[str, Any]], position: Linear, normal: Linear
) -> tuple[list[dict[str, Any]], list[Linear]]:
    """The planes this camera sees, with their masks; the first, on which the product stands, in any case."""
    masks = [receiver_mask(position, normal, r["plane"], r["tolerance"]) for r in receivers]
    seen = [i for i, mask in enumerate(masks) if i == 0 or float(mask.max()) > LEAST_SEEN]
    return [receivers[i] for i in seen], [masks[i] for i in seen]


def project(projection: Any, point: list[float]) -> tuple[float, float]:
    """A scene point in unit image coordinates."""
    x, y, w = np.asarray(projection) @ [*point, 1.0]
    return float(x / w), float(y / w)


def square_crop(projection: Any, base: list[float], side: float, foot: float) -> list[float]:
    """The square crop of that side, centred, in which the product stands at ``foot`` of its height."""
    _, ground = project(projection, base)
    top = float(np.clip(ground - foot * side, 0, 1 - side))
    return [round((1 - side) / 2, 4), round(top, 4), side, side]


def _meta(record: dict[str, Any], lobes: list[list[float]]) -> dict[str, Any]:
    kept = (
        "key",
        "base",
        "exposure",
        "elevation",
        "product_height",
        "product_width",
        "headline",
        "mirrored",
        "recolor",
    )
    meta = {"P": record["P"], "C": [*record["eye"], 1.0]} | {name: record[name] for name in kept}
    meta["recv"] = [receiver["plane"] for receiver in record["receivers"]]
    meta["crop"] = square_crop(record["P"], record["base"], record["crop"], record["foot"])
    meta["lobes"] = lobes
    return meta


def gloss_lobes(
    record: dict[str, Any], albedo: Linear, uncoated: Linear | None, position: Linear, ground: Linear
) -> list[list[float]]:
    """How the ground mirrors: ``[share, roughness]`` of the coat and of what lies under it, or of one lobe.

    ``albedo`` and ``uncoated`` are glossy albedos with and without the coat, ``position`` and ``ground`` (the
    product's own plane) tell where the ground is; all are brought to the size of ``uncoated``.
    """
    if record["lobes"]:
        return [list(lobe) for lobe in record["lobes"]]
    if uncoated is None:
        return [[1.0, record["roughness"]]]
    size = uncoated.shape[1::-1]
    albedo, position, ground = (
        np.asarray(cv2.resize(layer, size, interpolation=cv2.INTER_AREA), np.float32)
        for layer in (albedo, position, ground)
    )
    reach = np.linalg.norm(position - np.array(record["base"], np.float32), axis=2)
    here = (ground > ON_PLANE) & (reach < COAT_REACH * record["product_width"])
    share = 1 - float(uncoated[here].mean()) / max(float(albedo[here].mean()), 1e-6)
    share = round(float(np.clip(share, 0, 1)), 3)
    return [[share, record["coat_roughness"]], [round(1 - share, 3), record["roughness"]]]


def depth_layer(
    record: dict[str, Any], position: Linear, masks: Sequence[Linear], levels: int
) -> tuple[NDArray[np.uint16], list[float]]:
    """Inverse depth of the surfaces near the product that lie on no listed plane, and its range.

    Inverse depth is linear on the screen for anything flat, so that it packs well. 0 means no depth kept, else
    ``near + (value - 1) / (levels - 1) * (far - near)`` for the returned ``[near, far, levels]``.
    """
    inverse = 1 / np.maximum(position @ np.array(record["P"][2][:3], np.float32) + record["P"][2][3], 1e-3)
    largest = max(record["product_height"], record["product_width"])
    reach = np.linalg.norm(position - np.array(record["base"], np.float32), axis=2)
    kept = (reach < DEPTH_REACH * largest) & (np.max(masks, axis=0) < ON_PLANE)
    kept &= np.abs(position).max(axis=2) > 0  # nothing but sky has no position
    if not kept.any():
        return np.zeros(inverse.shape, np.uint16), [0.0, 1.0, levels]
    near, far = float(inverse[kept].min()), float(inverse[kept].max())
    scaled = np.clip((inverse - near) / max(far - near, 1e-9), 0, 1) * (levels - 1) + 1.5
    return np.where(kept, scaled, 0).astype(np.uint16), [near, far, levels]


def _write_depth(
    path: Path, record: dict[str, Any], position: Linear, masks: Sequence[Linear]
) -> list[float]:
    """Write ``depth.png``, 16 bits, a quarter of the master's size; returns its range."""
    position, *masks = (layer[::2, ::2] for layer in (position, *masks))
    for levels in DEPTH_LEVELS:
        layer, span = depth_layer(record, position, masks, levels)
        Image.fromarray(layer).save(path, optimize=True)
        if path.stat().st_size <= DEPTH_BUDGET:
            break
    return span


def _write_front(path: Path, front: Linear) -> None:
    """Write ``front.webp``: what stands in front of the product, tone mapped, with straight alpha."""
    alpha = np.clip(front[..., 3:], 0, 1)
    if float(alpha.max()) < LEAST_FRONT:
        return
    solid = np.maximum(alpha, 1e-4)
    spread = cv2.GaussianBlur(front, (0, 0), front.shape[0] / 100)
    around = spread[..., :3] / np.maximum(spread[..., 3:], 1e-4)
    color = np.where(alpha > 4 / 255, front[..., :3] / solid, around)
    _webp(path, np.dstack([agx(np.ascontiguousarray(color, np.float32)), alpha]), LAYER_QUALITY)


def _optional(folder: Path, name: str) -> Linear | None:
    return read_pass(folder, name) if (folder / f"{name}_0001.exr").exists() else None


def pack_plate(folder: Path, plate: Path) -> None:
    """Turn one folder of raw passes into the shipped plate ``plate`` and refresh the scene's thumbnail."""
    record = json.loads((folder / "record.json").read_text())
    full = read_pass(folder, "full")
    key = np.clip(read_pass(folder, "key"), 0, full)
    key_gloss = np.minimum(read_pass(folder, "keyg"), key)
    gloss = np.clip(read_pass(folder, "gloss") - key_gloss, 0, full - key)
    albedo = read_pass(folder, "glcol")
    position, normal = read_pass(folder, "pos"), read_pass(folder, "nor")
    record["receivers"], masks = _seen_planes(record["receivers"], position, normal)
    lobes = gloss_lobes(record, albedo, _optional(folder, "uncoated"), position, masks[0])
    meta = _meta(record, lobes)
    plate.mkdir(parents=True, exist_ok=True)
    for layer in plate.iterdir():
        layer.unlink()
    meta["depth"] = _write_depth(plate / "depth.png", record, position, masks)
    if (folder / "front_0001.exr").exists():
        front = np.nan_to_num(read_exr_alpha(folder / "front_0001.exr"), nan=0, posinf=100, neginf=0)
        _write_front(plate / "front.webp", front)
    picture = agx(full, 0.0)
    half = np.maximum(_shrink(full, 2), 1e-5)
    key_share, gloss_share = _shrink(key, 2) / half, np.sqrt(_shrink(gloss, 2) / half)
    _webp(plate / "glcol.webp", np.sqrt(_shrink(albedo, 4).mean(2)), LAYER_QUALITY)
    Image.fromarray(_bytes(np.round(np.hstack(masks) * MASK_STEPS) / MASK_STEPS)).save(
        plate / "masks.png", optimize=True
    )
    surroundings = cv2.resize(read_pass(folder, "env"), PANORAMA, interpolation=cv2.INTER_AREA)
    np.savez_compressed(plate / "env.npz", env=surroundings.astype(np.float16))
    (plate / "meta.json").write_text(json.dumps(meta) + "\n")
    for quality, share_quality in QUALITIES:
        _webp(plate / "full.webp", picture, quality)
        _webp(plate / "key.webp", key_share, share_quality)
        _webp(plate / "gloss.webp", gloss_share, share_quality)
        if plate_bytes(plate) <= PLATE_BUDGET:
            break
    _thumbnail(agx(full, meta["exposure"]), meta["crop"], plate.parent / "thumb.webp", plate.name)
    print(
        f"packed {plate.parent.name}/{plate.name} {plate_bytes(plate) // 1000} KB at quality {quality}",
        flush=True,
    )


def _thumbnail(picture: Linear, crop: list[float], path: Path, camera: str) -> None:
    """The scene is shown by its eye view; another camera's only until that is there."""
    if camera != "eye" and path.exists():
        return
    side = picture.shape[0]
    x, y, w, h = (round(v * side) for v in crop)
    square = cv2.resize(picture[y : y + h, x : x + w], (THUMB_SIDE, THUMB_SIDE), interpolation=cv2.INTER_AREA)
    _webp(path, square, THUMB_QUALITY)


def plate_bytes(plate: Path) -> int:
    """What a plate weighs on disk."""
    return sum(file.stat().st_size for file in plate.iterdir())


def write_card(card: Any, plates: Path) -> None:
    """The catalogue entry beside a scene's plates; lists only the cameras that are baked."""
    folder = plates / card.key
    entry = {
        "key": card.key,
        "name_ko": card.name_ko,
        "name_en": card.name_en,
        "words": [word.strip() for word in card.words.split(",")],
        "mood": card.mood,
        "season": card.season,
        "cameras": [name for name in card.views if (folder / name / "meta.json").exists()],
        "headline_ink": card.headline_ink,
    }
    (folder / "scene.json").write_text(json.dumps(entry, ensure_ascii=False, indent=1) + "\n")


def preview(folder: Path, path: Path, view: Any, projection: Any, setting: Any) -> None:
    """A look at a view: the master, and again with its crops and the room of product and headline."""
    picture = Image.fromarray(_bytes(agx(read_pass(folder, "full"), setting.exposure)))
    plain, side = picture.copy(), picture.width
    draw = ImageDraw.Draw(picture)

    def frame(box: Sequence[float], color: str) -> None:
        x, y, w, h = box
        draw.rectangle([x * side, y * side, (x + w) * side, (y + h) * side], outline=color)

    base = list(setting.base)
    frame(square_crop(projection, base, view.crop, view.foot), "white")
    frame((0.5 - 9 / 32, 0, 9 / 16, 0.999), "#888888")
    frame(view.headline, "yellow")
    x, y = project(projection, base)
    unit = project(projection, [base[0] + 1, *base[1:]])[0] - x
    w, h = setting.product_width * unit, setting.product_height * unit
    frame((x - w / 2, y - h, w, h), "red")
    sheet = Image.new("RGB", (side * 2, side))
    sheet.paste(plain, (0, 0))
    sheet.paste(picture, (side, 0))
    sheet.save(path)

"""Reading a plate and cropping it to a frame.

A plate is a scene rendered once without a product, with what is needed to seat one later (``authoring/``):
the picture, which share of it each kind of light has, the camera, the planes a shadow may fall on, and the
surroundings as seen from the product's place. On disk and in memory its layers stay 8 bits; they become
scene-linear light only at the size of the frame they are cropped to.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from generation.studio.optics import Optics, Vector, frame_change
from generation.studio.scenes import plates_folder, scene
from generation.studio.tone import scene_light
from generation.types import Camera, Coverage, KeyLight, Linear, Picture, Size

KEPT_PLATES = 4
"""Decoded plates kept in memory; one of 1792 x 1792 takes about 16 MB."""

COARSEST_LAYER = 4
"""The glossy albedo is stored at a quarter of the master's size, the coarsest of all layers."""

COLOR_NOISE = 0.12
"""Saturation up to which it is the file's own noise: recoloured less, its blocks show on a deep wall."""
NEUTRAL = 0.4
"""Saturation (linear light) from which a surface keeps its own colour when the neutral ones are coloured."""

Rectangle = tuple[float, float, float, float]
"""x, y, width, height in unit coordinates of the square master."""
WHOLE: Rectangle = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Key:
    """The scene's one light that casts the product's shadow: a sun, or a lit rectangle.

    ``direction`` points from the product to it; ``angle`` is a sun's angular diameter in radians; ``color`` linear
    RGB; ``energy`` Blender's strength (a sun's irradiance, a rectangle's power). A rectangle has its centre at
    ``place`` and reaches to both sides along its two half ``axes``.
    """

    direction: Vector
    angle: float
    color: tuple[float, float, float]
    energy: float
    place: Vector | None = None
    axes: tuple[Vector, Vector] | None = None


@dataclass(frozen=True, slots=True)
class Depth:
    """Inverse depth along the view of what is near the product and on none of the listed planes: 0 where there is
    nothing, else ``near + (value - 1) / (levels - 1) (far - near)``."""

    layer: NDArray[np.uint16]
    near: float
    far: float
    levels: int


@dataclass(frozen=True, slots=True)
class Lobe:
    """One part of a surface's gloss: its share of all gloss, and its roughness (GGX's is the square)."""

    share: float
    roughness: float


@dataclass(frozen=True)
class Plate:
    """One view of a scene, as baked. Lengths are in scene units; ``receivers[0]`` is the plane the product
    stands on, whose gloss has ``lobes``. The shares are 8-bit: of the key light, of gloss (square root) and the
    glossy albedo (square root). ``front`` is what stands in front of the product, RGBA. A ``mirrored`` plate may be
    flipped; the neutral surfaces of a ``recolor`` one take the product's colour."""

    optics: Optics
    key: Key
    base: Vector
    receivers: tuple[Vector, ...]
    lobes: tuple[Lobe, ...]
    exposure: float
    product_height: float
    product_width: float
    crop: Rectangle
    headline: Rectangle
    mirrored: bool
    recolor: bool
    picture: Picture
    key_share: Picture
    gloss_share: Picture
    gloss_albedo: Picture
    masks: tuple[Picture, ...]
    environment: Linear
    depth: Depth | None
    front: Picture | None

    def snapped(self, crop: Rectangle) -> Rectangle:
        """The nearest crop whose edges fall on whole pixels of every layer, so that camera and layers agree."""
        cells = self.picture.shape[0] // COARSEST_LAYER
        left, top = round(crop[0] * cells), round(crop[1] * cells)
        right, bottom = (
            round((crop[0] + crop[2]) * cells),
            round((crop[1] + crop[3]) * cells),
        )
        return left / cells, top / cells, (right - left) / cells, (bottom - top) / cells


@dataclass(frozen=True)
class Stage:
    """A plate cropped to a frame, in scene-linear light, at the frame's size.

    ``full`` is all light, ``key`` the key light's direct part, ``gloss`` the ambient glossy part;
    ``gloss_albedo`` what a mirror image is multiplied by; ``masks`` one coverage per receiving plane.
    """

    plate: Plate
    crop: Rectangle
    optics: Optics
    full: Linear
    key: Linear
    gloss: Linear
    gloss_albedo: Coverage
    masks: tuple[Coverage, ...]

    @cached_property
    def covered(self) -> Coverage:
        """Where any receiving plane is seen."""
        return np.asarray(np.max(self.masks, axis=0), np.float32)

    @property
    def size(self) -> Size:
        height, width = self.full.shape[:2]
        return Size(width, height)


def load_plate(key: str, camera: Camera, *, flip: bool = False) -> Plate:
    """The plate of a scene seen by one of its cameras, decoded, ``flip``ped left to right when asked; kept for the
    next call. Raises ``SceneUnknown``."""
    return _load(plates_folder() / scene(key).key / camera.value, flip)


@lru_cache(maxsize=KEPT_PLATES)
def _load(folder: Path, flip: bool) -> Plate:
    if flip:
        return flipped(_load(folder, False))
    meta: dict[str, Any] = json.loads((folder / "meta.json").read_text())
    with np.load(folder / "env.npz") as panorama:
        environment = panorama["env"].astype(np.float32)
    front = folder / "front.webp"
    return Plate(
        optics=Optics(np.array(meta["P"]), np.array(meta["C"], float)),
        key=_key(meta["key"]),
        base=np.array(meta["base"], float),
        receivers=tuple(np.array(plane, float) for plane in meta["recv"]),
        lobes=tuple(Lobe(*lobe) for lobe in meta["lobes"]),
        exposure=meta["exposure"],
        product_height=meta["product_height"],
        product_width=meta["product_width"],
        crop=_rectangle(meta["crop"]),
        headline=_rectangle(meta["headline"]),
        mirrored=meta["mirrored"],
        recolor=meta["recolor"],
        picture=_decode(folder / "full.webp", "RGB"),
        key_share=_decode(folder / "key.webp", "RGB"),
        gloss_share=_decode(folder / "gloss.webp", "RGB"),
        gloss_albedo=_decode(folder / "glcol.webp", "L"),
        masks=_masks(folder / "masks.png"),
        environment=environment,
        depth=_depth(folder / "depth.png", *meta["depth"]),
        front=_decode(front, "RGBA") if front.exists() else None,
    )


def _key(light: dict[str, Any]) -> Key:
    direction = np.array(light["dir"])
    direction /= np.linalg.norm(direction)
    if light["kind"] == "sun":
        return Key(direction, light["angle"], _triple(light["color"]), light["energy"])
    across, up = (np.array(axis, float) for axis in light["axes"])
    place = np.array(light["place"], float)
    return Key(direction, light["angle"], _triple(light["color"]), light["energy"], place, (across, up))


def _depth(path: Path, near: float, far: float, levels: int) -> Depth:
    with Image.open(path) as picture:
        return Depth(np.array(picture, np.uint16), near, far, levels)


def flipped(plate: Plate) -> Plate:
    """The same view of the scene's mirror image, left and right exchanged."""
    turn = np.diag([-1.0, 1, 1, 1])
    across = np.array([[-1.0, 0, 1], [0, 1, 0], [0, 0, 1]])

    def swapped(layer: NDArray[Any]) -> NDArray[Any]:
        return np.ascontiguousarray(layer[:, ::-1])

    def beside(rectangle: Rectangle) -> Rectangle:
        x, y, width, height = rectangle
        return 1 - x - width, y, width, height

    key, depth = plate.key, plate.depth
    turned = turn[:3, :3]
    return replace(
        plate,
        optics=Optics(across @ plate.optics.projection @ turn, turn @ plate.optics.eye),
        key=replace(
            key,
            direction=turned @ key.direction,
            place=None if key.place is None else turned @ key.place,
            axes=None if key.axes is None else (turned @ key.axes[0], turned @ key.axes[1]),
        ),
        base=turned @ plate.base,
        receivers=tuple(turn @ plane for plane in plate.receivers),
        crop=beside(plate.crop),
        headline=beside(plate.headline),
        picture=swapped(plate.picture),
        key_share=swapped(plate.key_share),
        gloss_share=swapped(plate.gloss_share),
        gloss_albedo=swapped(plate.gloss_albedo),
        masks=tuple(swapped(mask) for mask in plate.masks),
        environment=swapped(plate.environment),
        depth=replace(depth, layer=swapped(depth.layer)) if depth else None,
        front=None if plate.front is None else swapped(plate.front),
    )


def _triple(values: list[float]) -> tuple[float, float, float]:
    red, green, blue = values
    return red, green, blue


def _rectangle(values: list[float]) -> Rectangle:
    x, y, width, height = values
    return x, y, width, height


def _decode(path: Path, mode: str) -> Picture:
    with Image.open(path) as picture:
        return np.array(picture.convert(mode))


def _masks(path: Path) -> tuple[Picture, ...]:
    strip = _decode(path, "L")
    return tuple(
        np.ascontiguousarray(mask) for mask in np.split(strip, strip.shape[1] // strip.shape[0], axis=1)
    )


def stage(plate: Plate, crop: Rectangle, size: Size, tint: NDArray[np.float32] | None = None) -> Stage:
    """The part ``crop`` (``snapped``) of a plate at ``size``: its layers in scene-linear light, and the camera.
    ``tint`` (linear RGB) is the colour its neutral surfaces take."""

    def cropped(layer: Picture) -> NDArray[np.float32]:
        return _crop(layer, crop, size)

    full = scene_light(cropped(plate.picture))
    if tint is not None:
        _recolor(full, tint)
    key = cropped(plate.key_share)
    key *= full
    gloss = cropped(plate.gloss_share)
    np.multiply(gloss, gloss, out=gloss)
    gloss *= full
    np.minimum(gloss, full - key, out=gloss)
    albedo = cropped(plate.gloss_albedo)
    return Stage(
        plate=plate,
        crop=crop,
        optics=plate.optics.through(frame_change(crop, size.width, size.height)),
        full=full,
        key=key,
        gloss=gloss,
        gloss_albedo=albedo * albedo,
        masks=tuple(cropped(mask) for mask in plate.masks),
    )


def _recolor(light: Linear, tint: NDArray[np.float32]) -> None:
    """Let the neutral parts of a picture take a colour, in place."""
    brightest = light.max(axis=2)
    saturation = (brightest - light.min(axis=2)) / np.maximum(brightest, 1e-4)
    neutral = np.clip((NEUTRAL - saturation) / (NEUTRAL - COLOR_NOISE), 0, 1)[..., None]
    light *= 1 + neutral * (tint - 1)


def _crop(layer: Picture, crop: Rectangle, size: Size) -> NDArray[np.float32]:
    """One 8-bit layer, cropped and resampled to ``size``, as ``float32`` in 0..1."""
    side = layer.shape[0]
    x, y, w, h = (round(value * side) for value in crop)
    part = layer[y : y + h, x : x + w].astype(np.float32) * np.float32(1 / 255)
    resampling = cv2.INTER_AREA if w > size.width else cv2.INTER_LINEAR
    return np.asarray(
        cv2.resize(part, (size.width, size.height), interpolation=resampling),
        np.float32,
    )


def key_light(plate: Plate) -> KeyLight:
    """The key light in the camera's frame, as the later steps want it."""
    x, y, z = (float(v) for v in plate.optics.axes() @ plate.key.direction)
    return KeyLight((x, y, z), plate.key.color)

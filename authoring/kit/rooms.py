"""Rooms far behind the table: rendered sharp, thrown out of focus by depth, and hung up as a shining card.

Blurring in the camera needs hundreds of samples before small lamps turn into clean discs, and the denoiser
smears what is left. A card of the room, blurred exactly, costs a few seconds and has no noise at all.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy
import cv2
import numpy as np
from numpy.typing import NDArray

from authoring.exr import read_exr
from authoring.kit.cameras import SENSOR_MM, View
from authoring.kit.noise import Field, smoothstep
from authoring.kit.shapes import quad
from authoring.kit.stage import reset
from authoring.kit.surfaces import glow

DEPTH_LAYERS = 7
FARTHEST = 200.0
"""Depth given to the empty sky, in units."""
CARD_PIXELS = 720
KEPT = Path(__file__).resolve().parent.parent / "raw" / "rooms"
"""Pictures of rooms already taken."""


@dataclass(frozen=True)
class Card:
    """A rectangle across the view at ``y``, spanning ``half_width`` to both sides and ``bottom`` to ``top``,
    seen from ``eye``; at its own depth the lens spreads a point over ``spread`` of its width (radius)."""

    eye: tuple[float, float, float]
    y: float
    half_width: float
    bottom: float
    top: float
    focus: float
    spread: float


def card_for(view: View, y: float, spread: float, margin: float = 1.25, rise: float = 9.0) -> Card:
    """The card that fills a view's frame at depth ``y``; ``rise`` units more above it for reflections."""
    eye = view.eye
    reach = y - eye[1]
    half = reach * SENSOR_MM / view.lens / 2 * margin
    return Card(eye, y, half, eye[2] - 1.35 * half, eye[2] + rise, -eye[1], spread)


def _iris(radius: float, blades: int) -> Field:
    """The image of a point through a bladed iris, a little brighter at the rim."""
    n = int(np.ceil(radius)) * 2 + 1
    y, x = np.mgrid[0:n, 0:n] - n // 2
    sector = 2 * np.pi / blades
    turn = np.arctan2(y, x) + 0.3
    distance = np.hypot(x, y)
    polygon = distance / np.cos(np.pi / blades) * np.cos(turn % sector - sector / 2)
    distance = 0.55 * distance + 0.45 * polygon
    kernel = np.clip(radius - distance + 0.5, 0, 1) * (1 + 0.3 * smoothstep(0.6 * radius, radius, distance))
    return np.asarray(kernel / kernel.sum(), np.float32)


def _spread(values: Field, radius: float) -> Field:
    if radius < 0.7:
        return values
    return np.asarray(cv2.filter2D(values, -1, _iris(radius, 7), borderType=cv2.BORDER_REFLECT), np.float32)


def defocus(picture: Field, depth: Field, focus: float, far: float, radius: float) -> Field:
    """Throw a picture out of focus, layer by layer from the back. ``depth`` in units; at ``far`` the blur's
    radius is ``radius`` pixels, elsewhere as a thin lens focused at ``focus`` gives it."""
    blur = radius * np.abs(1 / focus - 1 / np.maximum(depth, 0.1)) / abs(1 / focus - 1 / far)
    edges = np.quantile(blur, np.linspace(0, 1, DEPTH_LAYERS + 1))
    order = np.argsort([-float(np.median(depth[(blur >= a) & (blur <= b)])) for a, b in pairwise(edges)])
    result: Field | None = None
    for i in order:
        low, high = edges[i], edges[i + 1]
        member = ((blur >= low) & ((blur < high) | (high == edges[-1]))).astype(np.float32)
        if not member.any():
            continue
        size = float(np.median(blur[member > 0]))
        weight = _spread(member, size)[..., None]
        light = _spread(picture * member[..., None], size)
        if result is None:
            behind = _spread(picture, size)
            result = np.where(weight > 0.02, light / np.maximum(weight, 1e-4), behind)
        else:
            result = light + result * (1 - weight)
    assert result is not None
    return np.asarray(result, np.float32)


def _render_sharp(card: Card, build: Callable[[], None], samples: int) -> tuple[Field, NDArray[np.float32]]:
    """The room as the card's picture, and each pixel's depth along the view in units."""
    scene = reset(CARD_PIXELS, samples)
    build()
    reach = card.y - card.eye[1]
    width, height = 2 * card.half_width, card.top - card.bottom
    scene.render.resolution_y = round(CARD_PIXELS * height / width)
    data = bpy.data.cameras.new("card")
    data.sensor_fit, data.sensor_width = "HORIZONTAL", SENSOR_MM
    data.lens = SENSOR_MM * reach / width
    data.shift_y = ((card.top + card.bottom) / 2 - card.eye[2]) / width
    data.clip_end = 500
    camera = bpy.data.objects.new("card", data)
    bpy.context.collection.objects.link(camera)
    camera.location, camera.rotation_euler = card.eye, (np.pi / 2, 0, 0)
    scene.camera = camera
    scene.view_layers[0].use_pass_z = True
    scene.use_nodes = True
    tree = scene.node_tree
    tree.nodes.clear()
    layers = tree.nodes.new("CompositorNodeRLayers")
    files = tree.nodes.new("CompositorNodeOutputFile")
    files.format.file_format, files.format.color_depth = "OPEN_EXR", "32"
    files.file_slots.clear()
    with tempfile.TemporaryDirectory() as folder:
        files.base_path = folder
        for i, (name, output) in enumerate((("image", "Image"), ("depth", "Depth"))):
            files.file_slots.new(f"{name}_")
            tree.links.new(layers.outputs[output], files.inputs[i])
        bpy.ops.render.render()
        image, depth = (read_exr(Path(folder) / f"{name}_0001.exr") for name in ("image", "depth"))
    return image, np.minimum(depth[..., 0], FARTHEST)


def photograph(card: Card, room: ModuleType, seed: int, samples: int = 48) -> Field:
    """Build a room with its module's ``build`` and take the card's picture of it, out of focus.

    Call it first in a scene's ``build``: it leaves the stage as empty as it found it. The picture is kept
    and used again until the room's module, this one or the card changes.
    """
    sources = Path(__file__).read_bytes() + Path(str(room.__file__)).read_bytes()
    state = f"{card} {seed} {samples} {bpy.app.version_string}".encode()
    kept = KEPT / f"{hashlib.sha256(sources + state).hexdigest()[:16]}.npz"
    if kept.exists():
        return np.asarray(np.load(kept)["picture"], np.float32)
    stage = bpy.context.scene
    side, usual = stage.render.resolution_x, stage.cycles.samples
    image, depth = _render_sharp(card, lambda: room.build(np.random.default_rng(seed)), samples)
    reset(side, usual)
    picture = defocus(image, depth, card.focus, card.y - card.eye[1], card.spread * image.shape[1])
    kept.parent.mkdir(parents=True, exist_ok=True)
    np.savez(kept, picture=picture)
    return picture


def hang(card: Card, picture: Field, strength: float = 1.0) -> Any:
    """Hang the picture where the room was."""
    a, b = card.half_width, card.y
    corners = [(-a, b, card.bottom), (a, b, card.bottom), (a, b, card.top), (-a, b, card.top)]
    return quad(corners, glow("#ffffff", strength, picture))

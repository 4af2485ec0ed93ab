"""The empty stage, and what a scene says about itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import bpy

from authoring.kit.cameras import View

SEED = 7


@dataclass(frozen=True)
class Receiver:
    """A plane the product's shadow may fall on: ``a x + b y + c z + d = 0``. A surface point belongs to it
    within ``tolerance`` units (cloth and scattered things on a table need more than a bare one)."""

    plane: tuple[float, float, float, float]
    tolerance: float = 0.02


def level(z: float, tolerance: float = 0.02) -> Receiver:
    """A horizontal receiver."""
    return Receiver((0.0, 0.0, 1.0, -z), tolerance)


def upright(y: float, tolerance: float = 0.02) -> Receiver:
    """A receiver across the view: a wall."""
    return Receiver((0.0, 1.0, 0.0, -y), tolerance)


@dataclass(frozen=True)
class SceneCard:
    """What the catalogue says about a scene, and its cameras by name (``eye``, ``angle``, ``top``).
    ``words`` are what merchants search it by, in Korean and English, separated by commas."""

    key: str
    name_ko: str
    name_en: str
    words: str
    mood: str
    views: dict[str, View]
    headline_ink: str = "dark"
    season: str | None = None
    recolor: bool = False
    """Whether its neutral surfaces take a colour that suits the product when a picture is made."""


@dataclass(frozen=True)
class Setting:
    """What ``build`` leaves behind for the baker: the key light and where the product goes.

    ``receivers[0]`` is the plane it stands on, ``roughness`` how blurred that plane mirrors it.
    ``product_height`` and ``product_width`` are in units, ``exposure`` in stops.
    """

    key: Any
    receivers: tuple[Receiver, ...]
    roughness: float
    product_height: float
    product_width: float
    base: tuple[float, float, float] = (0.0, 0.0, 0.0)
    exposure: float = 0.0
    samples: float = field(default=1.0)
    """How many times the usual samples this scene needs."""
    mirrored: bool = True
    """Whether the plate may be flipped left to right (not with writing or a lettered sign in it)."""
    lobes: tuple[tuple[float, float], ...] = ()
    """The ground's gloss as ``(share, roughness)`` pairs; when left out, told from the material under the foot."""


FOREGROUND = "foreground"


def in_front(thing: Any) -> Any:
    """Mark an object as standing between camera and product: it is baked as a layer of its own, with alpha,
    and laid over the finished picture where it leaves the product free."""
    thing[FOREGROUND] = True
    return thing


def use_gpu() -> None:
    """Let Cycles render on the first CUDA card there is; raises ``RuntimeError`` when there is none."""
    preferences = bpy.context.preferences.addons["cycles"].preferences
    preferences.compute_device_type = "CUDA"
    preferences.get_devices()
    cards = [device for device in preferences.devices if device.type == "CUDA"]
    if not cards:
        raise RuntimeError("no CUDA card here; leave --gpu out to render on the processor")
    for device in preferences.devices:
        device.use = device.type == "CUDA"
    bpy.context.scene.cycles.device = "GPU"
    bpy.context.scene.cycles.denoising_use_gpu = True


def reset(side: int, samples: int) -> Any:
    """An empty scene that renders a ``side`` x ``side`` picture with Cycles on the CPU, always the same."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.world = bpy.data.worlds.new("world")
    scene.world.use_nodes = True
    scene.render.engine = "CYCLES"
    scene.render.resolution_x = scene.render.resolution_y = side
    scene.render.resolution_percentage = 100
    scene.view_settings.view_transform = "Raw"
    cycles = scene.cycles
    cycles.device = "CPU"
    cycles.samples, cycles.seed = samples, SEED
    cycles.use_adaptive_sampling, cycles.adaptive_threshold = True, 0.01
    cycles.adaptive_min_samples = min(samples, 64)  # dark blurred lamps look calm to it too early
    cycles.use_denoising, cycles.denoiser = True, "OPENIMAGEDENOISE"
    cycles.denoising_input_passes = "RGB_ALBEDO_NORMAL"
    cycles.denoising_prefilter = "ACCURATE"
    cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces = 7, 4, 4
    cycles.transmission_bounces = 6
    cycles.sample_clamp_indirect = 6.0
    cycles.caustics_reflective = cycles.caustics_refractive = False
    cycles.blur_glossy = 0.5
    return scene

"""Lights: one sun or one lit window as the key, soft boxes as fill, a tinted sky."""

from __future__ import annotations

import math
from typing import Any

import bpy
from mathutils import Vector

from authoring.kit.noise import linear
from authoring.kit.shapes import Point


def sky(color: str, strength: float) -> None:
    """An even light from everywhere."""
    background = bpy.context.scene.world.node_tree.nodes["Background"]
    background.inputs[0].default_value = (*linear(color).tolist(), 1)
    background.inputs[1].default_value = strength


def _place(kind: str, heading: Vector, color: tuple[float, float, float]) -> Any:
    light = bpy.data.lights.new(kind.lower(), kind)
    light.color = color
    thing = bpy.data.objects.new(kind.lower(), light)
    bpy.context.collection.objects.link(thing)
    thing.rotation_euler = heading.to_track_quat("-Z", "Y").to_euler()
    return thing


def sun(heading: Point, strength: float, softness: float, color: tuple[float, float, float]) -> Any:
    """The key light. ``heading`` is where its rays go; ``softness`` the disc's angle in degrees."""
    thing = _place("SUN", Vector(heading), color)
    thing.data.energy, thing.data.angle = strength, math.radians(softness)
    return thing


def window_key(
    at: Point,
    towards: Point,
    size: tuple[float, float],
    power: float,
    color: tuple[float, float, float] = (1, 1, 1),
) -> Any:
    """The key light as a rectangle at ``at``: a softbox, a window, a lamp. Its shadows soften with distance."""
    return softbox(at, towards, size, power, color)


def softbox(
    at: Point,
    towards: Point,
    size: tuple[float, float],
    power: float,
    color: tuple[float, float, float] = (1, 1, 1),
) -> Any:
    """A rectangular fill light; unseen by the camera."""
    thing = _place("AREA", Vector(towards) - Vector(at), color)
    thing.location = at
    thing.data.shape, thing.data.size, thing.data.size_y = "RECTANGLE", *size
    thing.data.energy = power
    thing.visible_camera = False
    return thing

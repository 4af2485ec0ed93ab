"""Finds from the beach: scallop shells, starfish, pebbles."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from mathutils import Euler

from authoring.kit.nature import lump
from authoring.kit.noise import Field, fractal_noise, linear
from authoring.kit.shapes import Point, mesh
from authoring.kit.surfaces import pictured


def _pose(thing: Any, at: Point, turn: Point, size: float) -> Any:
    thing.location, thing.scale = at, (size, size, size)
    thing.rotation_mode = "XYZ"
    thing.rotation_euler = Euler(tuple(turn))
    return thing


def _polar(radii: Any, angles: Any, heights: Any, material: Any, closed: bool) -> Any:
    """A sheet in polar coordinates; ``radii`` and ``heights`` are (rings, spokes). UVs are (angle, ring)."""
    rings, spokes = radii.shape
    points = np.stack([radii * np.cos(angles), radii * np.sin(angles), heights], 2).reshape(-1, 3)
    ids = np.arange(rings * spokes).reshape(rings, spokes)
    right = np.roll(ids, -1, 1) if closed else ids[:, 1:]
    here = ids if closed else ids[:, :-1]
    faces = np.stack([here[:-1], right[:-1], right[1:], here[1:]], -1).reshape(-1, 4)
    uvs = [(j / (spokes - 1), i / (rings - 1)) for i in range(rings) for j in range(spokes)]
    return mesh("shell", points, faces, material, smooth=True, uvs=uvs)


def _shell_picture(rng: np.random.Generator, tones: tuple[str, str, str]) -> Field:
    side = 512
    ring = np.linspace(1, 0, side)[:, None]
    bands = 0.5 + 0.5 * np.sin(26 * ring**1.6 + 0.6 * fractal_noise(rng, (side, side), (3, 8), 3))
    edge, middle, foot = (linear(t) for t in tones)
    base = edge * ring[..., None] ** 1.3 + foot * (1 - ring[..., None] ** 1.3)
    color = base * (1 - 0.45 * bands[..., None]) + middle * 0.45 * bands[..., None]
    return np.asarray(
        color * (1 + 0.05 * fractal_noise(rng, (side, side), (60, 40), 3))[..., None], np.float32
    )


def scallop(
    rng: np.random.Generator, at: Point, size: float, turn: Point, tones: tuple[str, str, str]
) -> Any:
    """A scallop lying open side down: a ribbed fan, hinge at its origin, ``size`` from hinge to edge."""
    ribs, spokes, rings = 15, 241, 60
    angles = np.linspace(-1.22, 1.22, spokes)[None]
    share = np.linspace(0.03, 1, rings)[:, None]
    reach = np.cos(angles * 0.36) * (1 - 0.10 * np.abs(angles / 1.22) ** 5)
    rib = np.abs(np.cos(angles / 2.44 * math.pi * ribs)) ** 0.75
    radii = share * (reach + 0.025 * rib)
    dome = 0.34 * np.sin(math.pi * share**0.62) * np.cos(angles / 1.22 * math.pi / 2) ** 0.55
    growth = 0.004 * np.sin(70 * share**1.5)
    shell = _polar(
        radii,
        angles,
        dome + 0.036 * rib * share + growth,
        pictured(_shell_picture(rng, tones), 0.38, coat=0.15),
        False,
    )
    solid = shell.modifiers.new("solid", "SOLIDIFY")
    solid.thickness = 0.02
    return _pose(shell, at, turn, size)


def _star_picture(rng: np.random.Generator, color: str, light: str, arms: Field) -> Field:
    rows, columns = 256, 720
    ring = np.linspace(1, 0, rows)[:, None]
    mottle = fractal_noise(rng, (rows, columns), (14, 60), 4, 0.7)
    share = np.clip(0.25 + 0.35 * (1 - arms[None]) * ring + 0.13 * mottle, 0, 1)[..., None]
    return np.asarray(linear(color) * (1 - share) + linear(light) * share, np.float32)


def starfish(
    rng: np.random.Generator,
    at: Point,
    size: float,
    turn: Point,
    color: str = "#d9663f",
    light: str = "#f4c9a0",
) -> Any:
    """A five-armed starfish with knobbly ridges, arms slightly unlike, ``size`` from middle to tip."""
    spokes, rings = 720, 90
    angles = np.linspace(0, 2 * math.pi, spokes, endpoint=False)
    bend = angles + 0.09 * np.sin(2 * angles + 1) + 0.05 * np.sin(3 * angles)
    arm = np.abs(np.cos(2.5 * bend))
    outline = (0.27 + 0.73 * np.exp(-(((1 - arm) / 0.29) ** 0.85) * 1.9)) * (1 + 0.05 * np.sin(angles + 2))
    share = np.linspace(0, 1, rings)[:, None]
    radii = share * outline[None]
    across = np.clip((1 - arm) / 0.5, 0, 1)[None]
    body = 0.2 * (1 - share**2.2) ** 0.6 * (0.55 + 0.45 * np.exp(-((share * across * 4) ** 2)))
    ridge = 0.045 * np.exp(-((across * share * 9) ** 2)) * (1 - share) ** 0.4
    knobs = 0.02 * np.abs(np.sin(44 * radii)) * np.abs(np.sin(26 * angles[None] * np.ones_like(share)))
    knobs = knobs * (0.6 + 0.8 * rng.random((rings, spokes))) * (1 - share**3)
    picture = _star_picture(rng, color, light, arm.astype(np.float32))
    material = pictured(picture, 0.7)
    return _pose(_polar(radii, angles[None], body + ridge + knobs, material, True), at, turn, size)


def pebbles(
    rng: np.random.Generator,
    places: list[tuple[float, float]],
    sizes: tuple[float, float],
    materials: list[Any],
) -> None:
    """Smooth flattened stones, half sunk."""
    for x, y in places:
        size = float(rng.uniform(*sizes))
        stone = lump(rng, materials[int(rng.integers(len(materials)))], edge=2.3, wobble=0.12)
        stone.scale = (size, size * rng.uniform(0.65, 0.95), size * rng.uniform(0.4, 0.6))
        stone.location, stone.rotation_euler = (x, y, 0.2 * size), (0.1, 0.1, rng.uniform(0, 6.3))

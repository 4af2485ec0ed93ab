"""Ice and what is served on it: cubes with white cores, citrus slices, mint, twigs under snow."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import bpy
import numpy as np

from authoring.kit.foliage import leaves
from authoring.kit.nature import clear, lump
from authoring.kit.noise import Field, fractal_noise, linear, smoothstep
from authoring.kit.shapes import Point, mesh, twin
from authoring.kit.surfaces import pictured, plain


def _cloudy() -> Any:
    """The white heart of an ice cube: bubbles, denser to the middle."""
    material = plain("#f3f9ff", 0.9)
    nodes, links = material.node_tree.nodes, material.node_tree.links
    shader, output = nodes["Principled BSDF"], nodes["Material Output"]
    noise, ramp = nodes.new("ShaderNodeTexNoise"), nodes.new("ShaderNodeMapRange")
    noise.inputs["Scale"].default_value, noise.inputs["Detail"].default_value = 3.0, 6
    ramp.inputs["From Min"].default_value, ramp.inputs["From Max"].default_value = 0.46, 0.72
    ramp.inputs["To Max"].default_value = 0.8
    coordinates, open_, mix = (
        nodes.new(f"ShaderNode{kind}") for kind in ("TexCoord", "BsdfTransparent", "MixShader")
    )
    links.new(coordinates.outputs["Object"], noise.inputs["Vector"])
    links.new(noise.outputs[0], ramp.inputs["Value"])
    links.new(ramp.outputs[0], mix.inputs[0])
    links.new(open_.outputs[0], mix.inputs[1])
    links.new(shader.outputs[0], mix.inputs[2])
    links.new(mix.outputs[0], output.inputs[0])
    return material


class Ice:
    """Ice cubes: a few shapes, each with a cloudy heart, set many times."""

    def __init__(self, rng: np.random.Generator, kinds: int = 5) -> None:
        body, heart = clear(1.31, "#eef8ff", bend=True, relief=0.03), _cloudy()
        self.pairs = []
        for _ in range(kinds):
            shell = lump(rng, body, edge=7.0, wobble=0.05, fine=0.025, cells=16)
            core = lump(rng, heart, edge=2.4, wobble=0.3, fine=0.12)
            self.pairs.append((shell, core))
            shell.hide_render = core.hide_render = True

    def cube(self, rng: np.random.Generator, at: Point, size: float) -> None:
        """One cube of half side ``size``, tumbled."""
        shell, core = self.pairs[int(rng.integers(len(self.pairs)))]
        facing, spin = tuple(rng.normal(0, 1, 3)), float(rng.uniform(0, 6.3))
        for thing, share in ((shell, 1.0), (core, 0.6)):
            copy = twin(thing, at, facing, spin, size * share)
            copy.hide_render = False


def _citrus_picture(rng: np.random.Generator, rind: str, pith: str, flesh: str, segments: int) -> Field:
    side = 512
    y, x = (np.mgrid[0:side, 0:side].astype(np.float32) / side - 0.5) * 2
    r, angle = np.hypot(x, y), np.arctan2(y, x)
    phase = (angle / (2 * math.pi) * segments) % 1
    edge = np.minimum(phase, 1 - phase) * 2 * math.pi / segments * r
    inside = smoothstep(0.018, 0.04, edge) * (1 - smoothstep(0.8, 0.84, r)) * smoothstep(0.07, 0.12, r)
    turned = np.stack([angle * 26 + 4 * phase, np.log(r + 0.2) * 9], 2)
    cells = 0.5 + 0.5 * np.sin(turned[..., 0]) * np.cos(turned[..., 1] + np.sin(turned[..., 0] * 0.5))
    cells = cells + 0.25 * fractal_noise(rng, (side, side), (26, 26), 3)
    pulp = linear(flesh) * (0.78 + 0.3 * cells)[..., None]
    color = linear(pith) * (1 - inside[..., None]) + pulp * inside[..., None]
    skin = smoothstep(0.91, 0.94, r)[..., None]
    return np.asarray(color * (1 - skin) + linear(rind) * skin, np.float32)


CITRUS = {"lemon": ("#f3c51f", "#fbf3cf", "#f4d84a"), "lime": ("#5f9a2a", "#e9f2c4", "#b7d465")}


def citrus_slice(rng: np.random.Generator, kind: str, at: Point, facing: Point, radius: float = 0.5) -> Any:
    """A wet slice, its cut face towards ``facing``."""
    spokes, thick = 96, 0.07
    turns = np.linspace(0, 2 * math.pi, spokes, endpoint=False)
    rings = [
        (0.0, thick),
        (0.5, thick * 1.03),
        (0.9, thick),
        (0.975, thick * 0.85),
        (1.0, 0.0),
        (0.975, -thick * 0.85),
    ]
    rings += [(0.9, -thick), (0.0, -thick)]
    points = [(s * math.cos(t), s * math.sin(t), h) for s, h in rings for t in turns]
    faces = [
        (
            j * spokes + i,
            j * spokes + (i + 1) % spokes,
            (j + 1) * spokes + (i + 1) % spokes,
            (j + 1) * spokes + i,
        )
        for j in range(len(rings) - 1)
        for i in range(spokes)
    ]
    look = pictured(_citrus_picture(rng, *CITRUS[kind], 9), 0.22, coat=0.6, translucent=0.35)
    uvs = [(0.5 + x / 2, 0.5 + y / 2) for x, y, _ in points]
    thing = mesh("slice", points, faces, look, smooth=True, uvs=uvs)
    return twin_in_place(thing, at, facing, float(rng.uniform(0, 6.3)), radius)


def twin_in_place(thing: Any, at: Point, facing: Point, spin: float, size: float) -> Any:
    """Move a thing to where its twin would stand."""
    copy = twin(thing, at, facing, spin, size)
    bpy.data.objects.remove(thing)
    return copy


def mint(rng: np.random.Generator, at: Point, size: float = 0.34, lean: Point = (0, -0.3, 1)) -> None:
    """A tip of mint: crossed pairs of leaves, smaller upwards."""
    for ring, (share, spread) in enumerate(((1.0, 1.0), (0.85, 0.8), (0.6, 0.55), (0.35, 0.3))):
        feet, headings, sizes = [], [], []
        for k in range(2 if ring < 3 else 3):
            turn = ring * math.pi / 2 + k * math.pi + rng.normal(0, 0.2)
            feet.append(tuple(np.array(at) + np.array(lean) * 0.09 * ring))
            headings.append(
                tuple(spread * np.array([math.cos(turn), math.sin(turn), 0]) + 0.35 * np.array(lean))
            )
            sizes.append(size * share * rng.uniform(0.9, 1.1))
        green = plain(("#3f7d35", "#4f9140", "#63a54c", "#7db85c")[ring], 0.4, coat=0.15)
        leaves(feet, headings, sizes, green, droop=0.16)


def drops(rng: np.random.Generator, count: int, reach: tuple[float, float, float, float], z: float) -> None:
    """Water drops lying at height ``z`` between ``reach`` (left, right, front, back), few where a product stands."""
    original = lump(rng, clear(1.5, bend=True), edge=2.0, wobble=0.04, cells=10)
    original.hide_render = True
    left, right, front, back = reach
    for _ in range(count):
        x, y = float(rng.uniform(left, right)), float(rng.uniform(front, back))
        if math.hypot(x, y) < 0.8:
            continue
        size = 0.015 + 0.06 * float(rng.uniform(0, 1)) ** 2.5
        drop = twin(original, (x, y, z), (0, 0, 1), float(rng.uniform(0, 6.3)), size)
        drop.scale = (size * rng.uniform(0.8, 1.3), size, size * 0.62)
        drop.hide_render = False


def snow_load(
    rng: np.random.Generator, path: Sequence[Point], size: float, material: Any, share: float = 0.8
) -> list[Any]:
    """Snow lying along a bough: lumps of about ``size`` over the points of ``path``."""
    kinds = [lump(rng, material, edge=2.0, wobble=0.28, fine=0.08, cells=14) for _ in range(3)]
    out = []
    for kind in kinds:
        kind.hide_render = True
    for point in path:
        if rng.random() > share:
            continue
        place = np.array(point) + rng.normal(0, 0.18 * size, 3) + (0, 0, 0.3 * size)
        copy = twin(kinds[int(rng.integers(3))], tuple(place), (0, 0, 1), float(rng.uniform(0, 6.3)), 1.0)
        grown = size * rng.uniform(0.6, 1.2)
        copy.scale = (grown * 1.25, grown, grown * 0.5)
        copy.hide_render = False
        out.append(copy)
    return out

"""Sand, snow, water and stones: ground that is not flat, and what lies on it."""

from __future__ import annotations

import math
from itertools import product
from typing import Any

import bpy
import cv2
import numpy as np
from numpy.typing import NDArray

from authoring.kit.noise import Field, fractal_noise, linear, smoothstep, value_noise
from authoring.kit.shapes import Point, grid_sheet, mesh
from authoring.kit.surfaces import textured
from authoring.kit.textures import Texture

Extent = tuple[float, float, float, float]
"""left, right, front, back of a piece of ground, in units."""
Map = NDArray[np.float64]
LIGHT_RAYS = 4
"""Rays per pixel of a floor's web of light, along each side."""


def _spots(extent: Extent, step: float) -> tuple[Map, Map]:
    left, right, front, back = extent
    x = np.linspace(left, right, round((right - left) / step))
    y = np.linspace(front, back, round((back - front) / step))
    return np.meshgrid(x, y)


def _relief(x: Map, y: Map, z: Map, material: Any) -> Any:
    return grid_sheet(np.stack([x, y, z], 2), material)


def calm_round(x: Map, y: Map, radius: float, edge: float) -> Field:
    """0 within ``radius`` of the origin, 1 beyond ``radius + edge``: where a product wants level ground."""
    return smoothstep(radius, radius + edge, np.hypot(x, y))


def sand_material(color: str = "#e2c69a", seed: int = 61) -> Any:
    """Dry fine sand: pale and dark grains, a few glassy ones."""
    rng = np.random.default_rng(seed)
    side = 2048
    grain = fractal_noise(rng, (side, side), (side / 5, side / 5), 3, 0.8)
    clouds = fractal_noise(rng, (side, side), (6, 6), 5)
    dark = smoothstep(1.9, 2.6, value_noise(rng, (side, side), (side / 3, side / 3)))
    albedo = linear(color) * (1 + 0.075 * grain + 0.03 * clouds - 0.45 * dark)[..., None]
    texture = Texture(
        np.clip(albedo, 0, 0.9).astype(np.float32),
        (grain + 0.4 * clouds).astype(np.float32),
        np.full((side, side), 0.8, np.float32),
    )
    return textured(texture, 3.1, relief=0.006, shine=0.25)


def sand(extent: Extent, seed: int, dune: float = 0.0, step: float = 0.025) -> Any:
    """Wind-rippled sand, calmer where the product stands; ``dune`` is how high it swells at the back."""
    rng = np.random.default_rng(seed)
    x, y = _spots(extent, step)
    size = x.shape
    wander = 0.55 * fractal_noise(rng, size, (2.5, 3), 3, 0.5) + 0.1 * value_noise(rng, size, (9, 12))
    phase = 2 * math.pi * ((y + 0.24 * x) / 0.46 + wander)
    wave = np.sin(phase + 0.55 * np.sin(phase))
    height = 0.034 * (1 + 0.35 * value_noise(rng, size, (4, 5)))
    calm = 0.42 + 0.58 * calm_round(x, y, 0.9, 1.6)
    swell = dune * smoothstep(1.8, 6.5, y) * (0.75 + 0.3 * np.sin(0.55 * x + 0.8))
    swell = swell + 0.04 * value_noise(rng, size, (3, 3)) * calm_round(x, y, 1.4, 1.5)
    return _relief(x, y, wave * height * calm + swell - 0.012, sand_material(seed=seed))


def snow_material(seed: int = 67, sparkle: float = 1.4) -> Any:
    """Fresh snow: light goes some way in, and single crystals flash."""
    rng = np.random.default_rng(seed)
    side = 2048
    grain = fractal_noise(rng, (side, side), (side / 8, side / 8), 3, 0.8)
    clouds = fractal_noise(rng, (side, side), (9, 9), 5)
    albedo = linear("#f4f7fb") * (1 + 0.015 * clouds)[..., None]
    texture = Texture(
        np.clip(albedo, 0, 0.93).astype(np.float32),
        (0.7 * grain + clouds).astype(np.float32),
        np.full((side, side), 0.6, np.float32),
    )
    material = textured(texture, 3.0, relief=0.014, shine=0.3)
    nodes, links = material.node_tree.nodes, material.node_tree.links
    shader = nodes["Principled BSDF"]
    shader.inputs["Subsurface Weight"].default_value = 0.35
    shader.inputs["Subsurface Radius"].default_value = (0.5, 0.75, 1.0)
    shader.inputs["Subsurface Scale"].default_value = 0.1
    coordinates, cells = nodes.new("ShaderNodeTexCoord"), nodes.new("ShaderNodeTexVoronoi")
    cells.inputs["Scale"].default_value = 75
    links.new(coordinates.outputs["Object"], cells.inputs["Vector"])
    chosen, small, both = (nodes.new("ShaderNodeMath") for _ in range(3))
    chosen.operation, small.operation, both.operation = "GREATER_THAN", "LESS_THAN", "MULTIPLY"
    chosen.inputs[1].default_value, small.inputs[1].default_value = 0.985, 0.22
    split = nodes.new("ShaderNodeSeparateColor")
    links.new(cells.outputs["Color"], split.inputs[0])
    links.new(split.outputs[0], chosen.inputs[0])
    links.new(cells.outputs["Distance"], small.inputs[0])
    links.new(chosen.outputs[0], both.inputs[0])
    links.new(small.outputs[0], both.inputs[1])
    links.new(both.outputs[0], shader.inputs["Emission Color"])
    shader.inputs["Emission Strength"].default_value = sparkle
    return material


def snow(extent: Extent, seed: int, material: Any, drift: float = 0.5, step: float = 0.03) -> Any:
    """Soft drifts, level where the product stands, rising to the back and the sides."""
    rng = np.random.default_rng(seed)
    x, y = _spots(extent, step)
    size = x.shape
    away = calm_round(x, y, 1.5, 2.2)
    soft = 0.5 * fractal_noise(rng, size, (2.6, 2.6), 2, 0.35)
    crust = 0.006 * fractal_noise(rng, size, (30, 30), 3, 0.6)
    rise = smoothstep(1.4, 6.0, y) * (0.8 + 0.35 * np.sin(0.9 * x + 1.1)) + 0.5 * smoothstep(1.8, 5, abs(x))
    return _relief(x, y, drift * away * (0.45 * soft + rise) + crust - 0.006, material)


def lump(
    rng: np.random.Generator,
    material: Any,
    *,
    edge: float = 2.0,
    wobble: float = 0.1,
    fine: float = 0.0,
    cells: int = 12,
) -> Any:
    """A closed, uneven form about one unit in radius: ``edge`` 2 is a ball (snow, pebbles), 6 a block (ice)."""
    line = np.linspace(-1, 1, cells + 1)
    a, b = (grid.ravel() for grid in np.meshgrid(line, line))
    one = np.ones_like(a)
    sides = [(a, b, one), (b, a, -one), (one, a, b), (-one, b, a), (b, one, a), (a, -one, b)]
    points = np.concatenate([np.stack(side, 1) for side in sides])
    points = points / (np.abs(points) ** edge).sum(1, keepdims=True) ** (1 / edge)
    for reach, waves in ((wobble, 1.7), (wobble * 0.5, 3.7), (fine, 8.0)):
        swing = rng.normal(0, 1, (3, 3)) * waves
        points = points * (1 + reach * np.sin(points @ swing + rng.uniform(0, 6, 3)).mean(1))[:, None]
    n = cells + 1
    ids = np.arange(6 * n * n).reshape(6, n, n)
    faces = np.stack([ids[:, :-1, :-1], ids[:, :-1, 1:], ids[:, 1:, 1:], ids[:, 1:, :-1]], -1).reshape(-1, 4)
    thing = mesh("lump", points, faces, material, smooth=True)
    weld = thing.modifiers.new("weld", "WELD")
    weld.merge_threshold = 1e-4
    return thing


def clear(ior: float = 1.33, tint: str = "#ffffff", bend: bool = False, relief: float = 0.0) -> Any:
    """Something clear that lets the key light through: water, ice, drops.

    ``bend`` refracts what is seen through it; without, it is seen straight, which keeps what the key lights
    below the surface in the key's own pass. ``relief`` roughens it gently, in units.
    """
    material = bpy.data.materials.new("clear")
    material.use_nodes = True
    nodes, links = material.node_tree.nodes, material.node_tree.links
    nodes.clear()
    output, mix = nodes.new("ShaderNodeOutputMaterial"), nodes.new("ShaderNodeMixShader")
    gloss, fresnel = nodes.new("ShaderNodeBsdfGlossy"), nodes.new("ShaderNodeFresnel")
    gloss.inputs["Roughness"].default_value = 0.03
    fresnel.inputs["IOR"].default_value = ior
    straight = nodes.new("ShaderNodeBsdfTransparent")
    straight.inputs[0].default_value = (*linear(tint).tolist(), 1)
    inner = straight
    if bend:
        inner = nodes.new("ShaderNodeBsdfRefraction")
        inner.inputs["Color"].default_value = (*linear(tint).tolist(), 1)
        inner.inputs["IOR"].default_value, inner.inputs["Roughness"].default_value = ior, 0.03
    if relief:
        noise, bump = nodes.new("ShaderNodeTexNoise"), nodes.new("ShaderNodeBump")
        noise.inputs["Scale"].default_value, noise.inputs["Detail"].default_value = 2.6, 4
        coordinates = nodes.new("ShaderNodeTexCoord")
        links.new(coordinates.outputs["Object"], noise.inputs["Vector"])
        links.new(noise.outputs[0], bump.inputs["Height"])
        bump.inputs["Distance"].default_value = relief
        for node in (gloss, fresnel, *([inner] if bend else [])):
            links.new(bump.outputs[0], node.inputs["Normal"])
    links.new(fresnel.outputs[0], mix.inputs[0])
    links.new(inner.outputs[0], mix.inputs[1])
    links.new(gloss.outputs[0], mix.inputs[2])
    if not bend:
        links.new(mix.outputs[0], output.inputs[0])
        return material
    path, lit = nodes.new("ShaderNodeLightPath"), nodes.new("ShaderNodeMixShader")
    deep, late = nodes.new("ShaderNodeMixShader"), nodes.new("ShaderNodeMath")
    haze = nodes.new("ShaderNodeEmission")
    haze.inputs["Color"].default_value, haze.inputs["Strength"].default_value = (0.62, 0.82, 0.95, 1), 0.55
    late.operation, late.inputs[1].default_value = "GREATER_THAN", 4.5
    links.new(path.outputs["Transmission Depth"], late.inputs[0])
    links.new(late.outputs[0], deep.inputs[0])
    links.new(mix.outputs[0], deep.inputs[1])
    links.new(haze.outputs[0], deep.inputs[2])
    links.new(path.outputs["Is Shadow Ray"], lit.inputs[0])
    links.new(deep.outputs[0], lit.inputs[1])
    links.new(straight.outputs[0], lit.inputs[2])
    links.new(lit.outputs[0], output.inputs[0])
    return material


def rings(x: Map, y: Map, centers: list[tuple[float, float, float, float]]) -> Map:
    """Waves running out from (x, y, first radius, height): a drop, a stone set down."""
    total = np.zeros_like(x)
    for cx, cy, inner, height in centers:
        r = np.hypot(x - cx, y - cy) - inner
        fade = np.exp(-np.maximum(r, 0) / 2.3) * smoothstep(-0.15, 0.12, r)
        total += height * fade * np.sin(2 * math.pi * (np.maximum(r, 0) / 0.62) ** 0.93)
    return total


def _chop(rng: np.random.Generator, size: tuple[int, int]) -> Map:
    return np.asarray(fractal_noise(rng, size, (7, 6), 3, 0.42), np.float64)


def water(
    extent: Extent, seed: int, centers: list[tuple[float, float, float, float]], step: float = 0.03
) -> Any:
    """A clear pool's surface at z = 0. What lies below is seen straight through it; the picture's own depth
    is the surface's, so that a product standing in it is mirrored there."""
    bpy.context.view_layer.pass_alpha_threshold = 0.0
    x, y = _spots(extent, step)
    z = rings(x, y, centers) + 0.0075 * _chop(np.random.default_rng(seed), x.shape)
    return _relief(x, y, z, clear(1.33))


def caustics(
    extent: Extent,
    seed: int,
    centers: list[tuple[float, float, float, float]],
    depth: float,
    side: int = 1792,
) -> Field:
    """The web of light that ``water`` throws on its floor: mean 1, row 0 at the back.

    Every bit of the surface sends its light down bent by its own slope; where many land it is bright.
    """
    left, right, front, back = extent
    step = (right - left) / side
    rows = round((back - front) / step)
    x, y = np.meshgrid(np.linspace(left, right, side), np.linspace(front, back, rows))
    z = 1.3 * rings(x, y, centers) + 0.034 * _chop(np.random.default_rng(seed + 1), x.shape)
    slope_y, slope_x = np.gradient(z, (back - front) / rows, step)
    light = np.zeros((rows, side))
    shares = (np.arange(LIGHT_RAYS) + 0.5) / LIGHT_RAYS
    for ox, oy in product(shares, shares):
        column = ((x - depth * slope_x - left) / step + ox).astype(int)
        row = ((y - depth * slope_y - front) / step + oy).astype(int)
        inside = (column >= 0) & (column < side) & (row >= 0) & (row < rows)
        light += np.bincount((row * side + column)[inside], minlength=rows * side).reshape(rows, side)
    light = cv2.GaussianBlur(light, (0, 0), 1.6)  # what is left of the grid of rays
    return np.asarray(light[::-1] / light.mean(), np.float32)


def scatter(
    rng: np.random.Generator, center: Point, spread: Point, count: int, clear_of: float
) -> list[tuple[float, float]]:
    """Places (x, y) normally spread about a centre, none within ``clear_of`` of the origin."""
    places: list[tuple[float, float]] = []
    while len(places) < count:
        x, y = (float(v) for v in rng.normal(center[:2], spread[:2]))
        if math.hypot(x, y) >= clear_of:
            places.append((x, y))
    return places

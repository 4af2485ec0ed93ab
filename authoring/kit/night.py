"""A rainy night: a street of neon signs out of focus, and ground that is wet."""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np

from authoring.kit import shapes, surfaces, textures
from authoring.kit.noise import Field, fractal_noise, linear, smoothstep, value_noise
from authoring.kit.rooms import Card, defocus

STREET_WIDTH = 1280
"""Width of the painted street, in pixels."""
HORIZON = 0.47
"""Where the street's far end lies, as a share of the picture's height."""
MAGENTA, CYAN, VIOLET, AMBER, ROSE = "#ff2f9a", "#22d3ff", "#7a4dff", "#ffab4a", "#ff5a5f"


def _bar(picture: Field, box: tuple[float, float, float, float], color: Any) -> None:
    height, width = picture.shape[:2]
    x, y, w, h = box
    first = (round(x * width), round(y * height))
    last = (round((x + w) * width), round((y + h) * height))
    cv2.rectangle(picture, first, last, np.asarray(color).tolist(), -1)


def _facades(rng: np.random.Generator, picture: Field) -> None:
    """Dark house fronts on both sides, some windows lit, nearer ones taller."""
    for side in (-1, 1):
        for depth in np.linspace(0.14, 0.5, 6):
            x = 0.5 + side * depth
            top = HORIZON - 0.25 - 1.3 * depth * rng.uniform(0.8, 1.15)
            tone = linear(("#1a1230", "#11182f", "#20122a")[int(rng.integers(3))]) * 0.5
            left = x if side > 0 else x - 0.09
            _bar(picture, (left, top, 0.09, HORIZON - top), tone)
            for _ in range(int(4 + 20 * depth)):
                at = (left + rng.uniform(0.0, 0.08), rng.uniform(top + 0.02, HORIZON - 0.06))
                lit = linear(("#ffc27a", "#ffd9a8", "#9fc7ff")[int(rng.integers(3))]) * rng.uniform(0.1, 0.7)
                _bar(picture, (*at, 0.012 + 0.012 * depth, 0.014 + 0.01 * depth), lit)


def _signs(rng: np.random.Generator, picture: Field) -> None:
    """Neon boxes, tubes and rings: no lettering, only colour."""
    tones = (MAGENTA, CYAN, VIOLET, AMBER, ROSE, MAGENTA, CYAN)
    for i in range(26):
        side = -1 if i % 2 else 1
        depth = rng.uniform(0.07, 0.46)
        x = 0.5 + side * depth
        y = HORIZON - 0.04 - rng.uniform(0.0, 0.42) * (0.35 + 1.3 * depth)
        size = 0.014 + 0.05 * depth
        tone = linear(tones[int(rng.integers(7))])
        if rng.random() < 0.55:
            _bar(picture, (x, y, size * 0.62, size * rng.uniform(1.6, 3.6)), tone * rng.uniform(0.5, 1.9))
        else:
            _bar(picture, (x, y, size * rng.uniform(1.2, 2.4), size * 0.5), tone * rng.uniform(0.7, 2.4))
    height, width = picture.shape[:2]
    for x, y, radius, color in ((0.25, 0.27, 0.05, CYAN), (0.78, 0.33, 0.045, MAGENTA)):
        at = (round(x * width), round(y * height))
        cv2.circle(picture, at, round(radius * width), (linear(color) * 3.4).tolist(), 7, cv2.LINE_AA)


def _lamps(rng: np.random.Generator, picture: Field) -> None:
    """Points of light: lanterns along the pavement, headlamps far off, a string of bulbs."""
    height, width = picture.shape[:2]

    def lamp(x: float, y: float, radius: float, color: str, strength: float) -> None:
        at = (round(x * width), round(y * height))
        cv2.circle(picture, at, max(1, round(radius * width)), (linear(color) * strength).tolist(), -1)

    for _ in range(34):
        depth = rng.uniform(0.02, 0.48) * rng.choice([-1, 1])
        x, y = 0.5 + depth, HORIZON - 0.02 - rng.uniform(0, 0.5) * (0.08 + 1.2 * abs(depth))
        color = (AMBER, "#ffd08a", MAGENTA, CYAN, ROSE, VIOLET)[int(rng.integers(6))]
        lamp(x, y, rng.uniform(0.0016, 0.0034), color, rng.uniform(14, 46))
    for x in np.linspace(0.06, 0.94, 12):
        lamp(x, 0.16 + 0.11 * math.cos(4.2 * (x - 0.5)) + 0.01 * rng.normal(), 0.0019, "#ffc078", 20)


def street(card: Card, seed: int) -> Field:
    """The picture of a neon street in the rain for a card: linear RGB, out of focus, wet road mirrored."""
    rng = np.random.default_rng(seed)
    width = STREET_WIDTH
    height = round(width * (card.top - card.bottom) / (2 * card.half_width))
    fall = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    haze = np.exp(-(((fall - HORIZON) / 0.2) ** 2))
    picture = linear("#0a0d22") * (0.5 + 0.3 * fall) + linear("#5a2f78") * 0.30 * haze
    picture = np.ascontiguousarray(np.broadcast_to(picture, (height, width, 3)), np.float32)
    _facades(rng, picture)
    _signs(rng, picture)
    _lamps(rng, picture)
    row = round(HORIZON * height)
    upside = picture[row - 1 :: -1][: height - row]
    upside = cv2.GaussianBlur(upside, (0, 0), sigmaX=3, sigmaY=26)
    picture[row : row + upside.shape[0]] = 0.5 * upside + linear("#0b0c1c") * 0.4
    far = card.y - card.eye[1]
    depth = np.full((height, width), far, np.float32)
    near = np.asarray(defocus(picture, depth, card.focus, far, card.spread * width), np.float32)
    glare = cv2.GaussianBlur(picture, (0, 0), 70)
    return np.asarray(0.95 * near + (0.16 + _rain(rng, (height, width))) * glare, np.float32)


def _rain(rng: np.random.Generator, size: tuple[int, int], drops: int = 420) -> Field:
    """Falling rain as faint slanted streaks: how much of the glare around them they catch."""
    height, width = size
    sheet = np.zeros(size, np.float32)
    for _ in range(drops):
        x, y = rng.uniform(0, width), rng.uniform(-0.1, 0.9) * height
        length = rng.uniform(30, 110)
        first, last = (round(x), round(y)), (round(x + 0.13 * length), round(y + length))
        cv2.line(sheet, first, last, float(rng.uniform(0.2, 1.0)), int(rng.integers(1, 3)), cv2.LINE_AA)
    return np.asarray(cv2.GaussianBlur(sheet, (0, 0), 1.5), np.float32)[..., None]


def puddles(seed: int, side: int = 1536, wet: float = 0.5) -> tuple[textures.Texture, Field]:
    """Dark wet stone, and where water stands on it (0..1); ``wet`` is about the share under water."""
    rng = np.random.default_rng(seed)
    low = fractal_noise(rng, (side, side), (3.2, 3.2), 5, 0.45)
    low = (low - low.mean()) / low.std()
    edge = float(np.quantile(low, 1 - wet))
    water = smoothstep(edge - 0.7, edge + 0.12, low)
    grain = fractal_noise(rng, (side, side), (170, 170), 3, 0.7)
    chips = smoothstep(0.9, 2.0, value_noise(rng, (side, side), (240, 240)))
    tone = 1 + 0.10 * grain + 0.3 * chips + 0.08 * fractal_noise(rng, (side, side), (5, 5), 4)
    albedo = linear("#2e2e38") * (tone * (1 - 0.6 * water))[..., None]
    height = (0.35 * grain + 0.4 * chips) * (1 - water) ** 2
    rough = np.clip(0.46 + 0.3 * water + 0.05 * grain, 0.2, 0.9)
    texture = textures.Texture(
        np.clip(albedo, 0.004, 0.6).astype(np.float32), height.astype(np.float32), rough.astype(np.float32)
    )
    return texture, water


def rings(seed: int, side: int = 1536, span: float = 9.0, count: int = 9, clear: float = 1.9) -> Field:
    """Heights of raindrops' rings on a ``span`` wide square of water, none within ``clear`` of its middle."""
    rng = np.random.default_rng(seed)
    y, x = (np.mgrid[0:side, 0:side].astype(np.float32) / side - 0.5) * span
    height = np.zeros((side, side), np.float32)
    while count:
        cx, cy = rng.uniform(-0.4 * span, 0.4 * span, 2)
        if math.hypot(cx, cy) < clear:
            continue
        count -= 1
        reach = rng.uniform(0.18, 0.6)
        r = np.hypot(x - cx, y - cy)
        height += np.sin(38 * (r - reach)) * np.exp(-(((r - reach) / (0.10 + 0.12 * reach)) ** 2))
    return height


def wet(texture: textures.Texture, water: Field, ripples: Field, span: float, gain: float = 1.0) -> Any:
    """Ground under a skin of rain: standing water mirrors sharply, the damp rest dimly. The textures lie
    over ``span`` units with the origin at their middle."""
    material = surfaces.textured(texture, span, offset=(0.5, 0.5), relief=0.006, shine=0.45, gain=gain)
    tree = material.node_tree
    shader = tree.nodes["Principled BSDF"]
    place = shader.inputs["Base Color"].links[0].from_node.inputs[0].links[0].from_socket

    def sample(pixels: Field) -> Any:
        node = tree.nodes.new("ShaderNodeTexImage")
        node.image = surfaces.image("water", pixels)
        node.extension = "MIRROR"
        node.interpolation = "Cubic"
        tree.links.new(place, node.inputs[0])
        return node.outputs[0]

    tree.links.new(sample((0.45 + 0.55 * water).astype(np.float32)), shader.inputs["Coat Weight"])
    tree.links.new(sample((0.20 - 0.17 * water).astype(np.float32)), shader.inputs["Coat Roughness"])
    bump = tree.nodes.new("ShaderNodeBump")
    bump.inputs["Distance"].default_value = 0.012
    tree.links.new(sample(ripples), bump.inputs["Height"])
    tree.links.new(bump.outputs[0], shader.inputs["Coat Normal"])
    shader.inputs["Coat IOR"].default_value = 2.0
    return material


def _bead_water() -> Any:
    """Water as it looks without refraction: clear, with a mirror on it that strengthens at its rim."""
    material = surfaces.plain("#ffffff", 0.02)
    tree = material.node_tree
    shader = tree.nodes["Principled BSDF"]
    clear = tree.nodes.new("ShaderNodeBsdfTransparent")
    clear.inputs["Color"].default_value = (0.86, 0.88, 0.92, 1)
    mirror = tree.nodes.new("ShaderNodeBsdfGlossy")
    mirror.inputs["Roughness"].default_value = 0.03
    rim = tree.nodes.new("ShaderNodeFresnel")
    rim.inputs["IOR"].default_value = 1.7
    mix = tree.nodes.new("ShaderNodeMixShader")
    tree.links.new(rim.outputs[0], mix.inputs[0])
    tree.links.new(clear.outputs[0], mix.inputs[1])
    tree.links.new(mirror.outputs[0], mix.inputs[2])
    tree.links.new(mix.outputs[0], tree.nodes["Material Output"].inputs[0])
    tree.nodes.remove(shader)
    return material


def _drop() -> Any:
    """A drop lying on a surface: flat below, domed above, unit radius."""
    profile = [(0.001, 0.62), (0.3, 0.58), (0.6, 0.46), (0.85, 0.26), (1.0, 0.06), (1.0, 0.0)]
    return shapes.lathe(shapes.rounded(profile, 0.2, 4), (0, 0, 0), _bead_water(), 24)


def beads(
    rng: np.random.Generator,
    count: int,
    reach: tuple[float, float, float, float],
    clear: float = 1.5,
    size: tuple[float, float] = (0.016, 0.07),
) -> None:
    """Raindrops lying on the ground between ``reach`` (left, right, front, back), none near the origin."""
    original = _drop()
    original.hide_render = True
    left, right, front, back = reach
    for _ in range(count):
        x, y = rng.uniform(left, right), rng.uniform(front, back)
        if math.hypot(x, y) < clear:
            continue
        radius = size[0] + (size[1] - size[0]) * rng.uniform(0, 1) ** 3
        drop = shapes.twin(original, (x, y, 0), (0, 0, 1), rng.uniform(0, 6.3), radius)
        drop.scale = (radius * rng.uniform(0.8, 1.3), radius, radius * rng.uniform(0.7, 1.0))
        drop.hide_render = False

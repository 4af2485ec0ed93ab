"""Korean holidays: 보자기, 복주머니, 소반, persimmons, chestnuts, pampas grass, 한지 doors."""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
from mathutils import Matrix, Vector

from authoring.kit import surfaces
from authoring.kit.noise import fractal_noise, linear, smoothstep
from authoring.kit.shapes import Point, box, grid_sheet, lathe, mesh, quad, rounded, tube
from authoring.kit.textures import paper

KNOT_RISE = 0.2
"""How far a wrapping cloth's knot stands above the box, as a share of its width."""


def silk(color: str, glint: str, roughness: float = 0.52) -> Any:
    """명주: plain silk whose threads shine in another tone where it turns away; slubs run through it."""
    material = surfaces.plain(color, roughness, sheen_weight=0.12, sheen_roughness=0.5)
    tree = material.node_tree
    nodes, links = tree.nodes, tree.links
    shader = nodes["Principled BSDF"]
    facing = nodes.new("ShaderNodeLayerWeight")
    facing.inputs["Blend"].default_value = 0.35
    mix = nodes.new("ShaderNodeMixRGB")
    mix.inputs[1].default_value = (*linear(color).tolist(), 1)
    mix.inputs[2].default_value = (*linear(glint).tolist(), 1)
    links.new(facing.outputs["Facing"], mix.inputs[0])
    links.new(mix.outputs[0], shader.inputs["Base Color"])
    place = nodes.new("ShaderNodeTexCoord")
    stretch = nodes.new("ShaderNodeMapping")
    stretch.inputs["Scale"].default_value = (6, 60, 60)
    slub = nodes.new("ShaderNodeTexNoise")
    slub.inputs["Scale"].default_value, slub.inputs["Detail"].default_value = 1.6, 3
    bump = nodes.new("ShaderNodeBump")
    bump.inputs["Distance"].default_value, bump.inputs["Strength"].default_value = 0.02, 0.6
    links.new(place.outputs["Object"], stretch.inputs[0])
    links.new(stretch.outputs[0], slub.inputs["Vector"])
    links.new(slub.outputs[0], bump.inputs["Height"])
    links.new(bump.outputs[0], shader.inputs["Normal"])
    return material


def hanji_door(
    left: float, right: float, bottom: float, top: float, y: float, timber: Any, strength: float
) -> None:
    """A sliding door papered on our side, the morning behind it: its lattice shows as a soft shadow in the
    glowing paper. ``strength`` is how much the paper shines."""
    stile, depth = 0.17, 0.16
    for x in (left + stile / 2, right - stile / 2):
        box((x, y, (bottom + top) / 2), (stile, depth, top - bottom), timber, 0.014)
    for z in (bottom + stile / 2, top - stile / 2):
        box(((left + right) / 2, y, z), (right - left - 2 * stile, depth, stile), timber, 0.014)
    per_unit = 110
    width, height = round((right - left) * per_unit), round((top - bottom) * per_unit)
    bars = np.zeros((height, width), np.float32)
    columns = max(3, round((right - left) / 0.5))
    for i in range(1, columns):
        cv2.line(bars, (i * width // columns, 0), (i * width // columns, height), 1.0, 5)
    step = 0.5 * per_unit
    for share in (0.13, 0.45, 0.77):
        for k in (-1.5, -0.5, 0.5, 1.5):
            row = round(height * share + k * step)
            cv2.line(bars, (0, row), (width, row), 1.0, 5)
    shadow = cv2.GaussianBlur(bars, (0, 0), 3.2)
    fall = np.linspace(1.08, 0.86, height, dtype=np.float32)[:, None]
    glow = linear("#fff0d6") * (fall * (1 - 0.95 * np.clip(shadow, 0, 1)))[..., None]
    material = surfaces.textured(
        paper("#f8efdf", seed=12, side=1024), 3.0, upright=True, relief=0.003, shine=0.1
    )
    tree = material.node_tree
    shader = tree.nodes["Principled BSDF"]
    lit = tree.nodes.new("ShaderNodeTexImage")
    lit.image, lit.extension = surfaces.image("hanji", glow.astype(np.float32)), "EXTEND"
    place = tree.nodes.new("ShaderNodeUVMap")
    tree.links.new(place.outputs[0], lit.inputs[0])
    paper_tone = shader.inputs["Base Color"].links[0].from_socket
    mix = tree.nodes.new("ShaderNodeMixRGB")
    mix.blend_type = "MULTIPLY"
    mix.inputs[0].default_value = 1.0
    tree.links.new(lit.outputs[0], mix.inputs[1])
    tree.links.new(paper_tone, mix.inputs[2])
    tree.links.new(mix.outputs[0], shader.inputs["Emission Color"])
    shader.inputs["Emission Strength"].default_value = strength
    quad([(left, y, bottom), (right, y, bottom), (right, y, top), (left, y, top)], material)


def _wrapping(rng: np.random.Generator, size: Point) -> Any:
    """The cloth around a box, as points (rings, turns, 3) from the foot up and over to the knot."""
    width, depth, height = size
    turns = np.linspace(0, 2 * np.pi, 361)
    rings = 90
    t = np.linspace(0, 1, rings)[:, None]
    # A rounded square's reach in every direction.
    c, s = np.cos(turns), np.sin(turns)
    square = (np.abs(c) ** 7 + np.abs(s) ** 11) ** (-1 / 11)
    climb = np.clip(t / 0.42, 0, 1)
    inward = np.clip((t - 0.42) / 0.58, 0, 1)
    reach = 1 - inward
    corner = np.clip(square - 1, 0, None) / 0.36
    girth = (1 - 0.02 * np.cos(np.pi * climb)) * reach
    girth = np.maximum(girth, 0.05)
    blend = reach**0.8
    outline = square * blend + 1.0 * (1 - blend)
    z = height * climb + width * KNOT_RISE * inward**2.3
    # Cloth over a corner stands in folds which run up to the knot and die out below.
    near_corner = np.exp(-((1 - corner) ** 2) / 0.32)
    fan = 4 * (turns % (np.pi / 2) - np.pi / 4)
    wander = 0.5 * np.sin(3 * turns + 1.0) + 0.4 * np.sin(5 * turns + 2.0)
    wave = np.cos(11 * fan / 2 + wander) * 0.6 + 0.4 * np.cos(23 * turns + 2 * wander)
    top_fold = 0.055 * width * inward**0.5 * (1 - inward**6) * wave * (0.35 + 0.65 * near_corner)
    slack = 0.03 * width * np.cos(7 * fan / 2 + 3.2 * climb + wander) * near_corner
    side_fold = slack * np.sin(np.pi * np.clip(climb, 0, 1)) * (1 - inward)
    # Tension lines from the foot's middle up to the corners.
    sling = 0.014 * width * np.cos(5 * np.abs(fan) - 4.5 * climb) * np.sin(np.pi * climb) * (1 - inward)
    soft = fractal_noise(rng, (rings, 361), (5, 14), 3) * 0.008 * width
    crease = 0.012 * width * np.maximum(np.cos(19 * fan / 2 - 6 * climb + 2 * wander), 0) ** 3
    sling = sling + crease * np.sin(np.pi * climb) * (1 - inward) * (0.3 + 0.7 * near_corner)
    radial = girth * outline + (side_fold + sling + soft * reach) / (0.5 * width)
    edge = np.exp(-(((t - 0.42) / 0.035) ** 2))
    radial = radial - 0.03 * edge
    z = z + top_fold - 0.02 * width * np.exp(-(((t - 0.42) / 0.04) ** 2)) + soft * 0.5 * inward
    x, y = 0.5 * width * radial * c, 0.5 * depth * radial * s
    points = np.dstack([x, y, np.maximum(z, 0.004)])
    points[:, -1] = points[:, 0]
    return points


def _petal(
    heading: float, length: float, width: float, lift: float, droop: float, phase: float, pleats: float = 3.0
) -> Any:
    """One free corner of the cloth standing out of the knot: gathered at its foot, opening to a point."""
    rows, columns = 64, 41
    t, v = np.meshgrid(np.linspace(0, 1, rows), np.linspace(-1, 1, columns), indexing="ij")
    open_ = 0.16 + 0.84 * np.sin(np.pi * np.clip(t * 0.92, 0, 1) ** 0.85) ** 0.9
    taper = 1 - np.clip((t - 0.55) / 0.45, 0, 1) ** 1.6
    half = 0.5 * width * open_ * np.maximum(taper, 0.02)
    out = length * t * (1 - 0.10 * t * v**2)
    rise = lift * np.sin(np.pi * 0.62 * t) ** 0.9 - droop * t**2.2
    pleat = 0.075 * width * np.cos(pleats * np.pi * v + phase) * (1 - t) ** 0.8
    ripple = 0.055 * width * np.sin(2.4 * v + 3.4 * t + phase) * t
    roll = -0.26 * width * v**2 * (1 - 0.45 * t) * open_
    c, s = math.cos(heading), math.sin(heading)
    across = half * v
    return np.dstack([out * c - across * s, out * s + across * c, rise + pleat + ripple + roll])


def bojagi(
    rng: np.random.Generator, at: Point, size: Point, turn: float, cloth: Any, lining: Any = None
) -> None:
    """A box wrapped in a 보자기, its four corners tied on top so that they open like a flower. ``lining`` is
    what the two upper corners show; ``size`` is the box's."""
    width, height = size[0], size[2]
    pose = Matrix.Translation(Vector(at)) @ Matrix.Rotation(turn, 4, "Z")
    grid_sheet(_wrapping(rng, size), cloth).matrix_world = pose
    foot = Matrix.Translation(Vector((0, 0, height + width * (KNOT_RISE - 0.03))))
    corners = (
        (0.42, 0.62, 0.50, 0.46, 0.26, lining or cloth),
        (math.pi + 0.38, 0.60, 0.50, 0.48, 0.24, lining or cloth),
        (-0.95, 0.60, 0.44, 0.27, 0.36, cloth),
        (math.pi - 0.75, 0.56, 0.44, 0.30, 0.32, cloth),
    )
    for i, (heading, length, breadth, lift, droop, stuff) in enumerate(corners):
        sheet = _petal(heading, length * width, breadth * width, lift * width, droop * width, 1.7 * i)
        grid_sheet(sheet, stuff, 0.012).matrix_world = pose @ foot
    turns = np.linspace(0, 2 * np.pi, 97)
    for tilt, radius, thick in ((0.25, 0.105, 0.062), (-0.55, 0.085, 0.06)):
        u, v = np.meshgrid(turns, np.linspace(0, 2 * np.pi, 33), indexing="ij")
        bulge = thick * (1 + 0.16 * np.cos(5 * v + 2 * np.sin(u)))
        ring = (radius + bulge * np.cos(v)) * width
        points = np.dstack([ring * np.cos(u) * 1.15, ring * np.sin(u) * 0.8, bulge * np.sin(v) * width * 1.1])
        knot = grid_sheet(points, cloth)
        tip = Matrix.Rotation(tilt, 4, "X") @ Matrix.Rotation(0.5 * tilt, 4, "Y")
        knot.matrix_world = pose @ foot @ Matrix.Translation(Vector((0, 0, 0.03 * width))) @ tip


def pouch(at: Point, size: float, cloth: Any, cord: Any, turn: float = 0.0) -> None:
    """복주머니: a full round pouch standing up, drawn together at the neck with a cord; ``size`` is its width."""
    turns = np.linspace(0, 2 * np.pi, 241)
    t = np.linspace(0, 1, 96)[:, None]
    share = (0, 0.05, 0.18, 0.36, 0.52, 0.66, 0.74, 0.78, 0.84, 0.93, 1.0)
    girth = (0.02, 0.30, 0.47, 0.53, 0.45, 0.27, 0.145, 0.13, 0.18, 0.29, 0.34)
    radius = np.interp(t, share, girth)
    kernel = np.hanning(11) / np.hanning(11).sum()
    radius = np.convolve(np.pad(radius[:, 0], 5, "edge"), kernel, "valid")[:, None]
    wave = np.cos(15 * turns + 0.7 * np.sin(2 * turns)) + 0.35 * np.cos(26 * turns + 1)
    depth = smoothstep(0.42, 0.74, t) * (0.10 + 0.10 * smoothstep(0.8, 1.0, t))
    radial = radius * (1 + depth * wave) + 0.008 * np.cos(4 * turns + 5 * t)
    height = 0.98 * t + 0.02 * smoothstep(0.85, 1, t) * wave
    points = np.dstack(
        [
            size * radial * np.cos(turns),
            0.66 * size * radial * np.sin(turns),
            size * height * np.ones_like(turns),
        ]
    )
    pose = Matrix.Translation(Vector(at)) @ Matrix.Rotation(turn, 4, "Z")
    grid_sheet(points, cloth, 0.01).matrix_world = pose
    neck = 0.77 * size
    for lift, grow in ((0.0, 1.0), (0.035, 1.03)):
        ring = [
            (0.155 * grow * size * math.cos(a), 0.115 * grow * size * math.sin(a), neck + lift * size)
            for a in np.linspace(0, 2 * math.pi, 40)
        ]
        tube(ring, 0.022 * size, cord, taper=0.0).matrix_world = pose
    _tassels(pose, neck, size, cord)


def _tassels(pose: Any, neck: float, size: float, cord: Any) -> None:
    """Two cords hanging down the front of a pouch, each ending in a knot and a tassel."""
    for hand, drop in ((-1, 0.42), (1, 0.5)):
        start, foot = np.array([0.03 * hand, -0.14, 0.0]), np.array([0.17 * hand, -0.40, -drop])
        out, above = np.array([0.05 * hand, -0.07, -0.02]), np.array([-0.02 * hand, 0.03, 0.2])
        path = [start, start + out, foot + above, foot]
        line = tube(
            [(size * p[0], size * p[1], neck + size * p[2]) for p in path], 0.016 * size, cord, taper=0.0
        )
        line.matrix_world = pose
        end = (size * foot[0], size * foot[1], neck + size * foot[2])
        head = lathe([(0.001, 0.03), (0.03, 0.015), (0.035, -0.01), (0.028, -0.04)], (0, 0, 0), cord, 24)
        head.matrix_world = pose @ Matrix.Translation(Vector(end)) @ Matrix.Scale(size, 4)
        for a in np.linspace(0, 2 * math.pi, 22, endpoint=False):
            x, y = 0.022 * math.cos(a), 0.022 * math.sin(a)
            strand = tube(
                [(size * x, size * y, -0.03 * size), (size * x * 1.9, size * y * 1.9, -0.2 * size)],
                0.008 * size,
                cord,
                taper=0.0,
            )
            strand.matrix_world = pose @ Matrix.Translation(Vector(end))


def soban(at: Point, radius: float, height: float, lacquer: Any, sides: int = 12) -> float:
    """소반: a low table with a many-sided tray top and four bowed legs. Returns the height of its top."""
    x, y, z = at
    top, rim = z + height, 0.1
    profile = rounded(
        [
            (0.001, 0.0),
            (0.93 * radius, 0.0),
            (0.955 * radius, rim),
            (1.0 * radius, rim),
            (0.985 * radius, -0.06),
            (0.93 * radius, -0.13),
            (0.001, -0.13),
        ],
        0.03,
        5,
    )
    turns = np.linspace(0, 2 * math.pi, sides * 12 + 1)
    facet = (turns + math.pi / sides) % (2 * math.pi / sides) - math.pi / sides
    flat = math.cos(math.pi / sides) / np.cos(facet)
    flat = 0.85 * flat + 0.15 * flat.mean()
    points = np.array(
        [
            [
                (x + r * f * math.cos(a), y + r * f * math.sin(a), top + h)
                for a, f in zip(turns, flat, strict=True)
            ]
            for r, h in profile
        ]
    )
    grid_sheet(points, lacquer)
    apron = [(0.80 * radius, -0.12), (0.80 * radius, -0.36), (0.77 * radius, -0.36), (0.77 * radius, -0.12)]
    lathe(apron, (x, y, top), lacquer, 96)
    for quarter in range(4):
        heading = math.pi / 4 + quarter * math.pi / 2
        path = [
            (0.80, 1.0 - 0.3 / height),
            (0.90, 0.82),
            (0.93, 0.62),
            (0.84, 0.34),
            (0.80, 0.14),
            (0.88, 0.02),
        ]
        leg = [
            (x + r * radius * math.cos(heading), y + r * radius * math.sin(heading), z + share * height)
            for r, share in path
        ]
        tube(leg, 0.15, lacquer, taper=0.45)
    return top


def persimmon(
    rng: np.random.Generator, at: Point, size: float = 0.42, lean: Point = (0.1, -0.15, 1.0)
) -> None:
    """A ripe persimmon: four soft lobes under a dry leafy cap; ``size`` is its radius."""
    turns = np.linspace(0, 2 * np.pi, 145)
    climb = np.linspace(-np.pi / 2, np.pi / 2, 70)[:, None]
    lobes = 1 + 0.035 * np.cos(4 * turns + 0.3) * np.cos(climb) + 0.012 * np.cos(3 * turns + 1.2)
    radial = np.cos(climb) ** 0.82 * lobes
    height = 0.74 * np.sin(climb) - 0.20 * np.exp(-((np.cos(climb) / 0.32) ** 2)) * (climb > 0)
    points = size * np.dstack([radial * np.cos(turns), radial * np.sin(turns), height * np.ones_like(turns)])
    points[:, -1] = points[:, 0]
    skin = surfaces.plain("#cc5a1e", 0.36, coat=0.12, subsurface_weight=0.15, subsurface_scale=0.1)
    pose = Matrix.Translation(Vector(at)) @ Matrix.Translation(Vector((0, 0, 0.72 * size)))
    pose = pose @ Vector(lean).to_track_quat("Z", "Y").to_matrix().to_4x4()
    grid_sheet(points, skin).matrix_world = pose
    dry = surfaces.plain("#7d6a3e", 0.75)
    for i in range(4):
        u, v = np.meshgrid(np.linspace(0, 1, 14), np.linspace(-1, 1, 11), indexing="ij")
        half = 0.30 * np.sin(np.pi * (0.18 + 0.80 * u)) ** 0.7
        lift = 0.58 + 0.10 * u - 0.34 * u**3 + 0.16 * (v * half) ** 2 + 0.05 * np.sin(5 * v + i + 4 * u) * u
        a = i * math.pi / 2 + 0.4 + rng.normal(0, 0.08)
        x, y = 0.62 * u, v * half
        leaf = np.dstack([x * math.cos(a) - y * math.sin(a), x * math.sin(a) + y * math.cos(a), lift])
        grid_sheet(size * leaf, dry, 0.012).matrix_world = pose
    stalk = tube([(0, 0, 0.55 * size), (0.02, 0.01, 0.72 * size), (0.06, 0.0, 0.84 * size)], 0.07 * size, dry)
    stalk.matrix_world = pose


def chestnut(rng: np.random.Generator, at: Point, size: float = 0.2) -> None:
    """A chestnut lying on its flat side: glossy brown, pale scar below, a tuft at its tip."""
    turns = np.linspace(0, 2 * np.pi, 73)
    t = np.linspace(0, 1, 40)[:, None]
    radial = np.sin(np.pi * t**0.82) ** 0.62 * (1 + 0.05 * np.cos(2 * turns))
    height = 1.5 * t - 0.55 + 0.16 * t**10
    flat = np.where(np.sin(turns) < 0, 0.55, 1.0)
    points = size * np.dstack(
        [radial * np.cos(turns), 0.8 * radial * np.sin(turns) * flat, height * np.ones_like(turns)]
    )
    shell = surfaces.plain(("#5a2a14", "#6b3418", "#4c2311")[int(rng.integers(3))], 0.26, coat=0.3)
    scar = surfaces.plain("#b08c62", 0.8)
    lay = Matrix.Rotation(rng.uniform(0, 6.28), 4, "Z") @ Matrix.Rotation(math.pi / 2, 4, "X")
    pose = Matrix.Translation(Vector(at) + Vector((0, 0, 0.46 * size))) @ lay
    grid_sheet(points[9:], shell).matrix_world = pose
    grid_sheet(points[:10] * 0.995, scar).matrix_world = pose
    tube(
        [(0, 0, 1.05 * size), (0, 0.03 * size, 1.28 * size)], 0.05 * size, scar, taper=0.9
    ).matrix_world = pose


def pampas(rng: np.random.Generator, start: Point, heading: float, lean: float, length: float) -> list[Any]:
    """억새: a tall stem with a feathery, one-sided plume of silvery gold."""
    stem = surfaces.plain("#a98f5e", 0.7)
    plume = surfaces.plain("#dcc9a2", 0.8, subsurface_weight=0.0, sheen_weight=0.4)
    steps = 12
    point = np.array(start, float)
    path = [point]
    for i in range(steps):
        tilt = lean * (0.35 + 1.6 * (i / steps) ** 2)
        flow = np.array(
            [math.sin(tilt) * math.cos(heading), math.sin(tilt) * math.sin(heading), math.cos(tilt)]
        )
        point = point + flow * length / steps
        path.append(point)
    line = np.array(path)
    parts = [tube(line.tolist(), 0.022, stem, taper=0.6)]
    vertices: list[Any] = []
    faces = []
    count = 620
    for share in np.sort(rng.uniform(0.58, 1.0, count)):
        place = share * steps
        low = min(int(place), steps - 1)
        foot = line[low] + (line[low + 1] - line[low]) * (place - low)
        along = (line[low + 1] - line[low]) / np.linalg.norm(line[low + 1] - line[low])
        within = (share - 0.58) / 0.42
        reach = length * (0.05 + 0.10 * math.sin(math.pi * (0.1 + 0.75 * within))) * rng.uniform(0.6, 1.1)
        out = rng.normal(0, 0.55, 3) + np.array([0.5 * math.cos(heading), 0.5 * math.sin(heading), 0])
        way = along * 1.25 + out * 0.55
        way /= np.linalg.norm(way)
        side = np.cross(way, rng.normal(0, 1, 3))
        side /= np.linalg.norm(side)
        tip = foot + way * reach + np.array([0, 0, -0.22 * reach])
        middle = foot + way * reach * 0.5
        start_at = len(vertices)
        vertices += [foot, middle + side * 0.012, tip, middle - side * 0.012]
        faces.append((start_at, start_at + 1, start_at + 2, start_at + 3))
    parts.append(mesh("plume", vertices, faces, plume))
    return parts

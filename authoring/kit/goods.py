"""Things that a small shop sells, to photograph where no photo with a licence can be had."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from mathutils import Vector
from PIL import Image, ImageDraw, ImageFont

from authoring.kit import shapes, surfaces
from authoring.kit.noise import Field, fractal_noise, linear
from authoring.kit.textures import Texture

FONTS = Path(__file__).resolve().parents[2] / "fonts"


def _printed(
    size: tuple[int, int],
    ground: str,
    lines: list[tuple[str, str, int, float, str]],
    frames: list[tuple[float, float, float, float, str]],
) -> Field:
    """A printed label, linear RGB: lines as (text, font file, height in px, y share, colour), bars as x, y, w, h."""
    sheet = Image.new("RGB", size, ground)
    draw = ImageDraw.Draw(sheet)
    for x, y, w, h, color in frames:
        draw.rectangle([x * size[0], y * size[1], (x + w) * size[0], (y + h) * size[1]], fill=color)
    for text, font, height, y, color in lines:
        face = ImageFont.truetype(str(FONTS / font), height)
        draw.text((size[0] / 2, y * size[1]), text, fill=color, font=face, anchor="mm")
    pixels = np.asarray(sheet, np.float32) / 255
    return np.where(pixels <= 0.04045, pixels / 12.92, ((pixels + 0.055) / 1.055) ** 2.4).astype(np.float32)


def _print_material(picture: Field, roughness: float, coat: float = 0.0) -> Any:
    """A picture laid on by an object's own uv."""
    material = surfaces.plain("#ffffff", roughness, coat)
    tree = material.node_tree
    texture = tree.nodes.new("ShaderNodeTexImage")
    texture.image = surfaces.image("print", picture)
    texture.extension = "EXTEND"
    tree.links.new(texture.outputs[0], tree.nodes["Principled BSDF"].inputs["Base Color"])
    return material


def bottle() -> None:
    """A dark glass bottle of perilla oil with a paper label, 2.4 units tall."""
    amber = surfaces.plain("#2a1206", 0.06, coat=1.0, transmission_weight=0.25)
    body = [
        (0.0, 0.0),
        (0.42, 0.0),
        (0.46, 0.05),
        (0.46, 1.42),
        (0.4, 1.66),
        (0.2, 1.9),
        (0.17, 2.15),
        (0.0, 2.15),
    ]
    shapes.lathe(shapes.rounded(body, 0.12, 8), (0, 0, 0), amber, 160)
    cap = [(0.0, 2.42), (0.2, 2.42), (0.21, 2.36), (0.21, 2.08), (0.0, 2.08)]
    shapes.lathe(shapes.rounded(cap, 0.03, 6), (0, 0, 0), surfaces.metal("#d9b36a", 0.24), 128)
    label = _printed(
        (900, 620),
        "#f4ead6",
        [
            ("들기름", "BlackHanSans/BlackHanSans.ttf", 190, 0.38, "#3d2614"),
            ("오늘 짠 국산 들깨 100", "NanumSquare/NanumSquareB.ttf", 52, 0.66, "#7a4b22"),
            ("300 ml", "NanumSquare/NanumSquareB.ttf", 44, 0.8, "#7a4b22"),
        ],
        [(0.0, 0.05, 1.0, 0.02, "#b2452a"), (0.0, 0.92, 1.0, 0.02, "#b2452a")],
    )
    turns, heights = np.linspace(-1.15, 1.15, 48), (0.28, 1.24)
    points = [(0.464 * math.sin(t), -0.464 * math.cos(t), z) for z in heights for t in turns]
    uvs = [(i / 47, v) for v in (0.0, 1.0) for i in range(48)]
    faces = [(i, i + 1, 49 + i, 48 + i) for i in range(47)]
    shapes.mesh("label", points, faces, _print_material(label, 0.6), smooth=True, uvs=uvs)


def _loop(points: Any, count: int) -> Any:
    """A closed outline through control points, evenly sampled (Catmull-Rom)."""
    p = np.asarray(points, float)
    out = []
    for i in range(len(p)):
        a, b, c, d = (p[(i + k - 1) % len(p)] for k in range(4))
        for t in np.linspace(0, 1, count // len(p), endpoint=False):
            out.append(
                0.5
                * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
            )
    return np.array(out)


def _upper_profile(x: Any) -> tuple[Any, Any]:
    """Height of a sneaker's top line and its half width along its length, heel at -1.45, toe at 1.45."""
    stations = [-1.45, -1.38, -1.1, -0.7, -0.3, 0.1, 0.5, 0.9, 1.2, 1.38, 1.45]
    tops = [0.75, 1.24, 1.2, 1.1, 1.12, 1.08, 0.86, 0.66, 0.56, 0.42, 0.3]
    widths = [0.2, 0.33, 0.42, 0.43, 0.42, 0.44, 0.49, 0.5, 0.43, 0.27, 0.14]
    return np.interp(x, stations, tops), np.interp(x, stations, widths)


def sneaker() -> None:
    """A white canvas sneaker with a rubber sole and a coral heel, 2.9 units long, its side to the camera."""
    rubber = surfaces.plain("#f2efe8", 0.42)
    canvas = surfaces.plain("#e9e4da", 0.85, sheen_weight=0.4)
    coral = surfaces.plain("#e8604c", 0.7, sheen_weight=0.3)
    dark = surfaces.plain("#3a3f47", 0.9)
    outline = _loop(
        [(-1.52, 0), (-1.3, 0.42), (-0.4, 0.46), (0.6, 0.56), (1.25, 0.45), (1.56, 0), (1.25, -0.45), (0.6, -0.56),
         (-0.4, -0.46), (-1.3, -0.42)], 160,
    )  # fmt: skip
    rims = [(0.0, 0.94), (0.03, 0.985), (0.09, 1.0), (0.24, 1.0), (0.3, 0.985), (0.32, 0.95), (0.32, 0.1)]
    rows = [np.column_stack([outline * k, np.full(len(outline), z)]) for z, k in rims]
    rows[0][:, 2] += 0.1 * np.clip((outline[:, 0] - 0.7) / 0.8, 0, 1) ** 2
    shapes.grid_sheet(np.concatenate([np.stack(rows), np.stack(rows)[:, :1]], 1), rubber)
    x = np.linspace(-1.45, 1.45, 120)
    tops, widths = _upper_profile(x)
    arc = np.linspace(0, math.pi, 60)
    grid = np.zeros((len(x), len(arc), 3))
    for i, (at, top, half) in enumerate(zip(x, tops, widths, strict=True)):
        across = np.sign(np.cos(arc)) * np.abs(np.cos(arc)) ** 0.62
        up = np.sin(arc) ** 0.72
        grid[i] = np.column_stack([np.full(60, at), across * half, 0.28 + (top - 0.28) * up])
    for low, high in ((0, 26), (34, 60)):
        shapes.grid_sheet(grid[:, low:high], canvas, 0.05)
    shapes.grid_sheet(grid[x > 0.02][:, 25:35], canvas, 0.05)
    toe = grid[x > 0.98] * (1, 1.02, 1.0) + (0.012, 0, 0.012)
    shapes.grid_sheet(toe, rubber, 0.02)
    heel = grid[x < -1.02] * (1.012, 1.04, 1.0) + (0, 0, 0.004)
    for low, high in ((0, 24), (36, 60)):
        shapes.grid_sheet(heel[:, low:high], coral, 0.02)
    t, s = np.meshgrid(np.linspace(0, 1, 24), np.linspace(-1, 1, 13), indexing="ij")
    tongue = np.stack([0.3 - 0.42 * t, s * (0.18 + 0.06 * t), 0.96 + 0.36 * t - 0.1 * s * s], -1)
    shapes.grid_sheet(tongue, canvas, 0.06)
    lining = np.array([[(-0.65 + 0.68 * math.cos(a) * k, 0.34 * math.sin(a) * k, 0.62 + 0.42 * k) for k in (0.1, 1.0)]
                       for a in np.linspace(0, 2 * math.pi, 40)])  # fmt: skip
    shapes.grid_sheet(lining, dark)
    rim_y = 0.35
    for sign in (-1, 1):
        line = [(at, sign * rim_y * (0.55 if at < -1.3 else 1.0), float(np.interp(at, x, tops)) + 0.0)
                for at in np.linspace(-1.4, 0.02, 18)]  # fmt: skip
        shapes.tube(line, 0.045, coral, 0.0)
    for k, at in enumerate(np.linspace(0.02, 0.62, 5)):
        top = float(np.interp(at, x, tops)) + 0.05
        shapes.tube(
            [(at, -0.26, top - 0.1), (at + 0.05, 0, top + 0.05), (at + 0.02, 0.26, top - 0.1)],
            0.038,
            rubber,
            0,
        )
        back = [(at, 0.26, top - 0.1), (at - 0.06, 0, top + 0.04 + 0.005 * k), (at - 0.02, -0.26, top - 0.1)]
        shapes.tube(back, 0.034, rubber, 0)
    stripe = np.array([[(at + 0.28 * s, -float(np.interp(at + 0.28 * s, x, widths)) * 1.0
                         * abs(math.cos(math.asin(min(1, s)))) ** 0.4 - 0.03, 0.36 + 0.5 * s)
                        for at in np.linspace(-0.35, -0.18, 6)] for s in np.linspace(0, 0.95, 16)])  # fmt: skip
    shapes.grid_sheet(stripe, coral, 0.012)


def ring() -> None:
    """A gold ring with a clear stone, lying tilted against a second band; 1.4 units across."""
    gold = surfaces.metal("#f1c26b", 0.12)
    stone = surfaces.plain("#dff1ff", 0.0, transmission_weight=0.6, ior=2.2, coat=1.0)
    for radius, thick, tilt, at in (
        (0.62, 0.075, 90, (0.0, 0.0, 0.69)),
        (0.6, 0.05, 12, (0.55, -0.12, 0.14)),
    ):
        bpy.ops.mesh.primitive_torus_add(
            major_radius=radius, minor_radius=thick, major_segments=160, minor_segments=32, location=at,
            rotation=(math.radians(tilt), 0, math.radians(18)),
        )  # fmt: skip
        thing = bpy.context.object
        thing.data.materials.append(gold)
        thing.data.polygons.foreach_set("use_smooth", [True] * len(thing.data.polygons))
    crown = [(0.0, 0.2), (0.15, 0.2), (0.25, 0.1), (0.0, -0.2)]
    shapes.lathe(crown, (0, 0, 1.5), stone, 12)
    for k in range(4):
        a = math.pi / 4 + k * math.pi / 2
        x, y = 0.22 * math.cos(a), 0.22 * math.sin(a)
        shapes.tube([(x * 0.4, y * 0.4, 1.34), (x, y, 1.52), (x * 0.9, y * 0.9, 1.66)], 0.028, gold, 0.2)


def pouch() -> None:
    """A flat coffee pouch with crimped ends, printed, 1.7 by 2.3 units, lying or standing."""
    print_ = _printed(
        (850, 1150),
        "#1f4d45",
        [
            ("동백", "BlackHanSans/BlackHanSans.ttf", 250, 0.3, "#f6e7c8"),
            ("커피", "BlackHanSans/BlackHanSans.ttf", 250, 0.52, "#f6e7c8"),
            ("에티오피아 · 200 g", "NanumSquare/NanumSquareB.ttf", 56, 0.68, "#f6e7c8"),
        ],
        [
            (0.1, 0.78, 0.8, 0.1, "#e2673f"),
            (0.0, 0.0, 1.0, 0.06, "#17382f"),
            (0.0, 0.94, 1.0, 0.06, "#17382f"),
        ],
    )
    rng = np.random.default_rng(5)
    u, v = np.meshgrid(np.linspace(-1, 1, 90), np.linspace(-1, 1, 120))
    belly = np.clip(1 - u**4, 0, 1) ** 0.6 * np.clip(1 - np.abs(v) ** 5, 0, 1) ** 0.7
    dents = fractal_noise(rng, (120, 90), (5, 6)) - 0.5
    depth = 0.34 * belly * (1 + 0.3 * dents) + 0.012 * np.sin(60 * u) * (np.abs(v) > 0.9)
    width = 0.85 * (1 - 0.05 * belly)
    material = _print_material(print_, 0.32, coat=0.25)
    for sign in (-1, 1):
        points = np.stack([u * width, sign * depth, (v + 1) * 1.15], -1)
        rows, columns = u.shape
        ids = np.arange(rows * columns).reshape(rows, columns)
        faces = np.stack([ids[:-1, :-1], ids[:-1, 1:], ids[1:, 1:], ids[1:, :-1]], -1).reshape(-1, 4)
        uvs = list(zip((u.ravel() * 0.5 + 0.5).tolist(), (v.ravel() * 0.5 + 0.5).tolist(), strict=True))
        shapes.mesh("pouch", points.reshape(-1, 3), faces, material, smooth=True, uvs=uvs)


def tangerines() -> None:
    """A heap of tangerines with two leaves, about 2.6 units across."""
    rng = np.random.default_rng(11)
    height = fractal_noise(rng, (512, 512), (90, 90))
    peel = Texture(
        np.broadcast_to(linear("#f0810f"), (512, 512, 3)).astype(np.float32)
        * (0.96 + 0.08 * np.clip(fractal_noise(rng, (512, 512), (6, 6)), 0, 1))[..., None].astype(np.float32),
        (height - height.mean()).astype(np.float32),
        np.full((512, 512), 0.34, np.float32),
    )
    skin = surfaces.textured(peel, 0.9, relief=0.012, all_round=True, shine=0.5)
    stalk, leaf = surfaces.plain("#5c7a33", 0.6), surfaces.plain("#2f6b2d", 0.4)
    spots = [(-0.85, 0.1, 0.43), (0.02, -0.35, 0.43), (0.85, 0.05, 0.43), (-0.35, 0.62, 0.43), (0.5, 0.7, 0.43),
             (-0.38, 0.12, 1.08), (0.42, 0.16, 1.06), (0.0, 0.3, 1.62)]  # fmt: skip
    for place in spots:
        size = 0.46 * rng.uniform(0.94, 1.06)
        ball = shapes.ball(size, place, skin, (1, 1, 0.9))
        ball.rotation_euler = rng.uniform(-0.5, 0.5, 3)
        top = Vector((0, 0, 0.9 * size)) + Vector(place)
        shapes.ball(0.05, top, stalk, (1, 1, 0.5))
    for turn in (0.4, 2.6):
        u, v = np.meshgrid(np.linspace(0, 1, 24), np.linspace(-1, 1, 13))
        wide = 0.19 * np.sin(np.pi * u**0.8) ** 0.8
        along, across, lift = u * 0.75, v * wide, 0.15 * u - 0.2 * u**2 + 0.3 * np.abs(v) * wide
        x = along * math.cos(turn) - across * math.sin(turn)
        y = along * math.sin(turn) + across * math.cos(turn)
        shapes.grid_sheet(np.stack([x, y + 0.3, 2.06 + lift], -1), leaf)


def loaf() -> None:
    """A round sourdough loaf with a scored, floured crust, 2.4 units across."""
    rng = np.random.default_rng(21)
    side = 1024
    patch = np.clip(0.5 + 0.9 * (fractal_noise(rng, (side, side), (5, 5)) - 0.5), 0, 1)
    fine = fractal_noise(rng, (side, side), (90, 90))
    flour = np.clip((fractal_noise(rng, (side, side), (12, 12)) - 0.5) * 3, 0, 1)[..., None] * 0.5
    crust = linear("#8a4a1c") * (1 - patch[..., None]) + linear("#c98a4a") * patch[..., None]
    albedo = crust * (1 - flour) + linear("#efe3cf") * flour
    texture = Texture(albedo.astype(np.float32), (0.5 * (fine - 0.5)).astype(np.float32),
                      np.full((side, side), 0.72, np.float32))  # fmt: skip
    skin = surfaces.textured(texture, 2.6, relief=0.02, all_round=True, shine=0.35)
    u, v = np.meshgrid(np.linspace(-np.pi, np.pi, 240), np.linspace(0.02, np.pi / 2 + 0.45, 120))
    bump = (
        0.03 * (fractal_noise(rng, (120, 240), (7, 12)) - 0.5) * np.cos(u / 2) ** 0.5
    )  # meets itself at the back
    radius = 1 + bump
    x, y = 1.2 * radius * np.sin(v) * np.cos(u), 1.05 * radius * np.sin(v) * np.sin(u)
    z = 0.3 + 0.82 * radius * np.cos(v)
    for offset in (-0.42, 0.0, 0.42):
        cut = np.exp(-(((x + 0.25 * y - offset) / 0.06) ** 2)) * np.clip(1.1 - np.abs(y), 0, 1) * (z > 0.6)
        lip = (
            np.exp(-(((x + 0.25 * y - offset - 0.11) / 0.05) ** 2))
            * np.clip(1.1 - np.abs(y), 0, 1)
            * (z > 0.6)
        )
        z = z - 0.11 * cut + 0.06 * lip
    shapes.grid_sheet(np.stack([x, y, np.maximum(z, 0.0)], -1), skin)


def tumbler() -> None:
    """A tall brushed-steel tumbler with a lid, 2.5 units."""
    steel = surfaces.plain("#34544f", 0.35, coat=0.3, metallic=0.2)
    body = [(0.0, 0.0), (0.36, 0.0), (0.38, 0.06), (0.5, 2.1), (0.0, 2.1)]
    shapes.lathe(shapes.rounded(body, 0.05, 6), (0, 0, 0), steel, 160)
    shapes.lathe(shapes.rounded([(0.44, 2.08), (0.52, 2.08), (0.53, 2.2), (0.46, 2.3), (0.0, 2.3)], 0.04, 6), (0, 0, 0),
                 surfaces.plain("#e8e4da", 0.4), 160)  # fmt: skip
    shapes.lathe(
        [(0.375, 0.1), (0.395, 0.1), (0.398, 0.2), (0.378, 0.2)],
        (0, 0, 0),
        surfaces.metal("#d8d8d4", 0.25),
        160,
    )
    shapes.tube([(0.1, 0, 2.25), (0.12, 0, 2.7), (0.2, 0, 2.95)], 0.05, surfaces.plain("#d98b6a", 0.4), 0.0)


GOODS: dict[str, tuple[Any, float, float]] = {
    "bottle": (bottle, 9, 1.2),
    "sneaker": (sneaker, 11, 0.65),
    "ring": (ring, 22, 0.8),
    "pouch": (pouch, 10, 1.15),
    "tangerines": (tangerines, 30, 0.85),
    "loaf": (loaf, 32, 0.5),
    "tumbler": (tumbler, 9, 1.4),
}
"""By name: what builds it, how steeply it is photographed in degrees, and the height the camera looks at."""

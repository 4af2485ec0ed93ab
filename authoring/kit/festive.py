"""Christmas: fir twigs, baubles, pine cones, ribbons, wrapped gifts, a far tree of lights."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import cv2
import numpy as np
from mathutils import Matrix, Vector

from authoring.kit import surfaces
from authoring.kit.noise import Field, linear
from authoring.kit.rooms import Card, defocus
from authoring.kit.shapes import Point, box, grid_sheet, lathe, mesh, tube, twin
from authoring.kit.textures import paper

NEEDLE_GREENS = ("#2f4a33", "#3d5c3b", "#4c6b45", "#28402f")


def _needles(
    rng: np.random.Generator, feet: Any, along: Any, size: float, greens: Sequence[Any]
) -> Iterator[Any]:
    """Flat, slightly bowed fir needles around a stem; ``feet`` and ``along`` are (n, 3)."""
    for tone, green in enumerate(greens):
        picked = np.arange(len(feet)) % len(greens) == tone
        foot, axis = feet[picked], along[picked]
        n = len(foot)
        other = np.cross(axis, [0.0, 0.0, 1.0])
        other /= np.linalg.norm(other, axis=1, keepdims=True) + 1e-6
        third = np.cross(other, axis)
        turn = rng.uniform(0, 2 * math.pi, n)
        # Fir needles spread to the sides and upwards, hardly any hang below.
        turn = np.where(np.sin(turn) < -0.35, -turn, turn)[:, None]
        out = other * np.cos(turn) + third * np.sin(turn)
        heading = out + axis * rng.uniform(0.55, 0.95, (n, 1)) + rng.normal(0, 0.12, (n, 3))
        heading /= np.linalg.norm(heading, axis=1, keepdims=True)
        side = np.cross(heading, out + 0.3 * axis)
        side /= np.linalg.norm(side, axis=1, keepdims=True) + 1e-6
        length = (size * rng.uniform(0.75, 1.15, n))[:, None]
        wide = side * 0.048 * length
        tip = foot + heading * length + axis * 0.10 * length
        middle = foot + heading * 0.55 * length
        corners = np.stack([foot - wide * 0.5, foot + wide * 0.5, middle + wide, tip, middle - wide], 1)
        faces = [(5 * i, 5 * i + 1, 5 * i + 2, 5 * i + 4) for i in range(n)]
        faces += [(5 * i + 4, 5 * i + 2, 5 * i + 3) for i in range(n)]
        yield mesh("needles", corners.reshape(-1, 3), faces, green)


def _shoot(
    rng: np.random.Generator, start: Any, heading: Any, length: float, size: float, greens: Any, bark: Any
) -> list[Any]:
    """One straight-ish shoot with needles, its side turned a little downwards by weight."""
    steps = 9
    bend = rng.normal(0, 0.05, 3) + np.array([0, 0, -0.03])
    points = [np.array(start, float)]
    direction = np.array(heading, float) / np.linalg.norm(heading)
    for _ in range(steps):
        direction = direction + bend / steps
        direction /= np.linalg.norm(direction)
        points.append(points[-1] + direction * length / steps)
    path = np.array(points)
    count = int(170 * length / size * 0.42)
    share = np.sort(rng.uniform(0.02, 1.0, count))
    place = share * steps
    low = np.minimum(place.astype(int), steps - 1)
    feet = path[low] + (path[low + 1] - path[low]) * (place - low)[:, None]
    along = path[low + 1] - path[low]
    along = along / np.linalg.norm(along, axis=1, keepdims=True)
    stem = tube(path.tolist(), 0.02 + 0.01 * size, bark, taper=0.5)
    return [stem, *_needles(rng, feet, along, size, greens)]


def greens() -> list[Any]:
    """Three tones of fir."""
    return [surfaces.plain(c, 0.42, subsurface_weight=0.0) for c in NEEDLE_GREENS[:3]]


def fir_branch(
    rng: np.random.Generator,
    at: Point,
    heading: Point,
    length: float,
    needle: float = 0.26,
    pairs: int = 4,
    tones: Sequence[Any] | None = None,
) -> list[Any]:
    """A fir branch from ``at`` along ``heading``: a middle shoot with ``pairs`` of side shoots. Returns its
    parts, so that one may be marked as foreground."""
    tones = tones or greens()
    bark = surfaces.plain("#5a4030", 0.85)
    direction = np.array(heading, float) / np.linalg.norm(heading)
    side = np.cross(direction, [0, 0, 1.0])
    side /= np.linalg.norm(side) + 1e-6
    parts = _shoot(rng, at, direction, length, needle, tones, bark)
    for i in range(pairs):
        share = 0.12 + 0.62 * i / max(pairs - 1, 1)
        foot = np.array(at, float) + direction * length * share
        for hand in (-1, 1):
            out = direction * rng.uniform(0.75, 1.05) + hand * side * rng.uniform(0.65, 0.95)
            out[2] += rng.normal(0.02, 0.10)
            reach = length * (0.62 - 0.42 * share) * rng.uniform(0.8, 1.15)
            parts += _shoot(rng, foot, out, reach, needle * 0.92, tones, bark)
    return parts


def bauble(at: Point, radius: float, material: Any, lean: Point = (0.5, -0.4, 0.8)) -> None:
    """A glass ball lying on the table, its metal cap and loop leaning over; ``at`` is where it touches."""
    x, y, z = at
    angles = np.linspace(-math.pi / 2, math.pi / 2 - 0.18, 40)
    profile = [(max(0.001, radius * math.cos(a)), radius * math.sin(a)) for a in angles]
    ball = lathe(profile, (0, 0, 0), material, 96)
    gold = surfaces.metal("#c9a15a", 0.28)
    r, top = 0.19 * radius, radius * 0.985
    ridges = 20
    cap = lathe(
        [(0.001, top + 0.55 * r), (0.8 * r, top + 0.5 * r), (r, top + 0.35 * r), (r, top - 0.5 * r)],
        (0, 0, 0),
        gold,
        ridges * 2,
    )
    turns = np.linspace(0, 2 * math.pi, 20)
    loop = tube(
        [(0.45 * r * math.cos(t), 0, top + 0.9 * r + 0.5 * r * math.sin(t)) for t in turns],
        0.05 * radius,
        gold,
        taper=0.0,
    )
    turn = Vector(lean).to_track_quat("Z", "Y").to_matrix().to_4x4()
    pose = Matrix.Translation(Vector((x, y, z + radius))) @ turn
    for part in (ball, cap, loop):
        part.matrix_world = pose


def pine_cone(
    rng: np.random.Generator, at: Point, size: float = 1.0, lean: Point = (0.2, -0.15, 1.0)
) -> None:
    """An open cone, scale by scale in two spirals; ``size`` 1 is about 8 cm tall."""
    n_u, n_v = 7, 5
    u, v = np.meshgrid(np.linspace(0, 1, n_u), np.linspace(-1, 1, n_v), indexing="ij")
    wide = 0.16 * np.sin(np.pi * (0.12 + 0.76 * u)) ** 0.7 * np.where(u > 0.98, 0.55, 1)
    scale = np.dstack(
        [u * 0.34, v * wide, 0.10 * u**2 - 0.05 * v**2 + 0.05 * np.exp(-(((u - 0.92) / 0.1) ** 2))]
    )
    brown = surfaces.plain("#6a452c", 0.6)
    original = grid_sheet(scale, brown, 0.03)
    pale = surfaces.plain("#a98560", 0.7)
    tip = grid_sheet(scale[-2:] + np.array([0.004, 0, 0.006]), pale, 0.02)
    pose = Matrix.Translation(Vector(at)) @ Vector(lean).to_track_quat("Z", "Y").to_matrix().to_4x4()
    count = 78
    for i in range(count):
        t = i / count
        turn = i * 2.39996
        height = 0.04 + 0.72 * t
        girth = 0.15 * math.sin(math.pi * (0.22 + 0.72 * t))
        grown = (
            (0.55 + 0.75 * math.sin(math.pi * (0.15 + 0.8 * t))) * (1 - 0.25 * t) * rng.uniform(0.92, 1.08)
        )
        climb = 0.12 + 1.0 * t**1.3
        spin = Matrix.Rotation(turn, 4, "Z") @ Matrix.Translation(Vector((girth, 0, height)))
        spin = spin @ Matrix.Rotation(-climb, 4, "Y") @ Matrix.Scale(grown, 4)
        for source in (original, tip):
            part = twin(source, (0, 0, 0), (0, 0, 1))
            part.modifiers.new("solid", "SOLIDIFY").thickness = 0.02
            part.matrix_world = pose @ Matrix.Scale(size, 4) @ spin
    original.hide_render = tip.hide_render = True
    core = lathe([(0.12, 0.02), (0.17, 0.3), (0.1, 0.62), (0.001, 0.78)], (0, 0, 0), brown, 24)
    core.matrix_world = pose @ Matrix.Scale(size, 4)


def bow_loop(at: Point, heading: float, length: float, width: float, lift: float, cloth: Any) -> Any:
    """One loop of a bow: out along ``heading``, over and back, gathered into pleats at the knot."""
    rows, columns = 60, 17
    t, v = np.meshgrid(np.linspace(0, 1, rows), np.linspace(-1, 1, columns), indexing="ij")
    out = np.sin(np.pi * t) ** 0.8
    reach = length * out
    rise = lift * (np.sin(2 * np.pi * t - 0.4) * 0.35 * out + 0.75 * out) + 0.0
    gather = 0.30 + 0.70 * out**1.1
    across = 0.5 * width * v * gather
    pleat = (
        0.05 * width * np.cos(3.0 * np.pi * v) * (1 - out) ** 0.7 + 0.03 * width * np.sin(4 * v + 9 * t) * out
    )
    cup = -0.10 * width * v**2 * out
    c, s = math.cos(heading), math.sin(heading)
    points = np.dstack(
        [at[0] + reach * c - across * s, at[1] + reach * s + across * c, at[2] + rise + pleat + cup]
    )
    return grid_sheet(points, cloth, 0.012)


def ribbon_tail(at: Point, heading: float, length: float, width: float, drop: float, cloth: Any) -> Any:
    """A ribbon's end falling away from the knot in a wave, cut to a swallowtail."""
    rows, columns = 50, 13
    t, v = np.meshgrid(np.linspace(0, 1, rows), np.linspace(-1, 1, columns), indexing="ij")
    stretch = length * t * np.where(t > 0.9, 1 - 0.18 * (1 - np.abs(v)) * (t - 0.9) / 0.1, 1.0)
    across = 0.5 * width * v * (0.4 + 0.6 * np.minimum(1, 3.2 * t))
    height = -drop * t**1.5 + 0.10 * length * np.sin(2.2 * np.pi * t) * (1 - 0.5 * t)
    twist = 0.35 * np.sin(2.6 * t + 0.5)
    c, s = math.cos(heading), math.sin(heading)
    points = np.dstack(
        [
            at[0] + stretch * c - across * s,
            at[1] + stretch * s + across * c,
            at[2] + height + across * twist * 0.5,
        ]
    )
    return grid_sheet(points, cloth, 0.012)


def gift(
    at: Point, size: Point, turn: float, wrap: Any, cloth: Any, band: float = 0.22, bow: float = 0.62
) -> None:
    """A wrapped box standing at ``at``, with a ribbon both ways and a bow on top."""
    width, depth, height = size
    wrapped = box((0, 0, 0), size, wrap, 0.03)
    pose = Matrix.Translation(Vector((at[0], at[1], at[2] + height / 2))) @ Matrix.Rotation(turn, 4, "Z")
    wrapped.matrix_world = pose
    for spans in ((band, depth + 0.02, height + 0.02), (width + 0.02, band, height + 0.02)):
        strap = box((0, 0, 0), spans, cloth, 0.012)
        strap.matrix_world = pose
    knot = np.array([at[0], at[1], at[2] + height + 0.06])
    for heading, share in ((0.35, 1.0), (math.pi - 0.15, 0.95), (1.9, 0.72), (-1.3, 0.75)):
        bow_loop(knot.tolist(), turn + heading, bow * share, band * 1.7, 0.42 * bow * share, cloth)
    for heading, share in ((-0.55, 1.0), (math.pi + 0.7, 0.9)):
        ribbon_tail(knot.tolist(), turn + heading, 1.05 * bow * share, band * 1.2, 0.16 * bow, cloth)
    middle = lathe([(0.001, 0.16), (0.10, 0.13), (0.13, 0.04), (0.1, -0.05)], knot.tolist(), cloth, 32)
    middle.scale = (band / 0.2, band / 0.24, 1)


def kraft_gift(at: Point, size: Point, turn: float, ribbon: str = "#a3262b") -> None:
    """A gift in brown paper with a satin ribbon."""
    kraft = surfaces.textured(paper("#c8a77c", seed=31, side=1024), 2.2, relief=0.002, shine=0.3)
    gift(at, size, turn, kraft, surfaces.plain(ribbon, 0.32, sheen_weight=0.5))


def fairy_lights(card: Card, seed: int, warm: str = "#ffb45e") -> Field:
    """The picture of a dim room with a lit tree and strings of small lamps, out of focus; linear RGB."""
    rng = np.random.default_rng(seed)
    width = 1280
    height = round(width * (card.top - card.bottom) / (2 * card.half_width))
    fall = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    picture = linear("#3a2014") * (0.42 + 0.5 * fall)
    picture = np.ascontiguousarray(np.broadcast_to(picture, (height, width, 3)), np.float32)
    middle, top, foot = 0.72 * width, 0.16 * height, 0.86 * height

    def lamp(x: float, y: float, radius: float, color: str, strength: float) -> None:
        cv2.circle(
            picture, (round(x), round(y)), max(1, round(radius)), (linear(color) * strength).tolist(), -1
        )

    for _ in range(2600):
        share = rng.uniform(0, 1) ** 0.7
        x = middle + rng.normal(0, 0.36) * share * 0.32 * width
        tone = linear(("#1c3324", "#284a30", "#14261c", "#35573a")[int(rng.integers(4))]) * rng.uniform(
            0.3, 0.9
        )
        at = (round(x), round(top + share * (foot - top)))
        cv2.ellipse(picture, at, (26, 9), rng.uniform(-40, 40), 0, 360, tone.tolist(), -1)
    for _ in range(64):
        share = rng.uniform(0.02, 1) ** 0.75
        x = middle + rng.uniform(-1, 1) * share * 0.24 * width
        lamp(x, top + share * (foot - top), rng.uniform(1.6, 2.8), warm, rng.uniform(16, 42))
    for _ in range(9):
        share = rng.uniform(0.15, 1) ** 0.75
        x = middle + rng.uniform(-1, 1) * share * 0.22 * width
        lamp(x, top + share * (foot - top), rng.uniform(7, 11), "#b3262e", rng.uniform(0.5, 1.2))
    for row, sag in ((0.34, 0.05), (0.47, 0.07)):
        for share in np.linspace(-0.02, 0.52, 15):
            y = row + sag * math.sin(math.pi * share / 0.52) + rng.normal(0, 0.008)
            lamp(share * width, y * height, rng.uniform(1.5, 2.3), warm, rng.uniform(12, 30))
    far = card.y - card.eye[1]
    depth = np.full((height, width), far, np.float32)
    blurred = defocus(picture, depth, card.focus, far, card.spread * width)
    glare = cv2.GaussianBlur(picture, (0, 0), 80)
    return np.asarray(0.9 * blurred + 0.3 * glare, np.float32)

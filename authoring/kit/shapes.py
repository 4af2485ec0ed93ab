"""Geometry: the few forms that props and rooms are built from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import bpy
import numpy as np
from mathutils import Quaternion, Vector

Point = Sequence[float]


def mesh(
    name: str,
    vertices: Sequence[Point] | Any,
    faces: Sequence[Sequence[int]] | Any,
    material: Any,
    *,
    smooth: bool = False,
    uvs: Sequence[tuple[float, float]] | None = None,
) -> Any:
    """An object from vertices and faces; ``uvs`` gives one pair per vertex."""
    data = bpy.data.meshes.new(name)
    data.from_pydata([tuple(map(float, v)) for v in vertices], [], [tuple(map(int, f)) for f in faces])
    data.materials.append(material)
    if smooth:
        data.polygons.foreach_set("use_smooth", [True] * len(data.polygons))
    if uvs is not None:
        layer = data.uv_layers.new(name="uv")
        for loop in data.loops:
            layer.data[loop.index].uv = uvs[loop.vertex_index]
    data.update()
    thing = bpy.data.objects.new(name, data)
    bpy.context.collection.objects.link(thing)
    return thing


def bevel(thing: Any, width: float, segments: int = 3) -> Any:
    """Round an object's edges by ``width``: nothing real has a perfectly sharp one."""
    modifier = thing.modifiers.new("bevel", "BEVEL")
    modifier.width, modifier.segments = width, segments
    modifier.harden_normals = False
    return thing


def box(center: Point, size: Point, material: Any, edge: float = 0.0) -> Any:
    """A box, its edges rounded by ``edge``."""
    x, y, z = (s / 2 for s in size)
    corners = [(i, j, k) for i in (-x, x) for j in (-y, y) for k in (-z, z)]
    faces = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    thing = mesh("box", corners, faces, material)
    thing.location = center
    return bevel(thing, edge) if edge else thing


def quad(corners: Sequence[Point], material: Any) -> Any:
    """A flat four-sided sheet; a picture on it stands upright when the corners start at the lower left."""
    return mesh("quad", corners, [(0, 1, 2, 3)], material, uvs=[(0, 0), (1, 0), (1, 1), (0, 1)])


def wall(y: float, half_width: float, bottom: float, top: float, material: Any) -> Any:
    """An upright sheet across the view."""
    a, b = -half_width, half_width
    return quad([(a, y, bottom), (b, y, bottom), (b, y, top), (a, y, top)], material)


def ground(half_width: float, front: float, back: float, material: Any, z: float = 0.0) -> Any:
    """A level sheet."""
    a, b = -half_width, half_width
    return quad([(a, front, z), (b, front, z), (b, back, z), (a, back, z)], material)


def lathe(profile: Sequence[tuple[float, float]], at: Point, material: Any, segments: int = 96) -> Any:
    """A turned form from (radius, height) pairs."""
    turns = np.linspace(0, 2 * math.pi, segments, endpoint=False)
    vertices = [(r * math.cos(t), r * math.sin(t), z) for r, z in profile for t in turns]
    faces = [
        (
            j * segments + i,
            j * segments + (i + 1) % segments,
            (j + 1) * segments + (i + 1) % segments,
            (j + 1) * segments + i,
        )
        for j in range(len(profile) - 1)
        for i in range(segments)
    ]
    thing = mesh("lathe", vertices, faces, material, smooth=True)
    thing.location = at
    return thing


def rounded(
    points: Sequence[tuple[float, float]], radius: float, steps: int = 5
) -> list[tuple[float, float]]:
    """A profile whose inner corners are rounded off by ``radius``."""
    out = [points[0]]
    for before, corner, after in zip(points[:-2], points[1:-1], points[2:], strict=True):
        c = np.array(corner, float)
        a, b = np.array(before, float) - c, np.array(after, float) - c
        reach = min(radius, np.linalg.norm(a) / 2.1, np.linalg.norm(b) / 2.1)
        start, end = c + a / np.linalg.norm(a) * reach, c + b / np.linalg.norm(b) * reach
        for t in np.linspace(0, 1, steps):
            p = (1 - t) ** 2 * start + 2 * t * (1 - t) * c + t * t * end
            out.append((float(p[0]), float(p[1])))
    return [*out, points[-1]]


def cylinder(radius: float, height: float, at: Point, material: Any, edge: float = 0.05) -> Any:
    """A podium: a cylinder standing at ``at`` with a rounded upper edge."""
    profile = rounded([(0.001, height), (radius, height), (radius, 0)], edge, 8)
    return lathe(profile, at, material, 192)


def ball(radius: float, at: Point, material: Any, scale: Point = (1, 1, 1)) -> Any:
    """A sphere."""
    profile = [
        (radius * math.cos(a), radius * math.sin(a)) for a in np.linspace(-math.pi / 2, math.pi / 2, 33)
    ]
    thing = lathe(profile, at, material, 64)
    thing.scale = scale
    return thing


def tube(points: Sequence[Point], radius: float, material: Any, taper: float = 0.7) -> Any:
    """A round stem through points, ``taper`` thinner at its end."""
    curve = bpy.data.curves.new("tube", "CURVE")
    curve.dimensions = "3D"
    curve.bevel_depth, curve.bevel_resolution = radius, 5
    spline = curve.splines.new("NURBS")
    spline.points.add(len(points) - 1)
    for i, (control, point) in enumerate(zip(spline.points, points, strict=True)):
        control.co = (*map(float, point), 1)
        control.radius = 1 - taper * i / len(points)
    spline.use_endpoint_u = True
    thing = bpy.data.objects.new("tube", curve)
    bpy.context.collection.objects.link(thing)
    curve.materials.append(material)
    return thing


def grid_sheet(points: Any, material: Any, thickness: float = 0.0) -> Any:
    """A smooth sheet through a ``(rows, columns, 3)`` array of points: cloth, paper, water."""
    rows, columns = points.shape[:2]
    ids = np.arange(rows * columns).reshape(rows, columns)
    faces = np.stack([ids[:-1, :-1], ids[:-1, 1:], ids[1:, 1:], ids[1:, :-1]], -1).reshape(-1, 4)
    thing = mesh("sheet", points.reshape(-1, 3), faces, material, smooth=True)
    if thickness:
        solid = thing.modifiers.new("solid", "SOLIDIFY")
        solid.thickness, solid.offset = thickness, -1
    return thing


def twin(thing: Any, at: Point, facing: Point, spin: float = 0.0, size: float = 1.0) -> Any:
    """A second copy sharing the mesh, its z axis turned to ``facing``."""
    copy = bpy.data.objects.new(thing.name, thing.data)
    bpy.context.collection.objects.link(copy)
    copy.location = at
    copy.rotation_mode = "QUATERNION"
    copy.rotation_quaternion = Vector(facing).to_track_quat("Z", "Y") @ Quaternion((0, 0, 1), spin)
    copy.scale = (size, size, size)
    return copy

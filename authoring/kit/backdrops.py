"""Backdrops: what stands behind the product."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from authoring.kit.shapes import bevel, mesh, wall


def arch_outline(center: float, radius: float, spring: float, steps: int = 64) -> list[tuple[float, float]]:
    """(x, z) around an arch from its left foot to its right; ``spring`` is where the curve begins."""
    turns = np.linspace(0, math.pi, steps)
    curve = [(center - radius * math.cos(t), spring + radius * math.sin(t)) for t in turns]
    return [(center - radius, 0.0), *curve, (center + radius, 0.0)]


def arch_wall(
    y: float, center: float, radius: float, spring: float, depth: float, faces: tuple[Any, Any, Any]
) -> None:
    """A wall with an arched niche: ``faces`` are the wall's material, the reveal's, the niche's back."""
    front, reveal, back = faces
    arch = arch_outline(center, radius, spring)
    n = len(arch)
    reach = 16.0
    outer = [(-reach, 0.0), *(_frame_point(x, z, center, spring, reach) for x, z in arch[1:-1]), (reach, 0.0)]
    vertices = [(x, y, z) for x, z in arch] + [(x, y, z) for x, z in outer]
    mesh("wall", vertices, [(i, i + 1, n + i + 1, n + i) for i in range(n - 1)], front)
    vertices = [(x, y, z) for x, z in arch] + [(x, y + depth, z) for x, z in arch]
    mesh("reveal", vertices, [(i, i + 1, n + i + 1, n + i) for i in range(n - 1)], reveal, smooth=True)
    wall(y + depth, 8, 0, 8, back)


def _frame_point(x: float, z: float, center: float, spring: float, reach: float) -> tuple[float, float]:
    """The point of a big rectangle met by the ray from the arch's centre through (x, z)."""
    dx, dz = x - center, max(z - spring, 1e-6)
    scale = min(reach / max(abs(dx), 1e-6), reach / dz)
    return center + dx * scale, spring + dz * scale


def arch_frame(
    y: float, center: float, radius: float, spring: float, width: float, thick: float, material: Any
) -> Any:
    """A flat moulding around an arch, standing ``thick`` proud of the wall."""
    inner, outer = arch_outline(center, radius, spring), arch_outline(center, radius + width, spring)
    n = len(inner)
    layers = [(inner, y), (inner, y - thick), (outer, y - thick), (outer, y)]
    vertices = [(x, depth, z) for outline, depth in layers for x, z in outline]
    faces = [
        (j * n + i, j * n + i + 1, (j + 1) * n + i + 1, (j + 1) * n + i)
        for j in range(3)
        for i in range(n - 1)
    ]
    return bevel(mesh("moulding", vertices, faces, material), 0.02)

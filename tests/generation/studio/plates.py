"""A plate made by arithmetic: a grey floor and wall, a block on the floor, and whatever light a test wants."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from generation.studio.optics import Optics
from generation.studio.plate import Depth, Key, Lobe, Plate

SIDE = 256
LEVELS = 4095
FLOOR, WALL = np.array([0.0, 0, 1, 0]), np.array([0.0, 1, 0, -3])
BLOCK = ((0.9, 1.7), (0.2, 0.9), 0.8)
"""Of the block on the floor: x from and to, y from and to, height."""
SUN = Key(np.array([-0.6, -0.2, 0.7746]), 0.02, (1.0, 1.0, 1.0), 3.0)


def camera(elevation: float = 12.0, distance: float = 10.0) -> Optics:
    """Looks at (0, 0, 1) along +y from that many degrees above, to unit image coordinates."""
    angle = np.radians(elevation)
    eye = np.array([0.0, -distance * np.cos(angle), 1 + distance * np.sin(angle)])
    forward = np.array([0.0, np.cos(angle), -np.sin(angle)])
    right, down = np.array([1.0, 0, 0]), np.array([0.0, -np.sin(angle), -np.cos(angle)])
    turn = np.stack([right, down, forward])
    lens = np.array([[1.6, 0, 0.5], [0, 1.6, 0.5], [0, 0, 1.0]])
    return Optics(lens @ np.column_stack([turn, -turn @ eye]), np.append(eye, 1.0))


def _seen(optics: Optics) -> tuple[Any, Any, Any]:
    """What each pixel of the master shows: point, and whether it lies on the floor, the wall or the block."""
    x, y = np.meshgrid((np.arange(SIDE) + 0.5) / SIDE, (np.arange(SIDE) + 0.5) / SIDE)
    rays = np.stack([x, y, np.ones_like(x)], axis=2) @ np.linalg.inv(optics.projection[:, :3]).T
    eye = optics.eye[:3]
    (left, right), (front, back), height = BLOCK
    reach = np.full(x.shape, np.inf)
    kind = np.zeros(x.shape, int)
    faces: list[tuple[int, Any, Any]] = [
        (0, FLOOR, lambda p: np.ones(x.shape, bool)),
        (1, WALL, lambda p: p[..., 2] > 0),
        (2, np.array([0.0, 1, 0, -front]), lambda p: _within(p, 0, left, right) & _within(p, 2, 0, height)),
        (
            2,
            np.array([0.0, 0, 1, -height]),
            lambda p: _within(p, 0, left, right) & _within(p, 1, front, back),
        ),
        (2, np.array([1.0, 0, 0, -left]), lambda p: _within(p, 1, front, back) & _within(p, 2, 0, height)),
    ]
    for name, plane, inside in faces:
        way = -(eye @ plane[:3] + plane[3]) / (rays @ plane[:3])
        hit = (way > 0) & (way < reach) & inside(eye + rays * way[..., None])
        reach, kind = np.where(hit, way, reach), np.where(hit, name, kind)
    return eye + rays * reach[..., None], kind, reach


def _within(points: Any, axis: int, low: float, high: float) -> Any:
    return (points[..., axis] >= low) & (points[..., axis] <= high)


def drawn(**changes: Any) -> Plate:
    """A plate all of whose key light falls everywhere; ``changes`` replace its fields."""
    optics = camera()
    points, kind, _ = _seen(optics)
    inverse = 1 / (points @ optics.projection[2, :3] + optics.projection[2, 3])
    quarter = (slice(None, None, 4), slice(None, None, 4))
    near, far = float(inverse.min()), float(inverse.max())
    layer = np.where(kind == 2, (inverse - near) / (far - near) * (LEVELS - 1) + 1.5, 0)[quarter]
    half = (slice(None, None, 2), slice(None, None, 2))
    plate = Plate(
        optics=optics,
        key=SUN,
        base=np.zeros(3),
        receivers=(FLOOR, WALL),
        lobes=(Lobe(1.0, 0.4),),
        exposure=0.0,
        product_height=1.9,
        product_width=2.2,
        crop=(0.0, 0.0, 1.0, 1.0),
        headline=(0.1, 0.05, 0.8, 0.2),
        mirrored=True,
        recolor=False,
        picture=np.full((SIDE, SIDE, 3), 170, np.uint8),
        key_share=np.full((SIDE // 2, SIDE // 2, 3), 128, np.uint8),
        gloss_share=np.full((SIDE // 2, SIDE // 2, 3), 60, np.uint8),
        gloss_albedo=np.full((SIDE // 4, SIDE // 4), 60, np.uint8),
        masks=tuple(((kind == name)[half] * 255).astype(np.uint8) for name in (0, 1)),
        environment=np.full((64, 128, 3), 0.5, np.float32),
        depth=Depth(layer.astype(np.uint16), near, far, LEVELS),
        front=None,
    )
    return replace(plate, **changes)

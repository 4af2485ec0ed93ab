"""From how a product's silhouette stands, how its photo was taken: the camera's height, and flat or upright.

A round foot (cup, bottle, plate, bowl) seen from elevation ``e`` ends in an ellipse whose axes have the ratio
``sin e``, so the lower outline tells the elevation; a straight lower edge tells a camera at table height. With
the elevation known, the silhouette's height gives the product's own: ``h = w sin e + H cos e``.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.errors import ProductNotFound
from generation.types import Camera, Picture

SOLID = 128
"""Alpha from which a pixel counts as product."""
FOOT_BAND = 0.45
"""The foot is looked for in this share of the silhouette's width above its lowest point."""
USED_OUTLINE = 0.88
"""Share of the foot's half width whose outline is fitted; beyond it the ellipse turns too steep to measure."""
OUTLIERS = 0.2
"""Share of the outline (handles, spoons, crumbs) left out of the second fit."""
ANGLE_FROM, TOP_FROM = 25.0, 66.0
"""Degrees above the table from which a photo suits the angle camera, and the top camera."""
FLAT = 0.6
"""A product lower than this share of its width lies; higher, it stands."""
ROUGH_FIT = 0.09
"""Deviation from an ellipse, as a share of the foot's half width, at which the reading is worth nothing."""
HIGHEST_RISE = 0.2
"""No outline touches the ground higher than this share of the width above its lowest point."""
BALL, BALL_RISE = 0.55, 0.02
"""A disc shaded as a ball is a ball, which stands, and touches the ground up to that share of its width."""
DISC_ASPECT, DISC_FILL = 1.12, 0.95
"""A disc is no wider than high (nor higher than wide) by more than this, and fills this much of its ellipse."""
HOLLOW = 0.3
"""An outline with a hole of more than this share of it is a hoop (a ring, a bracelet): it stands on its edge, for
what would be seen through it lying down nobody photographs."""
HOOP_REACH = 0.55
"""A hoop is jewellery: it takes this share of the size that others may."""
CARD_FILL, CARD_ASPECT = 0.93, 1.7
"""An outline that fills this much of its tightest rectangle, no longer than wide by more than that, is a card's: a
pouch, a notebook, a box seen from the front."""
TILT, TILTED_FILL = 10.0, 0.9
"""Something that fills this much of a rectangle tilted by more than these degrees stands on a corner, as nothing
does: it lay there when it was photographed from above."""
WIDE = 1.15
"""Without a readable foot: wider than high by this much is taken for something seen at an angle."""


@dataclass(frozen=True, slots=True)
class Pose:
    """``camera`` is never ``auto``. ``lying`` products cast their shadow from horizontal slices, others from
    upright ones. ``foot_rise`` is how far above its lowest point the outline still touches the ground, as a
    share of the silhouette's width: a round foot's far ends, a box's far corner. ``card``: flat enough to be laid
    down as it was photographed; ``reach``: how much of the largest size it takes."""

    camera: Camera
    lying: bool
    foot_rise: float
    confidence: float
    card: bool = False
    reach: float = 1.0


@dataclass(frozen=True, slots=True)
class _Foot:
    """The ellipse a silhouette ends in, in pixels; ``tilt`` is the rise of its axis over the half width,
    ``deviation`` the outline's root mean square distance from it."""

    half_width: float
    depth: float
    tilt: float
    deviation: float


def judge_pose(alpha: Picture, roundness: float = 0.0) -> Pose:
    """Read the pose off a cut-out's alpha, ``uint8``, ``(height, width)``; ``roundness`` is how well a ball's form
    explains its brightness. Raises ``ProductNotFound``."""
    solid = alpha >= SOLID
    if not solid.any():
        raise ProductNotFound("the cut-out is empty")
    rows, columns = np.flatnonzero(solid.any(axis=1)), np.flatnonzero(solid.any(axis=0))
    silhouette = solid[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    height, width = silhouette.shape
    if _hole(silhouette) > HOLLOW:
        return Pose(Camera.EYE, False, BALL_RISE, 1.0, reach=HOOP_REACH)
    if _is_tilted(silhouette):
        return Pose(Camera.TOP, True, 0.0, 1.0, card=True)
    foot = _fit_foot(silhouette)
    confidence = float(np.clip(1 - foot.deviation / (ROUGH_FIT * foot.half_width), 0, 1))
    if confidence == 0.0:
        wide = width > WIDE * height
        return Pose(Camera.ANGLE if wide else Camera.EYE, wide, 0.0, confidence)
    ratio = min(foot.depth / foot.half_width, 1.0)
    elevation = float(np.degrees(np.arcsin(ratio)))
    own_height = _own_height(height, width, foot.half_width, ratio)
    camera = _camera_for(elevation, own_height)
    if camera is Camera.TOP and roundness > BALL and _is_disc(silhouette):
        return Pose(Camera.EYE, False, BALL_RISE, confidence * roundness)
    lying = camera is not Camera.EYE and own_height < FLAT
    rise = 0.0 if lying else min((foot.depth + abs(foot.tilt)) / width, HIGHEST_RISE)
    return Pose(camera, lying, rise, confidence, camera is Camera.EYE and _is_card(silhouette))


def _is_disc(silhouette: NDArray[np.bool_]) -> bool:
    """Whether the outline is a circle, as a ball's is and a pie's is not."""
    height, width = silhouette.shape
    round_ = max(height, width) <= DISC_ASPECT * min(height, width)
    return round_ and float(silhouette.mean()) >= DISC_FILL * np.pi / 4


def _is_card(silhouette: NDArray[np.bool_]) -> bool:
    """Whether the outline is a rectangle, upright or tilted, and none too long."""
    _, sides, _ = cv2.minAreaRect(np.argwhere(silhouette).astype(np.float32))
    short, long_ = min(sides), max(sides)
    return long_ <= CARD_ASPECT * short and float(silhouette.sum()) >= CARD_FILL * short * long_


def _is_tilted(silhouette: NDArray[np.bool_]) -> bool:
    """Whether the outline is a rectangle that stands on a corner."""
    _, sides, angle = cv2.minAreaRect(np.argwhere(silhouette).astype(np.float32))
    askew = min(abs(angle), abs(90 - abs(angle)))
    return askew > TILT and float(silhouette.sum()) >= TILTED_FILL * sides[0] * sides[1]


def _hole(silhouette: NDArray[np.bool_]) -> float:
    """The share of the outline's area that is a hole."""
    around = np.pad(silhouette, 1).astype(np.uint8)
    outside = around.copy()
    cv2.floodFill(outside, None, (0, 0), 1)
    filled = around | (outside == 0)
    return 1 - float(around.sum()) / float(filled.sum())


def _camera_for(elevation: float, own_height: float) -> Camera:
    """Something tall with a round belly is not seen from above, however round its lower end."""
    if elevation < ANGLE_FROM or own_height > 2 * FLAT:
        return Camera.EYE
    return Camera.TOP if elevation >= TOP_FROM and own_height < FLAT else Camera.ANGLE


def _own_height(height: int, width: int, half_width: float, ratio: float) -> float:
    """The product's height as a share of its width, its foreshortening undone."""
    upright = float(np.sqrt(max(1 - ratio * ratio, 0.05)))
    return (height - 2 * half_width * ratio) / upright / width


def _fit_foot(silhouette: NDArray[np.bool_]) -> _Foot:
    """Fit a tilted half ellipse to the outline of the lower part."""
    height, width = silhouette.shape
    band = silhouette[max(0, height - max(3, round(FOOT_BAND * width))) :]
    columns = np.flatnonzero(band.any(axis=0))
    lowest = height - 1 - np.argmax(silhouette[::-1, columns], axis=0)
    centre = (columns[0] + columns[-1]) / 2
    half_width = max((columns[-1] - columns[0] + 1) / 2, 1.0)
    across = (columns - centre) / half_width
    used = np.abs(across) <= USED_OUTLINE
    across, edge = across[used], lowest[used].astype(float)
    terms = np.stack([np.ones_like(across), across, 1 - np.sqrt(1 - across * across)], axis=1)
    kept = np.ones(len(edge), bool)
    for _ in range(2):
        solution = np.linalg.lstsq(terms[kept], edge[kept], rcond=None)[0]
        miss = np.abs(terms @ solution - edge)
        kept = miss <= np.quantile(miss, 1 - OUTLIERS)
    deviation = float(np.sqrt(np.mean(miss[kept] ** 2)))
    return _Foot(float(half_width), float(max(-solution[2], 0.0)), float(solution[1]), deviation)

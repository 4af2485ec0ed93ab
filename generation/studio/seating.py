"""Seating a product in a plate: its shadow, contact, bounce and mirror image, then the product itself, unchanged.

Differential rendering (Debevec 1998): the picture stays the plate's, minus what the product keeps away from it,
plus what it gives back: ``full - key S - diffuse (1 - A) - gloss R_alpha + albedo R_rgb``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.studio import occlusion, surroundings
from generation.studio.finish import as_bytes, finished, lay_front
from generation.studio.irradiance import Irradiance, irradiance
from generation.studio.occlusion import Raster, Receiver
from generation.studio.optics import Vector
from generation.studio.plate import Stage
from generation.studio.product import Pasted, paste_over
from generation.studio.proxy import Proxy, contact
from generation.studio.secondhand import missing
from generation.studio.shade import blocker, lost, plane_points
from generation.studio.surroundings import Surroundings
from generation.types import Box, Coverage, Linear, Picture, Size

AREA_SAMPLES, AREA_SCALE = 3, 0.5
"""A rectangular key light takes this many times the samples of a sun, at that much of the scale."""
SHARP, SHARP_SCALE = 0.16, 2.0
"""A smoother lobe than this mirrors at that many times the usual scale."""
LEAST_LOBE = 0.04
EDGE_DARK, EDGE_LIGHT = 0.4, 0.7
"""Where the ground in front mirrors less light than at the foot, by these shares, something nearer than the product
(a podium's side) is what it mirrors: the product's image ends there."""
MIRROR_BLUR = 3.0
"""Pixels over which mirrored light is averaged before it is judged."""
LEAST_MASK = 26
"""A receiving plane not seen stronger than this (of 255) in the frame gets no shadow."""
SEAM = 25
"""Pixels over which the finer ambient light near the product gives way to the coarse one."""
SHADOW_PAD = 24
CREVICE_FADE = 0.015
"""The dark line at the foot fades where the outline leaves the ground by this share of the product's height."""
CREVICE_BASE = 0.8
"""The dark line is no wider than under something this many times as wide as the product is high."""
CREVICE_REACH = 4
"""Widths of a line within which it is drawn."""
RIM_SHARE, RIM_FADE = 0.12, 0.2
"""Under something lying, the line is full up to this share of its height and fades over that one."""

Tell = Callable[[str], None]
"""Called with a sub-step's name when it begins."""


@dataclass(frozen=True, slots=True)
class Quality:
    """How closely light is sampled. Scales are receiving pixels per frame pixel."""

    slice_side: int
    key_samples: int
    key_scale: float
    far_scale: float
    near_scale: float
    near_cells: tuple[int, int]
    near_step: int
    far_step: int
    mirror_scale: float
    mirror_samples: int
    point_step: int


FINAL = Quality(224, 18, 1 / 2, 1 / 10, 1 / 4, (20, 6), 2, 4, 1 / 4, 28, 2)
DRAFT = Quality(96, 4, 1 / 4, 1 / 10, 1 / 4, (8, 3), 2, 6, 1 / 5, 5, 2)


def bare(stage: Stage, seed: int, words: Box | None = None) -> Picture:
    """The plate alone, tone mapped; what stands in front keeps clear of ``words``, the headline's room."""
    light = stage.full.copy()
    lay_front(stage, light, None, words)
    return as_bytes(finished(stage, light, seed))


def seat(
    stage: Stage,
    proxy: Proxy,
    product: Pasted,
    seed: int,
    quality: Quality,
    tell: Tell,
    words: Box | None = None,
) -> Picture:
    """Light the stage with the product in it and paste the product; RGB at the stage's size."""
    light = relit(stage, proxy, product, quality, tell)
    lay_front(stage, light, product, words)
    return paste_over(finished(stage, light, seed), product)


def relit(stage: Stage, proxy: Proxy, product: Pasted, quality: Quality, tell: Tell) -> Linear:
    """The stage's light with the product in it, but without the product itself."""
    tell("shadow")
    there = surroundings.surroundings(stage.plate, stage.crop)
    given_back = irradiance(stage)
    shadow = _key_shadow(stage, proxy, there, quality)
    tell("bounce")
    kept = _ambient(stage, proxy, there, given_back, quality)
    tell("reflection")
    part, mirrored = _reflection(stage, proxy, given_back, quality)
    tell("finish")
    diffuse = stage.full - stage.key - stage.gloss
    change = -stage.key * shadow[..., None] - diffuse * (1 - kept)
    covered = product.layer(stage.size)[..., 3] * np.float32(1 / 255)
    change += diffuse * missing(stage, there, change, covered, given_back)
    light = stage.full + change
    rows, columns = slice(part.y, part.bottom), slice(part.x, part.right)
    mirrored *= (stage.masks[0][rows, columns] * _still_mirrored(stage, proxy.place.box, part))[..., None]
    light[rows, columns] -= stage.gloss[rows, columns] * mirrored[..., 3:]
    light[rows, columns] += stage.gloss_albedo[rows, columns, None] * mirrored[..., :3]
    light *= _crevice(proxy, product, stage.size)[..., None]
    return np.maximum(light, 0, out=light)


@dataclass(frozen=True, slots=True)
class _Line:
    """A dark line under a product: half its height as a share of the product's width, the light it loses."""

    width: float
    depth: float


UNDER_FOOT = (_Line(0.009, 0.8), _Line(0.018, 0.35))
UNDER_SOLE = (*UNDER_FOOT, _Line(0.06, 0.3))
SOLE = 1.8
"""Something wider than high by this much rests on a sole, whose underside hides the light from further off."""
UNDER_RIM = (_Line(0.01, 0.45), _Line(0.035, 0.25))


def _crevice(proxy: Proxy, product: Pasted, size: Size) -> Coverage:
    """Light left in the narrow gap under the rounded edge on which a product rests, frame size.

    The slices are too coarse for it: it follows the cut-out's own outline, as far as that touches the ground.
    """
    box = product.box
    columns, outline, nearness = _touching_outline(proxy, product)
    left = np.ones((size.height, size.width), np.float32)
    standing = UNDER_SOLE if box.width > SOLE * box.height else UNDER_FOOT
    for line in UNDER_RIM if proxy.place.lying else standing:
        width = max(line.width * min(box.width, CREVICE_BASE * box.height), 1.0)
        reach = CREVICE_REACH * width + 1
        top, bottom = box.y + int(outline.min()) - reach, box.y + int(outline.max()) + reach
        part = _clipped(box.x - reach, top, box.right + reach, bottom, size)
        band = np.zeros((part.height, part.width), np.float32)
        for offset in range(-round(width), round(width) + 1):
            rows = np.clip(box.y + outline + offset - part.y, 0, part.height - 1)
            band[rows, box.x + columns - part.x] = nearness
        blurred = np.asarray(cv2.GaussianBlur(band, (0, 0), width), np.float32)
        left[part.y : part.bottom, part.x : part.right] *= 1 - np.float32(line.depth) * blurred
    return left


def _touching_outline(
    proxy: Proxy, product: Pasted
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """The lower outline: columns, rows, and 1 where it touches the ground, less where it leaves it."""
    box, lying = product.box, proxy.place.lying
    solid = product.picture[..., 3] > 127
    columns = np.flatnonzero(solid.any(axis=0))
    outline = box.height - 1 - np.argmax(solid[::-1, columns], axis=0)
    rise = outline.max() - outline
    if lying:
        gap = np.maximum(rise - RIM_SHARE * box.height, 0) / (RIM_FADE * box.height)
    else:
        _, ground = contact(solid.astype(np.float32), proxy.place.rise)
        gap = np.maximum(rise - ground[columns], 0) / (CREVICE_FADE * box.height)
    return columns, outline, np.exp(-(gap**2))


def _key_shadow(stage: Stage, proxy: Proxy, there: Surroundings | None, quality: Quality) -> Coverage:
    """The product's shadow on every surface of the scene, frame size."""
    size, key = stage.size, stage.plate.key
    area = key.place is not None
    lights = occlusion.key_samples(key, quality.key_samples * (AREA_SAMPLES if area else 1))
    scale = quality.key_scale * (AREA_SCALE if area else 1)
    shadow = np.zeros((size.height, size.width), np.float32)
    for plane, mask in zip(stage.plate.receivers, stage.masks, strict=True):
        part = occlusion.shadow_part(plane, proxy, stage.optics, lights, size, SHADOW_PAD)
        if part is None:
            continue
        receiving = mask[part.y : part.bottom, part.x : part.right]
        if receiving.max() * 255 < LEAST_MASK:
            continue
        raster = Raster(part, scale)
        cast = occlusion.key_shadow(Receiver(raster, plane, stage.optics), proxy, lights, 1)
        target = shadow[part.y : part.bottom, part.x : part.right]
        np.maximum(target, raster.enlarged(cast) * receiving, out=target)
    if there is not None:
        cast = surroundings.key_shadow(there, proxy, lights[:: quality.point_step], quality.near_step, size)
        cast *= 1 - stage.covered
        shadow += cast
    return shadow


def _ambient(
    stage: Stage, proxy: Proxy, there: Surroundings | None, light: Irradiance, quality: Quality
) -> Linear:
    """The share of ambient light kept, frame size: coarse on every surface, finer and coloured near the foot."""
    size, panorama = stage.size, stage.plate.environment
    far = Raster(Box(0, 0, size.width, size.height), quality.far_scale)
    product = blocker(proxy)
    kept = np.ones((size.height, size.width, 3), np.float32)
    for index, (plane, mask) in enumerate(zip(stage.plate.receivers, stage.masks, strict=True)):
        if mask.max() * 255 < LEAST_MASK:
            continue
        points = plane_points(Receiver(far, plane, stage.optics).points, far.height, far.width)
        normals = np.broadcast_to(_outwards(plane, stage).astype(np.float32), points.shape)
        shade = lost(points, normals, product, panorama, light).reshape(far.height, far.width, 3)
        seen = 1 - far.enlarged(shade)
        if index == 0:
            _refine(seen, stage, proxy, light, quality)
        seen -= 1
        seen *= mask[..., None]
        kept += seen
    if there is not None:
        seen = surroundings.ambient(there, product, panorama, light, size)
        seen -= 1
        seen *= (1 - stage.covered)[..., None]
        kept += seen
    return kept


def _outwards(plane: Vector, stage: Stage) -> Vector:
    """The plane's normal on the camera's side."""
    normal = plane[:3] / np.linalg.norm(plane[:3])
    return np.asarray(normal * np.sign(plane @ stage.optics.eye))


def _refine(kept: Linear, stage: Stage, proxy: Proxy, light: Irradiance, quality: Quality) -> None:
    """Put the finer, coloured ambient light of the product's own plane into the coarse one, around the foot."""
    part = _around_foot(proxy, stage.size)
    near = Raster(part, quality.near_scale)
    ground = stage.plate.receivers[0]
    cells = list(occlusion.sky_cells(stage.plate.environment, _outwards(ground, stage), *quality.near_cells))
    receiver = Receiver(near, ground, stage.optics)
    fine = near.enlarged(occlusion.ambient(receiver, proxy, cells, light, quality.near_step))
    target = kept[part.y : part.bottom, part.x : part.right]
    target += (fine - target) * _faded(part, stage.size)[..., None]


def _around_foot(proxy: Proxy, size: Size) -> Box:
    """The part of the frame where contact and bounce are seen."""
    box = proxy.place.box
    above = box.height * 1.05 if proxy.place.lying else box.height * 0.3
    return _clipped(
        box.x - box.width / 5,
        box.bottom - above,
        box.right + box.width / 5,
        box.bottom + box.height * 0.15 + 8,
        size,
    )


def _clipped(left: float, top: float, right: float, bottom: float, size: Size) -> Box:
    x, y = max(0, int(left)), max(0, int(top))
    return Box(x, y, max(min(size.width, int(right)) - x, 1), max(min(size.height, int(bottom)) - y, 1))


def _faded(part: Box, size: Size) -> Coverage:
    """1 inside a part, falling to 0 at those of its edges that are not the frame's."""
    seam = min(SEAM, part.width // 4, part.height // 4)
    across, down = np.ones(part.width, np.float32), np.ones(part.height, np.float32)
    ramp = np.linspace(0, 1, seam, dtype=np.float32)
    for line, touches_start, touches_end in (
        (across, part.x == 0, part.right == size.width),
        (down, part.y == 0, part.bottom == size.height),
    ):
        if seam and not touches_start:
            line[:seam] = ramp
        if seam and not touches_end:
            line[-seam:] = ramp[::-1]
    return np.asarray(down[:, None] * across[None], np.float32)


def _still_mirrored(stage: Stage, box: Box, part: Box) -> Coverage:
    """1 where the ground can mirror the product, 0 where it mirrors an edge in front of it; the size of ``part``."""
    rows, columns = slice(part.y, part.bottom), slice(part.x, part.right)
    left = np.ones((part.height, part.width), np.float32)
    foot = box.bottom - part.y
    if not 0 < foot < part.height:
        return left
    gloss = cv2.GaussianBlur(stage.gloss[rows, columns].mean(axis=2), (0, 0), MIRROR_BLUR)
    albedo = cv2.GaussianBlur(stage.gloss_albedo[rows, columns], (0, 0), MIRROR_BLUR)
    mirrored = gloss / np.maximum(albedo, 1e-3)
    under = mirrored[foot : foot + max(2, box.height // 24), max(0, box.x - part.x) : box.right - part.x]
    share = mirrored[foot:] / max(float(np.median(under)), 1e-4)
    seen = np.clip((share - EDGE_DARK) / (EDGE_LIGHT - EDGE_DARK), 0, 1)
    left[foot:] = np.minimum.accumulate(seen, axis=0)  # nothing of it is seen beyond an edge
    return left


def _reflection(
    stage: Stage, proxy: Proxy, light: Irradiance, quality: Quality
) -> tuple[Box, NDArray[np.float32]]:
    """The mirror image in the plane the product stands on, and the part of the frame it covers."""
    box = proxy.place.box
    part = _clipped(
        box.x - box.width / 4,
        box.y + box.height / 3,
        box.right + box.width / 4,
        box.y + box.height * 2,
        stage.size,
    )
    total = np.zeros((part.height, part.width, 4), np.float32)
    for lobe in stage.plate.lobes:
        if lobe.share < LEAST_LOBE:
            continue
        sharp = SHARP_SCALE if lobe.roughness < SHARP else 1.0
        raster = Raster(part, quality.mirror_scale * sharp)
        receiver = Receiver(raster, stage.plate.receivers[0], stage.optics)
        image = occlusion.reflection(
            receiver, proxy, lobe.roughness, quality.mirror_samples, quality.far_step
        )
        total += raster.enlarged(image) * np.float32(lobe.share)
    total[..., :3] *= light.on(-stage.optics.away(proxy.place.foot))
    return part, total

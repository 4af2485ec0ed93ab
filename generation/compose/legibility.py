"""Can the headline be read? Contrast along its edges as a phone shows it, and what helps where it lacks.

Remedies go from hardly visible to plain: a soft scrim in the scene's own hue, a tight halo in the shade or the
light of the place, a crisp outline for flat lettering. The mildest that suffices is taken; never a box.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.compose.layers import LUMA, Floats3, Lettering, luminance, soften
from generation.types import Coverage

VIEW_WIDTH_PX: Final = 320
"""How wide a feed shows the picture on a small phone."""
WANTED_CONTRAST: Final = 2.6
"""WCAG asks 3:1 for large type of one flat colour; shaded lettering has darker and lighter sides of its own,
and a shadow that outlines it, so most of the edge at 2.6 reads as well."""
WEAK_PART: Final = 35.0
"""Percentile of the edge that must reach the contrast: a highlight may touch a light spot here and there."""
STRONG_PART: Final = 60.0
"""The same of an edge of which most reads: relief has a shaded side."""
FLARE: Final = 0.05
"""Light that a screen reflects, in the contrast formula of WCAG 2.2."""
COLOR_WORTH: Final = 1 / 40
"""Contrast that a step of colour (CIE Lab a and b) adds: red on beige reads at equal luminance."""
COLOR_SEEN_PX, COLOR_LEAST = 40.0, 0.4
"""Letters of that height at viewing size show all of their colour, lower ones less, down to this share: the eye
resolves hue a good deal coarser than light (Mullen 1985)."""
BUSY_COST: Final = 7.0
"""Contrast wanted on top, per unit of busyness."""
BUSY_SIGMA_PX: Final = 6.0
"""Coarser than this, at viewing size, a pattern does not compete with strokes."""
OTHER_WAY: Final = 1.35
NEARLY, PLAIN_OUTLINE = 2.3, 0.5
"""A pale outline stronger than the second looks cut out with scissors: shade that reaches the first is better."""
HALO_SIGMA: Final = 0.034
"""Of the letter height: softness of a halo."""
OUTLINE_WIDTH, OUTLINE_SOFTNESS = (0.016, 0.05), 0.016
"""Of the letter height: an outline's width at its weakest and at its strongest, and over how much it fades."""
RIM_STRENGTH, RIM_WIDTH, RIM_SOFTNESS = (0.0, 0.95, 1.0), (0.012, 0.03, 0.05), 0.02
"""The same of a dark one around light lettering, at these strengths: wide it looks like a cartoon's, so it is that only
where a fine one does not do."""
BORDER_WIDTH: Final = 0.03
"""Of the letter height: what is so near to the outer edge belongs to a border, where there is one."""
BORDER_LIGHT: Final = 0.12
"""Luminance of a border; what is darker is the shaded side of relief."""
EVEN: Final = 0.15
"""Luminance within which a border counts as of one tone."""
BORDER_LEAST, LETTERS_LEAST = 0.8, 0.15
"""So much of the outer edge is of the border's tone, and of the whole so much of another."""
FLAT_DEVIATION: Final = 0.05
DEEP_VALUE: Final = 0.14
"""Brightest channel (sRGB) of what a darkening goes towards."""
RIM_VALUE, HUED = 0.3, 0.3
"""The same for the rim of coloured lettering; and the saturation (HSV) from which lettering counts as that."""
PALE_TINT: Final = 0.35
"""How much of the ground's own hue a lightening keeps."""
SCRIM_REACH: Final = 0.55
"""How far a scrim reaches beyond the lettering, in letter heights (sigma)."""


def edge_contrast(
    seen: Floats3, solid: Coverage, letter_px: float = COLOR_SEEN_PX, part: float = WEAK_PART
) -> float:
    """Contrast of the lettering against what lies beside it, at the weak part of its edges: that of WCAG 2.2,
    and what a difference in colour adds.

    ``seen`` is the finished picture (sRGB 0..1) at viewing size, ``solid`` the lettering's coverage,
    ``letter_px`` its height there, ``part`` the percentile of the edge that is told. Where nothing of it shows,
    ``inf``.
    """
    worth = COLOR_WORTH * float(np.clip(letter_px / COLOR_SEEN_PX, COLOR_LEAST, 1.0))
    inside = (solid > 0.5).astype(np.float32)
    near = (cv2.dilate(inside, np.ones((5, 5), np.uint8)) * (solid < 0.2)).astype(np.float32)
    light = luminance(seen)
    within, beside = _local_mean(light, inside), _local_mean(light, near)
    edge = (near > 0) & (cv2.GaussianBlur(inside, (0, 0), 1.5) > 0.05)
    if not edge.any():
        return float("inf")
    lab = cv2.cvtColor(np.clip(seen, 0.0, 1.0).astype(np.float32), cv2.COLOR_RGB2LAB).astype(np.float32)
    apart = [_local_mean(lab[..., c], inside) - _local_mean(lab[..., c], near) for c in (1, 2)]
    color = np.hypot(apart[0], apart[1])[edge] * worth
    lighter, darker = np.maximum(within, beside)[edge], np.minimum(within, beside)[edge]
    return float(np.percentile((lighter + FLARE) / (darker + FLARE) + color, part))


def rim_contrast(color: Floats3, solid: Coverage, letter_px: float) -> float:
    """Contrast (WCAG 2.2) that the lettering brings along: of a sticker's letters against the border around them.
    1 where it has no border that runs all along."""
    inside = (solid > 0.5).astype(np.uint8)
    depth = cv2.distanceTransform(inside, cv2.DIST_L2, 5)
    border = ((depth > 0.5) & (depth <= max(BORDER_WIDTH * letter_px, 1.5))).astype(np.float32)
    light = luminance(color)
    tone = float(np.median(light[border > 0])) if border.any() else 0.0
    if tone < BORDER_LIGHT:
        return 1.0
    own = (inside > 0) & (np.abs(light - tone) < EVEN)
    if float(own[border > 0].mean()) < BORDER_LEAST:
        return 1.0
    letters = light[(inside > 0) & ~own]
    if letters.size < LETTERS_LEAST * float(inside.sum()):
        return 1.0
    other = float(np.median(letters))
    return (max(tone, other) + FLARE) / (min(tone, other) + FLARE)


@dataclass(frozen=True, slots=True)
class Remedy:
    """``scrim``: strength of a wide cloud; ``halo``: of a tight one along the letters; ``outline``: of a crisp
    one; all 0..1. ``darkens``: with shade, for light lettering; else with a pale tone of the ground's hue."""

    scrim: float = 0.0
    halo: float = 0.0
    outline: float = 0.0
    darkens: bool = True


NO_REMEDY: Final = Remedy()
SHADE_LADDER: Final = (
    NO_REMEDY, Remedy(0.1), Remedy(0.2), Remedy(0.15, 0.3), Remedy(0.2, 0.45),
    Remedy(0.25, 0.6), Remedy(0.3, 0.75), Remedy(0.36, 0.9), Remedy(0.36, 0.8, 0.7),
    Remedy(0.4, 0.9, 0.95), Remedy(0.4, 0.9, 1.0),
)  # fmt: skip
RIM_LADDER: Final = (
    NO_REMEDY, Remedy(0.05), Remedy(0.05, 0.2), Remedy(0.05, 0.35, 0.15), Remedy(0.06, 0.5, 0.3),
    Remedy(0.07, 0.6, 0.5), Remedy(0.08, 0.7, 0.7), Remedy(0.1, 0.8, 0.85),
    Remedy(0.12, 1.0, 0.95), Remedy(0.12, 1.0, 1.0), Remedy(0.15, 1.0, 1.0),
)  # fmt: skip
"""Light lettering on pale ground: a cloud of shade there looks like dirt, a rim like the letters' own depth."""
PALE_LADDER: Final = (
    Remedy(darkens=False), Remedy(0.08, darkens=False), Remedy(0.15, darkens=False),
    Remedy(0.18, 0.2, darkens=False), Remedy(0.22, 0.35, darkens=False), Remedy(0.24, 0.5, 0.15, darkens=False),
    Remedy(0.26, 0.6, 0.35, darkens=False), Remedy(0.28, 0.65, 0.6, darkens=False),
    Remedy(0.3, 0.7, 0.8, darkens=False), Remedy(0.34, 0.8, 1.0, darkens=False),
)  # fmt: skip
OUTLINE_LADDER: Final = (
    Remedy(darkens=False), Remedy(0.08, darkens=False), Remedy(0.15, darkens=False),
    Remedy(0.15, 0.2, 0.6, darkens=False), Remedy(0.15, 0.25, 0.75, darkens=False),
    Remedy(0.2, 0.35, 1.0, darkens=False), Remedy(0.2, 0.6, 1.0, darkens=False), Remedy(0.3, 0.9, 1.0, darkens=False),
)  # fmt: skip
"""Dark flat lettering: a pale cloud around it looks like fog, an outline like a sign."""
PALE_SEEN: Final = 4.5
"""A pale rim is so much plainer than a dark one, per unit of luminance that the ground lacks to white."""
PALE_GROUND: Final = 0.3
"""Mean luminance (linear) around the lettering from which ground counts as pale."""
RESTLESS: Final = 0.1
"""Busyness from which a thin rim would be lost in the ground's own pattern."""


def remedy_for(shaded: Floats3, lettering: Lettering, shape: Coverage, frame_width: int) -> Remedy:
    """The mildest remedy with which the headline reads, or the one with which it reads best.

    ``shaded`` is the ground with the headline's shadow on it, ``shape`` where a scrim may lie (0..1).
    """
    ratio = min(1.0, VIEW_WIDTH_PX / frame_width)
    ground, color, alpha, solid, small_shape = (
        _as_seen(values, ratio)
        for values in (shaded, lettering.color, lettering.alpha, lettering.solid, shape)
    )
    small = Lettering(color, alpha, solid, lettering.letter_px * ratio, lettering.shadowed)
    if rim_contrast(color, solid, small.letter_px) >= WANTED_CONTRAST:
        return NO_REMEDY
    restless = busyness(ground, solid)
    wanted = WANTED_CONTRAST + BUSY_COST * restless
    pale = OUTLINE_LADDER if _is_flat(small) else PALE_LADDER
    own, others = _own_and_beside(ground, color, solid)
    pale_ground = others > PALE_GROUND and restless < RESTLESS
    shade = RIM_LADDER if pale_ground else SHADE_LADDER
    # Where they are alike, dark ground suits the lettering.
    lighter = own + FLARE >= 0.75 * (others + FLARE)
    tried = shade + pale if lighter else pale + shade
    if pale_ground and not _is_flat(small):
        tried = tuple(sorted(tried, key=lambda remedy: _plainness(remedy, others)))
    if lighter and _apart(own, others) >= WANTED_CONTRAST and _merely_rounded(ground, small):
        tried = shade
    prefers_shade = tried[0].darkens or (pale_ground and not _is_flat(small))
    return _mildest(
        tried, wanted, prefers_shade, lambda remedy: _contrast_with(remedy, ground, small, small_shape)
    )


def _merely_rounded(ground: Floats3, lettering: Lettering) -> bool:
    """Whether most of the edge stands off as it is: the rest is the shaded side of relief, and a pale outline would
    only hide its form."""
    seen = _seen_with(NO_REMEDY, ground, lettering, np.zeros_like(lettering.solid))
    return edge_contrast(seen, lettering.solid, lettering.letter_px, STRONG_PART) >= NEARLY


def _apart(one: float, other: float) -> float:
    """Contrast (WCAG 2.2) of two luminances."""
    return (max(one, other) + FLARE) / (min(one, other) + FLARE)


def _mildest(
    tried: tuple[Remedy, ...], wanted: float, prefers_shade: bool, contrast: Callable[[Remedy], float]
) -> Remedy:
    """The first remedy that suffices; but shade that nearly does rather than a plain white outline. Where none does,
    the best of the preferred kind, or of the other kind where that is clearly better."""
    best: dict[bool, tuple[float, Remedy]] = {}
    for remedy in tried:
        reached = contrast(remedy)
        if reached >= wanted:
            shade = best.get(True, (0.0, remedy))
            plain = not remedy.darkens and remedy.outline > PLAIN_OUTLINE
            return shade[1] if plain and shade[0] >= NEARLY else remedy
        if reached > best.get(remedy.darkens, (0.0, remedy))[0]:
            best[remedy.darkens] = reached, remedy
    preferred = best.get(prefers_shade, (0.0, tried[0]))
    other = best.get(not prefers_shade, preferred)
    return other[1] if other[0] > OTHER_WAY * preferred[0] else preferred[1]


def _plainness(remedy: Remedy, ground_light: float) -> float:
    """How much a remedy is seen as one on ground of that luminance: a pale rim on less than white looks cut out."""
    tight = remedy.halo + remedy.outline
    return remedy.scrim + tight * (1.0 if remedy.darkens else PALE_SEEN * (1.0 - ground_light))


def _contrast_with(remedy: Remedy, ground: Floats3, lettering: Lettering, shape: Coverage) -> float:
    """Of the lettering against its rim, or of both together against the ground: one of them shows the letters."""
    seen = _seen_with(remedy, ground, lettering, shape)
    reached = edge_contrast(seen, lettering.solid, lettering.letter_px)
    if remedy.darkens and remedy.outline > 0:
        rimmed = grown(lettering.solid, _outline_radius(remedy, lettering), 1.0)
        reached = max(reached, edge_contrast(seen, rimmed, lettering.letter_px))
    return reached


def _outline_radius(remedy: Remedy, lettering: Lettering) -> float:
    strengths, widths = (RIM_STRENGTH, RIM_WIDTH) if remedy.darkens else ((0.0, 1.0), OUTLINE_WIDTH)
    return float(np.interp(remedy.outline, strengths, widths)) * lettering.letter_px


def _seen_with(remedy: Remedy, ground: Floats3, lettering: Lettering, shape: Coverage) -> Floats3:
    under = apply_remedy(ground, lettering, shape, remedy)
    own = without_shadow(lettering, remedy)
    return np.asarray(under * (1.0 - own.alpha)[..., None] + own.color, np.float32)


def apply_remedy(ground: Floats3, lettering: Lettering, shape: Coverage, remedy: Remedy) -> Floats3:
    """The ground (sRGB 0..1) with the remedy on it."""
    far, near = pale_aim(ground), pale_aim(ground)
    if remedy.darkens:
        far, near = deep_aim(ground), rim_aim(ground, lettering)
    out = ground + (far - ground) * (remedy.scrim * shape)[..., None]
    for strength, cover in _tight_covers(lettering, remedy):
        out = out + (near - out) * (strength * cover)[..., None]
    return np.asarray(out, np.float32)


def _tight_covers(lettering: Lettering, remedy: Remedy) -> list[tuple[float, Coverage]]:
    found = []
    if remedy.halo > 0:
        near = cv2.GaussianBlur(lettering.solid, (0, 0), max(HALO_SIGMA * lettering.letter_px, 0.6))
        found.append((remedy.halo, np.clip(near * 2.2, 0.0, 1.0).astype(np.float32)))
    if remedy.outline > 0:
        softness = RIM_SOFTNESS if remedy.darkens else OUTLINE_SOFTNESS
        radius, fade = _outline_radius(remedy, lettering), softness * lettering.letter_px
        found.append((remedy.outline, grown(lettering.solid, radius, fade)))
    return found


def grown(solid: Coverage, radius: float, softness: float) -> Coverage:
    """The coverage made wider by ``radius`` pixels on each side; it fades over ``softness`` pixels, at least one."""
    distance = cv2.distanceTransform((solid < 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    wider = np.clip((radius - distance) / max(softness, 1.0) + 0.5, 0.0, 1.0)
    return np.asarray(np.maximum(solid, wider * wider * (3.0 - 2.0 * wider)), np.float32)


def without_shadow(lettering: Lettering, remedy: Remedy) -> Lettering:
    """Where the remedy is pale, the dark shadow that comes with an asset would muddy it: it is thinned."""
    if remedy.darkens or not lettering.shadowed:
        return lettering
    thin = max(remedy.halo, remedy.outline) * 0.85
    keep = (1.0 - thin * (1.0 - np.clip(lettering.alpha * 2.0 - 1.0, 0.0, 1.0))).astype(np.float32)
    return replace(lettering, color=lettering.color * keep[..., None], alpha=lettering.alpha * keep)


def busyness(ground: Floats3, solid: Coverage) -> float:
    """How restless the ground around the lettering is: deviation of its sRGB luma at the size of strokes, 0..1."""
    luma = (ground @ np.array([0.299, 0.587, 0.114], np.float32)).astype(np.float32)
    around = (cv2.dilate((solid > 0.5).astype(np.uint8), np.ones((13, 13), np.uint8)) > 0) & (solid < 0.2)
    if not around.any():
        return 0.0
    detail = luma - cv2.GaussianBlur(luma, (0, 0), BUSY_SIGMA_PX)
    return float(detail[around].std())


def _is_flat(lettering: Lettering) -> bool:
    """Whether the lettering is of one colour, without modelling."""
    inside = lettering.solid > 0.95
    if not inside.any():
        return False
    return float((lettering.color[inside] @ LUMA).std()) < FLAT_DEVIATION


def deep_aim(ground: Floats3) -> NDArray[np.float32]:
    """What a scrim darkens towards: a deep tone of the ground's own hue, as shade has it; never plain black."""
    mean = ground.reshape(-1, 3).mean(axis=0)
    hue = mean / max(float(mean.max()), 1e-3)
    return np.asarray(DEEP_VALUE * hue**2, np.float32)


def rim_aim(ground: Floats3, lettering: Lettering) -> NDArray[np.float32]:
    """What the rim of light lettering darkens towards: a deep tone of its own hue, or of the ground's as far as
    the lettering has none."""
    inside = lettering.solid > 0.9
    if not inside.any():
        return deep_aim(ground)
    own = np.median(lettering.color[inside], axis=0)
    brightest = max(float(own.max()), 1e-3)
    hued = float(np.clip((1.0 - float(own.min()) / brightest) / HUED, 0.0, 1.0))
    tone = RIM_VALUE * (own / brightest) ** 2
    return np.asarray(tone * hued + deep_aim(ground) * (1.0 - hued), np.float32)


def pale_aim(ground: Floats3) -> NDArray[np.float32]:
    """What a scrim lightens towards: a pale tone of the ground's own hue, never plain white."""
    mean = ground.reshape(-1, 3).mean(axis=0)
    tint = 1.0 - PALE_TINT * (1.0 - mean / max(float(mean.max()), 1e-3))
    return np.asarray(tint, np.float32)


def scrim_shape(lettering: Lettering) -> Coverage:
    """A soft cloud around the lines, 1 in the middle of the lettering, gone before the window ends."""
    cloud = soften(lettering.solid, SCRIM_REACH * lettering.letter_px)
    dense = np.clip(cloud / max(float(cloud.max()) * 0.8, 1e-6), 0.0, 1.0)
    return np.asarray(dense * _fade(lettering.solid), np.float32)


def _fade(solid: Coverage) -> Coverage:
    """1 on the lettering's box, falling smoothly to 0 at the window's edges."""
    factors = []
    for axis in (1, 0):
        marks = np.nonzero(solid.max(axis=axis) > 0.5)[0]
        length = solid.shape[1 - axis]
        if marks.size == 0:
            return np.ones_like(solid)
        where = np.arange(length, dtype=np.float32)
        before = np.clip(where / max(float(marks[0]), 1.0), 0.0, 1.0)
        after = np.clip((length - 1 - where) / max(float(length - 1 - marks[-1]), 1.0), 0.0, 1.0)
        ramp = np.minimum(before, after)
        factors.append(ramp * ramp * (3.0 - 2.0 * ramp))
    return np.asarray(factors[0][:, None] * factors[1][None, :], np.float32)


def _as_seen(values: Floats3 | Coverage, ratio: float) -> Floats3:
    height, width = values.shape[:2]
    size = (max(8, round(width * ratio)), max(8, round(height * ratio)))
    return cv2.resize(values, size, interpolation=cv2.INTER_AREA).astype(np.float32)


def _own_and_beside(ground: Floats3, color: Floats3, solid: Coverage) -> tuple[float, float]:
    """Mean luminance (linear) of the lettering, and of what lies right beside it."""
    inside = solid > 0.5
    around = cv2.dilate(inside.astype(np.uint8), np.ones((9, 9), np.uint8)).astype(bool) & (solid < 0.2)
    if not inside.any() or not around.any():
        return 1.0, 0.0
    return float(luminance(color)[inside].mean()), float(luminance(ground)[around].mean())


def _local_mean(values: Coverage, mask: Coverage) -> Coverage:
    weight = cv2.GaussianBlur(mask, (0, 0), 2.0)
    means = cv2.GaussianBlur(values * mask, (0, 0), 2.0) / np.maximum(weight, 1e-4)
    return np.asarray(means, np.float32)

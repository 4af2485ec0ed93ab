"""Where everything goes: the part of the plate a frame shows, the product's place and size, the headline's room.

All of it follows from the plate's numbers and the product's silhouette, so hints can be told without a picture.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from generation.studio.optics import Optics, Vector, frame_change
from generation.studio.plate import Plate, Rectangle
from generation.studio.pose import Pose
from generation.studio.request import BESIDE_ASPECT, MARGIN, Request
from generation.types import Box, Size, TextPosition

CLEARANCE = 0.85
"""Between the headline's room and a product below it, in margins."""
FILL_WIDTH, FILL_TALL, FILL_BESIDE, FILL_BESIDE_SQUARE = 0.66, 0.76, 0.44, 0.38
"""Most of the frame's width a product takes: alone, alone in a tall frame, with the headline beside it in a wide frame,
and in one that is not."""
WIDTH_REACH, HEIGHT_REACH = 1.1, 1.5
"""How far a product may exceed the size the scene was dressed for."""
BEHIND_OVERLAP = 0.4
"""Share of the headline's room into which the product may reach when the headline passes behind it."""
BESIDE_ANCHOR, FARTHEST_ANCHOR = 0.7, 0.86
"""Where across the frame the product stands when the headline is beside it; a narrow one farther out, or the frame
would be empty behind it."""
BESIDE_BORDER = 0.09
"""Of the frame's width, empty beyond a product that stands beside its headline."""
STEEP, STEEP_FOOT_DEPTH = 0.5, 0.4
"""Seen from higher up than this (radians), whatever stands has a foot at least that deep, in its own widths; its
depth on screen is times the elevation's sine."""
FOOT_WIDTH = 0.4
"""Where the foot's ends are tested for ground, in widths of the product either way from its middle."""
LOW_FOOT = 0.88
"""Where down a wide frame the product's lower edge is."""
STANDING_FOOT, PRICED_FOOT, SMALLEST_SHOWN = 0.84, 0.78, 0.72
"""Where down an about square frame something standing under its headline has its foot, alone and with its price below
it; and the least share of the plate's height that is shown for it: what stands lower may be larger."""
TALL_SHARE, TALL_FOOT = 0.88, 0.77
"""A tall frame shows only that share of the plate's height, and the product's place so far down in it: else its lower
third is bare ground."""
NEAREST_SHOWN = 0.68
"""A tall frame shows no less of the plate's height than this for a product that would else be smaller than its room."""
LOWERED_FOOT, LOWERED_CEILING, LEAST_SHOWN = 0.9, 0.57, 0.62
"""Where down a tall frame the product's foot is, and where it ends at the top, when the headline is at half height; the
least share of the plate's height that is shown for that."""
HEADLINE_REACH = 0.36
"""The headline's room above the product ends at this share of the frame's height at the latest."""
CENTRE_ROOM = (0.34, LOWERED_CEILING)
"""Share of a tall frame's height between which a headline at half height has its room."""
HIGHEST_FOOT = 0.36
"""Where down the frame the product's foot is at the highest, with a headline below it."""
PRICED_RISE = 0.08
"""How much higher something lying is at the most, as a share of the frame's height, for a price below it."""

CLUTTER_CELLS, CLUTTER_STEP = 64, 0.08
"""Cells across in which a plate's clutter is told; the step of luma from which an edge is one, however hard."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The part of the plate shown, at a size: ``optics`` project to the frame's pixels."""

    crop: Rectangle
    size: Size
    optics: Optics


@dataclass(frozen=True, slots=True)
class Place:
    """Where the product goes. ``box`` is its silhouette in the frame; ``foot`` the scene point under its
    middle (lying) or front (standing); ``scale`` the pixels of one scene unit across the view there;
    ``rise`` how many pixels above its lowest point the outline still touches the ground."""

    box: Box
    foot: Vector
    scale: float
    lying: bool
    rise: float


def frame_for(
    plate: Plate, request: Request, silhouette: Size | None = None, pose: Pose | None = None
) -> Frame:
    """Choose the part of the plate to show, for a product with that silhouette (any unit) or for none."""
    aspect = request.aspect
    across, down = plate.optics.project(plate.base)
    _, top, side, _ = plate.crop
    usual_foot = (down - top) / side
    anchor = _anchor(request, silhouette) if request.beside else 0.5
    widest = min(1.0, across / anchor, (1 - across) / (1 - anchor))
    lying = silhouette is not None and pose is not None and pose.lying

    def hanging(height: float) -> float:
        if silhouette is None or pose is None:
            return 0.0
        return _hanging(plate, request, height * aspect, silhouette, pose) / height

    if aspect <= 1:
        height = min(1.0, side / aspect, widest / aspect)
        foot = usual_foot
        if request.tall:
            height, foot = _nearer(plate, request, TALL_SHARE * height, silhouette, pose), TALL_FOOT
    else:
        height = min(side, widest / aspect)
        hangs = hanging(height)
        foot = max(LOW_FOOT - hangs, usual_foot if hangs == 0.0 else 0.5)
    if pose is not None:
        height, foot = _suited(request, lying, down, height, foot, hanging(height))
    width = height * aspect
    x = float(np.clip(across - anchor * width, 0, 1 - width))
    y = float(np.clip(down - foot * height, 0, 1 - height))
    return framed(plate, (x, y, width, height), request.size)


def _nearer(
    plate: Plate, request: Request, height: float, silhouette: Size | None, pose: Pose | None
) -> float:
    """The share of the plate's height to show in a tall frame: less where a product as large as the scene was dressed
    for would leave half of the frame empty."""
    if silhouette is None or pose is None or request.headline is None:
        return height
    slenderness = silhouette.height / silhouette.width
    tallest = min(TALL_FOOT - HEADLINE_REACH, _fill(request) * request.aspect * slenderness)
    within = min(HEIGHT_REACH * plate.product_height, WIDTH_REACH * plate.product_width * slenderness)
    reach = pose.reach * within * plate.optics.scale_at(plate.base)
    return float(np.clip(reach / tallest, min(NEAREST_SHOWN, height), height))


def _suited(
    request: Request, lying: bool, down: float, height: float, foot: float, hangs: float
) -> tuple[float, float]:
    """The share of the plate's height to show, and where down in it the foot of a product is, so that headline and
    small lines have their room. ``down``: where the foot is in the plate; ``hangs``: how far below it the product
    reaches, as a share of the frame's height."""
    if request.below:
        foot = max(min(foot, 1 - request.below_room - hangs), HIGHEST_FOOT)
        return min(height, (1 - down) / (1 - foot)), foot
    if request.over:
        foot = LOWERED_FOOT - min(hangs, (LOWERED_FOOT - LOWERED_CEILING) / 2)
        return min(height, max(down / foot, LEAST_SHOWN)), foot
    if request.under and not lying:
        foot = max(foot, PRICED_FOOT if request.small_lines else STANDING_FOOT)
        return float(np.clip(down / foot, min(SMALLEST_SHOWN, height), height)), foot
    raised = min(foot, 1 - request.foot_room - hangs) if request.small_lines else foot
    if request.under:
        return height, max(raised, foot - PRICED_RISE)
    return height, raised if request.tall else foot


def _fill(request: Request) -> float:
    """The largest share of the frame's width that a product takes."""
    if not request.beside:
        return FILL_TALL if request.tall else FILL_WIDTH
    return FILL_BESIDE if request.aspect >= BESIDE_ASPECT else FILL_BESIDE_SQUARE


def _anchor(request: Request, silhouette: Size | None) -> float:
    """Where across the frame the middle of a product beside its headline is."""
    if silhouette is None:
        return BESIDE_ANCHOR
    tallest = request.size.height - 2 * request.margin
    share = min(tallest * silhouette.width / silhouette.height / request.size.width, _fill(request))
    return float(np.clip(1 - BESIDE_BORDER - share / 2, BESIDE_ANCHOR, FARTHEST_ANCHOR))


def _hanging(plate: Plate, request: Request, width: float, silhouette: Size, pose: Pose) -> float:
    """How far below its foot a product reaches in a crop that wide, in unit coordinates, at its largest."""
    share = _fill(request)
    reach = pose.reach * WIDTH_REACH * plate.product_width * plate.optics.scale_at(plate.base)
    tallest = (LOW_FOOT - MARGIN) * width / request.aspect * silhouette.width / silhouette.height
    return sag_of(plate, pose, silhouette) / silhouette.width * min(share * width, reach, tallest)


def framed(plate: Plate, crop: Rectangle, size: Size) -> Frame:
    """A frame of that crop, snapped to the plate's pixels."""
    snapped = plate.snapped(crop)
    return Frame(
        snapped,
        size,
        plate.optics.through(frame_change(snapped, size.width, size.height)),
    )


def shrunk(place: Place, frame: Frame, factor: float) -> Place:
    """The same place in a frame of the same crop that is ``factor`` times as large."""
    x, y, width, height = (
        round(v * factor) for v in (place.box.x, place.box.y, place.box.width, place.box.height)
    )
    box = Box(x, y, max(1, width), max(1, height))
    return Place(box, place.foot, frame.optics.scale_at(place.foot), place.lying, place.rise * factor)


def sag_of(plate: Plate, pose: Pose, silhouette: Size) -> float:
    """How far the silhouette reaches below the middle of its footprint on screen, in the silhouette's unit.

    Something round and flat is as deep as it is wide, something long as deep as it is high in the picture.
    """
    if not pose.lying:
        return 0.0
    depth = max(silhouette.width, silhouette.height) * np.sin(plate.optics.elevation_at(plate.base))
    return 0.5 * float(min(depth, silhouette.height))


def centred_place(plate: Plate, frame: Frame, request: Request, silhouette: Size, pose: Pose) -> Place:
    """``place`` with the middle of the product's foot, not its front, where the scene was dressed for it."""
    first = place(plate, frame, request, silhouette, pose)
    foot = _brought_forward(plate, frame, request, first, pose)
    return first if foot is None else place(plate, frame, request, silhouette, pose, foot)


def _brought_forward(plate: Plate, frame: Frame, request: Request, first: Place, pose: Pose) -> Vector | None:
    """Half a foot's depth nearer to the camera, as far as there is ground; ``None`` for what lies."""
    across, down = frame.optics.project(plate.base)
    elevation = plate.optics.elevation_at(plate.base)
    deep = STEEP_FOOT_DEPTH * float(np.sin(elevation)) if elevation > STEEP else 0.0
    ahead = max(pose.foot_rise, deep) * first.box.width
    if pose.lying or ahead < 1:
        return None
    for share in (1.0, 0.7, 0.4):
        y = down + share * ahead
        ends = [(across + side * FOOT_WIDTH * first.box.width, y) for side in (-1, 0, 1)]
        if y <= request.lowest and all(_on_ground(plate, frame, *end) for end in ends):
            point = frame.optics.onto(plate.receivers[0]) @ np.array([across, y, 1.0])
            return np.asarray(point[:3] / point[3])
    return None


def _on_ground(plate: Plate, frame: Frame, across: float, down: float) -> bool:
    """Whether the plane on which the product stands is seen at a place of the frame."""
    mask = plate.masks[0]
    side = mask.shape[0]
    x = (frame.crop[0] + across / frame.size.width * frame.crop[2]) * side
    y = (frame.crop[1] + down / frame.size.height * frame.crop[3]) * side
    column, row = (int(np.clip(v, 0, side - 1)) for v in (x, y))
    return bool(mask[row, column] > 127)


def place(
    plate: Plate, frame: Frame, request: Request, silhouette: Size, pose: Pose, foot: Vector | None = None
) -> Place:
    """Give a product with that silhouette (pixels of the cut-out) its place and size in the frame; ``foot`` is the
    scene point to put it at, usually the plate's base.

    The whole silhouette stays inside the frame; the headline's room stays free.
    """
    optics, size = frame.optics, frame.size
    foot = plate.base if foot is None else foot
    across, down = optics.project(foot)
    scale = optics.scale_at(plate.base)
    sag = sag_of(plate, pose, silhouette)
    ceiling = _ceiling(plate, frame, request)
    side_room = 2 * min(across, size.width - across) - 2 * request.margin
    share = _fill(request)
    reach = pose.reach * HEIGHT_REACH * plate.product_height * scale
    widest = pose.reach * WIDTH_REACH * plate.product_width * scale
    limits = [
        min(share * size.width, side_room, widest) / silhouette.width,
        (down - ceiling) / max(silhouette.height - sag, 1),
        reach / silhouette.height,
        (request.lowest - down) / sag if sag else np.inf,
    ]
    factor = max(min(limits), 1 / max(silhouette.width, silhouette.height))
    width, height = (
        max(1, round(silhouette.width * factor)),
        max(1, round(silhouette.height * factor)),
    )
    bottom = round(down + sag * factor)
    box = Box(round(across - width / 2), bottom - height, width, height)
    return Place(box, foot, optics.scale_at(foot), pose.lying, pose.foot_rise * width)


def _ceiling(plate: Plate, frame: Frame, request: Request) -> float:
    """The highest pixel row the product may reach."""
    if request.headline in (TextPosition.TOP, TextPosition.AUTO) and not request.beside:
        words = _above(plate, frame, request)
        if request.behind:
            return words.bottom - BEHIND_OVERLAP * words.height
        return words.bottom + CLEARANCE * request.margin
    return LOWERED_CEILING * frame.size.height if request.over else request.margin


def headline_area(plate: Plate, frame: Frame, request: Request, place: Place | None) -> Box | None:
    """The room kept for the headline, in the frame's pixels; ``None`` when none was asked for."""
    if request.headline is None:
        return None
    margin = round(request.margin)
    width, height = frame.size.width - 2 * margin, frame.size.height - 2 * margin
    if request.beside:
        right = place.box.x - margin if place else round(0.55 * frame.size.width)
        return Box(margin, margin, max(right - margin, 1), height)
    if request.below:
        top = place.box.bottom + margin if place else round(0.72 * frame.size.height)
        top = min(top, round((1 - request.below_room) * frame.size.height))
        top = max(top, place.box.bottom) if place else top
        return Box(margin, top, width, frame.size.height - margin - top)
    if request.headline is TextPosition.CENTER:
        top, bottom = (round(share * frame.size.height) for share in CENTRE_ROOM)
        return Box(margin, top, width, bottom - margin - top)
    above = _above(plate, frame, request)
    if place is None or not request.tall or request.behind:
        return above
    # All that is free above the product is the headline's: over something low it is larger then, and nearer to it.
    bottom = place.box.y - round(CLEARANCE * request.margin)
    return Box(above.x, above.y, above.width, max(bottom - above.y, 1))


def clutter(plate: Plate, frame: Frame, area: Box) -> float:
    """How restless the plate is where an area of the frame shows it: the mean step of its luma (0..1) between
    neighbours, as a headline ``CLUTTER_CELLS`` wide would meet it."""
    side, (x, y, width, height) = plate.picture.shape[0], frame.crop
    across, down = width * side / frame.size.width, height * side / frame.size.height
    left, top = round(x * side + area.x * across), round(y * side + area.y * down)
    right, bottom = left + max(round(area.width * across), 2), top + max(round(area.height * down), 2)
    rows = max(2, round(CLUTTER_CELLS * (bottom - top) / (right - left)))
    part = cv2.resize(
        plate.picture[top:bottom, left:right], (CLUTTER_CELLS, rows), interpolation=cv2.INTER_AREA
    )
    luma = cv2.cvtColor(part, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    steps = np.minimum(np.hypot(np.diff(luma, axis=1)[1:], np.diff(luma, axis=0)[:, 1:]), CLUTTER_STEP)
    return float(steps.mean())


def _above(plate: Plate, frame: Frame, request: Request) -> Box:
    """The scene's calm area, clipped to the frame and its margin."""
    x, y, w, h = plate.headline
    change = frame_change(frame.crop, frame.size.width, frame.size.height)
    left, top, _ = change @ [x, y, 1]
    right, bottom, _ = change @ [x + w, y + h, 1]
    margin, height = request.margin, frame.size.height
    left, right = max(left, margin), min(right, frame.size.width - margin)
    covered = request.covered_top
    least = max(0.6 * HEADLINE_REACH * height, max(covered, margin) + request.headline_room)
    top = float(np.clip(top, max(margin, covered), max(0.5 * HEADLINE_REACH * height, covered)))
    bottom = float(np.clip(bottom, least, max(HEADLINE_REACH * height, least)))
    return Box(
        round(left),
        round(top),
        max(round(right - left), 1),
        max(round(bottom - top), 1),
    )

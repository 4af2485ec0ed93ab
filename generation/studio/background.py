"""Step 1 of the studio engine: a scene's plate, with the product seated in it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from generation.studio import framing, seating
from generation.studio.framing import Frame, Place
from generation.studio.irradiance import irradiance
from generation.studio.matching import Color, harmonious, matched, near
from generation.studio.plate import WHOLE, Plate, Stage, key_light, load_plate, stage
from generation.studio.pose import Pose, judge_pose
from generation.studio.product import Pasted, paste_at, trimmed
from generation.studio.proxy import Proxy, build_proxy
from generation.studio.request import Request
from generation.studio.scenes import scene
from generation.studio.seating import Quality, Tell
from generation.studio.shading import Shading, judge_shading
from generation.types import (
    Background,
    BackgroundBrief,
    Box,
    Camera,
    Picture,
    Report,
    SceneHints,
    Size,
    TextPosition,
)

STEEPNESS = (Camera.EYE, Camera.ANGLE, Camera.TOP)
PREVIEW_SIDE = 512
SURE = 0.45
"""Confidence in the shading's side from which a plate is flipped to suit it."""
SIDEWAYS = 0.25
"""A key light that comes less from the side than this suits either."""
CALMER = 0.75
"""A plate is flipped for its headline when the other side is at most so restless."""
STOOD_UP_RISE, STOOD_UP_REACH = 0.1, 0.72
"""Of its width, how far up the outline of something photographed lying touches the ground when it is stood up; and
how much of the largest size it then takes, for seen from the side it would be lower."""
FRACTIONS = {
    "plate": 0.25,
    "shadow": 0.35,
    "bounce": 0.5,
    "reflection": 0.75,
    "finish": 0.85,
}
"""How much of the step is done when a sub-step begins."""


@dataclass(frozen=True)
class Plan:
    """A brief worked out: which plate (flipped or not), which part of it, where the product goes."""

    plate: Plate
    request: Request
    frame: Frame
    cutout: Picture | None = None
    place: Place | None = None
    pose: Pose | None = None
    match_light: bool = False
    brand_color: str = ""

    def tint(self) -> Color | None:
        """What a scene's neutral surfaces take: the shop's colour, else the product's."""
        if not self.plate.recolor:
            return None
        if self.brand_color:
            return near(self.brand_color)
        return harmonious(self.cutout) if self.cutout is not None else None

    def hints(self) -> SceneHints:
        return SceneHints(key_light(self.plate), self.plate.environment, self.words())

    def words(self) -> Box | None:
        """The room kept for the headline."""
        return framing.headline_area(self.plate, self.frame, self.request, self.place)

    def clutter(self) -> float:
        """How restless the room kept for the headline is."""
        words = self.words()
        return 0.0 if words is None else framing.clutter(self.plate, self.frame, words)

    def at(self, size: Size) -> Plan:
        """The same plan for a smaller frame of the same aspect."""
        frame = framing.framed(self.plate, self.frame.crop, size)
        shrink = size.width / self.request.size.width
        place = None if self.place is None else framing.shrunk(self.place, frame, shrink)
        request = self.request.shrunk(size)
        return replace(self, request=request, frame=frame, place=place)


def plan(brief: BackgroundBrief) -> Plan:
    """Choose camera, side, crop and the product's place. Raises ``SceneUnknown`` and ``ProductNotFound``."""
    offered = scene(brief.scene).cameras
    wished = brief.text_position if brief.headline else None
    request = Request(
        size=brief.size,
        headline=wished,
        covered_top=brief.covered_top,
        covered_bottom=brief.covered_bottom,
        headline_room=brief.headline_room,
        small_lines=brief.small_lines,
        behind=brief.headline_behind,
    )
    if brief.product is None:
        plate = load_plate(brief.scene, choose_camera(offered, brief.camera, None))
        return Plan(plate, request, framing.frame_for(plate, request), brand_color=brief.brand_color)
    cutout = trimmed(brief.product.picture)
    shading = judge_shading(cutout)
    pose = judge_pose(cutout[..., 3], shading.roundness)
    camera = choose_camera(offered, brief.camera, pose)
    pose = seen_by(pose, camera)
    plate = load_plate(brief.scene, camera)
    silhouette = Size(cutout.shape[1], cutout.shape[0])

    def planned(plate: Plate, request: Request) -> Plan:
        frame = framing.frame_for(plate, request, silhouette, pose)
        place = framing.centred_place(plate, frame, request, silhouette, pose)
        return Plan(plate, request, frame, cutout, place, pose, brief.match_light, brief.brand_color)

    if plate.mirrored and against(shading, plate):
        plate = load_plate(brief.scene, camera, flip=True)
    elif plate.mirrored and (usual := Request(brief.size, TextPosition.AUTO)).beside:
        # Told for the usual place of a headline, so that other words or another place leave the scene as it is.
        other = load_plate(brief.scene, camera, flip=True)
        if not against(shading, other) and calmer(planned(other, usual), planned(plate, usual)):
            plate = other
    return planned(plate, request)


def calmer(other: Plan, first: Plan) -> bool:
    """Whether a headline beside the product has clearly fewer props under it in the other plan."""
    return other.clutter() < CALMER * first.clutter()


def against(shading: Shading, plate: Plate) -> bool:
    """Whether a product is clearly lit from the other side than the plate's key light comes from."""
    from_right = float(plate.optics.axes()[0] @ plate.key.direction)
    return shading.confidence > SURE and abs(from_right) > SIDEWAYS and shading.side * from_right < 0


def seen_by(pose: Pose, camera: Camera) -> Pose:
    """The pose a product takes in front of a camera: whatever it is, seen from above it lies on the table, and so does
    a card seen at an angle; and nothing lies before a camera at table height, where it would be a mere line: it stands
    on its lower edge."""
    if camera is Camera.TOP or (camera is Camera.ANGLE and pose.card):
        return replace(pose, lying=True)
    if camera is Camera.EYE and pose.lying:
        return replace(pose, lying=False, foot_rise=STOOD_UP_RISE, reach=STOOD_UP_REACH)
    return pose


def choose_camera(offered: tuple[Camera, ...], wanted: Camera, pose: Pose | None) -> Camera:
    """The asked-for camera, or the one the photo was taken from; the nearest that the scene has. A card that no
    camera there sees from the front lies under the one above it."""
    if wanted is Camera.AUTO:
        wanted = pose.camera if pose else Camera.EYE
        if pose and pose.card and wanted not in offered and Camera.TOP in offered:
            return Camera.TOP
    return min(
        offered,
        key=lambda camera: abs(STEEPNESS.index(camera) - STEEPNESS.index(wanted)),
    )


def make_background(brief: BackgroundBrief, report: Report) -> Background:
    """Make step 1's picture. Sub-steps: ``preview`` (with a small picture), ``plate``, ``shadow``, ``bounce``,
    ``reflection``, ``finish``. The same brief gives the same bytes."""
    plan_ = plan(brief)
    report("preview", 0.15, _draft(plan_, brief.seed))

    def tell(sub_step: str) -> None:
        report(sub_step, FRACTIONS[sub_step], None)

    return _make(plan_, brief.seed, seating.FINAL, tell)


def _make(plan_: Plan, seed: int, quality: Quality, tell: Tell) -> Background:
    """The planned picture at the plan's own size."""
    tell("plate")
    size = plan_.request.size
    tint = plan_.tint()
    set_up = stage(plan_.plate, plan_.frame.crop, size, tint)
    if plan_.cutout is None or plan_.place is None:
        tell("finish")
        return Background(seating.bare(set_up, seed, plan_.words()), None, plan_.hints())
    pasted = paste_at(plan_.cutout, plan_.place.box)
    if plan_.match_light:
        pasted = matched(pasted, irradiance(set_up), plan_.plate.exposure)
    proxy = build_proxy(pasted.picture, plan_.place, plan_.frame.optics, quality.slice_side)
    picture = seating.seat(set_up, proxy, pasted, seed, quality, tell, plan_.words())
    return Background(picture, pasted.layer(size), plan_.hints())


def sketch(brief: BackgroundBrief) -> Picture:
    """The preview of ``make_background`` alone: RGB, longer side at most ``PREVIEW_SIDE`` px."""
    return _draft(plan(brief), brief.seed)


def _draft(plan_: Plan, seed: int) -> Picture:
    """A quick small version of the whole picture."""
    size = plan_.request.size
    shrink = min(1.0, PREVIEW_SIDE / max(size.width, size.height))
    small = plan_.at(Size(max(1, round(size.width * shrink)), max(1, round(size.height * shrink))))
    return _make(small, seed, seating.DRAFT, lambda _: None).picture


def seated_in_master(brief: BackgroundBrief) -> tuple[Stage, Proxy, Pasted]:
    """A product in the whole of its plate, before any light is changed: what references are measured with."""
    plan_ = plan(brief)
    assert plan_.cutout is not None and plan_.pose is not None
    frame = framing.framed(plan_.plate, WHOLE, brief.size)
    silhouette = Size(plan_.cutout.shape[1], plan_.cutout.shape[0])
    place = framing.place(plan_.plate, frame, plan_.request, silhouette, plan_.pose)
    pasted = paste_at(plan_.cutout, place.box)
    proxy = build_proxy(pasted.picture, place, frame.optics, seating.FINAL.slice_side)
    return stage(plan_.plate, WHOLE, brief.size), proxy, pasted

"""Step 1 of the studio engine: a scene's plate, with the product seated in it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from generation.studio import framing, seating
from generation.studio.framing import Frame, Place, Request
from generation.studio.plate import WHOLE, Plate, Stage, key_light, load_plate, stage
from generation.studio.pose import Pose, judge_pose
from generation.studio.product import Pasted, paste_at, trimmed
from generation.studio.proxy import Proxy, build_proxy
from generation.studio.scenes import scene
from generation.types import (
    Background,
    BackgroundBrief,
    Camera,
    Picture,
    Report,
    SceneHints,
    Size,
)

STEEPNESS = (Camera.EYE, Camera.ANGLE, Camera.TOP)
PREVIEW_SIDE = 512
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
    """A brief worked out: which plate, which part of it, where the product goes."""

    plate: Plate
    request: Request
    frame: Frame
    cutout: Picture | None
    place: Place | None
    pose: Pose | None = None

    def hints(self) -> SceneHints:
        area = framing.headline_area(self.plate, self.frame, self.request, self.place)
        return SceneHints(key_light(self.plate), self.plate.environment, area)

    def at(self, size: Size) -> Plan:
        """The same plan for a smaller frame of the same aspect."""
        request = Request(size, self.request.headline)
        frame = framing.framed(self.plate, self.frame.crop, size)
        if self.place is None:
            return Plan(self.plate, request, frame, self.cutout, None)
        return Plan(
            self.plate,
            request,
            frame,
            self.cutout,
            framing.shrunk(self.place, frame, size.width / self.request.size.width),
        )


def plan(brief: BackgroundBrief) -> Plan:
    """Choose camera, crop and the product's place. Raises ``SceneUnknown`` and ``ProductNotFound``."""
    cutout = trimmed(brief.product.picture) if brief.product else None
    pose = judge_pose(cutout[..., 3]) if cutout is not None else None
    camera = choose_camera(scene(brief.scene).cameras, brief.camera, pose)
    plate = load_plate(brief.scene, camera)
    request = Request(brief.size, brief.text_position if brief.headline else None)
    if cutout is None or pose is None:
        return Plan(plate, request, framing.frame_for(plate, request), None, None)
    if camera is Camera.TOP:
        pose = replace(pose, lying=True)  # whatever it is, seen from above it lies on the table
    silhouette = Size(cutout.shape[1], cutout.shape[0])
    frame = framing.frame_for(plate, request, silhouette, pose)
    return Plan(
        plate,
        request,
        frame,
        cutout,
        framing.place(plate, frame, request, silhouette, pose),
        pose,
    )


def choose_camera(offered: tuple[Camera, ...], wanted: Camera, pose: Pose | None) -> Camera:
    """The asked-for camera, or the one the photo was taken from; the nearest that the scene has."""
    if wanted is Camera.AUTO:
        wanted = pose.camera if pose else Camera.EYE
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

    tell("plate")
    set_up = stage(plan_.plate, plan_.frame.crop, brief.size)
    if plan_.cutout is None or plan_.place is None:
        tell("finish")
        return Background(seating.bare(set_up, brief.seed), None, plan_.hints())
    pasted = paste_at(plan_.cutout, plan_.place.box)
    proxy = build_proxy(pasted.picture, plan_.place, plan_.frame.optics, seating.FINAL.slice_side)
    picture = seating.seat(set_up, proxy, pasted, brief.seed, seating.FINAL, tell)
    return Background(picture, pasted.layer(brief.size), plan_.hints())


def sketch(brief: BackgroundBrief) -> Picture:
    """The preview of ``make_background`` alone: RGB, longer side at most ``PREVIEW_SIDE`` px."""
    return _draft(plan(brief), brief.seed)


def _draft(plan_: Plan, seed: int) -> Picture:
    """A quick small version of the whole picture."""
    size = plan_.request.size
    shrink = min(1.0, PREVIEW_SIDE / max(size.width, size.height))
    small = plan_.at(Size(max(1, round(size.width * shrink)), max(1, round(size.height * shrink))))
    set_up = stage(small.plate, small.frame.crop, small.request.size)
    if small.cutout is None or small.place is None:
        return seating.bare(set_up, seed)
    pasted = paste_at(small.cutout, small.place.box)
    proxy = build_proxy(pasted.picture, small.place, small.frame.optics, seating.DRAFT.slice_side)
    return seating.seat(set_up, proxy, pasted, seed, seating.DRAFT, lambda _: None)


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

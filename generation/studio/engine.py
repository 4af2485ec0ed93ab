"""The studio engine: pictures from baked plates, on the CPU, with no weights but the cut-out's."""

from __future__ import annotations

from dataclasses import replace

from generation.types import (
    Background,
    BackgroundBrief,
    Camera,
    Cutout,
    EngineName,
    Headline,
    HeadlineBrief,
    Picture,
    Report,
    SceneHints,
)


class StudioEngine:
    """Implements ``generation.engines.Engine``. The parts are imported when first used, so that naming the
    engine costs nothing."""

    @property
    def name(self) -> EngineName:
        return EngineName.STUDIO

    def warm_up(self) -> None:
        """Load the cut-out's model and the default scene's plates."""
        from generation import cutout
        from generation.studio import scenes
        from generation.studio.plate import load_plate

        cutout.warm_up()
        default = scenes.default_scene()
        for camera in default.cameras:
            if camera is not Camera.TOP:
                load_plate(default.key, camera)

    def cut_out(self, photo: Picture, report: Report) -> Cutout:
        """Cut the product out of an RGB or RGBA photo. Raises ``ProductNotFound``."""
        from generation import cutout

        return cutout.cut_out(photo, report)

    def sketch(self, brief: BackgroundBrief, photo: Picture) -> Picture:
        """The scene with a rough cut-out of the photo in it, longer side at most 512 px, RGB.
        Raises ``ProductNotFound`` and ``SceneUnknown``."""
        from generation import cutout
        from generation.studio.background import sketch

        return sketch(replace(brief, product=cutout.rough_cut_out(photo)))

    def make_background(self, brief: BackgroundBrief, report: Report) -> Background:
        """Seat the product in the scene's plate. Raises ``SceneUnknown``."""
        from generation.studio.background import make_background

        return make_background(brief, report)

    def scene_hints(self, brief: BackgroundBrief) -> SceneHints:
        """The hints ``make_background`` would give for this brief."""
        from generation.studio.background import plan

        return plan(brief).hints()

    def sculpt_headline(self, brief: HeadlineBrief, report: Report) -> Headline:
        """Make the 3D headline. Raises ``GlyphMissing``."""
        from generation.studio.text3d import sculpt

        return sculpt(brief, report)

"""Who serves which part: the seam that both engines fill.

An engine cuts a product out, makes a background around it and sculpts a headline. Composition, typography,
verification and export are shared and know nothing of engines.
"""

from __future__ import annotations

from typing import Protocol

from generation.errors import EngineUnavailable
from generation.types import (
    Background,
    BackgroundBrief,
    Cutout,
    EngineName,
    Headline,
    HeadlineBrief,
    Picture,
    Report,
    SceneHints,
)


class Engine(Protocol):
    """Every method may be called from one thread at a time, reports as it goes and lets ``Cancelled`` pass."""

    @property
    def name(self) -> EngineName: ...

    def warm_up(self) -> None:
        """Load what every job needs, so that the first job is as fast as the second."""

    def cut_out(self, photo: Picture, report: Report) -> Cutout:
        """Cut the product out of an RGB or RGBA photo. Raises ``ProductNotFound``."""

    def sketch(self, brief: BackgroundBrief, photo: Picture) -> Picture:
        """A small picture of what ``make_background`` will make of this photo (RGB or RGBA), at once: shown while
        the product is still being cut out. Raises ``ProductNotFound`` when a first guess finds none."""

    def make_background(self, brief: BackgroundBrief, report: Report) -> Background:
        """Make the scene at ``brief.size`` and seat the product in it, its own pixels unchanged."""

    def scene_hints(self, brief: BackgroundBrief) -> SceneHints:
        """The hints ``make_background`` would give for this brief, without making the picture."""

    def sculpt_headline(self, brief: HeadlineBrief, report: Report) -> Headline:
        """Make the headline asset. Raises ``GlyphMissing``."""


def open_engine(name: EngineName) -> Engine:
    """The engine of that name, importing only what it needs. Raises ``EngineUnavailable``."""
    if name is not EngineName.STUDIO:
        raise EngineUnavailable(f"this version has no {name} engine")
    from generation.studio.engine import StudioEngine

    return StudioEngine()

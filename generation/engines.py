"""Who serves which part: the seam that both engines fill.

An engine cuts a product out, makes a background around it and sculpts a headline. Composition, typography,
verification and export are shared and know nothing of engines.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any, Protocol, runtime_checkable

from generation.errors import EngineUnavailable
from generation.types import (
    Background,
    BackgroundBrief,
    Coverage,
    Cutout,
    EngineName,
    Headline,
    HeadlineBrief,
    Picture,
    Report,
    SceneHints,
    Tuning,
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


@runtime_checkable
class Finisher(Protocol):
    """An engine that can also go over the finished picture, and that can be told to make room after a job."""

    def refine(self, picture: Picture, kept: Coverage, tuning: Tuning, seed: int, report: Report) -> Picture:
        """Paint an RGB picture over where ``kept`` (0..1, same size) is 0, as ``tuning`` says; where it is 1, every
        pixel stays."""

    def unload(self) -> None:
        """Give up everything that is loaded."""


@runtime_checkable
class Resident(Protocol):
    """An engine that holds models on a card. Both may be called from any thread, at any time."""

    def cards(self) -> list[dict[str, Any]]:
        """The cards: ``index``, ``name``, ``gpu_util``, ``vram_used_gb``, ``vram_total_gb``, ``vram_percent``."""

    def standing(self) -> list[dict[str, Any]]:
        """What is held: ``name``, ``place``, ``gb``, ``why``, ``idle_seconds``, ``precision``."""


def open_engine(name: EngineName) -> Engine:
    """The engine of that name, importing only what it needs. Raises ``EngineUnavailable``, ``WeightsMissing`` and
    ``WeightsCorrupt`` when it cannot work here."""
    if name is EngineName.DIFFUSION:
        if find_spec("torch") is None or find_spec("diffusers") is None:
            raise EngineUnavailable(
                "torch and diffusers are not installed: pip install -r requirements/diffusion.txt"
            )
        from generation.diffusion.engine import DiffusionEngine

        return DiffusionEngine()
    from generation.studio.engine import StudioEngine

    return StudioEngine()

"""The diffusion engine: the studio engine's seam, filled by networks on a CUDA card."""

from __future__ import annotations

import logging
from functools import partial
from importlib.util import find_spec
from typing import Any, Final

import numpy as np

from generation.diffusion import background, headline, tuning
from generation.diffusion.assembly import Assembly, assemble, describe
from generation.diffusion.flux import Recipe, Span
from generation.diffusion.options import GIB, from_environment
from generation.diffusion.sdxl import Painting
from generation.errors import EngineUnavailable, ProductNotFound
from generation.prompts.rules import in_english
from generation.types import (
    DEFAULT_SIZE,
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
    Size,
    Tuning,
)

logger = logging.getLogger(__name__)

WARM_PARTS: Final = ("sdxl.vae", "sdxl.controlnet", "sdxl.unet", "birefnet", "flux.vae", "flux.transformer")
"""Loaded before the first job, the most used last: where not all fit, those stay."""
COMPILED_FOR: Final = (DEFAULT_SIZE, Size(832, 1216))
"""The most frequent frame gets code of its own; from the second shape on torch compiles for any."""
CANVASES_COMPILED_FOR: Final = (Size(1024, 512), Size(1024, 320))
"""A headline's canvas: of one line and of two, to the same end."""
COMPOSITION_STRENGTH: Final = 0.3
COMPOSITION_STEPS: Final = 28
COMPOSITION_GUIDANCE: Final = 3.5


def _silent(sub_step: str, fraction: float, preview: Picture | None) -> None:
    """Nobody waits for a warm-up."""


WARM_UP: Final = Span(_silent, "warm up", 0.0, 1.0)


class DiffusionEngine:
    """Implements ``generation.engines.Engine`` and ``Finisher``. Opening it finds the weights and plans; it raises
    ``EngineUnavailable`` without a card, ``WeightsMissing`` and ``WeightsCorrupt``."""

    def __init__(self, assembly: Assembly | None = None) -> None:
        self.assembly = assembly or assemble(from_environment())
        for line in (*describe(self.assembly), headline.how_checked()):
            logger.info("%s", line)

    @property
    def name(self) -> EngineName:
        return EngineName.DIFFUSION

    def warm_up(self) -> None:
        """Encode the preset scenes' and styles' prompts if this is the first time, load what every job needs, as far
        as the plan has room, and compile what is to be compiled. Raises ``OutOfMemory`` and what loading raises."""
        made = self.assembly
        made.with_room(lambda: made.flux.learn(background.preset_prompts()))
        made.with_room(lambda: made.sdxl.learn(headline.preset_prompts()))
        for key in WARM_PARTS:
            made.with_room(partial(self._load, key))
        if tuning.compiles(made.options, made.device):
            self._compile()

    def _compile(self) -> None:
        from torch._dynamo.exc import TorchDynamoException

        warm_ups = [partial(self._background_of, size) for size in COMPILED_FOR]
        warm_ups += [partial(self._headline_of, canvas) for canvas in CANVASES_COMPILED_FOR]
        for warm_up in warm_ups:
            try:
                self.assembly.with_room(warm_up)
            except TorchDynamoException as error:
                raise EngineUnavailable(
                    f"torch.compile fails here ({error}); set DIFFUSION_COMPILE=off"
                ) from error

    def _background_of(self, size: Size) -> None:
        self.assembly.flux.make(Recipe("", steps=2), size, WARM_UP)

    def _headline_of(self, canvas: Size) -> None:
        shape = (canvas.height, canvas.width)
        start = np.full((*shape, 3), headline.BACKDROP, np.uint8)
        self.assembly.sdxl.paint(Painting("", steps=4), start, np.zeros(shape, np.float32), WARM_UP)

    def _load(self, key: str) -> None:
        with self.assembly.residency.on_device(key):
            pass

    def cut_out(self, photo: Picture, report: Report) -> Cutout:
        """Cut the product out with BiRefNet, or by the photo's own alpha. Raises ``ProductNotFound``."""
        from generation import cutout
        from generation.cutout import edges

        if cutout.has_own_alpha(photo):
            return cutout.cut_out(photo, report, "alpha")
        report("cutout", 0.0, None)
        rgb = np.ascontiguousarray(photo[..., :3])
        parts = edges.sort_parts(self.assembly.with_room(lambda: self.assembly.matting.matte(rgb)))
        if parts.area < cutout.LEAST_AREA:
            raise ProductNotFound(f"{parts.area:.2%} of the photo looks like a product")
        report("cutout", 0.8, None)
        picture = edges.layered(rgb, parts.coverage)
        report("cutout", 1.0, None)
        return Cutout(picture, "birefnet", round(parts.confidence, 3))

    def sketch(self, brief: BackgroundBrief, photo: Picture) -> Picture:
        """The studio engine's sketch: where the product will stand. Raises ``ProductNotFound``, ``SceneUnknown``."""
        from generation.studio.engine import StudioEngine

        return StudioEngine().sketch(brief, photo)

    def make_background(self, brief: BackgroundBrief, report: Report) -> Background:
        """Make the background from words and seat the product in it. Raises ``SceneUnknown``, ``OutOfMemory``."""
        return background.make_background(self.assembly, brief, report)

    def scene_hints(self, brief: BackgroundBrief) -> SceneHints:
        """The hints ``make_background`` would give for this brief."""
        return background.scene_hints(brief)

    def sculpt_headline(self, brief: HeadlineBrief, report: Report) -> Headline:
        """Make the headline and paint its material. Raises ``GlyphMissing``, ``OutOfMemory``."""
        return headline.paint_headline(self.assembly, brief, report)

    def refine(self, picture: Picture, kept: Coverage, tuning: Tuning, seed: int, report: Report) -> Picture:
        """Paint over everything but what is ``kept``, as the composition prompt says."""
        recipe = Recipe(
            in_english(tuning.composition_prompt),
            in_english(tuning.composition_negative_prompt),
            steps=tuning.composition_steps or COMPOSITION_STEPS,
            guidance=tuning.composition_guidance or COMPOSITION_GUIDANCE,
            seed=seed,
        )
        strength = tuning.composition_strength
        strength = COMPOSITION_STRENGTH if strength is None else strength
        if strength == 0:
            return picture
        free = np.where(kept > 0, np.float32(0), np.float32(1))
        span = Span(report, "refine", 0.0, 1.0)
        return self.assembly.with_room(
            lambda: self.assembly.flux.inpaint(recipe, picture, free, strength, span)
        )

    def unload(self) -> None:
        """Empty the card and the host memory behind it."""
        self.assembly.residency.drop()

    def cards(self) -> list[dict[str, Any]]:
        """The card this engine works on, for ``/resources``."""
        import torch

        device = self.assembly.device
        if device.type != "cuda":
            return []
        free, total = torch.cuda.mem_get_info(device)
        return [
            {
                "index": device.index or 0,
                "name": torch.cuda.get_device_name(device),
                "gpu_util": _utilisation(device),
                "vram_used_gb": round((total - free) / GIB, 2),
                "vram_total_gb": round(total / GIB, 2),
                "vram_percent": round(100 * (total - free) / total, 1),
            }
        ]

    def standing(self) -> list[dict[str, Any]]:
        """What is resident and why, for ``/resources`` and the admin."""
        return [
            {
                "name": part.key,
                "place": part.place,
                "gb": round(part.bytes / GIB, 2),
                "why": part.why,
                "idle_seconds": round(part.idle_seconds),
                "precision": self.assembly.plan.parts[part.key].form.value,
            }
            for part in self.assembly.residency.standing()
        ]


def _utilisation(device: Any) -> float | None:
    """How busy the card is, in per cent; None where NVML is not there or tells nothing (a part of a card, say)."""
    import torch

    if find_spec("pynvml") is None:
        return None
    from pynvml import NVMLError

    try:
        return float(torch.cuda.utilization(device))
    except (NVMLError, RuntimeError):
        return None

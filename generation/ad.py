"""One ad as it is asked for, and what its making hands over: brief, step pictures, results."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from generation.export.formats import format_for, frame_size
from generation.provenance import SourceType
from generation.types import (
    DEFAULT_SIZE,
    NO_TUNING,
    Box,
    Camera,
    CompositionMode,
    Logo,
    Picture,
    Size,
    Step,
    TextPosition,
    Tuning,
)

TEST_SIZE = Size(256, 256)
"""Frame of a ``test_mode`` picture."""


@dataclass(frozen=True, slots=True)
class AdBrief:
    """One ad, as asked for. ``font`` is a path of the font catalogue; empty ``scene`` and ``style`` are
    chosen from the prompts; ``format`` is a key of the channel formats or empty; ``frame`` is the size to draw
    at where it is not the format's own; ``tuning`` is the diffusion engine's."""

    text: str = ""
    font: str = ""
    scene: str = ""
    style: str = ""
    prompt: str = ""
    negative_prompt: str = ""
    text_prompt: str = ""
    text_negative_prompt: str = ""
    subline: str = ""
    price_before: str = ""
    price_now: str = ""
    mode: CompositionMode = CompositionMode.OVERLAY
    position: TextPosition = TextPosition.AUTO
    camera: Camera = Camera.AUTO
    format: str = ""
    seed: int = 0
    stop: Step = Step.COMPOSITE
    test_mode: bool = False
    frame: Size | None = None
    tuning: Tuning = NO_TUNING
    match_light: bool = False
    """Whether the product takes the scene's brightness and tint as a whole; else its pixels stay as they are."""
    logo: Logo | None = None
    """The shop's logo and its corner, for every picture but a packshot."""
    brand_color: str = ""
    """``#rrggbb``: the colour of a scene that else takes the product's."""
    accent_color: str = ""
    """``#rrggbb``: the ground of a discount's badge; else it follows the headline's colour."""
    ai_label: bool = False
    """Whether an ad that a model painted parts of says so in a corner; any other never does."""

    @property
    def size(self) -> Size:
        """The frame, in pixels."""
        if self.frame is not None:
            return self.frame
        if self.test_mode:
            return TEST_SIZE
        return frame_size(self.format) if self.format else DEFAULT_SIZE

    @property
    def packshot(self) -> bool:
        """Whether the channel takes the product on pure white, without words."""
        return bool(self.format) and format_for(self.format).packshot


@dataclass(frozen=True, slots=True)
class StepPictures:
    """Pictures that are there already: ``step1`` and ``step2`` stand for their steps, ``layer`` is the product
    as it lies in ``step1`` (RGBA, same size). ``foreign``: ``step1`` is not a picture of ours, so nothing is
    known of its scene and its product has to be found. ``step1_source``, ``step2_source``: where they come from."""

    step1: Picture | None = None
    layer: Picture | None = None
    step2: Picture | None = None
    foreign: bool = False
    step1_source: SourceType = SourceType.UNKNOWN
    step2_source: SourceType = SourceType.UNKNOWN


NOTHING_READY = StepPictures()


@dataclass(frozen=True, slots=True)
class StepResult:
    """What one step made: its picture and, after step 1, the product's layer; after step 2, ``origin`` of the
    headline. ``source`` is where the picture comes from."""

    step: Step
    picture: Picture
    layer: Picture | None = None
    origin: str = ""
    source: SourceType = SourceType.UNKNOWN


@dataclass(frozen=True, slots=True)
class AdResult:
    """The final picture, RGB (None where ``stop`` came before it), and the largest difference between the
    product's pixels in it and the layer that was pasted, in 8-bit steps (None without a product).
    ``logo_left_out``, ``label_left_out``: one was asked for, and nowhere was there room for it. ``source``: where the
    final picture comes from. ``headline``: the box of the headline's ink in the final picture."""

    final: Picture | None
    product_difference: int | None = None
    logo_left_out: bool = False
    label_left_out: bool = False
    source: SourceType = SourceType.UNKNOWN
    headline: Box | None = None


OnStep = Callable[[StepResult], None]

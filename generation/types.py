"""The vocabulary of a picture in the making.

Pictures cross every seam as NumPy arrays: ``uint8``, sRGB, shape ``(height, width, 3)`` for RGB or
``(height, width, 4)`` for RGBA with straight (not premultiplied) alpha. Boxes and sizes are in pixels,
the origin is the top left corner, x grows to the right and y downwards.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Picture: TypeAlias = NDArray[np.uint8]
Linear: TypeAlias = NDArray[np.float32]
"""``float32``, linear light, sRGB primaries, shape ``(height, width, 3)``."""
Coverage: TypeAlias = NDArray[np.float32]
"""``float32`` in 0..1, shape ``(height, width)``: an alpha, a matte or a mask."""


class Step(StrEnum):
    """The three steps of the pipeline, in order; each can be where a re-run starts."""

    BACKGROUND = "step1_background"
    TEXT_ASSET = "step2_text_asset"
    COMPOSITE = "step3_composite"

    @property
    def number(self) -> int:
        """1, 2 or 3, as ``start_step`` and ``stop_step`` count them."""
        return list(Step).index(self) + 1


class EngineName(StrEnum):
    STUDIO = "studio"
    DIFFUSION = "diffusion"


class CompositionMode(StrEnum):
    """How the headline meets the picture; ``behind`` passes behind the product."""

    OVERLAY = "overlay"
    BLEND = "blend"
    BEHIND = "behind"


class TextPosition(StrEnum):
    """Where the headline goes; ``auto`` is the calmest free area."""

    TOP = "top"
    CENTER = "center"
    BOTTOM = "bottom"
    AUTO = "auto"


class Camera(StrEnum):
    """How steeply the camera looks down on the product: about 10, 45 or 85 degrees."""

    AUTO = "auto"
    EYE = "eye"
    ANGLE = "angle"
    TOP = "top"


class LogoCorner(StrEnum):
    """Where the shop's logo goes; ``auto`` is the calmest free corner."""

    NONE = "none"
    AUTO = "auto"
    TOP_LEFT = "top-left"
    TOP_RIGHT = "top-right"
    BOTTOM_LEFT = "bottom-left"
    BOTTOM_RIGHT = "bottom-right"


@dataclass(frozen=True, slots=True)
class Size:
    """Width and height in pixels."""

    width: int
    height: int


DEFAULT_SIZE = Size(1024, 1024)


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels: left, top, width, height."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height


@dataclass(frozen=True, slots=True)
class Progress:
    """One report from inside a step: ``fraction`` is 0..1 of that step."""

    step: Step
    sub_step: str
    fraction: float
    preview: Picture | None = None


OnProgress: TypeAlias = Callable[[Progress], None]
"""Called often; may raise ``errors.Cancelled`` to stop the work."""

Report: TypeAlias = Callable[[str, float, "Picture | None"], None]
"""``report(sub_step, fraction, preview)``: what an engine calls inside one step."""


@dataclass(frozen=True, slots=True)
class Cutout:
    """A product cut out of its photo.

    ``picture`` is RGBA at the photo's own size. Where alpha is 255 its colours are the photo's own,
    untouched; along the edge they are the estimated foreground colours, free of the old background.
    ``method`` is ``isnet``, ``grabcut``, ``birefnet``, ``alpha`` (the photo came with its own) or
    ``brush`` (the merchant's); ``confidence`` is 0..1.
    """

    picture: Picture
    method: str
    confidence: float


@dataclass(frozen=True, slots=True, eq=False)
class Logo:
    """A shop's logo, RGBA without transparent margins, and the corner asked for (never ``none``)."""

    picture: Picture
    corner: LogoCorner = LogoCorner.AUTO


@dataclass(frozen=True, slots=True)
class KeyLight:
    """A scene's main light. ``direction`` is the unit vector from the subject towards the light in the
    camera's frame (x right, y up, z towards the viewer); ``color`` is linear RGB."""

    direction: tuple[float, float, float]
    color: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class SceneHints:
    """What a scene tells the later steps: its light (``environment`` is an equirectangular panorama,
    linear, its centre looking away from the camera; the key light is not in it) and the area, in the
    frame's pixels, that the scene keeps calm for a headline."""

    key: KeyLight | None = None
    environment: Linear | None = None
    headline_area: Box | None = None


@dataclass(frozen=True, slots=True)
class Tuning:
    """What a request asks of the diffusion engine beyond its words; None stands for the engine's own default.
    ``strength`` is how far (0..1) the refinement around the product may go, ``bg_composition_prompt`` what it is told
    (empty: the background's prompt). Negative prompts cost a second run of the model each step. The ``composition``
    fields refine the finished picture outside product and
    lettering, only where ``composition_prompt`` is given."""

    bg_model: Literal["flux", "sdxl"] = "flux"
    steps: int | None = None
    guidance: float | None = None
    strength: float | None = None
    bg_composition_prompt: str = ""
    bg_composition_negative_prompt: str = ""
    composition_prompt: str = ""
    composition_negative_prompt: str = ""
    composition_steps: int | None = None
    composition_guidance: float | None = None
    composition_strength: float | None = None


NO_TUNING = Tuning()


@dataclass(frozen=True, slots=True)
class BackgroundBrief:
    """What step 1 is asked for. ``scene`` is a key of the scene catalogue. ``headline`` tells whether room
    is to be kept for one, and ``text_position`` where; ``covered_top`` and ``covered_bottom``: pixels of the frame
    that the channel's own buttons cover; ``headline_room``: the pixels of height that a headline above or below the
    product should have; ``small_lines``: those that small lines below it should have; ``headline_behind``:
    the headline passes behind it. ``prompt`` and ``negative_prompt`` are English. ``match_light`` lets the
    product take the scene's brightness and tint as a whole; else its pixels stay."""

    size: Size
    scene: str
    product: Cutout | None = None
    camera: Camera = Camera.AUTO
    headline: bool = True
    text_position: TextPosition = TextPosition.AUTO
    prompt: str = ""
    negative_prompt: str = ""
    seed: int = 0
    covered_top: int = 0
    covered_bottom: int = 0
    headline_room: int = 0
    small_lines: int = 0
    headline_behind: bool = False
    match_light: bool = False
    tuning: Tuning = NO_TUNING
    brand_color: str = ""
    """``#rrggbb``: what a scene that takes the product's colour takes instead; empty for the product's."""


@dataclass(frozen=True, slots=True)
class Background:
    """Step 1's picture, RGB, with the product seated in it. ``product`` is the product alone as an RGBA
    layer of the picture's own size, exactly as it was pasted; ``None`` where there is no product."""

    picture: Picture
    product: Picture | None
    hints: SceneHints


@dataclass(frozen=True, slots=True)
class HeadlineBrief:
    """What step 2 is asked for. ``lines`` are already broken; ``font`` is a path relative to ``fonts/``;
    ``style`` a key of the style catalogue; ``box`` the room the headline will take in the frame; ``ground``
    the mean colour (linear RGB) of what will lie behind it, None where that is not known."""

    lines: tuple[str, ...]
    font: str
    style: str
    box: Size
    hints: SceneHints = SceneHints()
    ground: tuple[float, float, float] | None = None
    prompt: str = ""
    negative_prompt: str = ""
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Headline:
    """Step 2's picture: the headline as an RGBA asset, longer side at least 512 px. ``ink`` is the box of
    the lettering inside it, without shadow and glow. ``origin`` is ``sculpted``, ``painted`` or ``supplied``."""

    picture: Picture
    ink: Box
    origin: str = "sculpted"

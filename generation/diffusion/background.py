"""Step 1: a background from words, the product seated in it, and the ring around it refined by inpainting.

The product's place and the headline's room are the studio engine's plan for the same brief, so that both engines
compose alike. The product's own pixels are pasted last and stay what they are.
"""

from __future__ import annotations

import unicodedata
from typing import Final

import cv2
import numpy as np

from generation.diffusion.assembly import Assembly
from generation.diffusion.flux import Recipe, Span
from generation.diffusion.registry import BY_KEY
from generation.diffusion.sdxl import Painting
from generation.prompts.rules import PHOTOGRAPHY, in_english
from generation.studio import background as studio
from generation.studio.product import Pasted, paste_at, paste_over
from generation.studio.scenes import Scene, scene, scenes
from generation.types import (
    Background,
    BackgroundBrief,
    Camera,
    Coverage,
    Picture,
    Report,
    SceneHints,
    Size,
)

SDXL_STEPS: Final = 30
SDXL_GUIDANCE: Final = 6.0
RING_STRENGTH: Final = 0.35
"""How far the refinement goes: enough for a contact shadow to become the scene's, too little for a new scene."""
RING_OUTSIDE, RING_INSIDE = 0.14, 0.006
"""The ring's reach outside and inside the outline, as shares of the product's longer side."""
LYING_RIM: Final = 0.3
"""Of a lying product's height, how far up its lower outline casts a shadow."""
LEAST_FOOT: Final = 0.05
SHADOW_DEPTH: Final = 0.55
CONTACT_DEPTH: Final = 0.5
SHADOW_REACH: Final = 0.10
"""Softness of the shadow under the product, as a share of its width."""
CONTACT_REACH: Final = 0.012
VIEWS: Final = {
    Camera.EYE: "eye-level view",
    Camera.ANGLE: "three-quarter view from slightly above",
    Camera.TOP: "top-down flat lay view",
}
EMPTY_PLACE: Final = "empty surface in the foreground with free space for a product, no product"


def make_background(assembly: Assembly, brief: BackgroundBrief, report: Report) -> Background:
    """Make step 1's picture. Sub-steps: ``background``, ``shadow``, ``refine``, ``finish``."""
    plan = studio.plan(brief)
    picture = assembly.with_room(lambda: _from_words(assembly, brief, background_prompt(brief), report))
    hints = SceneHints(headline_area=plan.words())
    if plan.cutout is None or plan.place is None:
        return Background(picture, None, hints)
    pasted = paste_at(plan.cutout, plan.place.box)
    report("shadow", 0.68, None)
    touching = plan.place.rise if not plan.place.lying else LYING_RIM * pasted.box.height
    seated = _shown(with_shadow(picture, pasted, touching), pasted)
    strength = RING_STRENGTH if brief.tuning.strength is None else brief.tuning.strength
    if strength > 0:
        seated = assembly.with_room(lambda: _refined(assembly, brief, seated, pasted, strength, report))
    report("finish", 0.98, None)
    return Background(_shown(seated, pasted), pasted.layer(brief.size), hints)


def scene_hints(brief: BackgroundBrief) -> SceneHints:
    """What a generated scene tells the later steps: the headline's room; its light is not known."""
    return SceneHints(headline_area=studio.plan(brief).words())


def background_prompt(brief: BackgroundBrief) -> str:
    """The words for the background: the merchant's in English, else the scene's own, and how it is photographed."""
    camera = studio.plan(brief).pose.camera if brief.product is not None else Camera.ANGLE  # type: ignore[union-attr]
    return _photographed(in_english(brief.prompt) or _own_words(scene(brief.scene)), camera)


def preset_prompts() -> list[str]:
    """The prompts of every scene chosen by its name alone."""
    return [
        _photographed(_own_words(each), camera)
        for each in scenes().values()
        for camera in sorted({*each.cameras, Camera.ANGLE})
    ]


def with_shadow(picture: Picture, product: Pasted, touching: float) -> Picture:
    """The RGB picture with a shadow under the product: a wide soft one and a narrow dark one where it touches.

    ``touching``: how many pixels above its lowest point the product's outline still meets the ground.
    Nothing is known of the scene's light, so both lie straight below; the refinement makes them the scene's.
    """
    box, size = product.box, Size(picture.shape[1], picture.shape[0])
    foot = np.zeros((size.height, size.width), np.float32)
    solid = product.picture[..., 3] > 127
    columns = np.flatnonzero(solid.any(axis=0))
    if not columns.size:
        return picture
    lowest = box.y + box.height - 1 - np.argmax(solid[::-1, columns], axis=0)
    near = lowest >= lowest.max() - max(2, round(touching), round(LEAST_FOOT * box.height))
    rows = np.clip(lowest[near], 0, size.height - 1)
    across = np.clip(box.x + columns[near], 0, size.width - 1)
    thickness = max(1, round(0.008 * box.width))
    for offset in range(-thickness, thickness + 1):
        foot[np.clip(rows + offset, 0, size.height - 1), across] = 1
    light = np.ones_like(foot)
    for reach, depth in ((SHADOW_REACH, SHADOW_DEPTH), (CONTACT_REACH, CONTACT_DEPTH)):
        sigma = max(reach * box.width, 0.8)
        soft = cv2.GaussianBlur(foot, (0, 0), sigma, sigmaY=max(sigma * 0.35, 0.8))
        light *= 1 - depth * soft / max(float(soft.max()), 1e-6)
    return np.asarray(picture * light[..., None] + 0.5, np.uint8)


def ring(product: Pasted, size: Size) -> Coverage:
    """Where the refinement may paint, 0..1, frame size: around the product's outline, and below it a bit farther."""
    layer = product.layer(size)[..., 3].astype(np.float32) / 255
    longer = max(product.box.width, product.box.height)
    outside, inside = max(2, round(RING_OUTSIDE * longer)), max(1, round(RING_INSIDE * longer))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * outside + 1, 2 * outside + 1))
    wide = cv2.dilate((layer > 0.02).astype(np.float32), kernel)
    wide = cv2.GaussianBlur(wide, (0, 0), max(outside / 4, 0.8))
    core = cv2.erode((layer >= 1).astype(np.float32), np.ones((2 * inside + 1, 2 * inside + 1), np.uint8))
    return np.asarray(np.clip(wide, 0, 1) * (1 - core), np.float32)


def _from_words(assembly: Assembly, brief: BackgroundBrief, prompt: str, report: Report) -> Picture:
    tuning, span = brief.tuning, Span(report, "background", 0.02, 0.65)
    if tuning.bg_model == "sdxl":
        painting = Painting(
            prompt,
            in_english(brief.negative_prompt),
            steps=tuning.steps or SDXL_STEPS,
            guidance=tuning.guidance or SDXL_GUIDANCE,
            seed=brief.seed,
        )
        return assembly.sdxl.make(painting, brief.size, span)
    return assembly.flux.make(_recipe(assembly, brief, prompt, brief.negative_prompt), brief.size, span)


def _recipe(assembly: Assembly, brief: BackgroundBrief, prompt: str, negative: str) -> Recipe:
    tuning, flux = brief.tuning, BY_KEY[assembly.options.flux]
    guidance = tuning.guidance if tuning.bg_model == "flux" else None
    return Recipe(
        prompt,
        in_english(negative),
        steps=tuning.steps or flux.steps,
        guidance=flux.guidance if guidance is None else guidance,
        seed=brief.seed,
    )


def _refined(
    assembly: Assembly,
    brief: BackgroundBrief,
    seated: Picture,
    product: Pasted,
    strength: float,
    report: Report,
) -> Picture:
    prompt = in_english(brief.tuning.bg_composition_prompt) or background_prompt(brief)
    span = Span(report, "refine", 0.7, 0.97)
    recipe = _recipe(assembly, brief, prompt, brief.tuning.bg_composition_negative_prompt)
    return assembly.flux.inpaint(recipe, seated, ring(product, brief.size), strength, span)


def _shown(picture: Picture, product: Pasted) -> Picture:
    """The picture with the product's pixels on it, unchanged where they are opaque."""
    return paste_over(picture.astype(np.float32) / np.float32(255), product)


def _own_words(chosen: Scene) -> str:
    return ", ".join((_ascii(chosen.name_en), chosen.mood))


def _photographed(wish: str, camera: Camera) -> str:
    return ", ".join((wish, VIEWS[camera], EMPTY_PLACE, PHOTOGRAPHY))


def _ascii(text: str) -> str:
    return unicodedata.normalize("NFD", text).encode("ascii", "ignore").decode()

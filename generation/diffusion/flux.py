"""FLUX.1 [dev] and [schnell]: backgrounds from words, and inpainting of a part of a picture, one transformer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from generation.diffusion.denoising import Denoising, call_arguments, denoised
from generation.diffusion.embeddings import EmbeddingCache, Embeddings, Prompted, tokenizer_in
from generation.diffusion.loaders import FolderLoader
from generation.diffusion.previews import LatentMap, fit
from generation.diffusion.residency import Residency
from generation.types import Coverage, Picture, Report, Size

GRAIN: Final = 16
"""FLUX makes pictures whose sides are multiples of this, in pixels."""
TOKENS: Final = 512
SCHNELL_TOKENS: Final = 256
TILED_FROM: Final = 1_300_000
"""Pixels from which the decoder works in tiles: whole, it would need more memory than the models leave."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one picture is made. ``guidance`` is distilled guidance; with a negative prompt the model runs twice a step,
    and ``true_guidance`` (above 1) is how strongly it keeps away from it."""

    prompt: str
    negative: str = ""
    steps: int = 28
    guidance: float = 3.5
    true_guidance: float = 2.0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Span:
    """Whom to tell, under which name, and from where to where in the step this work goes (0..1)."""

    report: Report
    sub_step: str
    start: float
    end: float

    def begin(self) -> None:
        """Tell that the work goes on, before something that takes a while. Lets ``Cancelled`` pass."""
        self.report(self.sub_step, self.start, None)


class Flux(Prompted):
    """Makes and inpaints pictures with the resident FLUX.1."""

    making, inpainting = "FluxPipeline", "FluxInpaintPipeline"
    role = "flux"
    encoders: tuple[str, ...] = ("flux.text_encoder", "flux.text_encoder_2")

    def __init__(self, loader: FolderLoader, residency: Residency, prompts: EmbeddingCache) -> None:
        super().__init__(loader, residency, prompts)
        self._latent_map: LatentMap | None = None
        self.step_seconds: list[float] = []

    def make(self, recipe: Recipe, size: Size, span: Span) -> Picture:
        """A picture of that size (RGB). The same recipe on the same machine gives the same bytes."""
        whole = Size(_up(size.width), _up(size.height))
        words = self._words(recipe, span)
        with self._pipeline(self.making) as pipe:
            arguments, following = self._arguments(pipe, recipe, words, whole, span, recipe.steps)
            latents = self._run(pipe, arguments, following)
            picture = self._decode(pipe, latents, whole)
        return middle(picture, size)

    def inpaint(
        self, recipe: Recipe, picture: Picture, mask: Coverage, strength: float, span: Span
    ) -> Picture:
        """Paint the part of an RGB picture that ``mask`` (0..1, same size) covers anew, ``strength`` (0..1) far
        from what is there. Outside the mask the picture comes back unchanged."""
        height, width = picture.shape[:2]
        whole = Size(_up(width), _up(height))
        right, below = whole.width - width, whole.height - height
        padded = np.pad(picture, ((0, below), (0, right), (0, 0)), mode="edge")
        wanted = np.pad(mask, ((0, below), (0, right)))
        steps = max(1, int(recipe.steps * strength))
        words = self._words(recipe, span)
        with self._pipeline(self.inpainting) as pipe:
            arguments, following = self._arguments(pipe, recipe, words, whole, span, steps)
            arguments["image"] = torch.from_numpy(padded).permute(2, 0, 1)[None].float() / 255
            arguments["mask_image"] = torch.from_numpy(wanted)[None, None].float()
            arguments["strength"] = max(strength, 1 / recipe.steps)
            with _without_cache(pipe.transformer, when="negative_" in words):
                latents = self._run(pipe, arguments, following)
            painted = self._decode(pipe, latents, whole)[:height, :width]
        share = mask[..., None]
        return (painted * share + picture * (1 - share) + 0.5).astype(np.uint8)

    def _words(self, recipe: Recipe, span: Span) -> dict[str, Embeddings]:
        span.begin()
        words = {"": self.encode(recipe.prompt)}
        if recipe.negative:
            span.begin()
            words["negative_"] = self.encode(recipe.negative)
        span.begin()
        return words

    def _encode(self, prompt: str) -> Embeddings:
        def tokens(folder: Path, length: int) -> Any:
            tokenizer = tokenizer_in(folder)
            length = min(length, tokenizer.model_max_length)
            return tokenizer(
                prompt, padding="max_length", max_length=length, truncation=True, return_tensors="pt"
            )

        device = self._residency.device
        try:
            with self._residency.on_device("flux.text_encoder") as clip:
                ids = tokens(self._folder / "tokenizer", 77).input_ids.to(device)
                pooled = clip(ids).pooler_output
            with self._residency.on_device("flux.text_encoder_2") as t5:
                length = SCHNELL_TOKENS if "schnell" in self._revision else TOKENS
                ids = tokens(self._folder / "tokenizer_2", length).input_ids.to(device)
                hidden = t5(ids)[0]
        finally:
            self._residency.drop(*self.encoders)
        return {"prompt_embeds": hidden, "pooled_prompt_embeds": pooled}

    @contextmanager
    def _pipeline(self, kind: str) -> Iterator[Any]:
        """A diffusers pipeline around the resident modules; making one costs nothing."""
        import diffusers

        with ExitStack() as stack:
            transformer = stack.enter_context(self._residency.on_device("flux.transformer"))
            vae = stack.enter_context(self._residency.on_device("flux.vae"))
            if self._latent_map is None:
                self._latent_map = fit(vae)
            scheduler = diffusers.FlowMatchEulerDiscreteScheduler.from_pretrained(
                str(self._folder), subfolder="scheduler", local_files_only=True
            )
            pipe = self._built(getattr(diffusers, kind), scheduler, vae, transformer)
            pipe.set_progress_bar_config(disable=True)
            yield pipe

    def _arguments(
        self, pipe: Any, recipe: Recipe, words: dict[str, Embeddings], size: Size, span: Span, steps: int
    ) -> tuple[dict[str, Any], Denoising]:
        device, dtype = self._residency.device, pipe.vae.dtype
        following = Denoising(
            span.report,
            span.sub_step,
            span.start,
            span.end,
            steps,
            self._latent_map,
            partial(self._unpacked, pipe, size),
        )
        arguments = call_arguments(words, size, recipe.steps, recipe.seed, device, dtype, following)
        return arguments | self._guidance(recipe), following

    def _run(self, pipe: Any, arguments: dict[str, Any], following: Denoising) -> Any:
        latents = denoised(pipe, arguments, following, pipe.transformer.cache_context("cond"))
        self.step_seconds = following.step_seconds
        return latents

    def _built(self, kind: Any, scheduler: Any, vae: Any, transformer: Any) -> Any:
        return kind(
            scheduler=scheduler,
            vae=vae,
            text_encoder=None,
            tokenizer=None,
            text_encoder_2=None,
            tokenizer_2=None,
            transformer=transformer,
        )

    def _guidance(self, recipe: Recipe) -> dict[str, float]:
        true_guidance = recipe.true_guidance if recipe.negative else 1.0
        return {"guidance_scale": recipe.guidance, "true_cfg_scale": true_guidance}

    def _unpacked(self, pipe: Any, size: Size, latents: Any) -> Any:
        """The pipeline's packed latents (a row for each 2 x 2) as ``(channels, height, width)``."""
        return pipe._unpack_latents(latents, size.height, size.width, pipe.vae_scale_factor)[0]

    def _decode(self, pipe: Any, latents: Any, size: Size) -> Picture:
        with torch.no_grad():
            unpacked = self._unpacked(pipe, size, latents)[None].to(pipe.vae.dtype)
            latents = unpacked / pipe.vae.config.scaling_factor + (pipe.vae.config.shift_factor or 0)
            return decoded(pipe.vae, latents)


@contextmanager
def _without_cache(transformer: Any, *, when: bool) -> Iterator[None]:
    """Inpainting runs the model with both prompts without telling the step cache which is which: it would take one
    run's blocks for the other's."""
    config = transformer._cache_config if when else None
    if config is None:
        yield
        return
    transformer.disable_cache()
    try:
        yield
    finally:
        transformer.enable_cache(config)


def decoded(vae: Any, latents: Any) -> Picture:
    """The picture (RGB) of latents ``(1, channels, height, width)`` in the decoder's own scale."""
    with torch.no_grad():
        factor = 2 ** (len(vae.config.block_out_channels) - 1)
        if latents.shape[-1] * latents.shape[-2] * factor * factor > TILED_FROM:
            vae.enable_tiling()
        else:
            vae.disable_tiling()
        pixels = vae.decode(latents, return_dict=False)[0][0].float()
        shown = ((pixels / 2 + 0.5).clamp(0, 1) * 255 + 0.5).to(torch.uint8)
        picture: Picture = shown.permute(1, 2, 0).cpu().numpy()
    return np.ascontiguousarray(picture)


def middle(picture: Picture, size: Size) -> Picture:
    """The middle of a larger picture."""
    top, left = (picture.shape[0] - size.height) // 2, (picture.shape[1] - size.width) // 2
    return np.ascontiguousarray(picture[top : top + size.height, left : left + size.width])


def _up(side: int) -> int:
    return -(-side // GRAIN) * GRAIN

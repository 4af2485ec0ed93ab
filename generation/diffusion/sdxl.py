"""SDXL base with ControlNet canny: a material painted onto lettering; SDXL base alone: a background."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch

from generation.diffusion.denoising import Denoising, call_arguments, denoised
from generation.diffusion.embeddings import EmbeddingCache, Embeddings, Prompted, tokenizer_in
from generation.diffusion.flux import Span, decoded, middle
from generation.diffusion.loaders import FolderLoader
from generation.diffusion.previews import LatentMap, fit
from generation.diffusion.residency import Residency
from generation.types import Coverage, Picture, Size

GRAIN: Final = 64
"""SDXL makes pictures whose sides are multiples of this, in pixels."""
TOKENS: Final = 77
LAST_BUT_ONE: Final = -2
"""SDXL reads its text encoders' last layer but one (Podell et al. 2023)."""


@dataclass(frozen=True, slots=True)
class Painting:
    """How a picture is painted. ``strength`` is how far it may go from the picture it starts from, ``hold`` how
    firmly the outlines hold it (ControlNet's conditioning scale)."""

    prompt: str
    negative: str = ""
    steps: int = 24
    guidance: float = 6.0
    strength: float = 0.6
    hold: float = 0.8
    seed: int = 0


class Sdxl(Prompted):
    """Paints with the resident SDXL."""

    role, encoders = "sdxl", ("sdxl.text_encoder", "sdxl.text_encoder_2")

    def __init__(self, loader: FolderLoader, residency: Residency, prompts: EmbeddingCache) -> None:
        super().__init__(loader, residency, prompts)
        self._latent_map: LatentMap | None = None
        self.step_seconds: list[float] = []

    def paint(self, painting: Painting, start: Picture, outlines: Coverage, span: Span) -> Picture:
        """Paint over an RGB picture whose sides are multiples of ``GRAIN``; ``outlines`` (0 or 1, same size) are
        the edges to keep. RGB of the same size."""
        height, width = start.shape[:2]
        words = self._words(painting, span)
        with self._pipeline("StableDiffusionXLControlNetImg2ImgPipeline", "sdxl.controlnet") as pipe:
            steps = max(1, int(painting.steps * painting.strength))
            arguments, following = self._arguments(pipe, painting, words, Size(width, height), span, steps)
            arguments |= {
                "image": torch.from_numpy(start).permute(2, 0, 1)[None].float() / 255,
                "control_image": torch.from_numpy(np.repeat(outlines[None], 3, 0))[None].float(),
                "strength": max(painting.strength, 1 / painting.steps),
                "controlnet_conditioning_scale": painting.hold,
            }
            return self._run(pipe, arguments, following)

    def make(self, painting: Painting, size: Size, span: Span) -> Picture:
        """A picture of that size (RGB) from words alone."""
        words = self._words(painting, span)
        whole = Size(-(-size.width // GRAIN) * GRAIN, -(-size.height // GRAIN) * GRAIN)
        with self._pipeline("StableDiffusionXLPipeline") as pipe:
            arguments, following = self._arguments(pipe, painting, words, whole, span, painting.steps)
            picture = self._run(pipe, arguments, following)
        return middle(picture, size)

    def _words(self, painting: Painting, span: Span) -> dict[str, Embeddings]:
        """SDXL was trained with zeros where there is no negative prompt, not with an empty one."""
        span.begin()
        words = self.encode(painting.prompt)
        if painting.negative:
            unwanted = self.encode(painting.negative)
        else:
            unwanted = {name: torch.zeros_like(tensor) for name, tensor in words.items()}
        span.begin()
        return {"": words, "negative_": unwanted}

    def _encode(self, prompt: str) -> Embeddings:
        device, hidden, pooled = self._residency.device, [], None
        try:
            for ending in ("", "_2"):
                tokenizer = tokenizer_in(self._folder / f"tokenizer{ending}")
                words = tokenizer(
                    prompt, padding="max_length", max_length=TOKENS, truncation=True, return_tensors="pt"
                )
                with self._residency.on_device(f"sdxl.text_encoder{ending}") as encoder:
                    told = encoder(words.input_ids.to(device), output_hidden_states=True)
                    hidden.append(told.hidden_states[LAST_BUT_ONE])
                    pooled = told[0]
        finally:
            self._residency.drop(*self.encoders)
        return {"prompt_embeds": torch.cat(hidden, dim=-1), "pooled_prompt_embeds": pooled}

    @contextmanager
    def _pipeline(self, kind: str, *more: str) -> Iterator[Any]:
        import diffusers

        with ExitStack() as stack:
            extra = {
                key.rpartition(".")[2]: stack.enter_context(self._residency.on_device(key)) for key in more
            }
            unet = stack.enter_context(self._residency.on_device("sdxl.unet"))
            vae = stack.enter_context(self._residency.on_device("sdxl.vae"))
            if self._latent_map is None:
                self._latent_map = fit(vae)
            scheduler = diffusers.EulerDiscreteScheduler.from_pretrained(
                str(self._folder), subfolder="scheduler", local_files_only=True
            )
            pipe = getattr(diffusers, kind)(
                vae=vae,
                text_encoder=None,
                text_encoder_2=None,
                tokenizer=None,
                tokenizer_2=None,
                unet=unet,
                scheduler=scheduler,
                add_watermarker=False,
                **extra,
            )
            pipe.set_progress_bar_config(disable=True)
            yield pipe

    def _arguments(
        self, pipe: Any, painting: Painting, words: dict[str, Embeddings], size: Size, span: Span, steps: int
    ) -> tuple[dict[str, Any], Denoising]:
        device, dtype = self._residency.device, pipe.unet.dtype
        following = Denoising(span.report, span.sub_step, span.start, span.end, steps, self._latent_map)
        arguments = call_arguments(words, size, painting.steps, painting.seed, device, dtype, following)
        return arguments | {"guidance_scale": painting.guidance}, following

    def _run(self, pipe: Any, arguments: dict[str, Any], following: Denoising) -> Picture:
        latents = denoised(pipe, arguments, following)
        self.step_seconds = following.step_seconds
        return decoded(pipe.vae, latents.to(pipe.vae.dtype) / pipe.vae.config.scaling_factor)

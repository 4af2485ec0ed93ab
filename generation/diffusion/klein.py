"""FLUX.2 [klein]: the same work as FLUX.1's with another transformer, text encoder and latent layout.

It is distilled: four steps, no guidance, and so no negative prompt.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch

from generation.diffusion.embeddings import Embeddings, tokenizer_in
from generation.diffusion.flux import Flux, Recipe, Span, decoded
from generation.types import Picture, Size


class Klein(Flux):
    """Makes and inpaints pictures with the resident FLUX.2 [klein]."""

    making, inpainting = "Flux2KleinPipeline", "Flux2KleinInpaintPipeline"
    encoders = ("flux.text_encoder",)

    def _words(self, recipe: Recipe, span: Span) -> dict[str, Embeddings]:
        return super()._words(replace(recipe, negative=""), span)

    def _encode(self, prompt: str) -> Embeddings:
        from diffusers import Flux2KleinPipeline

        tokenizer = tokenizer_in(self._folder / "tokenizer")
        try:
            with self._residency.on_device("flux.text_encoder") as encoder:
                hidden = Flux2KleinPipeline._get_qwen3_prompt_embeds(encoder, tokenizer, prompt)
        finally:
            self._residency.drop(*self.encoders)
        return {"prompt_embeds": hidden}

    def _built(self, kind: Any, scheduler: Any, vae: Any, transformer: Any) -> Any:
        return kind(
            scheduler=scheduler,
            vae=vae,
            text_encoder=None,
            tokenizer=None,
            transformer=transformer,
            is_distilled=True,
        )

    def _guidance(self, recipe: Recipe) -> dict[str, float]:
        return {"guidance_scale": 1.0}

    def _unpacked(self, pipe: Any, size: Size, latents: Any) -> Any:
        """As the decoder takes them: the packed rows laid out, their normalisation undone, 2 x 2 patches opened."""
        across, down = size.width // (2 * pipe.vae_scale_factor), size.height // (2 * pipe.vae_scale_factor)
        grid = latents.reshape(1, down, across, -1).permute(0, 3, 1, 2)
        mean = pipe.vae.bn.running_mean.view(1, -1, 1, 1).to(grid)
        deviation = (
            (pipe.vae.bn.running_var.view(1, -1, 1, 1) + pipe.vae.config.batch_norm_eps).sqrt().to(grid)
        )
        return pipe._unpatchify_latents(grid * deviation + mean)[0]

    def _decode(self, pipe: Any, latents: Any, size: Size) -> Picture:
        with torch.no_grad():  # the pipeline has unpacked them already
            return decoded(pipe.vae, latents.to(pipe.vae.dtype))

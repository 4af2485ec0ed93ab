"""A small picture from latents, by one matrix product instead of the decoder.

A latent pixel's channels are, to a good approximation, a linear code of the colour of the 8 x 8 pixels it stands
for. The code is read off the model's own encoder: a test chart is encoded once, and the map back to its colours
solved by least squares. So every model brings its own, without numbers measured elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch

from generation.types import Picture

CHART_SIDE: Final = 256
"""Pixels of the test chart's side."""
PREVIEW_SIDE: Final = 512
"""Pixels of a preview's longer side, at most."""
DAMPING: Final = 1e-5
"""Share of the largest variance added to all: channels that say nothing about colour then count for nothing."""


@dataclass(frozen=True, slots=True)
class LatentMap:
    """``matrix``: float32, one row a latent channel and a last one for the offset, columns RGB in 0..1."""

    matrix: Any

    def picture(self, latents: Any) -> Picture:
        """The preview of latents ``(channels, height, width)``: RGB, one pixel a latent pixel, enlarged to at most
        ``PREVIEW_SIDE``."""
        with torch.no_grad():
            planes = latents.detach().float().permute(1, 2, 0)
            matrix = self.matrix.to(planes.device)
            colors = (planes @ matrix[:-1] + matrix[-1]).clamp(0, 1)
            small: Picture = (colors * 255 + 0.5).to(torch.uint8).cpu().numpy()
        times = max(1, PREVIEW_SIDE // max(small.shape[:2]))
        return np.ascontiguousarray(small.repeat(times, axis=0).repeat(times, axis=1))


def fit(vae: Any) -> LatentMap:
    """The map of one autoencoder (diffusers ``AutoencoderKL`` and its kin), read off its encoder."""
    chart = test_chart()
    with torch.no_grad():
        pixels = torch.from_numpy(chart).to(vae.device, vae.dtype).permute(2, 0, 1)[None] * 2 - 1
        latents = vae.encode(pixels).latent_dist.mode()[0].float().cpu()
    shift = getattr(vae.config, "shift_factor", None) or 0.0
    latents = (latents - shift) * (getattr(vae.config, "scaling_factor", None) or 1.0)
    side = latents.shape[-1]
    colors = (
        torch.from_numpy(chart).reshape(side, CHART_SIDE // side, side, CHART_SIDE // side, 3).mean((1, 3))
    )
    known = torch.cat([latents.flatten(1).T, torch.ones(side * side, 1)], dim=1).double()
    normal = known.T @ known
    normal += torch.eye(len(normal), dtype=torch.float64) * DAMPING * normal.diagonal().max()
    matrix = torch.linalg.solve(normal, known.T @ colors.reshape(-1, 3).double())
    return LatentMap(matrix.float())


def test_chart() -> np.ndarray[Any, np.dtype[np.float32]]:
    """Soft patches of many colours, large and small, as float32 RGB in 0..1, ``(CHART_SIDE, CHART_SIDE, 3)``."""
    random = np.random.default_rng(7)
    chart = np.full((CHART_SIDE, CHART_SIDE, 3), 0.5, np.float32)
    for cells, weight in ((4, 0.5), (8, 0.35), (16, 0.2)):
        patches = torch.from_numpy(random.uniform(-1, 1, (1, 3, cells, cells)).astype(np.float32))
        large = torch.nn.functional.interpolate(patches, CHART_SIDE, mode="bicubic", align_corners=False)
        chart += weight * large[0].permute(1, 2, 0).numpy()
    return np.clip(chart, 0, 1)

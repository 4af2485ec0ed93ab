"""BiRefNet's matte (Zheng et al. 2024, "Bilateral Reference for High-Resolution Dichotomous Image Segmentation")."""

from __future__ import annotations

from typing import Any, Final

import torch

from generation.diffusion.residency import Residency
from generation.types import Coverage, Picture

SIDE: Final = 1024
"""Pixels of the square that the network looks at."""
MEAN: Final = (0.485, 0.456, 0.406)
DEVIATION: Final = (0.229, 0.224, 0.225)
"""Of ImageNet's colours, by which the network's input is normalised (its model card)."""


class Matting:
    """Finds the product's matte with the resident BiRefNet."""

    def __init__(self, residency: Residency, side: int = SIDE) -> None:
        self._residency = residency
        self.side = side

    def matte(self, photo: Picture) -> Coverage:
        """The raw matte of an RGB photo, float32 0..1, ``(side, side)``: as the network gives it."""
        with self._residency.on_device("birefnet") as network, torch.no_grad():
            device = self._residency.device
            pixels = torch.from_numpy(photo).to(device).permute(2, 0, 1)[None].float() / 255
            pixels = torch.nn.functional.interpolate(
                pixels, (self.side, self.side), mode="bilinear", antialias=True, align_corners=False
            )
            pixels = (pixels - _column(MEAN, device)) / _column(DEVIATION, device)
            dtype = next(network.parameters()).dtype
            logits = network(pixels.to(dtype))
            last = logits[-1] if isinstance(logits, (list, tuple)) else logits
            matte: Coverage = last[0, 0].float().sigmoid().cpu().numpy()
        return matte


def _column(values: tuple[float, ...], device: torch.device) -> Any:
    return torch.tensor(values, device=device)[None, :, None, None]

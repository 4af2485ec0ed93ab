"""A network of BiRefNet's shape, for measuring and testing without its weights: a Swin backbone that sees the photo
at two scales, and a decoder that goes up through its four levels. Written anew from the paper's description; it is
copied into a model folder as remote code, where it behaves like the real one: numbers read off a tensor while
it is built, no ``post_init``, and its configuration replaced by an object of its own.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional
from transformers import PreTrainedModel, SwinBackbone, SwinConfig

from .BiRefNet_config import BiRefNetConfig


class Rise(nn.Module):
    """One level of the decoder: narrow, look around at three distances, widen."""

    def __init__(self, came: int, inner: int, goes: int) -> None:
        super().__init__()
        self.narrow = nn.Conv2d(came, inner, 3, padding=1)
        self.around = nn.ModuleList(
            nn.Conv2d(inner, inner, 3, padding=far, dilation=far) for far in (1, 3, 7)
        )
        self.join = nn.Conv2d(inner * 3, inner, 1)
        self.widen = nn.Conv2d(inner, goes, 3, padding=1)

    def forward(self, level: torch.Tensor) -> torch.Tensor:
        level = functional.relu(self.narrow(level))
        level = self.join(torch.cat([look(level) for look in self.around], dim=1))
        return self.widen(functional.relu(level))


class Settings:
    """The real network's own configuration is no ``PretrainedConfig`` either."""

    def __init__(self) -> None:
        self.size = 1024


class BiRefNet(PreTrainedModel):
    config_class = BiRefNetConfig

    def __init__(self, bb_pretrained: bool = True, config: BiRefNetConfig = BiRefNetConfig()) -> None:  # noqa: B008
        super().__init__(config)
        rates = [step.item() for step in torch.linspace(0, 0.2, sum(config.depths))]
        swin = SwinConfig(
            embed_dim=config.embed_dim,
            depths=config.depths,
            num_heads=config.heads,
            window_size=config.window,
            drop_path_rate=rates[-1],
            out_features=["stage1", "stage2", "stage3", "stage4"],
        )
        self.bb = SwinBackbone(swin)
        wide = [config.embed_dim * 2 * 2**level for level in range(4)]
        self.rises = nn.ModuleList(
            Rise(wide[level], config.inner, wide[max(level - 1, 0)]) for level in (3, 2, 1, 0)
        )
        self.last = nn.Conv2d(wide[0], 1, 1)
        self.config = Settings()

    def forward(self, photo: torch.Tensor) -> list[torch.Tensor]:
        """Logits at the photo's size, the last of a list as the real network's are."""
        near = self.bb(photo).feature_maps
        half = functional.interpolate(photo, scale_factor=0.5, mode="bilinear", align_corners=True)
        far = self.bb(half).feature_maps
        levels = [
            torch.cat([fine, functional.interpolate(coarse, fine.shape[2:], mode="bilinear")], dim=1)
            for fine, coarse in zip(near, far, strict=True)
        ]
        level = levels[3]
        for index, rise in zip((3, 2, 1, 0), self.rises, strict=True):
            level = rise(level)
            if index:
                below = levels[index - 1]
                level = functional.interpolate(level, below.shape[2:], mode="bilinear") + below
        logits = functional.interpolate(self.last(level), photo.shape[2:], mode="bilinear")
        return [logits]

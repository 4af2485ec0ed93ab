# ruff: noqa: N999 - the name that the real repository gives it
"""Configuration of the network in ``birefnet.py``."""

from __future__ import annotations

from typing import Any

from transformers import PretrainedConfig


class BiRefNetConfig(PretrainedConfig):
    """``embed_dim``, ``depths``, ``heads`` and ``window`` are the Swin backbone's, ``inner`` the decoder's width."""

    model_type = "SegformerForSemanticSegmentation"

    def __init__(
        self,
        bb_pretrained: bool = False,
        embed_dim: int = 192,
        depths: tuple[int, ...] = (2, 2, 18, 2),
        heads: tuple[int, ...] = (6, 12, 24, 48),
        window: int = 12,
        inner: int = 64,
        **more: Any,
    ) -> None:
        self.bb_pretrained = bb_pretrained
        self.embed_dim = embed_dim
        self.depths = list(depths)
        self.heads = list(heads)
        self.window = window
        self.inner = inner
        super().__init__(**more)

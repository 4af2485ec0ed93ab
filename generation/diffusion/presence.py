"""Whether a diffusion worker can work here, told without importing torch."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Final

from generation.diffusion.lock import find
from generation.diffusion.options import from_environment
from generation.diffusion.registry import chosen
from generation.errors import EngineError

NVIDIA_DRIVER: Final = Path("/dev/nvidiactl")
ENGINE_PACKAGES: Final = ("torch", "diffusers", "transformers")
BIREFNET_PACKAGES: Final = ("torchvision", "kornia", "einops", "timm")
"""What BiRefNet's own code imports."""


def is_wanted() -> bool:
    """Whether this installation has the engine's packages: those of the studio engine alone bring none of them."""
    return all(find_spec(name) for name in ENGINE_PACKAGES)


def what_is_missing() -> str:
    """One sentence about the first thing that keeps a diffusion worker from working here; empty when nothing does."""
    if not is_wanted():
        return "requirements/diffusion.txt is not installed"
    if not NVIDIA_DRIVER.exists():
        return "no NVIDIA card was found"
    if not all(find_spec(name) for name in BIREFNET_PACKAGES):
        return "requirements/diffusion-gpu.txt is not installed"
    try:
        for model in chosen(from_environment().flux):
            find(model)
    except EngineError as error:
        return error.detail
    return ""

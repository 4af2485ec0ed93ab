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


def what_is_missing() -> str:
    """One sentence about the first thing that keeps a diffusion worker from working here; empty when nothing does."""
    if find_spec("torch") is None or find_spec("diffusers") is None:
        return "torch and diffusers are not installed"
    if not NVIDIA_DRIVER.exists():
        return "no NVIDIA card was found"
    try:
        for model in chosen(from_environment().flux):
            find(model)
    except EngineError as error:
        return error.detail
    return ""

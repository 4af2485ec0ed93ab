"""Speed options, applied to a part once when it is loaded."""

from __future__ import annotations

import logging
from typing import Any, Final

import torch

from generation.diffusion.options import Options

logger = logging.getLogger(__name__)

HOPPER: Final = (9, 0)
"""From here on cuDNN's attention is the fastest that torch brings."""
SHAPES_COMPILED: Final = 32
"""Frame shapes a compiled block is specialised for before torch gives up; its own limit of 8 is under our formats."""


def prepare(key: str, module: Any, options: Options, device: torch.device, *, streamed: bool) -> None:
    """Attention kernel, step cache and compilation of FLUX's transformer; memory layout of convolutions.
    A streamed module waits for the bus, not for the card: compiling it gains nothing."""
    compiled = options.compiled and device.type == "cuda" and not streamed
    if key in ("sdxl.unet", "sdxl.controlnet", "sdxl.vae", "flux.vae") and device.type == "cuda":
        module.to(memory_format=torch.channels_last)
    if key in ("sdxl.unet", "sdxl.controlnet") and compiled:
        _compile_attention_blocks(module)
    if key != "flux.transformer":
        return
    backend = attention_backend(options, device)
    if backend != "native":
        module.set_attention_backend(backend)
    if options.cache_threshold > 0:
        from diffusers import FirstBlockCacheConfig

        module.enable_cache(FirstBlockCacheConfig(threshold=options.cache_threshold))
    if compiled:
        torch._dynamo.config.cache_size_limit = SHAPES_COMPILED
        module.compile_repeated_blocks()
    logger.info(
        "%s: attention %s, cache %s, compiled %s", key, backend, options.cache_threshold, options.compiled
    )


def _compile_attention_blocks(module: Any) -> None:
    """SDXL's steps are short: launching their many small kernels one by one takes longer than running them."""
    torch._dynamo.config.cache_size_limit = SHAPES_COMPILED
    for child in module.modules():
        if type(child).__name__ == "BasicTransformerBlock":
            child.compile()


def attention_backend(options: Options, device: torch.device) -> str:
    """diffusers' name of the attention kernel to use here."""
    if options.attention != "auto":
        return options.attention
    hopper = device.type == "cuda" and torch.cuda.get_device_capability(device) >= HOPPER
    return "_native_cudnn" if hopper else "native"

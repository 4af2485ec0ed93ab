"""Speed options, applied to a part once when it is loaded."""

from __future__ import annotations

import logging
import os
import shutil
import sysconfig
from pathlib import Path
from typing import Any, Final

import torch

from generation.diffusion.options import Options
from generation.errors import EngineUnavailable

logger = logging.getLogger(__name__)

CONVOLUTIONAL: Final = frozenset({"sdxl.unet", "sdxl.controlnet", "sdxl.vae", "flux.vae"})
COMPILED: Final = frozenset({"flux.transformer", "sdxl.unet", "sdxl.controlnet"})
BASIC_BLOCK: Final = "BasicTransformerBlock"
"""What UNet and ControlNet repeat; diffusers knows it of the UNet alone."""
HOPPER: Final = (9, 0)
"""From here on cuDNN's attention is the fastest that torch brings."""
SHAPES_COMPILED: Final = 32
"""Frame shapes a compiled block is specialised for before torch gives up; its own limit of 8 is under our formats."""


def prepare(key: str, module: Any, options: Options, device: torch.device, *, streamed: bool) -> None:
    """Memory layout of convolutions; attention kernel and step cache of FLUX's transformer; compilation.
    A streamed module waits for the bus, not for the card: compiling it gains nothing, and its weights are pinned
    as they are."""
    if key in CONVOLUTIONAL and device.type == "cuda" and not streamed:
        module.to(memory_format=torch.channels_last)
    if key not in COMPILED:
        return
    compiled = compiles(options, device) and not streamed
    if key == "flux.transformer":
        backend = attention_backend(options, device)
        if backend != "native":
            _use_attention(module, backend)
        if options.cache_threshold > 0:
            from diffusers import FirstBlockCacheConfig

            module.enable_cache(FirstBlockCacheConfig(threshold=options.cache_threshold))
        logger.info("%s: attention %s, cache %s", key, backend, options.cache_threshold)
    if compiled:
        compile_blocks(module)
    logger.info("%s: compiled %s", key, compiled)


def compile_blocks(module: Any) -> None:
    """Compile the blocks that a model repeats. FLUX's steps become a quarter shorter; SDXL's halve, since launching
    their many small kernels takes longer than running them (docs/performance.md)."""
    torch._dynamo.config.cache_size_limit = SHAPES_COMPILED
    names = module._repeated_blocks or [BASIC_BLOCK]
    for child in module.modules():
        if type(child).__name__ in names:
            child.compile()


def compiles(options: Options, device: torch.device) -> bool:
    """Whether blocks are compiled here: wished for, on a card, and nothing missing for it."""
    if not options.compiled or device.type != "cuda":
        return False
    missing = what_compiling_lacks()
    if missing:
        logger.warning("torch.compile is left out: %s was not found", missing)
    return not missing


def what_compiling_lacks() -> str:
    """What is missing here of that with which compiled blocks are built and launched; empty when nothing is."""
    if not any(shutil.which(name) for name in filter(None, (os.environ.get("CC"), "gcc", "clang", "cc"))):
        return "a C compiler"
    return "" if Path(sysconfig.get_path("include"), "Python.h").is_file() else "Python.h"


def _use_attention(module: Any, backend: str) -> None:
    """Raises ``EngineUnavailable`` for a kernel that this machine has not."""
    try:
        module.set_attention_backend(backend)
    except (ImportError, RuntimeError, ValueError) as error:
        raise EngineUnavailable(f"DIFFUSION_ATTENTION={backend} cannot be used here: {error}") from error


def attention_backend(options: Options, device: torch.device) -> str:
    """diffusers' name of the attention kernel to use here."""
    if options.attention != "auto":
        return options.attention
    hopper = device.type == "cuda" and torch.cuda.get_device_capability(device) >= HOPPER
    return "_native_cudnn" if hopper else "native"

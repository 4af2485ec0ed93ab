"""Puts the engine's parts together for this machine: card, plan, cache, and the three who use them."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeVar

import torch

from generation.diffusion import tuning
from generation.diffusion.embeddings import EmbeddingCache
from generation.diffusion.flux import Flux
from generation.diffusion.klein import Klein
from generation.diffusion.loaders import FolderLoader, quantisers
from generation.diffusion.lock import Source, diffusion_dir
from generation.diffusion.matting import Matting
from generation.diffusion.options import GIB, Options
from generation.diffusion.plan import Form, Plan, make_plan
from generation.diffusion.registry import chosen
from generation.diffusion.residency import Residency
from generation.diffusion.sdxl import Sdxl
from generation.errors import EngineUnavailable, OutOfMemory

logger = logging.getLogger(__name__)

RESERVE: Final = round(0.75 * GIB)
"""Bytes of the card left to others and to CUDA's own context, which is about half a GiB."""
CPU_MEMORY: Final = 8 * GIB
"""What the engine may take on a machine without a card, where only tiny models make sense."""
PINNED_EXACTLY: Final = "pinned_max_cached_size_mb:1"
"""torch's setting of pinned host memory: pieces above this are as large as asked for, not the next power of two, and go
back to the system when freed. Else evicted models would take up to twice of what the host budget counts."""
KNOWS_PINNED_EXACTLY: Final = (2, 13)
"""The version of torch that the setting was seen in; one that does not know it would refuse to start."""
Result = TypeVar("Result")


@dataclass
class Assembly:
    """Everything that was opened once and serves all jobs."""

    options: Options
    device: torch.device
    loader: FolderLoader
    residency: Residency
    prompts: EmbeddingCache
    flux: Flux
    sdxl: Sdxl
    matting: Matting

    @property
    def plan(self) -> Plan:
        return self.residency.plan

    def with_room(self, stage: Callable[[], Result]) -> Result:
        """Run a stage; when the card runs out of memory, take everything else off it and try once more.

        Raises ``OutOfMemory`` when that does not help either.
        """
        try:
            return stage()
        except torch.OutOfMemoryError as error:
            logger.warning("out of memory, once more with an empty card: %s", error)
        self.residency.evict_idle()
        try:
            return stage()
        except torch.OutOfMemoryError as error:
            self.residency.evict_idle()
            raise OutOfMemory(str(error)) from error


def assemble(
    options: Options, sources: Mapping[str, Source] | None = None, device: torch.device | None = None
) -> Assembly:
    """Find the weights, plan, and open what uses them; nothing is loaded yet.

    Raises ``WeightsMissing``, ``WeightsCorrupt`` and ``EngineUnavailable``.
    """
    _set_up_libraries()
    device = device or pick_device()
    loader = FolderLoader(chosen(options.flux), sources)
    plan = _plan(loader, device, options)
    residency = Residency(
        loader,
        plan,
        device,
        options.host_budget,
        on_load=partial(_prepare, options, device, plan),
    )
    prompts = EmbeddingCache(diffusion_dir() / "prompts")
    return Assembly(
        options,
        device,
        loader,
        residency,
        prompts,
        (Klein if options.flux == "flux2-klein" else Flux)(loader, residency, prompts),
        Sdxl(loader, residency, prompts),
        Matting(residency),
    )


def _set_up_libraries() -> None:
    """Before they are first used: what is not here was not fetched, and nothing is fetched behind it; host memory is
    taken as it is counted."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    if tuple(int(part) for part in torch.__version__.split(".")[:2]) >= KNOWS_PINNED_EXACTLY:
        os.environ.setdefault("PYTORCH_ALLOC_CONF", PINNED_EXACTLY)


def pick_device() -> torch.device:
    """The CUDA card. Raises ``EngineUnavailable`` where there is none, unless ``DIFFUSION_DEVICE=cpu`` insists."""
    if os.environ.get("DIFFUSION_DEVICE") == "cpu":
        return torch.device("cpu")
    if not torch.cuda.is_available():
        raise EngineUnavailable("no CUDA card was found: the diffusion engine needs one")
    return torch.device("cuda", torch.cuda.current_device())


def card_memory(device: torch.device, options: Options) -> int:
    """Bytes that the engine may use: as the options say, else what is free less a reserve. Raises
    ``EngineUnavailable`` for a wish that is more than the whole card."""
    if device.type == "cpu":
        return CPU_MEMORY if options.vram_budget is None else options.vram_budget
    free, total = torch.cuda.mem_get_info(device)
    if options.vram_budget is None:
        return free - RESERVE
    if options.vram_budget > total:
        raise EngineUnavailable(
            f"VRAM_BUDGET_GB={options.vram_budget / GIB:g} is more than the card has: {total / GIB:.1f} GiB"
        )
    return options.vram_budget


def _plan(loader: FolderLoader, device: torch.device, options: Options) -> Plan:
    """Raises ``EngineUnavailable`` for a precision that cannot be made here, and for a card that is too small."""
    can_make = quantisers(device, compiled=tuning.compiles(options, device))
    if options.precision in (Form.FP8, Form.NF4) and Form(options.precision) not in can_make:
        raise EngineUnavailable(
            f"FLUX_PRECISION={options.precision} cannot be made here: it takes requirements/diffusion-gpu.txt,"
            " and for fp8 an Ada card or newer"
        )
    memory = card_memory(device, options)
    plan = make_plan(loader.counts(), loader.kept(), memory, can_make, options.precision)
    if plan.too_large():
        raise EngineUnavailable(f"the models do not fit: {plan.too_large()}")
    return plan


def describe(assembly: Assembly) -> list[str]:
    """What was found, for the worker's first lines: card, memory, weights, plan."""
    device, lines = assembly.device, []
    if device.type == "cuda":
        free, total = torch.cuda.mem_get_info(device)
        name = torch.cuda.get_device_name(device)
        lines.append(f"{name}: {free / GIB:.1f} of {total / GIB:.1f} GiB free")
    else:
        lines.append("no card: everything runs on the CPU")
    lines += [f"{model.key} ({model.repo}): {model.licence}" for model in assembly.loader.models]
    return lines + assembly.plan.sentences()


def _prepare(options: Options, device: torch.device, plan: Plan, key: str, module: Any) -> None:
    streamed = plan.parts[key].form is Form.STREAMED
    tuning.prepare(key, module, options, device, streamed=streamed)

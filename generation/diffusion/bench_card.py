"""What the bench reads off the card: memory now, memory at most."""

from __future__ import annotations

import gc

import torch

from generation.diffusion.options import GIB


def reset_peak(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)


def peak(device: torch.device) -> dict[str, float]:
    """Since the last reset, in GiB: what tensors took at most, what torch's allocator held at most, and what was
    gone from the card then: with CUDA's own context and the libraries' workspaces, which the allocator does not count
    and which stay as large as they are. All of the card is counted: let nothing else run on it."""
    if device.type != "cuda":
        return {"card_peak_gib": 0.0}
    free, total = torch.cuda.mem_get_info(device)
    outside = total - free - torch.cuda.memory_reserved(device)
    held = torch.cuda.max_memory_reserved(device)
    return {
        "tensors_gib": torch.cuda.max_memory_allocated(device) / GIB,
        "held_gib": held / GIB,
        "card_peak_gib": (held + outside) / GIB,
    }


def allocated(device: torch.device) -> int:
    """Bytes of tensors on the card now."""
    return torch.cuda.memory_allocated(device) if device.type == "cuda" else 0


def emptied(device: torch.device) -> None:
    """Garbage gone, cached blocks returned to the driver."""
    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()

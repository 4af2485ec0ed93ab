"""Weights on another device: plain tensors, torchao's 8-bit ones and bitsandbytes' 4-bit ones alike."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch.utils._python_dispatch import is_traceable_wrapper_subclass


def tensors_of(module: Any) -> dict[str, Any]:
    """Every tensor in the module tree by its full name."""
    return {name: table[key] for name, table, key in _slots(module)}


def each_once(tensors: Mapping[str, Any], change: Callable[[Any], Any]) -> dict[str, Any]:
    """Every tensor changed; one that stands in two places (tied weights) is changed once."""
    made: dict[int, Any] = {}
    with torch.no_grad():
        for tensor in tensors.values():
            if id(tensor) not in made:
                made[id(tensor)] = change(tensor)
    return {name: made[id(tensor)] for name, tensor in tensors.items()}


def bind(module: Any, tensors: Mapping[str, Any]) -> None:
    """Put these tensors, by full name, in the module's places."""
    for name, table, key in _slots(module):
        table[key] = tensors[name]
    for child in module.modules():
        state = getattr(getattr(child, "weight", None), "quant_state", None)
        if state is not None:
            child.quant_state = state  # bitsandbytes' layers remember it too, and would hold it on the card


def copied(tensor: Any, device: torch.device, *, pinned: bool = False) -> Any:
    """The same kind of tensor on a device, sharing nothing with the one given. ``pinned``: in host memory from which
    the card fetches at the bus's full speed. A copy from there is only queued: wait for the card before its use."""
    if hasattr(tensor, "quant_state"):
        return _copied_4bit(tensor, device, pinned)
    if is_traceable_wrapper_subclass(tensor):
        names, rest = tensor.__tensor_flatten__()
        inner = {name: copied(getattr(tensor, name), device, pinned=pinned) for name in names}
        made = type(tensor).__tensor_unflatten__(inner, rest, tensor.shape, tensor.stride())
    else:
        made = torch.empty_like(tensor.data, device=device, pin_memory=pinned)
        made.copy_(tensor.data, non_blocking=device.type == "cuda")
    return torch.nn.Parameter(made, requires_grad=False) if isinstance(tensor, torch.nn.Parameter) else made


def _copied_4bit(tensor: Any, device: torch.device, pinned: bool) -> Any:
    """bitsandbytes moves a weight's scales where they lie, so each copy gets scales of its own."""
    twin = copy.copy(tensor)
    twin.quant_state = copy.deepcopy(tensor.quant_state)
    made = twin.to(device)
    if made.data_ptr() == tensor.data_ptr():
        made.data = made.data.clone()
    if pinned:
        made.data = made.data.pin_memory()
    return made


def _slots(module: Any) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Every place in the module tree that holds a tensor: its full name, the dictionary and the key there."""
    for prefix, child in module.named_modules():
        for table in (child._parameters, child._buffers):
            for key, tensor in table.items():
                if tensor is not None:
                    yield f"{prefix}.{key}", table, key

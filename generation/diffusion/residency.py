"""Which models are on the card: a budgeted cache that keeps what is used and never exceeds what was granted.

A part is absent, in host memory (pinned, so that it returns at the bus's full speed) or on the device. Weights never
change, so the host copy made at the first eviction is kept, and later evictions move nothing: the device's
copy is dropped. Least recently used goes first, from the device to the host, from the host to nothing.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import torch

from generation.diffusion.plan import Form, Plan
from generation.errors import OutOfMemory

NO_SWAP: Final = frozenset({Form.STREAMED})
"""Forms that look after their own place."""


class Loader(Protocol):
    """Where parts come from."""

    def load(self, key: str, form: Form, device: torch.device) -> Any:
        """The part's module, in eval mode, on the device (a streamed one: on the host, hooked)."""

    def file_bytes(self, key: str) -> int:
        """Bytes that loading the part reads."""


@dataclass
class Held:
    """One part that was loaded. ``copy`` is its host copy, once made; ``why`` tells people why it is here."""

    module: Any
    device_bytes: int
    host_bytes: int
    on_device: bool
    streamed: bool = False
    copy: dict[str, Any] | None = None
    users: int = 0
    used_at: float = 0.0
    why: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """A part as ``/resources`` shows it. ``place`` is ``device`` or ``host``; ``why`` one of ``in use``,
    ``kept for the next job``, ``evicted to make room``, ``streamed``."""

    key: str
    place: str
    bytes: int
    why: str
    idle_seconds: float


@dataclass
class Residency:
    """The cache. ``weight_bytes_read`` counts what was read from files since the start."""

    loader: Loader
    plan: Plan
    device: torch.device
    host_budget: int
    on_load: Callable[[str, Any], None] = lambda key, module: None
    weight_bytes_read: int = 0
    load_seconds: dict[str, float] = field(default_factory=dict)
    _held: dict[str, Held] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @contextmanager
    def on_device(self, key: str) -> Iterator[Any]:
        """The part's module, on the device and locked there until the block ends.

        Raises ``OutOfMemory`` when it does not fit beside what is in use, and what its loader raises.
        """
        with self._lock:
            held = self._bring(key)
            held.users += 1
            held.why = "in use"
        try:
            yield held.module
        finally:
            with self._lock:
                held.users -= 1
                held.used_at = time.monotonic()
                if not held.users:
                    held.why = "streamed" if held.streamed else "kept for the next job"

    def evict_idle(self) -> None:
        """Take everything that is not in use off the device."""
        with self._lock:
            for key in self._idle():
                self._to_host(key)
            _give_memory_back(self.device)

    def drop(self, *keys: str) -> None:
        """Forget parts that are not in use, wherever they are; without names, all of them."""
        with self._lock:
            for key in keys or tuple(self._held):
                if key in self._held and not self._held[key].users:
                    del self._held[key]
            _give_memory_back(self.device)

    def device_bytes(self) -> int:
        """Bytes of weights on the device, by plan."""
        return sum(held.device_bytes for held in self._held.values() if held.on_device)

    def host_bytes(self) -> int:
        """Bytes of weights kept in host memory."""
        return sum(held.host_bytes for held in self._held.values() if held.copy is not None or held.streamed)

    def standing(self) -> list[Standing]:
        """What is where, most recently used first. Takes no lock: whoever asks must not wait for a model to load."""
        now = time.monotonic()
        parts = sorted(self._held.items(), key=lambda item: -item[1].used_at)
        return [
            Standing(
                key,
                "device" if held.on_device else "host",
                held.device_bytes if held.on_device else held.host_bytes,
                held.why,
                0.0 if held.users else now - held.used_at,
            )
            for key, held in parts
        ]

    def _bring(self, key: str) -> Held:
        held = self._held.get(key)
        if held is not None and held.on_device:
            return held
        planned = self.plan.parts[key]
        self._make_room(planned.device_bytes)
        if held is not None:
            _move_to_device(held, self.device)
            return held
        started = time.monotonic()
        module = self.loader.load(key, planned.form, self.device)
        self.weight_bytes_read += self.loader.file_bytes(key)
        self.on_load(key, module)
        self.load_seconds[key] = time.monotonic() - started
        streamed = planned.form in NO_SWAP
        held = Held(module, planned.device_bytes, planned.host_bytes, on_device=True, streamed=streamed)
        held.used_at = time.monotonic()
        self._held[key] = held
        return held

    def _make_room(self, needed: int) -> None:
        freed = False
        for key in self._idle():
            if self.device_bytes() + needed <= self.plan.budget:
                break
            self._to_host(key)
            freed = True
        if freed:
            _give_memory_back(self.device)
        if self.device_bytes() + needed > self.plan.budget:
            raise OutOfMemory(
                f"{needed} bytes do not fit beside {self.device_bytes()} in use, of {self.plan.budget}"
            )

    def _idle(self) -> list[str]:
        """Parts on the device that nobody uses, least recently used first."""
        idle = [(held.used_at, key) for key, held in self._held.items() if held.on_device and not held.users]
        return [key for _, key in sorted(idle)]

    def _to_host(self, key: str) -> None:
        held = self._held[key]
        if held.streamed:
            del self._held[key]
            return
        if held.copy is None:
            if held.host_bytes > self.host_budget:
                del self._held[key]
                return
            self._make_host_room(held.host_bytes)
            held.copy = _host_copy(held.module)
        _rebind(held.module, held.copy)
        held.on_device = False
        held.why = "evicted to make room"

    def _make_host_room(self, needed: int) -> None:
        oldest = sorted((held.used_at, key) for key, held in self._held.items() if held.copy is not None)
        for _, key in oldest:
            if self.host_bytes() + needed <= self.host_budget:
                return
            held = self._held[key]
            if held.on_device:
                held.copy = None
            else:
                del self._held[key]


def _slots(module: Any) -> Iterator[tuple[str, Mapping[str, Any], str, Any]]:
    """Every place in the module tree that holds a tensor: its full name, the dictionary, the key, the tensor."""
    for prefix, child in module.named_modules():
        for table in (child._parameters, child._buffers):
            for name, tensor in table.items():
                if tensor is not None:
                    yield f"{prefix}.{name}", table, name, tensor


def _host_copy(module: Any) -> dict[str, Any]:
    """A copy of every tensor in host memory, pinned where the device is a CUDA card and the tensor a plain one."""
    return _each_once({name: tensor for name, _, _, tensor in _slots(module)}, _copied)


def _each_once(tensors: Mapping[str, Any], change: Callable[[Any], Any]) -> dict[str, Any]:
    """Every tensor changed; one that stands in two places (tied weights) is changed once."""
    made: dict[int, Any] = {}
    with torch.no_grad():
        for tensor in tensors.values():
            if id(tensor) not in made:
                made[id(tensor)] = change(tensor)
    return {name: made[id(tensor)] for name, tensor in tensors.items()}


def _copied(tensor: Any) -> Any:
    parameter = isinstance(tensor, torch.nn.Parameter)
    plain = type(tensor.data) is torch.Tensor and type(tensor) in (torch.Tensor, torch.nn.Parameter)
    if not plain:
        return tensor.to("cpu")
    pinned = tensor.device.type == "cuda"
    host = torch.empty_like(tensor, device="cpu", pin_memory=pinned)
    host.copy_(tensor.data)
    return torch.nn.Parameter(host, requires_grad=False) if parameter else host


def _rebind(module: Any, tensors: Mapping[str, Any]) -> None:
    for name, table, key, _ in _slots(module):
        table[key] = tensors[name]  # type: ignore[index]


def _move_to_device(held: Held, device: torch.device) -> None:
    assert held.copy is not None

    def moved_to_device(tensor: Any) -> Any:
        moved = tensor.to(device, non_blocking=True)
        parameter = isinstance(tensor, torch.nn.Parameter)
        return torch.nn.Parameter(moved, requires_grad=False) if parameter else moved

    moved = _each_once(held.copy, moved_to_device)
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    _rebind(held.module, moved)
    held.on_device = True


def _give_memory_back(device: torch.device) -> None:
    """Return cached blocks to the driver, so that they can serve tensors of other sizes."""
    if device.type == "cuda":
        torch.cuda.empty_cache()

"""Which models are on the card: a budgeted cache that keeps what is used and never exceeds what was granted.

A part is absent, in host memory (pinned, so that it returns at the bus's full speed) or on the device. Weights never
change, so the host copy made at the first eviction is kept, and later evictions move nothing: the device's
copy is dropped. Least recently used goes first, from the device to the host, from the host to nothing. A streamed
part's weights are in host memory all the time; on the device it takes room only while it is used.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import torch

from generation.diffusion.plan import Form, Plan
from generation.diffusion.tensors import bind, copied, each_once, tensors_of
from generation.errors import OutOfMemory

HOST = torch.device("cpu")


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

    @property
    def on_host(self) -> bool:
        """Whether host memory holds its weights, on the device or not."""
        return self.streamed or self.copy is not None


@dataclass(frozen=True, slots=True)
class Standing:
    """A part as ``/resources`` shows it. ``place`` is ``device`` or ``host``; ``why`` one of ``in use``,
    ``kept for the next job``, ``evicted to make room``, ``streamed block by block``."""

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
            held = self._held.get(key) or self._loaded(key)
            held.users += 1  # from here on it is forgotten neither here nor on the host
            try:
                self._bring(held)
            except BaseException:
                held.users -= 1
                raise
            held.why = "in use"
        try:
            yield held.module
        finally:
            with self._lock:
                held.users -= 1
                held.used_at = time.monotonic()
                if not held.users:
                    held.why = "kept for the next job"
                    if held.streamed:
                        self._to_host(key)

    @contextmanager
    def together(self, keys: Iterable[str]) -> Iterator[None]:
        """Keep several parts on the device until the block ends."""
        with ExitStack() as stack:
            for key in keys:
                stack.enter_context(self.on_device(key))
            yield

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
        return sum(held.host_bytes for held in self._held.values() if held.on_host)

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

    def _loaded(self, key: str) -> Held:
        """The part read from its files, on the device."""
        planned = self.plan.parts[key]
        self._make_room(planned.device_bytes)
        streamed = planned.form is Form.STREAMED
        if streamed:
            self._made_host_room(min(planned.host_bytes, self.host_budget))  # it comes in any case
        started = time.monotonic()
        module = self.loader.load(key, planned.form, self.device)
        self.weight_bytes_read += self.loader.file_bytes(key)
        self.on_load(key, module)
        self.load_seconds[key] = time.monotonic() - started
        held = Held(module, planned.device_bytes, planned.host_bytes, on_device=True, streamed=streamed)
        held.used_at = time.monotonic()
        self._held[key] = held
        return held

    def _bring(self, held: Held) -> None:
        """See to it that a part that is held is on the device."""
        if held.on_device:
            return
        self._make_room(held.device_bytes)
        if held.copy is not None:
            bind(held.module, each_once(held.copy, lambda tensor: copied(tensor, self.device)))
            if self.device.type == "cuda":
                torch.cuda.synchronize(self.device)
        held.on_device = True

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
            held.on_device, held.why = False, "streamed block by block"
            return
        if held.copy is None:
            if not self._made_host_room(held.host_bytes):
                del self._held[key]
                return
            pinned = self.device.type == "cuda"
            held.copy = each_once(tensors_of(held.module), lambda tensor: copied(tensor, HOST, pinned=pinned))
        bind(held.module, held.copy)
        held.on_device, held.why = False, "evicted to make room"

    def _made_host_room(self, needed: int) -> bool:
        """Forget what was least recently used until ``needed`` bytes fit; False when they cannot."""
        if needed > self.host_budget:
            return False
        for key in sorted(self._held, key=lambda key: self._held[key].used_at):
            if self.host_bytes() + needed <= self.host_budget:
                return True
            held = self._held[key]
            if held.on_device:
                held.copy = None
            elif not held.users:
                del self._held[key]
        return self.host_bytes() + needed <= self.host_budget


def _give_memory_back(device: torch.device) -> None:
    """Return cached blocks to the driver, so that they can serve tensors of other sizes."""
    if device.type == "cuda":
        torch.cuda.empty_cache()

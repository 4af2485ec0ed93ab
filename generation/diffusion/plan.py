"""What goes on the card in which form, decided from the weights' real sizes before anything is loaded.

The ladder, first rung that fits: everything at full precision; FLUX's transformer compressed, with the other
models moved to host memory while not needed; the transformer streamed through the card in groups of blocks. Others are
streamed where what is needed at one time is more than the card.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

GIB: Final = 1024**3
FULL_BYTES: Final = 2.0
"""Bytes a parameter in half precision."""
MATRIX_BYTES: Final = {"full": FULL_BYTES, "fp8": 1.0, "nf4": 0.5 + 4 / 64}
"""Bytes a parameter of a matrix: NF4 keeps one float32 scale for each 64 (Dettmers et al. 2023, QLoRA)."""
HEADROOM: Final = round(2.75 * GIB)
"""Bytes kept free for activations: the decoding of a 1024 x 1024 picture takes most."""
COMPRESSIBLE: Final = "flux.transformer"
TOGETHER: Final = (
    ("birefnet",),
    ("flux.transformer", "flux.vae"),
    ("sdxl.unet", "sdxl.controlnet", "sdxl.vae"),
    ("flux.text_encoder", "flux.text_encoder_2"),
    ("sdxl.text_encoder", "sdxl.text_encoder_2"),
)
"""Parts that must be on the card at the same time."""
NEVER_STREAMED: Final = frozenset({"birefnet", "flux.vae", "sdxl.vae"})
"""Small, and called by other ways than their ``forward``, where the streaming listens."""


class Form(StrEnum):
    """How a part's weights are kept: half precision, 8-bit floats, 4-bit NormalFloat, or half precision in host
    memory and streamed to the card group by group."""

    FULL = "full"
    FP8 = "fp8"
    NF4 = "nf4"
    STREAMED = "streamed"


@dataclass(frozen=True, slots=True)
class Count:
    """Parameters of a part: in matrices and in everything else; ``streamed`` is how many of them are on the card
    at once when its repeated blocks are streamed."""

    matrices: int
    others: int
    streamed: int


@dataclass(frozen=True, slots=True)
class PlannedPart:
    """``device_bytes`` is what the part takes on the card, ``host_bytes`` what it takes off it."""

    form: Form
    device_bytes: int
    host_bytes: int


@dataclass(frozen=True, slots=True)
class Plan:
    """``budget``: bytes of weights on the card at once. ``resident``: all kept parts fit together."""

    budget: int
    parts: Mapping[str, PlannedPart]
    resident: bool

    def sentences(self) -> list[str]:
        """What was decided, for the worker's log."""
        held = ", ".join(
            f"{key} {part.form} {part.device_bytes / GIB:.2f} GiB" for key, part in self.parts.items()
        )
        rest = "everything stays on the card" if self.resident else "models take turns on the card"
        return [f"{self.budget / GIB:.1f} GiB for weights: {rest}", held]

    def too_large(self) -> str:
        """One sentence about the first thing that has no room in this plan; empty when all have."""
        for group in (*TOGETHER, *((key,) for key in self.parts)):
            needed = sum(self.parts[key].device_bytes for key in group if key in self.parts)
            if needed > self.budget:
                return (
                    f"{' with '.join(group)} needs {_gib(needed)} of the card beside {_gib(HEADROOM)} to work in;"
                    f" {_gib(self.budget)} are there for weights"
                )
        return ""


def make_plan(
    counts: Mapping[str, Count],
    kept: frozenset[str],
    memory: int,
    quantisers: Sequence[Form],
    forced: str = "auto",
) -> Plan:
    """Plan for ``memory`` bytes of card. ``kept`` are the parts wanted between jobs; ``quantisers`` the forms that
    can be made here, the better one first; ``forced`` a precision from the options. Weights always leave ``HEADROOM``
    free, unless that is more than half."""
    budget = memory - min(HEADROOM, memory // 2)
    wanted = {"bf16": Form.FULL, "fp8": Form.FP8, "nf4": Form.NF4}.get(forced)
    ladder = [Form.FULL, *quantisers] if wanted is None else [wanted]
    plans = [_plan(counts, kept, budget, form) for form in ladder]
    if plans[0].resident:
        return plans[0]
    for plan in (*plans[1:], plans[0]):
        if not plan.too_large():
            return plan
    return _plan(counts, kept, budget, Form.STREAMED)


def _plan(counts: Mapping[str, Count], kept: frozenset[str], budget: int, form: Form) -> Plan:
    parts = {key: planned(count, form if key == COMPRESSIBLE else Form.FULL) for key, count in counts.items()}
    for group in (*TOGETHER, *((key,) for key in counts)):
        _stream_what_does_not_fit(parts, counts, [key for key in group if key in counts], budget)
    together = sum(part.device_bytes for key, part in parts.items() if key in kept)
    return Plan(budget, parts, together <= budget)


def _stream_what_does_not_fit(
    parts: dict[str, PlannedPart], counts: Mapping[str, Count], group: list[str], budget: int
) -> None:
    """Stream the largest parts of a group until it fits; the compressible one is left as it was asked for."""
    for key in sorted(group, key=lambda key: -parts[key].device_bytes):
        if sum(parts[key].device_bytes for key in group) <= budget:
            return
        if key != COMPRESSIBLE and key not in NEVER_STREAMED:
            parts[key] = planned(counts[key], Form.STREAMED)


def planned(count: Count, form: Form) -> PlannedPart:
    """The bytes a part takes in one form."""
    full = round((count.matrices + count.others) * FULL_BYTES)
    if form is Form.STREAMED:
        return PlannedPart(form, round(count.streamed * FULL_BYTES), full)
    compressed = round(count.matrices * MATRIX_BYTES[form.value] + count.others * FULL_BYTES)
    return PlannedPart(form, compressed, compressed)


def _gib(count: int) -> str:
    return f"{count / GIB:.1f} GiB"

"""What weight files hold, read from their headers alone: bytes are planned before anything is loaded.

Format: eight bytes with the header's length (little endian), the header as JSON, then the tensors
(safetensors, https://github.com/huggingface/safetensors#format).
"""

from __future__ import annotations

import json
import re
import struct
from collections import Counter
from collections.abc import Iterator
from math import prod
from pathlib import Path
from typing import Any, Final

from generation.diffusion.plan import Count
from generation.errors import WeightsCorrupt, WeightsMissing

FETCH_COMMAND: Final = "manage.py fetch_models diffusion"
MATRIX: Final = 2
"""Dimensions of what quantisers compress."""
BLOCK: Final = re.compile(r"^.*?\.\d+\.")
"""The name of a repeated block, at the start of its tensors' names."""
STEMS: Final = ("diffusion_pytorch_model", "model")
"""How diffusers' and transformers' weight files begin."""
GROUPS_AT_ONCE: Final = 2
"""Blocks of a streamed module on the card at once: the one that runs and the one that is being fetched."""
MOST_HEADER_BYTES: Final = 100_000_000
"""The format's own bound; a larger number is not a header's length."""


def weight_files(folder: Path, variant: str = "") -> list[Path]:
    """The ``.safetensors`` files of one part, those of the variant where there are any. Others that lie beside them
    (a whole repository has the same weights for other programs too) don't count. Raises ``WeightsMissing``."""
    found = sorted(path for path in folder.glob("*.safetensors") if path.name.startswith(STEMS))
    suffixed = [path for path in found if variant and f".{variant}" in path.name]
    plain = [path for path in found if not path.name.endswith(".fp16.safetensors")]
    files = suffixed or plain
    if not files:
        raise WeightsMissing(
            f"no weights in {folder}; run {FETCH_COMMAND}", file=str(folder), command=FETCH_COMMAND
        )
    return files


def has_variant(folder: Path, variant: str) -> bool:
    """Whether the folder's weights are of that variant."""
    return bool(variant) and any(f".{variant}" in path.name for path in folder.glob("*.safetensors"))


def elements(path: Path) -> Iterator[tuple[str, str, tuple[int, ...]]]:
    """Name, dtype and shape of every tensor. Raises ``WeightsCorrupt`` when the file is cut short or no
    safetensors file at all."""
    header, end = _header(path)
    for name, entry in header.items():
        if name != "__metadata__":
            yield name, entry["dtype"], tuple(entry["shape"])
    if path.stat().st_size != end:
        raise broken(path, f"{path.stat().st_size} bytes where its header says {end}")


def count(files: list[Path]) -> Count:
    """How many numbers the files hold. Raises ``WeightsCorrupt``, ``WeightsMissing``."""
    matrices = others = 0
    blocks: Counter[str] = Counter()
    for path in files:
        for name, _, shape in elements(path):
            numbers = prod(shape)
            if len(shape) == MATRIX:
                matrices += numbers
            else:
                others += numbers
            block = BLOCK.match(name)
            if block:
                blocks[block[0]] += numbers
    whole = matrices + others
    largest = max(blocks.values(), default=0)
    return Count(matrices, others, min(whole, whole - blocks.total() + GROUPS_AT_ONCE * largest))


def broken(path: Path, why: str) -> WeightsCorrupt:
    """The error that names the file and the command that fetches it anew."""
    return WeightsCorrupt(
        f"{path} is broken ({why}); run {FETCH_COMMAND}", file=str(path), command=FETCH_COMMAND
    )


def _header(path: Path) -> tuple[dict[str, Any], int]:
    try:
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            if length > MOST_HEADER_BYTES:
                raise broken(path, "no safetensors header")
            header: dict[str, Any] = json.loads(file.read(length))
            end = max((e["data_offsets"][1] for n, e in header.items() if n != "__metadata__"), default=0)
    except FileNotFoundError:
        raise WeightsMissing(
            f"{path} is missing; run {FETCH_COMMAND}", file=str(path), command=FETCH_COMMAND
        ) from None
    except (struct.error, ValueError, KeyError, TypeError, AttributeError) as error:
        raise broken(path, "no safetensors header") from error
    return header, 8 + length + end

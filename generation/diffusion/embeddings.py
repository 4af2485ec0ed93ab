"""What the text encoders make of a prompt, kept: a repeated prompt never loads them again.

Filed by model, revision, precision and the prompt's hash, in memory and on disk (safetensors).
"""

from __future__ import annotations

import hashlib
import os
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

import torch

Embeddings: TypeAlias = Mapping[str, Any]
"""Tensors by name, on the CPU."""
IN_MEMORY: Final = 32
ON_DISK: Final = 512
"""Prompts kept; FLUX's take 4 MiB each."""


class EmbeddingCache:
    """Least recently used prompts are forgotten first. ``hits`` and ``misses`` count since the start."""

    def __init__(self, folder: Path, on_disk: int = ON_DISK) -> None:
        self._folder = folder
        self._on_disk = on_disk
        self._memory: OrderedDict[str, Embeddings] = OrderedDict()
        self.hits = 0
        self.misses = 0

    def get(self, model: str, prompt: str, encode: Callable[[], Embeddings]) -> Embeddings:
        """The prompt's embeddings, encoded only if they were never before."""
        name = hashlib.sha256(f"{model}\n{prompt}".encode()).hexdigest()
        found = self._memory.get(name)
        if found is None:
            found = self._read(name)
        if found is None:
            self.misses += 1
            with torch.no_grad():
                found = {key: tensor.detach().to("cpu").contiguous() for key, tensor in encode().items()}
            self._write(name, found)
        else:
            self.hits += 1
        self._memory[name] = found
        self._memory.move_to_end(name)
        while len(self._memory) > IN_MEMORY:
            self._memory.popitem(last=False)
        return found

    def _read(self, name: str) -> Embeddings | None:
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        path = self._folder / f"{name}.safetensors"
        if not path.is_file():
            return None
        try:
            found: Embeddings = load_file(path)
        except (SafetensorError, OSError):
            path.unlink(missing_ok=True)  # half written by a process that was killed, or by a full disk
            return None
        os.utime(path)
        return found

    def _write(self, name: str, tensors: Embeddings) -> None:
        from safetensors.torch import save_file

        self._folder.mkdir(parents=True, exist_ok=True)
        draft = self._folder / f".{name}.{os.getpid()}"
        save_file(dict(tensors), draft)
        os.replace(draft, self._folder / f"{name}.safetensors")
        kept = sorted(self._folder.glob("*.safetensors"), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in kept[self._on_disk :]:
            path.unlink(missing_ok=True)

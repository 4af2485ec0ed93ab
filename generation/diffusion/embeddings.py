"""What the text encoders make of a prompt, kept: a repeated prompt never loads them again.

Filed by model, revision and the prompt's hash, in memory and on disk (safetensors).
"""

from __future__ import annotations

import hashlib
import os
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any, Final, TypeAlias

import torch

from generation.diffusion.loaders import FolderLoader
from generation.diffusion.residency import Residency

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
        self._presets: set[str] = set()
        self.hits = 0
        self.misses = 0

    def unknown(self, model: str, presets: Iterable[str]) -> list[str]:
        """Those of the prompts that are yet to be encoded. All of them stay on disk from now on, used or not."""
        names = {prompt: _name(model, prompt) for prompt in presets}
        self._presets |= set(names.values())
        return [
            prompt for prompt, name in names.items() if not (self._folder / f"{name}.safetensors").is_file()
        ]

    def get(self, model: str, prompt: str, encode: Callable[[], Embeddings]) -> Embeddings:
        """The prompt's embeddings, encoded only if they were never before."""
        name = _name(model, prompt)
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
        others = [path for path in self._folder.glob("*.safetensors") if path.stem not in self._presets]
        for path in sorted(others, key=lambda path: path.stat().st_mtime, reverse=True)[self._on_disk :]:
            path.unlink(missing_ok=True)


def _name(model: str, prompt: str) -> str:
    return hashlib.sha256(f"{model}\n{prompt}".encode()).hexdigest()


class Prompted(ABC):
    """A model that is told what to make in words, by text encoders that leave the card again."""

    role: str
    encoders: tuple[str, ...]

    def __init__(self, loader: FolderLoader, residency: Residency, prompts: EmbeddingCache) -> None:
        self._residency = residency
        self._prompts = prompts
        self._folder = loader.model_folder(self.role)
        self._revision = loader.revision(self.role)

    def encode(self, prompt: str) -> Embeddings:
        """What the text encoders make of a prompt, loading them only if it is new."""
        return self._prompts.get(self._revision, prompt, partial(self._encode, prompt))

    def learn(self, presets: Iterable[str]) -> None:
        """Encode those of the prompts that never were, loading the text encoders once for all of them."""
        new = self._prompts.unknown(self._revision, presets)
        with self._residency.together(self.encoders if new else ()):
            for prompt in new:
                self.encode(prompt)
        self._residency.drop(*self.encoders)

    @abstractmethod
    def _encode(self, prompt: str) -> Embeddings: ...


@cache
def tokenizer_in(folder: Path) -> Any:
    """The tokenizer of that folder, opened once."""
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(str(folder), local_files_only=True)

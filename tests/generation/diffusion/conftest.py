"""The tiny models' fixtures where torch is, and the tests that need them left out where it is not."""

from __future__ import annotations

from importlib.util import find_spec

if find_spec("torch") and find_spec("diffusers"):
    from tests.generation.diffusion.tiny import engine, models_dir, open_tiny, tiny, tiny_models

    __all__ = ["engine", "models_dir", "open_tiny", "tiny", "tiny_models"]
else:
    collect_ignore = [
        f"test_{name}.py"
        for name in (
            "bench",
            "engine",
            "headline",
            "hub",
            "klein",
            "loaders",
            "memory",
            "plain",
            "previews",
            "residency",
            "stopping",
            "tensors",
            "words",
        )
    ]

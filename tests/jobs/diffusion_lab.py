"""A real diffusion worker with whose models a test can interfere.

``python -m tests.jobs.diffusion_lab FOLDER``: while a file of that name is in FOLDER, ``short-of-memory`` lets every
background run out of memory, ``wrong-letters`` paints something else than the headline, and ``right-letters`` paints
the headline as it was sculpted.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "adstudio.settings")
django.setup()

import torch  # noqa: E402

from generation.diffusion.engine import DiffusionEngine  # noqa: E402
from jobs.worker.station import Station  # noqa: E402


def interfere(engine: DiffusionEngine, folder: Path) -> None:
    flux, sdxl = engine.assembly.flux, engine.assembly.sdxl
    make, paint = flux.make, sdxl.paint

    def made(*arguments: Any) -> Any:
        if (folder / "short-of-memory").exists():
            raise torch.OutOfMemoryError("CUDA out of memory")
        return make(*arguments)

    def painted(painting: Any, start: Any, outlines: Any, span: Any) -> Any:
        if (folder / "right-letters").exists():
            return start.copy()
        if (folder / "wrong-letters").exists():
            return start[:, ::-1].copy()
        return paint(painting, start, outlines, span)

    flux.make, sdxl.paint = made, painted  # type: ignore[method-assign]


if __name__ == "__main__":
    opened = DiffusionEngine()
    interfere(opened, Path(sys.argv[1]))
    Station(opened).work()

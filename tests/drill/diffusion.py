"""A diffusion worker on tiny models of the real classes, beside the system: the supervisor starts one only where a
card is. ``python -m tests.drill.diffusion FOLDER`` makes the models; torch stays out of the drill's own process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from adstudio.processes import Child, ProcessSpec
from tests.conftest import ROOT


def diffusion_worker(folder: Path) -> Child:
    """Started; whoever holds it starts it again when it dies."""
    environ = {
        **os.environ,
        "ADSTUDIO_MODELS_DIR": str(folder / "models"),
        "HF_MODULES_CACHE": str(folder / "modules"),
        "DIFFUSION_DEVICE": "cpu",
        "VRAM_BUDGET_GB": "1",
    }
    made = [sys.executable, "-m", "tests.drill.diffusion", str(folder / "tiny")]
    subprocess.run(made, cwd=ROOT, env=environ, check=True)
    worker = Child(
        ProcessSpec(
            name="diffusion",
            argv=[sys.executable, "manage.py", "worker", "--engine", "diffusion"],
            log=folder / "run" / "logs" / "diffusion.log",
            env=environ,
            cwd=ROOT,
            stop_steps=((signal.SIGTERM, 10.0),),
        )
    )
    worker.start()
    return worker


def make_models(folder: Path) -> None:
    """Random weights, but for BiRefNet's bias: it takes the whole photo for the product."""
    import torch
    from safetensors.torch import load_file, save_file

    from generation.diffusion import random_weights
    from generation.diffusion.registry import chosen
    from tests.generation.diffusion.tiny import CPU, SIZES, lock_folders

    torch.set_num_threads(1)
    for model in chosen():
        random_weights.write_model(model, folder / model.key, SIZES, CPU)
    weights = folder / "birefnet/model.safetensors"
    save_file({**load_file(weights), "last.bias": torch.full((1,), 9.0)}, weights, {"format": "pt"})
    lock_folders(folder)


if __name__ == "__main__":
    make_models(Path(sys.argv[1]))

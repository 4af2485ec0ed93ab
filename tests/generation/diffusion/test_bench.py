from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("diffusers")
ROOT = Path(__file__).resolve().parents[3]


def bench(tmp_path: Path, *arguments: str) -> tuple[dict[str, Any], str]:
    """The rows of a run on tiny models, and what it printed."""
    told = tmp_path / "out.json"
    arguments = (
        "--random-weights",
        "--tiny",
        "--weights",
        f"{tmp_path / 'w'}",
        "--json",
        f"{told}",
        *arguments,
    )
    program = (
        "import runpy, sys;"
        f"sys.argv = ['bench', *{arguments!r}];"
        "runpy.run_module('generation.diffusion.bench', run_name='__main__');"
        "assert not {'django', 'cv2', 'jobs', 'onnxruntime'} & set(sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**os.environ, "ADSTUDIO_MODELS_DIR": str(tmp_path / "m"), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=110,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    rows = json.loads(told.read_text())
    assert not [name for name, row in rows.items() if "error" in row]
    return rows, done.stdout


def test_the_bench_runs_with_the_generation_package_alone(tmp_path: Path) -> None:
    told, printed = bench(
        tmp_path, "--rows", "cold,warm,plain,decode,stop,leak,eager,cache", "--vram-cap", "2"
    )
    assert told["warm"]["bytes_read"] == 0 and told["warm"]["prompts_encoded"] == 0
    assert told["cold"]["read_gib"] > 0 and len(told["leak"]["after_gib"]) == 10
    assert "| warm |" in printed and "| plain |" in printed


def test_it_measures_klein_beside_the_plain_calls(tmp_path: Path) -> None:
    told, _ = bench(tmp_path, "--rows", "cold,plain", "--flux", "flux2-klein")
    assert told["cold"]["read_gib"] > 0 and told["ours beside it"]["ratio"] > 0
    assert set(told["plain"]["stages"]) == {"birefnet", "flux", "refine", "headline"}

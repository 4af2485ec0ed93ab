from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("diffusers")
ROOT = Path(__file__).resolve().parents[3]


def test_the_bench_runs_with_the_generation_package_alone(tmp_path: Path) -> None:
    rows = "cold,warm,plain,decode,stop,leak,eager,cache"
    program = (
        "import runpy, sys;"
        f"sys.argv = ['bench', '--random-weights', '--tiny', '--weights', {str(tmp_path / 'w')!r},"
        f" '--rows', {rows!r}, '--vram-cap', '2', '--json', {str(tmp_path / 'out.json')!r}];"
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
    told = json.loads((tmp_path / "out.json").read_text())
    assert not [name for name, row in told.items() if "error" in row]
    assert told["warm"]["bytes_read"] == 0 and told["warm"]["prompts_encoded"] == 0
    assert told["cold"]["read_gib"] > 0 and len(told["leak"]["after_gib"]) == 10
    assert "| warm |" in done.stdout and "| plain |" in done.stdout

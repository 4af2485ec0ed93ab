"""The drill's short form: the real system, a few faults, every promise."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.conftest import ROOT

FAULTS = 8
SEED = 6
"""Among its faults are a Postgres that hangs and, where one can be mounted, a disk that is full."""
SECONDS = 600


@pytest.mark.timeout(SECONDS + 30)
def test_nothing_is_lost_when_its_processes_die() -> None:
    drill = [
        sys.executable,
        "-m",
        "tests.drill",
        "--studio-only",
        "--faults",
        str(FAULTS),
        "--seed",
        str(SEED),
    ]
    done = subprocess.run(drill, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert f"{FAULTS} faults, seed {SEED}" in done.stdout
    assert "Every promise held" in done.stdout

"""Made-up pictures, texts and requests, in processes of their own so that a crash of native code is seen.

The suite looks at a few, always the same; ``make fuzz CASES=`` at many more, others each time.
"""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.fuzz.child import FAMILIES

CASES = int(os.environ.get("FUZZ_CASES", "1500"))
"""In all families together, a few more or less."""
SEED = int(os.environ.get("FUZZ_SEED", "0"))
BATCH = 6000
"""Of all families' cases; each batch has a fresh process."""
BATCH_SECONDS = 900
"""A busy machine takes its time; what never comes back is ended then."""
BATCHES = max(1, -(-CASES // BATCH))


def _last_case(file: Path) -> str:
    if not file.exists():
        return "before the first case"
    name, case = pickle.loads(file.read_bytes())
    return f"the last case, of {name!r}:\n{case!r}"


def _batches(family: str, environ: dict[str, str], file: Path) -> Iterator[list[dict[str, Any]]]:
    for number in range(BATCHES):
        count = str(CASES // BATCHES)
        command = [
            sys.executable,
            "-X",
            "faulthandler",
            "-m",
            "tests.fuzz.child",
            family,
            count,
            str(SEED + number),
        ]
        try:
            done = subprocess.run(
                [*command, str(file)],
                cwd=ROOT,
                env=environ,
                capture_output=True,
                text=True,
                timeout=BATCH_SECONDS,
            )
        except subprocess.TimeoutExpired:
            pytest.fail(f"never came back from {_last_case(file)}")
        assert done.returncode == 0, f"{done.stderr[-8000:]}\nexit {done.returncode}, {_last_case(file)}"
        print(f"{family}: {number + 1} of {BATCHES} batches hold", flush=True)
        yield [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


@pytest.mark.django_db  # so that the children's database is there
@pytest.mark.timeout(BATCH_SECONDS * BATCHES + 60)
@pytest.mark.parametrize("family", FAMILIES)
def test_whatever_comes_is_taken_or_refused(
    family: str, live_environ: dict[str, str], tmp_path: Path
) -> None:
    sums: dict[str, dict[str, Any]] = {}
    for told in _batches(family, live_environ, tmp_path / "case"):
        for one in told:
            so_far = sums.setdefault(one["name"], {"cases": 0, "seconds": 0.0, "longest": 0.0, "peak_mb": 0})
            for name in ("cases", "seconds"):
                so_far[name] += one[name]
            for name in ("longest", "peak_mb"):
                so_far[name] = max(so_far[name], one[name])
    print(f"\n\n{'property':<28}{'cases':>9}{'seconds':>10}{'longest, CPU s':>16}{'peak, MB':>10}")
    for name, row in sums.items():
        print(
            f"{name:<28}{row['cases']:>9}{row['seconds']:>10.1f}{row['longest']:>16.2f}{row['peak_mb']:>10}",
            flush=True,
        )
    assert sums

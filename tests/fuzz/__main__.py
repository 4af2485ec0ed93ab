"""``python -m tests.fuzz [--cases N] [--seed N] [--only picture|word|request]``: the long form."""

from __future__ import annotations

import argparse
import os
import secrets
import sys
from pathlib import Path

import pytest

from tests.fuzz.child import FAMILIES

CASES = 110_000


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--cases", type=int, default=CASES)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**31), help="an earlier run's")
    parser.add_argument("--only", choices=FAMILIES, default="")
    asked = parser.parse_args()
    os.environ.update(FUZZ_CASES=str(asked.cases), FUZZ_SEED=str(asked.seed))
    print(f"{asked.cases} cases, --seed {asked.seed}", flush=True)
    chosen = ["-k", asked.only] if asked.only else []
    return int(
        pytest.main([str(Path(__file__).with_name("test_fuzz.py")), "-q", "-s", "-W", "ignore", *chosen])
    )


if __name__ == "__main__":
    sys.exit(main())

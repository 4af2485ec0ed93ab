"""``python -m tests.load [--sockets N] [--seconds N] [--waiting N] [--ads N] [--only PART]``"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import pytest

FILE_OF = {
    "sockets": "live.py",
    "requests": "live.py",
    "busy": "live.py",
    "workers": "scaling.py",
    "sizes": "scaling.py",
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.load")
    parser.add_argument("--sockets", type=int, default=1000)
    parser.add_argument("--seconds", type=int, default=20, help="of each measurement")
    parser.add_argument("--waiting", type=int, default=500, help="jobs of the busy shop")
    parser.add_argument("--ads", type=int, default=24, help="for each number of workers")
    parser.add_argument("--only", choices=tuple(FILE_OF), default="")
    asked = parser.parse_args()
    for name in ("sockets", "seconds", "waiting", "ads"):
        os.environ[f"LOAD_{name.upper()}"] = str(getattr(asked, name))
    names = [FILE_OF[asked.only]] if asked.only else list(dict.fromkeys(FILE_OF.values()))
    files = [str(Path(__file__).with_name(name)) for name in names]
    chosen = ["-k", asked.only] if asked.only else []
    return int(pytest.main([*files, "-q", "-s", "-W", "ignore", *chosen]))


if __name__ == "__main__":
    sys.exit(main())

"""``python -m tests.load [--sockets N] [--seconds N] [--waiting N] [--only sockets|requests|busy]``"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import pytest


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.load")
    parser.add_argument("--sockets", type=int, default=1000)
    parser.add_argument("--seconds", type=int, default=20, help="of each measurement")
    parser.add_argument("--waiting", type=int, default=500, help="jobs of the busy shop")
    parser.add_argument("--only", choices=("sockets", "requests", "busy"), default="")
    asked = parser.parse_args()
    for name in ("sockets", "seconds", "waiting"):
        os.environ[f"LOAD_{name.upper()}"] = str(getattr(asked, name))
    chosen = ["-k", asked.only] if asked.only else []
    return int(pytest.main([str(Path(__file__).with_name("live.py")), "-q", "-s", "-W", "ignore", *chosen]))


if __name__ == "__main__":
    sys.exit(main())

"""``python -m tests.drill [--faults N] [--seed S] [--keep]``: see the package."""

from __future__ import annotations

import argparse
import importlib.util
import logging
import os
import secrets
import signal
import sys
import tempfile
from pathlib import Path

HIDDEN = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "SITE_URL", "ADSTUDIO_TEST", "DEBUG")


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.drill", description="Break AdStudio, then count.")
    parser.add_argument("--faults", type=int, default=200)
    parser.add_argument("--seed", type=int, default=None, help="the order of an earlier drill")
    parser.add_argument("--studio-only", action="store_true", help="no diffusion worker, even where torch is")
    parser.add_argument(
        "--keep", action="store_true", help="leave the run folder, as is done when a promise broke"
    )
    return parser.parse_args()


def main() -> int:
    asked = options()
    seed = secrets.randbits(32) if asked.seed is None else asked.seed
    folder = Path(tempfile.mkdtemp(prefix="adstudio-drill-"))
    folder.chmod(0o711)  # as root, Postgres runs as an account that must be able to pass through
    for name in HIDDEN:
        os.environ.pop(name, None)
    os.environ |= {
        "ADSTUDIO_RUN_DIR": str(folder / "run"),
        "DJANGO_SETTINGS_MODULE": "adstudio.settings",
        "API_TOKEN_RATE": "0",
        "SOCKET_RATE": "0",
        "SHOP_DAILY_JOBS": "100000",
        "JOB_STALE_SECONDS": "5",
        "LOG_LEVEL": "WARNING",
        "OMP_NUM_THREADS": "1",
    }
    import django

    django.setup()
    from tests.drill.drill import Drill

    diffusion = not asked.studio_only and importlib.util.find_spec("torch") is not None
    logging.disable(logging.WARNING)  # of what is away while it is away
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    drill = Drill(folder, seed=seed, faults=asked.faults, diffusion=diffusion)
    held = False
    try:
        held = drill.run()
    finally:
        drill.clear(keep=not held or asked.keep)
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())

"""``python -m tests.jobs.newer_worker N``: a real worker of a release that understands requests up to version N."""

from __future__ import annotations

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "adstudio.settings")
django.setup()

from generation.types import EngineName  # noqa: E402
from jobs import versions  # noqa: E402
from jobs.worker.station import run_worker  # noqa: E402

if __name__ == "__main__":
    versions.REQUEST_VERSION = int(sys.argv[1])
    run_worker(EngineName.STUDIO)

"""``python -m tests.hosts.row_holder JOB FLAG``: locks a job's row, writes FLAG, and never ends by itself.

As a worker that is in the middle of a transaction when its host is cut off.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "adstudio.settings")
django.setup()

from django.db import transaction  # noqa: E402

from jobs.models import Job  # noqa: E402

if __name__ == "__main__":
    with transaction.atomic():
        Job.objects.select_for_update().get(pk=sys.argv[1])
        Path(sys.argv[2]).touch()
        time.sleep(3600)

"""The sign of life of a process that answers no requests: a file that it touches for as long as it goes on.

A container's health check looks at the file's age (``deploy/alive.py``). It tells of the process alone: that Postgres
or Valkey is away is their own check's to say, and no reason to take every worker for broken.
"""

from __future__ import annotations

from pathlib import Path

from django.conf import settings


def tell_alive() -> None:
    if settings.ALIVE_FILE:
        Path(settings.ALIVE_FILE).touch()

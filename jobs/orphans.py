"""Files that a crash left without a row: taken away by and by, a few each round of reconciling.

A file is there a moment before its row, and goes a moment after it. What has no row a day later never gets one.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice

from django.core.files.storage import default_storage
from django.utils import timezone

from adstudio.files import unnamed, walk

FILES_A_ROUND = 200
SAFE_AGE = timedelta(days=1)
PAUSE_SECONDS = 3600.0
"""From the beginning of one walk through the storage to that of the next, at least."""


class Sweep:
    """A walk through the storage, gone on with round by round for as long as the process lives."""

    def __init__(self) -> None:
        self._names: Iterator[str] = iter(())
        self._next_walk = 0.0

    def go_on(self) -> int:
        """Look at the next files and delete those that no row names; returns how many went."""
        names = list(islice(self._names, FILES_A_ROUND))
        if not names and time.monotonic() >= self._next_walk:
            self._names = walk(default_storage)
            self._next_walk = time.monotonic() + PAUSE_SECONDS
        left = [name for name in unnamed(names) if _is_old(name)] if names else []
        for name in left:
            default_storage.delete(name)
        return len(left)


def _is_old(name: str) -> bool:
    try:
        return default_storage.get_modified_time(name) < timezone.now() - SAFE_AGE
    except FileNotFoundError:  # its deletion was under way
        return False

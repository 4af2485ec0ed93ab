"""Files that a crash left without a row: taken away by and by, a few each round of reconciling.

A file is there a moment before its row, and goes a moment after it. What has no row a day later never gets one.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import cast

from django.core.files.storage import default_storage
from django.utils import timezone

from adstudio.files import Listed, discard, unnamed, written_before
from adstudio.storage import StorageAway

logger = logging.getLogger(__name__)
FILES_A_ROUND = 200
SAFE_AGE = timedelta(days=1)
PAUSE_SECONDS = 3600.0
"""From the beginning of one walk through the storage to that of the next, at least."""


class Sweep:
    """A walk through the storage, gone on with round by round for as long as the process lives."""

    def __init__(self) -> None:
        self._files: Iterator[tuple[str, datetime]] = iter(())
        self._next_walk = 0.0

    def go_on(self) -> int:
        """Look at the next files and delete those that no row names; returns how many went."""
        try:
            files = list(islice(self._files, FILES_A_ROUND))
        except StorageAway as error:
            logger.warning("the storage is not swept: %s", error)
            files, self._files = [], iter(())
        if not files and time.monotonic() >= self._next_walk:
            self._files = cast(Listed, default_storage).listing()
            self._next_walk = time.monotonic() + PAUSE_SECONDS
        limit = timezone.now() - SAFE_AGE
        left = unnamed(written_before(files, limit)) if files else set()
        for name in left:
            discard(default_storage, name)
        return len(left)

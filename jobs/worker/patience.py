"""What a worker waits for when it is away, and what it says of the errors for which it does not wait."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import InterfaceError, OperationalError, close_old_connections, connection

from adstudio.storage import NO_ROOM, StorageAway
from generation import errors

logger = logging.getLogger(__name__)

RETRY_SECONDS = 30.0
RETRY_PAUSE_SECONDS = 0.5
Result = TypeVar("Result")


def patiently(work: Callable[[], Result]) -> Result:
    """Do it, again and again for half a minute while the database or the storage is away or has no room."""
    deadline = time.monotonic() + RETRY_SECONDS
    while True:
        try:
            return work()
        except (OperationalError, InterfaceError):
            if time.monotonic() > deadline or connection.in_atomic_block:
                raise
            logger.warning("database away, trying again")
            close_old_connections()
            connection.close()
        except OSError as error:
            # A disk that is full for a moment would else fail every waiting ad in as many moments.
            may_pass = isinstance(error, StorageAway) or error.errno in NO_ROOM
            if not may_pass or time.monotonic() > deadline or connection.in_atomic_block:
                raise
            logger.warning("storage away or without room, trying again: %s", error)
        time.sleep(RETRY_PAUSE_SECONDS)


def failure_of(error: Exception, what: str) -> tuple[str, dict[str, str]]:
    """Code and context of the error that ended an attempt; logged, unless the merchant can mend it."""
    if isinstance(error, errors.GenerationError):
        if isinstance(error, errors.EngineError):
            logger.exception("%s failed", what)
        return error.code, error.context
    if isinstance(error, MemoryError):
        logger.exception("%s ran out of memory", what)
        return errors.OutOfMemory.code, {}
    if isinstance(error, OSError):
        logger.exception("%s could not store its pictures", what)
        return "job.storage_failed", {}
    logger.exception("%s failed", what)
    return errors.GenerationError.code, {}

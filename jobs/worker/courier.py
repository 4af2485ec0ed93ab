"""The thread beside the work that delivers callbacks: a slow receiver holds up no picture."""

from __future__ import annotations

import logging
import threading

from django.db import DatabaseError, InterfaceError, connection

from jobs.callbacks import callback_attempt, callback_claim_next

logger = logging.getLogger(__name__)

LOOK_EVERY_SECONDS = 1.0


class Courier(threading.Thread):
    """Looks for callbacks that are due, on its own database connection, and sends them one by one."""

    def __init__(self) -> None:
        super().__init__(name="courier", daemon=True)
        self._done = threading.Event()

    def stop(self) -> None:
        self._done.set()

    def run(self) -> None:
        while not self._done.is_set():
            try:
                if self._deliver_one():
                    continue
            except (DatabaseError, InterfaceError):
                logger.warning("no callbacks delivered: database away")
                connection.close()
            except Exception:
                logger.exception("a callback failed")
            self._done.wait(LOOK_EVERY_SECONDS)
        connection.close()

    def _deliver_one(self) -> bool:
        """Whether there was one."""
        delivery = callback_claim_next()
        if delivery is None:
            return False
        callback_attempt(delivery)
        return True

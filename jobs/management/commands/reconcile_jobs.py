from __future__ import annotations

import faulthandler
import logging
import time
from argparse import ArgumentParser

from django.core.management.base import BaseCommand
from django.db import DatabaseError, InterfaceError, connection

from adstudio.alive import tell_alive
from jobs.reconcile import Silence, reconcile

PERIOD_SECONDS = 3.0
ROUND_HARD_SECONDS = 300.0
"""A round that takes longer hangs: the process ends, to be started anew."""
logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Take back jobs whose worker was lost and top up missing wake-ups."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--loop", action="store_true", help="go on every few seconds")

    def handle(self, *, loop: bool, **options: object) -> None:
        silence = Silence() if loop else None
        while True:
            if loop:
                faulthandler.dump_traceback_later(ROUND_HARD_SECONDS, exit=True)
            try:
                reconcile(silence)
            except (DatabaseError, InterfaceError):
                if silence is None:
                    raise
                silence.notice()
                logger.warning("reconcile: database away")
                connection.close()
            if silence is None:
                return
            faulthandler.cancel_dump_traceback_later()
            tell_alive()
            time.sleep(PERIOD_SECONDS)

from __future__ import annotations

import logging
import time
from argparse import ArgumentParser

from django.core.management.base import BaseCommand
from django.db import DatabaseError, InterfaceError, connection

from jobs.reconcile import Silence, reconcile

PERIOD_SECONDS = 3.0
logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Take back jobs whose worker was lost and top up missing wake-ups."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--loop", action="store_true", help="go on every few seconds")

    def handle(self, *, loop: bool, **options: object) -> None:
        silence = Silence() if loop else None
        while True:
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
            time.sleep(PERIOD_SECONDS)

"""Runs all of AdStudio on this machine, until Ctrl-C."""

from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from adstudio.processes import StartFailed
from adstudio.supervisor import Supervisor, UpOptions


class Command(BaseCommand):
    help = "Run all of AdStudio on this machine: database, queue, web and workers. Ctrl-C stops it."
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="0.0.0.0 lets phones in your network in")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--workers", type=int, default=1, help="how many ads are made at the same time")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["workers"] < 1:
            raise CommandError("--workers must be at least 1")
        up = UpOptions(
            run_dir=settings.RUN_DIR,
            host=options["host"],
            port=options["port"],
            workers=options["workers"],
            embedded=settings.EMBEDDED,
        )
        try:
            Supervisor(up, self._say, os.environ).run()
        except StartFailed as failure:
            raise CommandError(str(failure)) from failure

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

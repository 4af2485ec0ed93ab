"""Puts a backup back."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from adstudio.backup import restoring
from adstudio.backup.archive import BadArchive
from adstudio.backup.database import DatabaseFailed, database_alone
from adstudio.backup.restoring import NotEmpty
from adstudio.management.commands.backup import told
from adstudio.processes import StartFailed


class Command(BaseCommand):
    help = (
        "Put a backup in place, with AdStudio stopped. The whole archive is checked before anything changes."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("archive", type=Path)
        parser.add_argument("--replace", action="store_true", help="lose what is here now")

    def handle(self, *, archive: Path, replace: bool, **options: object) -> None:
        try:
            with database_alone():
                # There is none on a host whose pictures lie in a bucket.
                settings.RUN_DIR.mkdir(parents=True, exist_ok=True)
                manifest = restoring.restore(archive, replace=replace, scratch_in=settings.RUN_DIR)
        except (BadArchive, DatabaseFailed, NotEmpty, StartFailed, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Restored {told(manifest)}")
        for name in (*manifest.gone, *manifest.lost):
            self.stderr.write(f"not in the archive: {name}")

"""Takes a backup, or checks one."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from adstudio.backup import archive, taking
from adstudio.backup.archive import BadArchive, Manifest
from adstudio.backup.database import DatabaseFailed, database_here
from adstudio.processes import StartFailed

MEGABYTE = 1_000_000


class Command(BaseCommand):
    help = "Write the database and the files it names into one archive, or check such an archive."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--out", type=Path, metavar="FILE", help="the archive to write, e.g. adstudio.tar")
        which.add_argument("--verify", type=Path, metavar="FILE", help="read an archive whole and check it")

    def handle(self, *, out: Path | None, verify: Path | None, **options: object) -> None:
        try:
            if verify is not None:
                with archive.opened(verify) as (_, manifest):
                    self.stdout.write(f"{verify} is whole: {told(manifest)}")
            elif out is not None:
                with database_here():
                    manifest = taking.take(out.resolve())
                self._report(out, manifest)
        except (BadArchive, DatabaseFailed, StartFailed, OSError) as error:
            raise CommandError(str(error)) from error

    def _report(self, out: Path, manifest: Manifest) -> None:
        self.stdout.write(f"{out}: {told(manifest)}")
        for name in manifest.gone:
            self.stderr.write(f"deleted while the backup was taken: {name}")
        if manifest.lost:
            raise CommandError(
                "The archive is written, but the storage has lost files that the database names: "
                + ", ".join(manifest.lost)
            )


def told(manifest: Manifest) -> str:
    """One line on what an archive holds."""
    size = sum(entry.size for entry in manifest.members().values())
    return f"{len(manifest.files)} files and the database, {size / MEGABYTE:.1f} MB, as of {manifest.made_at}"

"""Finds files that nothing names any more."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from typing import cast

from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand
from django.utils import timezone

from adstudio.files import Listed, orphans

AGE = timedelta(days=1)


class Command(BaseCommand):
    help = "List files of the storage that no row names and that are older than a day; --delete removes them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--delete", action="store_true")

    def handle(self, *, delete: bool, **options: object) -> None:
        found = 0
        for name in orphans(cast(Listed, default_storage), before=timezone.now() - AGE):
            found += 1
            self.stdout.write(name)
            if delete:
                default_storage.delete(name)
        what = "removed" if delete else "found; --delete removes them"
        self.stdout.write(f"{found} files that no row names {what}.")

from __future__ import annotations

from argparse import ArgumentParser

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from jobs.demo import ensure_demo, wait_for_sample

SAMPLE_PATIENCE_SECONDS = 180


class Command(BaseCommand):
    help = "Make the demo shop (embedded runs only); with --wait-sample print the sample ad's file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--url", default=settings.SITE_URL, help="the portal's address")
        parser.add_argument("--wait-sample", action="store_true")

    def handle(self, *, url: str, wait_sample: bool, **options: object) -> None:
        if not settings.DEMO:
            raise CommandError(
                "The demo belongs to embedded runs. Unset DATABASE_URL and REDIS_URL to have it."
            )
        if not wait_sample:
            ensure_demo(url=url)
            return
        path = wait_for_sample(SAMPLE_PATIENCE_SECONDS)
        if path is None:
            raise CommandError("The sample ad was not finished. Look at it in the portal's job list.")
        self.stdout.write(path)

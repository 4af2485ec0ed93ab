from __future__ import annotations

from django.conf import settings
from django.core.management.base import BaseCommand

from jobs.retention import expire


class Command(BaseCommand):
    help = "Take away every photo and ad that is older than KEEP_PHOTOS_DAYS and KEEP_JOBS_DAYS say, now."

    def handle(self, *args: object, **options: object) -> None:
        jobs = photos = 0
        while any(gone := expire()):
            jobs, photos = jobs + gone[0], photos + gone[1]
        self.stdout.write(
            f"{jobs} ads (KEEP_JOBS_DAYS={settings.KEEP_JOBS_DAYS})"
            f" and {photos} photos (KEEP_PHOTOS_DAYS={settings.KEEP_PHOTOS_DAYS}) are gone; 0 days keeps all."
        )

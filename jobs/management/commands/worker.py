from __future__ import annotations

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from generation.errors import EngineError, SigningFailed
from generation.types import EngineName


class Command(BaseCommand):
    help = "Run one worker: it takes waiting jobs of its engine until it is told to stop."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--engine", choices=[e.value for e in EngineName], default=EngineName.STUDIO.value
        )
        parser.add_argument("--burst", action="store_true", help="stop when nothing is waiting")

    def handle(self, *, engine: str, burst: bool, **options: object) -> None:
        from jobs.worker.station import run_worker

        try:
            run_worker(EngineName(engine), burst=burst)
        except SigningFailed as error:
            raise CommandError(
                f"{error.code}: {error}. Check C2PA_CERTIFICATE and C2PA_PRIVATE_KEY."
            ) from error
        except EngineError as error:
            raise CommandError(f"{error.code}: {error}. Start a studio worker instead.") from error

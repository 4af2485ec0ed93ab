"""One ad from the command line, without a database."""

from __future__ import annotations

import secrets
import time
from argparse import ArgumentParser
from enum import StrEnum
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import NoReturn

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from generation import intake
from generation.ad import AdBrief, AdResult, StepResult
from generation.engines import open_engine
from generation.errors import GenerationError, SigningFailed
from generation.export.credentials import History
from generation.export.every_format import every_format
from generation.export.files import Seal
from generation.export.formats import FORMATS
from generation.pipeline import make_ad
from generation.provenance import xmp
from generation.studio.scenes import default_scene, scenes
from generation.studio.styles import styles, suited_style
from generation.types import (
    Camera,
    CompositionMode,
    EngineName,
    Logo,
    LogoCorner,
    OnProgress,
    Picture,
    Progress,
    TextPosition,
)
from generation.typography.fonts import default_font
from generation.words import Words, check_words
from jobs.messages import sentence
from jobs.words.hints import notice_for
from jobs.worker.signing import prove, seal_for

ALL = "all"
BAR = "{desc:<20}{percentage:3.0f}%|{bar:30}|"
CORNERS = [corner.value for corner in LogoCorner if corner is not LogoCorner.NONE]
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
        parser.add_argument(
            "--match-light", action="store_true", help="let the product take the scene's brightness and tint"
        )
        parser.add_argument("--subline", default="", help="a smaller line that stands with the headline")
        parser.add_argument("--price-before", default="", metavar="PRICE", help="struck through")
        parser.add_argument("--price-now", default="", metavar="PRICE")
        parser.add_argument("--position", choices=_values(TextPosition), default=TextPosition.AUTO.value)
        parser.add_argument("--mode", choices=_values(CompositionMode), default=CompositionMode.OVERLAY.value)
        parser.add_argument("--logo", type=Path, help="a picture file, best a PNG with transparency")
        parser.add_argument("--logo-corner", choices=CORNERS, default=LogoCorner.AUTO.value)
        parser.add_argument(
            "--label", action="store_true", help="write AI 생성 배경 into a corner of what a model painted"
        )
        parser.add_argument("--seed", type=int)
        parser.add_argument(
            "--out", type=Path, required=True, help="the file to write; a folder for --format all"
        )

    def handle(self, *, photo: Path, out: Path, format: str | None, **options: object) -> None:
        try:
            self._make(photo, out, format, options)
        except OSError as error:
            raise CommandError(f"{error.strerror}: {error.filename}") from error
        except SigningFailed as error:
            raise CommandError(f"{error.code}: {error}") from error
        except GenerationError as error:
            raise CommandError(sentence(error.code, error.context)) from error

    def _make(self, photo: Path, out: Path, wanted: str | None, options: dict[str, object]) -> None:
        prove()
        engine = open_engine(EngineName(str(options["engine"])))
        upload = photo.read_bytes()
        picture = intake.read_photo(upload).picture
        seal = partial(seal_for, history=History(photo=sha256(upload).hexdigest()))
        started = time.monotonic()
        with tqdm(total=100, desc="누끼", bar_format=BAR) as bar:
            product = engine.cut_out(picture, partial(_report, bar))
        seed = options["seed"] if isinstance(options["seed"], int) else secrets.randbits(31)
        brief = _brief(options, wanted or "", seed)
        self._tell_hints(brief)
        with tqdm(total=100, desc="광고", bar_format=BAR) as bar:
            if wanted == ALL:
                for key, file in every_format(
                    brief, engine, product, list(FORMATS), partial(_told, bar), seal
                ):
                    self._write(out / f"{key}.{FORMATS[key].extension}", file)
            elif wanted:
                [(_, file)] = every_format(brief, engine, product, [wanted], partial(_told, bar), seal)
                self._write(out, file)
            else:
                made = make_ad(
                    brief, engine, product=product, on_progress=_told(bar, "광고"), on_step=_forget
                )
                self._write(out, _encoded(made, out, seal(made.source)))
        self.stderr.write(f"seed {seed}, {time.monotonic() - started:.1f} s")

    def _tell_hints(self, brief: AdBrief) -> None:
        """What could be put right in the words; the ad is made all the same."""
        words = Words(
            brief.text, brief.subline, brief.price_before, brief.price_now, brief.font, brief.format
        )
        hints = check_words(words)
        for hint in hints:
            better = hint.suggestions or ((hint.safer.ko,) if hint.safer.ko else hint.fonts)
            self.stderr.write(
                f"[{hint.kind}] {hint.text}: {hint.why.ko}" + "".join(f" → {each}" for each in better[:1])
            )
        if notice := notice_for(hints):
            self.stderr.write(notice)

    def _write(self, path: Path, file: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file)
        self.stdout.write(str(path))


def _brief(options: dict[str, object], wanted: str, seed: int) -> AdBrief:
    scene = str(options["scene"] or default_scene().key)
    return AdBrief(
        text=str(options["text"]).replace("\\n", "\n"),
        font=str(options["font"]) or default_font().path,
        scene=scene,
        style=str(options["text_style"] or suited_style(scene).key),
        subline=str(options["subline"]),
        price_before=str(options["price_before"]),
        price_now=str(options["price_now"]),
        mode=CompositionMode(str(options["mode"])),
        position=TextPosition(str(options["position"])),
        camera=Camera(str(options["camera"])),
        match_light=bool(options["match_light"]),
        ai_label=bool(options["label"]),
        logo=_logo(options["logo"], LogoCorner(str(options["logo_corner"]))),
        format=wanted if wanted != ALL else "",
        seed=seed,
    )


def _logo(file: object, corner: LogoCorner) -> Logo | None:
    return Logo(intake.clean_logo(file.read_bytes()), corner) if isinstance(file, Path) else None


def _values(choices: type[StrEnum]) -> list[str]:
    return [choice.value for choice in choices]


def _report(bar: tqdm[NoReturn], sub_step: str, fraction: float, preview: Picture | None = None) -> None:
    _show(bar, "누끼", fraction)


def _forget(result: StepResult) -> None:
    """The command keeps the final picture only."""


def _show(bar: tqdm[NoReturn], label: str, fraction: float) -> None:
    bar.set_description_str(label, refresh=False)
    bar.n = round(100 * fraction)
    bar.refresh()


def _told(bar: tqdm[NoReturn], label: str) -> OnProgress:
    """What shows an ad's progress on the bar."""

    def on_progress(progress: Progress) -> None:
        first, last = STEP_SHARE[progress.step.number - 1 : progress.step.number + 1]
        _show(bar, label, first + (last - first) * progress.fraction)

    return on_progress


def _encoded(result: AdResult, path: Path, seal: Seal | None) -> bytes:
    assert result.final is not None
    packet = xmp(result.source)
    if path.suffix.lower() in (".jpg", ".jpeg"):
        file, media_type = intake.encode_jpeg(result.final, 92, packet), "image/jpeg"
    else:
        file, media_type = intake.encode_png(result.final, xmp=packet), "image/png"
    return seal(file, media_type) if seal is not None else file

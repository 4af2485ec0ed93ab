"""Scenes by products and text styles by headlines, in one labelled picture."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from generation import intake
from generation.engines import Engine, open_engine
from generation.errors import GenerationError
from generation.export.contact_sheet import Product, contact_sheet
from generation.studio.product import paste_at, trimmed
from generation.studio.scenes import scenes
from generation.studio.styles import styles
from generation.types import Box, Cutout, EngineName, Picture
from jobs.messages import sentence

SAMPLES = Path(settings.BASE_DIR) / "static" / "img" / "samples"
PHOTO_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
HEADLINES = ("신메뉴", "오늘만 반값", "겨울 한정 딸기 케이크 출시")
CELL_SIDE_PX = 320
LARGEST_CUTOUT_PX = 1000
"""Longer side of the cut-outs handed to the drawing processes."""
JPEG_QUALITY = 90


class Command(BaseCommand):
    help = "Draw scenes by products and text styles by headlines in one labelled picture."
    requires_system_checks: tuple[str, ...] = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--out", type=Path, required=True, help="a .jpg or .png file")
        parser.add_argument(
            "--photos", type=Path, nargs="+", metavar="FILE", help="product photos; the samples by default"
        )
        parser.add_argument(
            "--scenes", nargs="+", choices=list(scenes()), metavar="SCENE", help="all by default"
        )
        parser.add_argument(
            "--styles", nargs="*", choices=list(styles()), metavar="STYLE", help="all by default"
        )
        parser.add_argument("--headlines", nargs="+", metavar="TEXT", default=list(HEADLINES))
        parser.add_argument("--side", type=int, default=CELL_SIDE_PX, help="a cell's side in pixels")

    def handle(
        self,
        *,
        out: Path,
        photos: list[Path] | None,
        side: int,
        headlines: list[str],
        **options: list[str] | None,
    ) -> None:
        chosen_scenes = options["scenes"] or list(scenes())
        chosen_styles = list(styles()) if options["styles"] is None else options["styles"]
        try:
            products = _products(photos or sample_photos())
            count = len(chosen_scenes) * len(products) + len(chosen_styles) * len(headlines)
            with tqdm(total=count, unit="cell") as bar:
                sheet = contact_sheet(
                    products, chosen_scenes, chosen_styles, headlines, side, partial(bar.update, 1)
                )
            _write(out, sheet)
        except OSError as error:
            raise CommandError(f"{error.strerror}: {error.filename}") from error
        except GenerationError as error:
            raise CommandError(sentence(error.code, error.context)) from error
        self.stdout.write(str(out))


def sample_photos() -> list[Path]:
    """The product photos that come with AdStudio, by name."""
    return sorted(path for path in SAMPLES.iterdir() if path.suffix.lower() in PHOTO_SUFFIXES)


def _products(photos: Sequence[Path]) -> list[Product]:
    engine = open_engine(EngineName.STUDIO)
    return [Product(photo.stem, _cut_out(engine, photo)) for photo in tqdm(photos, desc="누끼", unit="photo")]


def _cut_out(engine: Engine, photo: Path) -> Cutout:
    cutout = engine.cut_out(intake.read_photo(photo.read_bytes()).picture, _silent)
    picture = trimmed(cutout.picture)
    factor = LARGEST_CUTOUT_PX / max(picture.shape[:2])
    if factor < 1:
        width, height = round(picture.shape[1] * factor), round(picture.shape[0] * factor)
        picture = paste_at(picture, Box(0, 0, max(1, width), max(1, height))).picture
    return Cutout(picture, cutout.method, cutout.confidence)


def _silent(sub_step: str, fraction: float, preview: Picture | None = None) -> None:
    """The bar counts photos, not their parts."""


def _write(out: Path, sheet: Picture) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    jpeg = out.suffix.lower() in (".jpg", ".jpeg")
    out.write_bytes(intake.encode_jpeg(sheet, JPEG_QUALITY) if jpeg else intake.encode_png(sheet))

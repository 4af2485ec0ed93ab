"""The benchmark table: every row is the median of several runs in this one process, warm."""

from __future__ import annotations

import resource
import time
from argparse import ArgumentParser
from collections.abc import Callable
from statistics import median

import numpy as np
from django.conf import settings
from django.core.management.base import BaseCommand

from generation import intake
from generation.engines import Engine, open_engine
from generation.pipeline import AdBrief, StepResult, make_ad
from generation.types import Cutout, EngineName, Picture, Progress, Step
from generation.typography.fonts import default_font
from jobs.demo import SAMPLE, SAMPLE_PHOTO

KILOBYTES_PER_MEGABYTE = 1024
BIG_PHOTO = (4000, 3000)
"""Width and height of a 12-megapixel phone photo."""


class Command(BaseCommand):
    help = "Measure the studio engine and the photo intake; prints one table."
    requires_system_checks: tuple[str, ...] = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--runs", type=int, default=5)

    def handle(self, *, runs: int, **options: object) -> None:
        engine = open_engine(EngineName.STUDIO)
        engine.warm_up()
        small = SAMPLE_PHOTO.read_bytes()
        photo = intake.read_photo(small).picture
        rows: list[tuple[str, float, str]] = []

        def add(name: str, target: str, work: Callable[[], object]) -> None:
            work()
            rows.append((name, median(_seconds(work) for _ in range(runs)), target))

        add("cut-out", "2.0 s", lambda: engine.cut_out(photo, _silent))
        product = engine.cut_out(photo, _silent)
        laps = [_laps(engine, product) for _ in range(runs + 1)][1:]
        for name, target in _TARGETS.items():
            rows.append((name, median(lap[name] for lap in laps), target))
        add("photo check, 600x400", "0.1 s", lambda: intake.clean_copy(small))
        big = _big_photo(photo)
        add("photo check, 12 megapixels", "0.8 s", lambda: intake.clean_copy(big))
        cut_out, whole = rows[0][1], next(row[1] for row in rows if row[0] == "ad without cut-out")
        rows.append(("ad with cut-out", cut_out + whole, "8 s"))
        self._print(rows, runs)

    def _print(self, rows: list[tuple[str, float, str]], runs: int) -> None:
        whole = next(value for name, value, _ in rows if name == "ad with cut-out")
        self.stdout.write(
            f"median of {runs} runs, one process, warm; share = part of the ad with cut-out\n\n"
        )
        self.stdout.write(f"{'part':<28}{'seconds':>9}{'share':>8}{'target':>10}")
        for name, value, target in rows:
            self.stdout.write(f"{name:<28}{value:>9.2f}{value / whole:>8.0%}{'≤ ' + target:>10}")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KILOBYTES_PER_MEGABYTE
        self.stdout.write(
            f"\npeak memory {peak:.0f} MB (target ≤ 2048 MB), models {settings.MODELS_DIR.name}/"
        )


_TARGETS = {
    "first preview": "1.5 s",
    "background": "1.2 s",
    "headline": "0.9 s",
    "composition": "0.3 s",
    "ad without cut-out": "4.5 s",
}


def _laps(engine: Engine, product: Cutout) -> dict[str, float]:
    """Seconds of each part of one ad."""
    ends: dict[str, float] = {}
    started = time.perf_counter()

    def on_progress(progress: Progress) -> None:
        if progress.preview is not None:
            ends.setdefault("preview", time.perf_counter())

    def on_step(result: StepResult) -> None:
        ends[result.step.value] = time.perf_counter()

    brief = AdBrief(
        text=str(SAMPLE["text_content"]),
        font=default_font().path,
        scene=str(SAMPLE["scene"]),
        style=str(SAMPLE["text_style"]),
        seed=7,
    )
    make_ad(brief, engine, product=product, on_progress=on_progress, on_step=on_step)
    background, headline, composite = (ends[step.value] for step in Step)
    return {
        "first preview": ends["preview"] - started,
        "background": background - started,
        "headline": headline - background,
        "composition": composite - headline,
        "ad without cut-out": composite - started,
    }


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _silent(sub_step: str, fraction: float, preview: Picture | None = None) -> None:
    """Nobody watches a benchmark's progress."""


def _big_photo(photo: Picture) -> bytes:
    """A 12-megapixel JPEG with a photo's own noise, as a phone makes it."""
    from PIL import Image

    large = np.asarray(Image.fromarray(photo[..., :3]).resize(BIG_PHOTO, Image.Resampling.BICUBIC))
    noise = np.random.default_rng(0).normal(0, 3, large.shape)
    return intake.encode_jpeg(np.clip(large + noise, 0, 255).astype(np.uint8), 92)

"""The benchmark table: every row is the median of several runs in this one process, warm."""

from __future__ import annotations

import resource
import time
from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import replace
from statistics import median

import numpy as np
from django.conf import settings
from django.core.management.base import BaseCommand

from generation import intake
from generation.ad import AdBrief, AdResult, StepPictures, StepResult
from generation.engines import Engine, open_engine
from generation.export.every_format import every_format
from generation.export.formats import FORMATS
from generation.pipeline import background_brief, make_ad
from generation.types import Cutout, EngineName, Picture, Progress, Step
from generation.typography.fonts import default_font
from jobs.demo import SAMPLE, SAMPLE_PHOTO

KILOBYTES_PER_MEGABYTE = 1024
MOST_MEGABYTES = 1800
WHOLE = "whole ad, with cut-out"
NEW_WORDS = "겨울 한정 딸기 케이크 출시"
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
        rows.append((WHOLE, rows[0][1] + sum(value for name, value, _ in rows if name in _PARTS), "4.5 s"))
        sketched = background_brief(_BRIEF, _BRIEF.size, None)
        add("first preview, new photo", "0.8 s", lambda: engine.sketch(sketched, photo))
        made = _steps(engine, product)
        add("new words, same picture", "1.5 s", lambda: _new_words(engine, product, made))
        add("all 13 formats, with cut-out", "20 s", lambda: _every_format(engine, photo))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KILOBYTES_PER_MEGABYTE
        add("photo check, 600x400", "0.1 s", lambda: intake.clean_copy(small))
        big = _big_photo(photo)
        add("photo check, 12 megapixels", "0.8 s", lambda: intake.clean_copy(big))
        self._print(rows, runs, peak)

    def _print(self, rows: list[tuple[str, float, str]], runs: int, peak: float) -> None:
        whole = next(value for name, value, _ in rows if name == WHOLE)
        self.stdout.write(f"median of {runs} runs, one process, warm; share = part of the {WHOLE}\n\n")
        self.stdout.write(f"{'part':<30}{'seconds':>9}{'share':>8}{'target':>10}")
        for name, value, target in rows:
            self.stdout.write(f"{name:<30}{value:>9.2f}{value / whole:>8.0%}{'≤ ' + target:>10}")
        self.stdout.write(
            f"\npeak memory {peak:.0f} MB (target ≤ {MOST_MEGABYTES} MB), models {settings.MODELS_DIR.name}/"
        )


_PARTS = ("background", "headline", "composition")
_TARGETS = {"background": "1.2 s", "headline": "0.9 s", "composition": "0.3 s", "first preview": "0.8 s"}
_BRIEF = AdBrief(
    text=str(SAMPLE["text_content"]),
    font=default_font().path,
    scene=str(SAMPLE["scene"]),
    style=str(SAMPLE["text_style"]),
    seed=7,
)


def _steps(engine: Engine, product: Cutout) -> StepPictures:
    """Step 1 of the sample ad, as a re-run finds it."""
    kept: list[StepResult] = []
    make_ad(
        replace(_BRIEF, stop=Step.BACKGROUND),
        engine,
        product=product,
        on_progress=_unseen,
        on_step=kept.append,
    )
    return StepPictures(step1=kept[0].picture, layer=kept[0].layer)


def _new_words(engine: Engine, product: Cutout, ready: StepPictures) -> AdResult:
    brief = replace(_BRIEF, text=NEW_WORDS)
    return make_ad(brief, engine, product=product, ready=ready, on_progress=_unseen, on_step=_unkept)


def _every_format(engine: Engine, photo: Picture) -> list[tuple[str, bytes]]:
    product = engine.cut_out(photo, _silent)
    return list(every_format(_BRIEF, engine, product, list(FORMATS), lambda _: _unseen))


def _unseen(progress: Progress) -> None:
    """Nobody watches a benchmark's progress."""


def _unkept(result: StepResult) -> None:
    """Only the time counts."""


def _laps(engine: Engine, product: Cutout) -> dict[str, float]:
    """Seconds of each part of one ad."""
    ends: dict[str, float] = {}
    started = time.perf_counter()

    def on_progress(progress: Progress) -> None:
        if progress.preview is not None:
            ends.setdefault("preview", time.perf_counter())

    def on_step(result: StepResult) -> None:
        ends[result.step.value] = time.perf_counter()

    make_ad(_BRIEF, engine, product=product, on_progress=on_progress, on_step=on_step)
    background, headline, composite = (ends[step.value] for step in Step)
    return {
        "first preview": ends["preview"] - started,
        "background": background - started,
        "headline": headline - background,
        "composition": composite - headline,
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

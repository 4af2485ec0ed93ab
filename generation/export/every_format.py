"""One ad in every channel's format: one cut-out, one scene, the headline sculpted once where it fits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Final

import numpy as np

from generation.ad import AdBrief, AdResult, StepResult
from generation.engines import Engine
from generation.export.files import Seal, encode
from generation.export.formats import Format, format_for
from generation.pipeline import make_ad
from generation.provenance import SourceType, xmp
from generation.types import (
    Background,
    BackgroundBrief,
    Cutout,
    EngineName,
    Headline,
    HeadlineBrief,
    OnProgress,
    Picture,
    Report,
    SceneHints,
)

STRETCH_MOST: Final = 1.05
"""A headline made for another format may be enlarged by this: nobody sees it."""
SAME_GROUND: Final = 0.15
"""Grounds whose luma (sRGB, 0..1) differs by less take the same headline: some styles follow their ground."""

OnFormat = Callable[[str], OnProgress]
"""Called with a format's key as its ad begins; gives what is told of its progress."""
SealFor = Callable[[SourceType], Seal | None]
"""What signs the file of a picture that comes from there, if anything does."""


def unsealed(source: SourceType) -> None:
    """Where no certificate is configured."""


def every_format(
    brief: AdBrief,
    engine: Engine,
    product: Cutout | None,
    keys: Sequence[str],
    on_format: OnFormat,
    seal_for: SealFor = unsealed,
) -> Iterator[tuple[str, bytes]]:
    """The file of each format, in an order of its own: ads composed at their own shape, largest first, and clean
    packshots. Files are written while the next ad is made. ``brief.format`` does not matter. Raises what
    ``make_ad`` and ``encode`` raise; lets ``Cancelled`` pass.
    """
    sharing = _SharingEngine(engine)
    with ThreadPoolExecutor(1) as writer:
        waiting: list[tuple[str, Future[bytes]]] = []
        for fmt in sorted(map(format_for, keys), key=_area, reverse=True):
            made = _made(brief, sharing, product, fmt, on_format(fmt.key))
            assert made.final is not None
            file = writer.submit(encode, made.final, fmt, xmp(made.source), seal_for(made.source))
            waiting.append((fmt.key, file))
            while waiting and waiting[0][1].done():
                key, written = waiting.pop(0)
                yield key, written.result()
        for key, written in waiting:
            yield key, written.result()


def _area(fmt: Format) -> int:
    return fmt.default.width * fmt.default.height


def _made(
    brief: AdBrief, engine: Engine, product: Cutout | None, fmt: Format, on_progress: OnProgress
) -> AdResult:
    return make_ad(
        replace(brief, format=fmt.key), engine, product=product, on_progress=on_progress, on_step=_unkept
    )


def _unkept(result: StepResult) -> None:
    """Only final pictures are kept."""


class _SharingEngine:
    """An engine that sculpts a headline once for all formats in which its lines and its light are the same."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._made: list[tuple[HeadlineBrief, Headline]] = []

    @property
    def name(self) -> EngineName:
        return self.engine.name

    def warm_up(self) -> None:
        self.engine.warm_up()

    def cut_out(self, photo: Picture, report: Report) -> Cutout:
        return self.engine.cut_out(photo, report)

    def sketch(self, brief: BackgroundBrief, photo: Picture) -> Picture:
        return self.engine.sketch(brief, photo)

    def make_background(self, brief: BackgroundBrief, report: Report) -> Background:
        return self.engine.make_background(brief, report)

    def scene_hints(self, brief: BackgroundBrief) -> SceneHints:
        return self.engine.scene_hints(brief)

    def sculpt_headline(self, brief: HeadlineBrief, report: Report) -> Headline:
        fitting = [made for made in self._made if _serves(made[0], brief)]
        if fitting:
            return min(fitting, key=lambda made: made[0].box.width)[1]
        headline = self.engine.sculpt_headline(brief, report)
        self._made.append((brief, headline))
        return headline


def _serves(made: HeadlineBrief, wanted: HeadlineBrief) -> bool:
    """Whether a headline made for one brief can stand in for another: the same but for its size."""
    alike = made.lines == wanted.lines and made.hints.key == wanted.hints.key
    large_enough = wanted.box.width <= STRETCH_MOST * made.box.width
    return alike and large_enough and abs(_luma(made) - _luma(wanted)) < SAME_GROUND


def _luma(brief: HeadlineBrief) -> float:
    """Of the ground behind it, sRGB 0..1; of an unknown one, 0."""
    linear = np.asarray(brief.ground or (0.0, 0.0, 0.0)) @ np.array([0.2126, 0.7152, 0.0722])
    return float(linear ** (1 / 2.2))

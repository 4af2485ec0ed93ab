"""Whether a finished ad says its headline: the final picture, read by a program that was not told what to expect.

The lettering is parted from the scene in three ways that fail for different reasons. Tesseract misreads decorated
type and some fonts, so its word alone accuses nobody: a line is right when one way reads it so; it is wrong only when
the same words in plain black type are read right and all ways agree on the same other letters. Everything else is
unknown. Of 68 ads in all styles and modes 45 were verified, 20 unknown and 3 accused, two of them in part behind their
product; of 67 with one wrong letter 18 were found out and one was not noticed. It takes some 0.4 s of processor time.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.errors import ReaderMissing
from generation.pictures import ink_box
from generation.types import Box, Picture
from generation.typography.glyphs import raster
from generation.typography.lines import break_lines, ink_size, leading
from generation.verify.reading import jamo_distance, letters, marks_strips, read_strips

PLAIN_PX: Final = 96
"""Type size of the plain setting."""
SOLID_ALPHA: Final = 200
"""8-bit alpha from which the asset is lettering rather than glow or shadow."""
VISIBLE_STEPS: Final = 24
"""8-bit steps by which lettering must differ from the scene behind it to be seen."""
COLORS: Final = 6
"""Of the lettering, which a bevel or a sheen spreads over so many."""
SAMPLES: Final = 4000
ENOUGH: Final = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 20, 1.0)
"""After so many rounds, or once no colour moves by more than this."""
SHADES: Final = (1.0, 0.85, 0.7, 0.55, 0.4, 0.3)
"""How dark the scene may be in the headline's shadow."""
TRIAL_PX: Final = 100


class Verdict(StrEnum):
    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Lettering:
    """Where a picture's headline lies: ``box`` of its ink in the frame's pixels, the ``text`` it should say, and its
    ``font``, a path of the catalogue."""

    box: Box
    text: str
    font: str


@dataclass(frozen=True, slots=True)
class ReadBack:
    """The verdict, and the words that were read, a line of them for each of the headline's."""

    verdict: Verdict
    words: str = ""


NOT_READ: Final = ReadBack(Verdict.UNKNOWN)


def read_back(
    final: Picture, scene: Picture, asset: Picture, lettering: Lettering, within_s: float
) -> ReadBack:
    """Read the headline of a finished ad. ``final`` and ``scene`` (step 1) are RGB of one size, ``asset`` (step 2)
    is RGBA. Unknown where Tesseract is not installed or takes longer than about ``within_s`` seconds."""
    if within_s <= 0:
        return NOT_READ
    lines = _lines_of_asset(asset, lettering)
    plain = marks_strips(_plain(lines, lettering.font), len(lines))
    ways = [marks_strips(marks, len(lines)) for marks in _ways(final, scene, asset, lettering.box)]
    try:
        read_plain, *read_ways = read_strips([plain, *ways], lines, within_s)
    except (ReaderMissing, subprocess.SubprocessError):
        return NOT_READ
    return judged(lines, read_plain, read_ways)


def judged(meant: Sequence[str], plain: Sequence[str], ways: Sequence[Sequence[str]]) -> ReadBack:
    """The verdict on what was read: the lines as they are ``meant``, as ``plain`` type of them was read, and as the
    picture was in each of several ways."""
    read, right, wrong = [], 0, 0
    for index, line in enumerate(meant):
        texts = [way[index] for way in ways]
        nearest = min(texts, key=lambda text: jamo_distance(text, line))
        if not jamo_distance(nearest, line):
            read.append(line)
            right += 1
            continue
        agreed = len({letters(text) for text in texts}) == 1 and letters(nearest)
        wrong += bool(agreed) and not jamo_distance(plain[index], line)
        read.append(nearest)
    verdict = Verdict.NO if wrong else Verdict.YES if right == len(meant) else Verdict.UNKNOWN
    return ReadBack(verdict, "\n".join(read))


def _lines_of_asset(asset: Picture, lettering: Lettering) -> tuple[str, ...]:
    """How the asset breaks the headline: the breaking whose shape is nearest to the asset's ink. An asset of an
    earlier picture need not break as this one would."""
    ink = ink_box(asset)
    shape = np.log(ink.width / ink.height)

    def strangeness(lines: tuple[str, ...]) -> float:
        size = ink_size(lines, lettering.font, TRIAL_PX)
        return abs(float(np.log(max(size.width, 1) / max(size.height, 1)) - shape))

    return min(break_lines(lettering.text, lettering.font), key=strangeness)


def _plain(lines: tuple[str, ...], font: str) -> NDArray[np.bool_]:
    """The words in the font's own outlines, black on white."""
    coverage = raster(lines, font, PLAIN_PX, leading(PLAIN_PX), (0, 0, 0, 0)).coverage
    return np.asarray(coverage > np.float32(0.5), np.bool_)


def _ways(final: Picture, scene: Picture, asset: Picture, box: Box) -> list[NDArray[np.bool_]]:
    """Where the lettering is in the box of the final picture, found in three ways."""
    rows, columns = slice(max(box.y, 0), box.bottom), slice(max(box.x, 0), box.right)
    seen, behind = final[rows, columns, :3], scene[rows, columns, :3]
    change = np.abs(seen.astype(np.int16) - behind.astype(np.int16)).max(axis=-1)
    edge, _ = cv2.threshold(change.astype(np.uint8), 0, 255, cv2.THRESH_OTSU)
    laid = _laid(asset, box)[: seen.shape[0], : seen.shape[1]]
    return [
        _colored(seen, behind, asset),
        laid & (change > VISIBLE_STEPS),
        np.asarray(change > edge, np.bool_),
    ]


def _laid(asset: Picture, box: Box) -> NDArray[np.bool_]:
    """The asset's solid part, as it was laid into the box, from the box's first pixel inside the frame."""
    ink = ink_box(asset)
    alpha = asset[ink.y : ink.bottom, ink.x : ink.right, 3]
    laid = cv2.resize(np.ascontiguousarray(alpha), (box.width, box.height), interpolation=cv2.INTER_AREA)
    return np.asarray(laid > SOLID_ALPHA, np.bool_)[max(-box.y, 0) :, max(-box.x, 0) :]


def _colored(seen: Picture, behind: Picture, asset: Picture) -> NDArray[np.bool_]:
    """The pixels nearer to one of the lettering's own colours than to the scene behind them, lit or in shadow
    (CIE Lab)."""
    ink = asset[asset[..., 3] > SOLID_ALPHA][:, :3]
    if not len(ink):
        return np.zeros(seen.shape[:2], np.bool_)
    picked = ink[np.random.default_rng(0).integers(0, len(ink), SAMPLES)]
    cv2.setRNGSeed(0)
    unused = np.zeros((SAMPLES, 1), np.int32)
    _, _, colors = cv2.kmeans(_lab(picked[None])[0], COLORS, unused, ENOUGH, 2, cv2.KMEANS_PP_CENTERS)
    pixels, ground = _lab(seen), _lab(behind)
    to_ink = np.min([np.linalg.norm(pixels - color, axis=-1) for color in colors], axis=0)
    shaded = (ground * np.array([shade, 1, 1], np.float32) for shade in SHADES)
    to_ground = np.min([np.linalg.norm(pixels - shade, axis=-1) for shade in shaded], axis=0)
    return np.asarray(to_ink < to_ground, np.bool_)


def _lab(picture: Picture) -> NDArray[np.float32]:
    return cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_RGB2LAB).astype(np.float32)

"""Reading a headline back: what an eye that knows no expectation makes of the lettering.

Tesseract 5 with its Korean model, the only part of ``generation`` that starts another program. It reads
nothing from a whole advertisement; from the fill colour alone, brought to a known height, it reads nearly
everything.
"""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import tempfile
import time
import unicodedata
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.errors import ReaderMissing
from generation.types import Box, Picture

Strip: TypeAlias = NDArray[np.uint8]
"""One line, black on white, ``(height, width)``."""

KOREAN: Final = "kor"
"""Debian's model writes 1,160 characters: a rare syllable (슌, 쫄, 짬) comes out as its look-alike, and Latin
letters not at all."""
ENGLISH: Final = "eng"
ONE_LINE: Final = "7"
"""Tesseract's page segmentation mode, for a lone word too: as a "word" it loses digits."""
THINNED_BY_PX: Final = 1.6
COLOR_TOLERANCE: Final = 40
"""8-bit steps by which a channel may differ from the fill colour."""
LINE_HEIGHT_PX: Final = 48
QUIET_ZONE_PX: Final = 20
GAP_REACH: Final = 0.18
"""Of a line's height: how far from its expected place the gap between two lines may lie."""
READERS: Final = 2
TIMEOUT_S: Final = 60
LONGEST_S: Final = 600
"""For however many headlines at once."""
INSTALL: Final = (
    "Reading headlines back needs Tesseract with Korean: apt-get install tesseract-ocr tesseract-ocr-kor"
)


@dataclass(frozen=True, slots=True)
class Look:
    """One picture for Tesseract, and the language of its model."""

    strip: Strip
    language: str


class Patience:
    """How long reading may still take."""

    def __init__(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds

    @property
    def left_s(self) -> float:
        """Seconds; a tenth at least, in which no process gets anywhere."""
        return max(self._until - time.monotonic(), 0.1)


@dataclass(frozen=True, slots=True)
class Passage:
    """Lettering to be read: ``picture`` RGB or RGBA, ``box`` of its ink, ``fill`` its sRGB colour in 8-bit steps,
    ``lines`` what it should say."""

    picture: Picture
    box: Box
    fill: tuple[int, int, int]
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read, line by line, and how far it is from what was meant: ``distance`` counts jamo, Latin letters
    and digits added, lost or changed, spaces, punctuation and signs left aside."""

    lines: tuple[str, ...]
    distance: int


def read(passage: Passage) -> Reading:
    """Read one headline. Raises ``ReaderMissing``."""
    return read_all([passage])[0]


def what_is_missing() -> str:
    """What to install before anything can be read; empty when nothing is missing."""
    try:
        _tesseract()
    except ReaderMissing as error:
        return error.detail
    return ""


def read_all(passages: Sequence[Passage]) -> list[Reading]:
    """Read many headlines, several to a call of Tesseract. Raises ``ReaderMissing``.

    A line that was not read as expected gets a second look word by word and a third with thinner strokes; the
    look nearest to what was expected counts. What is misspelt is read so by all of them.
    """
    meant = [line for passage in passages for line in passage.lines]
    strips = [strip for passage in passages for strip in line_strips(passage)]
    lines = iter(_read(strips, meant, Patience(LONGEST_S)))
    readings = []
    for passage in passages:
        own = tuple(next(lines) for _ in passage.lines)
        readings.append(Reading(own, jamo_distance("".join(own), "".join(passage.lines))))
    return readings


def read_strips(ways: Sequence[Sequence[Strip]], meant: Sequence[str], within_s: float) -> list[list[str]]:
    """Read the same lines in several ways at once: for each way what it says, line by line, looked at again as
    ``read_all`` does. Raises ``ReaderMissing``, and ``subprocess.TimeoutExpired`` after about ``within_s`` seconds."""
    texts = _read([strip for way in ways for strip in way], [*meant] * len(ways), Patience(within_s))
    return [texts[start : start + len(meant)] for start in range(0, len(texts), len(meant))]


def _read(strips: Sequence[Strip], meant: Sequence[str], patience: Patience) -> list[str]:
    program = _tesseract()
    found = _recognised(program, [Look(strip, KOREAN) for strip in strips], patience)
    for words_of in (_words, _thin_words):
        again = [index for index, text in enumerate(found) if jamo_distance(text, meant[index])]
        looks = [words_of(strips[index], meant[index]) for index in again]
        texts = iter(_recognised(program, [look for line in looks for look in line], patience))
        for index, line in zip(again, looks, strict=True):
            other = " ".join(next(texts) for _ in line)
            found[index] = min(found[index], other, key=lambda text: jamo_distance(text, meant[index]))
    return found


def jamo_distance(first: str, second: str) -> int:
    """Levenshtein distance over jamo, letters and digits; case, spaces, punctuation and signs left aside."""
    a, b = letters(first), letters(second)
    row = list(range(len(b) + 1))
    for i, mine in enumerate(a, 1):
        above, row[0] = row[0], i
        for j, theirs in enumerate(b, 1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (mine != theirs))
    return row[-1]


def letters(text: str) -> str:
    """The text's jamo, letters and digits alone."""
    decomposed = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text)).casefold()
    return "".join(each for each in decomposed if unicodedata.category(each)[0] in "LN")


def line_strips(passage: Passage) -> list[Strip]:
    """One picture for each line: the fill colour black on white, ``LINE_HEIGHT_PX`` high, with room around it."""
    box = passage.box
    part = passage.picture[max(box.y, 0) : box.bottom, max(box.x, 0) : box.right]
    apart = np.abs(part[..., :3].astype(np.int16) - np.array(passage.fill, np.int16)).max(axis=-1)
    marks = apart < COLOR_TOLERANCE
    if part.shape[2] == 4:
        marks &= part[..., 3] > 127
    return marks_strips(marks, len(passage.lines))


def marks_strips(marks: NDArray[np.bool_], count: int) -> list[Strip]:
    """One picture for each of ``count`` lines of lettering, given where its ink is."""
    return [_strip(each) for each in _lines_of(marks, count)]


def _lines_of(marks: NDArray[np.bool_], count: int) -> list[NDArray[np.bool_]]:
    """The rows of each line, parted where the ink is thinnest near the place where a gap should be."""
    rows = marks.sum(axis=1)
    inked = np.flatnonzero(rows)
    if inked.size == 0:
        return [marks] * count
    top, bottom = int(inked[0]), int(inked[-1]) + 1
    pitch = (bottom - top) / count
    cuts = [top]
    for index in range(1, count):
        reach = max(1, round(GAP_REACH * pitch))
        start = round(top + index * pitch) - reach
        thinnest = np.flatnonzero(rows[start : start + 2 * reach] == rows[start : start + 2 * reach].min())
        cuts.append(start + int(thinnest[len(thinnest) // 2]))
    cuts.append(bottom)
    return [marks[start:end] for start, end in itertools.pairwise(cuts)]


def _strip(marks: NDArray[np.bool_]) -> Strip:
    rows, columns = np.flatnonzero(marks.any(axis=1)), np.flatnonzero(marks.any(axis=0))
    if rows.size == 0:
        return np.full((LINE_HEIGHT_PX, LINE_HEIGHT_PX), 255, np.uint8)
    ink = marks[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    paper = np.where(ink, 0, 255).astype(np.uint8)
    width = max(1, round(ink.shape[1] * LINE_HEIGHT_PX / ink.shape[0]))
    shrinks = ink.shape[0] > LINE_HEIGHT_PX
    scaled = cv2.resize(
        paper, (width, LINE_HEIGHT_PX), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    )
    return np.pad(np.asarray(scaled, np.uint8), QUIET_ZONE_PX, constant_values=255)


def _words(strip: Strip, line: str) -> list[Look]:
    """The line's words, parted at its widest gaps; those with Latin letters are for the English model."""
    words = line.split()
    inked = (strip < 128).any(axis=0)
    columns = np.flatnonzero(inked)
    if columns.size == 0:
        return [Look(strip, KOREAN)]
    gaps = np.flatnonzero(np.diff(columns) > 1)
    widest = sorted(sorted(gaps, key=lambda gap: columns[gap] - columns[gap + 1])[: len(words) - 1])
    edges = [
        int(columns[0]),
        *(int(columns[gap] + columns[gap + 1]) // 2 for gap in widest),
        int(columns[-1]) + 1,
    ]
    parts = [strip[:, start:end] for start, end in itertools.pairwise(edges)]
    if len(parts) != len(words):
        return [Look(strip, KOREAN)]
    room = ((0, 0), (QUIET_ZONE_PX, QUIET_ZONE_PX))
    return [
        Look(np.pad(part, room, constant_values=255), ENGLISH if _is_latin(word) else KOREAN)
        for part, word in zip(parts, words, strict=True)
    ]


def _thin_words(strip: Strip, line: str) -> list[Look]:
    """As ``_words``, of the line in a lighter weight: bold counters open up."""
    depth = cv2.distanceTransform((strip < 128).astype(np.uint8), cv2.DIST_L2, 5)
    thinned = np.clip(THINNED_BY_PX + 0.5 - np.asarray(depth, np.float32), 0, 1) * 255
    return _words(np.maximum(strip, thinned.astype(np.uint8)), line)


def _is_latin(word: str) -> bool:
    letters = [each for each in word if each.isalpha()]
    return bool(letters) and all(each.isascii() for each in letters)


def _tesseract() -> str:
    """The program, once it is sure to know Korean. Raises ``ReaderMissing``."""
    program = shutil.which("tesseract")
    if program is None:
        raise ReaderMissing(INSTALL)
    known = subprocess.run(
        [program, "--list-langs"], capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )
    if not {KOREAN, ENGLISH} <= set(known.stdout.split()):
        raise ReaderMissing(INSTALL)
    return program


def _recognised(program: str, looks: Sequence[Look], patience: Patience) -> list[str]:
    """The text of each look, shared between ``READERS`` processes of one core each."""
    batches: dict[tuple[str, int], list[int]] = {}
    for index, look in enumerate(looks):
        batches.setdefault((look.language, index % READERS), []).append(index)
    texts = [""] * len(looks)
    with ThreadPoolExecutor(READERS) as pool:
        done = pool.map(
            lambda batch: _batch(program, [looks[index] for index in batch], patience), batches.values()
        )
        for batch, found in zip(batches.values(), done, strict=True):
            for index, text in zip(batch, found, strict=True):
                texts[index] = text
    return texts


def _batch(program: str, looks: Sequence[Look], patience: Patience) -> list[str]:
    """What one process reads in looks of one language."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{index:05}.png" for index in range(len(looks))]
        for path, look in zip(paths, looks, strict=True):
            cv2.imwrite(str(path), look.strip)
        listing = Path(folder) / "looks.txt"
        listing.write_text("".join(f"{path}\n" for path in paths), encoding="utf-8")
        done = subprocess.run(
            [program, str(listing), "-", "-l", looks[0].language, "--psm", ONE_LINE, "--dpi", "300"],
            capture_output=True,
            text=True,
            timeout=patience.left_s,
            check=True,
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},
        )
    return [page.strip() for page in done.stdout.split("\f")[: len(looks)]]

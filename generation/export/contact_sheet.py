"""Many small ads in one labelled picture: scenes by products on the left, text styles by headlines on the right."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import cycle, islice
from typing import Final

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from generation.ad import AdBrief, StepResult
from generation.engines import Engine, open_engine
from generation.pipeline import make_ad
from generation.studio.scenes import scene
from generation.studio.styles import style
from generation.types import Cutout, EngineName, Picture, Progress, Size
from generation.typography.fonts import default_font, font_file

PROCESSES: Final = 2
DRAWN_AT_LEAST_PX: Final = 480
"""Cells are drawn at this size or larger and made smaller: a plate's finest detail needs it."""
GAP_PX: Final = 6
PAPER: Final = (250, 249, 246)
INK: Final = (38, 36, 33)
LABEL_SHARE: Final = 0.085
"""Type of the labels, as a fraction of a cell's side."""
SMALLEST_LABEL_PX: Final = 11
LEAST_ROWS: Final = 12
"""More scenes than this, and than there are styles, stand in several tables side by side."""
SEED: Final = 7


@dataclass(frozen=True, slots=True)
class Product:
    """A cut-out and what its column is called."""

    name: str
    cutout: Cutout


@dataclass(frozen=True, slots=True)
class Cell:
    """One small ad: where it stands in its table, and what it shows."""

    row: int
    column: int
    brief: AdBrief
    cutout: Cutout


@dataclass(frozen=True, slots=True)
class Table:
    """Cells with their rows' and columns' labels."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[Cell, ...]


def contact_sheet(
    products: Sequence[Product],
    scene_keys: Sequence[str],
    style_keys: Sequence[str],
    headlines: Sequence[str],
    side: int,
    on_cell: Callable[[], object],
) -> Picture:
    """Every scene with every product, and every text style with every headline, as one RGB picture.

    ``side`` is a cell's side in pixels; ``on_cell`` is called after each. Labels are Korean, the table cells
    are drawn in two processes. The same input gives the same bytes. Raises what ``make_ad`` raises.
    """
    drawn = Size(max(side, DRAWN_AT_LEAST_PX), max(side, DRAWN_AT_LEAST_PX))
    rows = max(len(style_keys), LEAST_ROWS)
    tables = [
        _scene_table(products, scene_keys[first : first + rows], style_keys, headlines, drawn)
        for first in range(0, len(scene_keys), rows)
    ]
    if style_keys and headlines:
        tables.append(_style_table(products, scene_keys, style_keys, headlines, drawn))
    cells = [cell for table in tables for cell in table.cells]
    pictures = _drawn_cells(cells, side, on_cell)
    sheets = [_laid_out(table, [next(pictures) for _ in table.cells], side) for table in tables]
    return _side_by_side(sheets, round(0.25 * side))


def _scene_table(
    products: Sequence[Product],
    scene_keys: Sequence[str],
    style_keys: Sequence[str],
    headlines: Sequence[str],
    drawn: Size,
) -> Table:
    """Styles and headlines take turns, so that neighbours differ."""
    words, looks = cycle(headlines or ("",)), cycle(style_keys or ("",))
    cells = tuple(
        Cell(row, column, _brief(next(words), key, next(looks), drawn), product.cutout)
        for row, key in enumerate(scene_keys)
        for column, product in enumerate(products)
    )
    names = tuple(scene(key).name_ko for key in scene_keys)
    return Table(names, tuple(product.name for product in products), cells)


def _style_table(
    products: Sequence[Product],
    scene_keys: Sequence[str],
    style_keys: Sequence[str],
    headlines: Sequence[str],
    drawn: Size,
) -> Table:
    """Scenes and products take turns down the rows: a style is seen in more than one light."""
    size = len(style_keys) * len(headlines)
    grounds = list(islice(cycle(scene_keys), size))
    goods = list(islice(cycle(products), size))
    cells = tuple(
        Cell(row, column, _brief(text, grounds[row + column], key, drawn), goods[row + column].cutout)
        for row, key in enumerate(style_keys)
        for column, text in enumerate(headlines)
    )
    return Table(tuple(style(key).name_ko for key in style_keys), tuple(headlines), cells)


def _brief(text: str, scene_key: str, style_key: str, drawn: Size) -> AdBrief:
    return AdBrief(
        text=text, font=default_font().path, scene=scene_key, style=style_key, seed=SEED, frame=drawn
    )


def _drawn_cells(cells: Sequence[Cell], side: int, on_cell: Callable[[], object]) -> Iterator[Picture]:
    # Spawned, not forked: OpenCV's threads do not survive a fork.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(PROCESSES, mp_context=context, initializer=_one_thread) as pool:
        for picture in pool.map(_draw, cells, [side] * len(cells)):
            on_cell()
            yield picture


def _one_thread() -> None:
    """The processes share the cores among themselves."""
    cv2.setNumThreads(1)


@cache
def _engine() -> Engine:
    return open_engine(EngineName.STUDIO)


def _draw(cell: Cell, side: int) -> Picture:
    made = make_ad(cell.brief, _engine(), product=cell.cutout, on_progress=_unseen, on_step=_unkept)
    assert made.final is not None
    return np.asarray(cv2.resize(made.final, (side, side), interpolation=cv2.INTER_AREA), np.uint8)


def _unseen(progress: Progress) -> None:
    """A cell's own progress is not shown."""


def _unkept(result: StepResult) -> None:
    """A cell keeps its final picture only."""


def _laid_out(table: Table, pictures: Sequence[Picture], side: int) -> Picture:
    """The cells in their places, column labels above, row labels to the left."""
    type_px = max(SMALLEST_LABEL_PX, round(LABEL_SHARE * side))
    face = ImageFont.truetype(str(font_file(default_font().path)), type_px)
    left = _even(max((face.getlength(name) for name in table.rows), default=0.0) + 2 * type_px)
    top, step = round(2.2 * type_px), side + GAP_PX
    width, height = left + step * len(table.columns), top + step * len(table.rows)
    sheet = Image.new("RGB", (width, height), PAPER)
    pen = ImageDraw.Draw(sheet)
    for index, name in enumerate(table.columns):
        pen.text((left + step * index + side / 2, top / 2), _cut(name, face, side), INK, face, "mm")
    for index, name in enumerate(table.rows):
        pen.text((left - type_px, top + step * index + side / 2), name, INK, face, "rm")
    for cell, picture in zip(table.cells, pictures, strict=True):
        sheet.paste(Image.fromarray(picture), (left + step * cell.column, top + step * cell.row))
    return np.asarray(sheet, np.uint8)


def _even(length: float) -> int:
    return 2 * int(np.ceil(length / 2))


def _cut(name: str, face: ImageFont.FreeTypeFont, room: float) -> str:
    """The name, shortened until it fits its column."""
    if face.getlength(name) <= room:
        return name
    while name and face.getlength(name + "…") > room:
        name = name[:-1]
    return name + "…"


def _side_by_side(sheets: Iterable[Picture], gap: int) -> Picture:
    parts = list(sheets)
    margin = gap // 2
    height = max(part.shape[0] for part in parts) + 2 * margin
    width = sum(part.shape[1] for part in parts) + gap * (len(parts) - 1) + 2 * margin
    out = np.full((height, width, 3), PAPER, np.uint8)
    x = margin
    for part in parts:
        out[margin : margin + part.shape[0], x : x + part.shape[1]] = part
        x += part.shape[1] + gap
    return out

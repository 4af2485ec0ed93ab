"""The headline's shape, straight from the font's own outlines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from generation.types import Box, Coverage
from generation.typography.fonts import check_glyphs, face, ink_bounds


@dataclass(frozen=True, slots=True)
class Lettering:
    """``coverage``: float32 0..1, antialiased; ``ink``: the box of its marks; ``bands``: for each line the
    top and bottom of its own marks, in pixels of ``coverage``."""

    coverage: Coverage
    ink: Box
    bands: tuple[tuple[int, int], ...]


def raster(
    lines: tuple[str, ...],
    font_path: str,
    font_size_px: int,
    leading_px: int,
    padding: tuple[int, int, int, int],
) -> Lettering:
    """Draw ``lines``, each centred on its own marks rather than on its advance width.

    ``padding`` is left, top, right, bottom around the marks, in pixels. Raises ``FontUnknown``,
    ``GlyphMissing``. Source of the shapes: FreeType's antialiased scan conversion, through Pillow.
    """
    check_glyphs(font_path, "".join(lines))
    font = face(font_path, font_size_px)
    boxes = [ink_bounds(font_path, font_size_px, line) for line in lines]
    left, above, right, below = padding
    inner_width = max(box[2] - box[0] for box in boxes)
    top = min(box[1] + leading_px * index for index, box in enumerate(boxes))
    bottom = max(box[3] + leading_px * index for index, box in enumerate(boxes))
    canvas = Image.new("L", (inner_width + left + right, bottom - top + above + below))
    pen = ImageDraw.Draw(canvas)
    bands = []
    for index, (line, box) in enumerate(zip(lines, boxes, strict=True)):
        x = left + (inner_width - (box[2] - box[0])) // 2 - box[0]
        baseline = above - top + leading_px * index
        pen.text((x, baseline), line, fill=255, font=font, anchor="ls")
        bands.append((baseline + box[1], baseline + box[3]))
    x0, y0, x1, y1 = canvas.getbbox() or (left, above, left + 1, above + 1)
    coverage = np.asarray(canvas, dtype=np.float32) / np.float32(255)
    return Lettering(coverage, Box(x0, y0, x1 - x0, y1 - y0), tuple(bands))

"""Thumbnails of the text styles for the portal: ``python -m generation.studio.style_thumbs``.

Run after a style is added or changed; the WebP files are committed.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from generation.studio.styles import styles
from generation.studio.text3d import sculpt
from generation.types import HeadlineBrief, Picture, Size

WORDS = ("오늘만", "반값")
FONT = "BlackHanSans/BlackHanSans.ttf"
THUMB = Size(400, 240)
DRAWN_AT = 2
"""Times the thumbnail's size, for crisp edges once reduced."""
LETTERING_SHARE = 0.84
BACKDROP_TOP, BACKDROP_FOOT = (246, 243, 239), (222, 216, 209)
FOLDER = Path(__file__).resolve().parents[2] / "static" / "img" / "styles"


def thumbnail(style_key: str) -> Picture:
    """RGB picture of ``THUMB`` size: the sample words in that style on a neutral backdrop."""
    width, height = THUMB.width * DRAWN_AT, THUMB.height * DRAWN_AT
    room = Size(round(width * LETTERING_SHARE), round(height * LETTERING_SHARE))
    headline = sculpt(HeadlineBrief(WORDS, FONT, style_key, room), lambda *_: None)
    fall = np.linspace(0, 1, height)[:, None, None]
    backdrop = np.array(BACKDROP_TOP) * (1 - fall) + np.array(BACKDROP_FOOT) * fall
    frame = Image.fromarray(np.broadcast_to(backdrop, (height, width, 3)).round().astype(np.uint8))
    ink = headline.ink
    place = ((width - ink.width) // 2 - ink.x, (height - ink.height) // 2 - ink.y)
    lettering = Image.fromarray(headline.picture)
    frame.paste(lettering, place, lettering)
    return np.asarray(frame.resize((THUMB.width, THUMB.height), Image.Resampling.LANCZOS))


def write_thumbnails(folder: Path = FOLDER) -> None:
    """Write ``<key>.webp`` for every style into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    for key in styles():
        Image.fromarray(thumbnail(key)).save(folder / f"{key}.webp", quality=88, method=6)


if __name__ == "__main__":
    write_thumbnails()

"""Thumbnails of the text styles for the portal: ``python -m generation.studio.style_thumbs``.

Run after a style is added or changed; the WebP files are committed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from generation.studio.asset import encoded
from generation.studio.materials import linear
from generation.studio.styles import styles
from generation.studio.text3d import sculpt
from generation.types import HeadlineBrief, Picture, Size

WORDS = ("오늘만", "반값")
HEAVY, ROUND, BRUSH = (
    "BlackHanSans/BlackHanSans.ttf",
    "NanumSquareRound/NanumSquareRoundEB.ttf",
    "SongMyung/SongMyung.ttf",
)
THUMB = Size(400, 240)
DRAWN_AT = 2
"""Times the thumbnail's size, for crisp edges once reduced."""
LETTERING_SHARE = 0.84
BACKDROPS: Final = {
    "gold": ("#6b1524", HEAVY), "rose-gold": ("#4d2c3c", HEAVY), "chrome": ("#17213f", HEAVY),
    "foil": ("#fbdde4", ROUND), "foil-gold": ("#f6d5d8", ROUND), "foil-silver": ("#3a4b78", ROUND),
    "plastic": ("#ffd65c", HEAVY), "clay": ("#cfe6d8", ROUND), "neon": ("#15101f", ROUND),
    "marquee": ("#1d1a33", HEAVY), "wood": ("#e3e8da", HEAVY), "chocolate": ("#f6e7d3", ROUND),
    "ice": ("#12385f", HEAVY), "paper": ("#9fcbe0", HEAVY), "ink": ("#efe6d2", BRUSH),
    "sticker": ("#ffcf3f", HEAVY), "flat": ("#2f7d74", HEAVY),
}  # fmt: skip
"""What shows a style at its best: a backdrop's colour and a font."""
BACKDROP_FALL = 0.84
"""The backdrop's foot is this much darker than its top."""
FOLDER = Path(__file__).resolve().parents[2] / "static" / "img" / "styles"


def thumbnail(style_key: str) -> Picture:
    """RGB picture of ``THUMB`` size: the sample words in that style on a backdrop that suits it."""
    width, height = THUMB.width * DRAWN_AT, THUMB.height * DRAWN_AT
    room = Size(round(width * LETTERING_SHARE), round(height * LETTERING_SHARE))
    color, font = BACKDROPS[style_key]
    ground = linear(color)
    headline = sculpt(HeadlineBrief(WORDS, font, style_key, room, ground=ground), lambda *_: None)
    fall = np.linspace(1, BACKDROP_FALL, height)[:, None, None]
    backdrop = encoded(ground) * 255 * fall
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

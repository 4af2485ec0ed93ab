"""Products to seat: real mattes (a photo, renders of packs and dishes) and plain drawn ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from generation.types import BackgroundBrief, Cutout, Picture, Size

MATTES = Path(__file__).parent / "mattes"


def matte(name: str) -> Picture:
    """One of ``mattes/``: ``uint8``, ``(height, width)``."""
    with Image.open(MATTES / f"{name}.png") as picture:
        return np.array(picture.convert("L"))


def product(name: str, color: tuple[int, int, int] = (190, 40, 30)) -> Cutout:
    """A cut-out of one colour with a real silhouette."""
    alpha = matte(name)
    return painted(alpha, color)


def painted(alpha: Picture, color: tuple[int, int, int] = (190, 40, 30)) -> Cutout:
    picture = np.zeros((*alpha.shape, 4), np.uint8)
    picture[..., :3], picture[..., 3] = color, alpha
    return Cutout(picture, "brush", 1.0)


def block(width: int, height: int) -> Cutout:
    """A plain rectangle."""
    return painted(np.full((height, width), 255, np.uint8))


def brief(
    scene: str = "cafe-wood", name: str | None = "bottle", side: int = 320, **more: object
) -> BackgroundBrief:
    """A small square brief."""
    fields: dict[str, object] = {"size": Size(side, side), "product": product(name) if name else None}
    return BackgroundBrief(scene=scene, **(fields | more))  # type: ignore[arg-type]

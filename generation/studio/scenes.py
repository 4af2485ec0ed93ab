"""The catalogue of scenes. Reads only text, so that a web process may import it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from generation.errors import SceneUnknown
from generation.types import Camera

SHIPPED_PLATES = Path(__file__).parent / "plates"
DEFAULT_SCENE = "cafe-wood"


@dataclass(frozen=True, slots=True)
class Scene:
    """One scene as people choose it. ``words`` are what a prompt is matched with, Korean and English;
    ``cameras`` the views it was rendered from; ``headline_ink`` what reads well on its calm area."""

    key: str
    name_ko: str
    name_en: str
    words: tuple[str, ...]
    mood: str
    season: str | None
    cameras: tuple[Camera, ...]
    headline_ink: Literal["light", "dark"]


def plates_folder() -> Path:
    """Where the plates are: the shipped ones, or ``ADSTUDIO_PLATES_DIR`` while new ones are being made."""
    return Path(os.environ.get("ADSTUDIO_PLATES_DIR", SHIPPED_PLATES))


def scenes() -> Mapping[str, Scene]:
    """Every scene by its key, in the order of the keys."""
    return _catalogue(plates_folder())


def scene(key: str) -> Scene:
    """The scene of that key. Raises ``SceneUnknown``."""
    try:
        return scenes()[key]
    except KeyError:
        raise SceneUnknown(key, scene=key) from None


def default_scene() -> Scene:
    """The scene used when none is asked for."""
    return scene(DEFAULT_SCENE)


def thumbnail_path(key: str) -> Path:
    """The scene's small square WebP picture. Raises ``SceneUnknown``."""
    return plates_folder() / scene(key).key / "thumb.webp"


@cache
def _catalogue(folder: Path) -> Mapping[str, Scene]:
    found = (_read(card) for card in sorted(folder.glob("*/scene.json")))
    return MappingProxyType({entry.key: entry for entry in found if entry.cameras})


def _read(card: Path) -> Scene:
    entry = json.loads(card.read_text(encoding="utf-8"))
    return Scene(
        key=entry["key"],
        name_ko=entry["name_ko"],
        name_en=entry["name_en"],
        words=tuple(entry["words"]),
        mood=entry["mood"],
        season=entry["season"],
        cameras=tuple(Camera(name) for name in entry["cameras"]),
        headline_ink=entry["headline_ink"],
    )

"""The templates as they stand in ``trades/*.toml``, ``house.toml`` and ``channels.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

HERE: Final = Path(__file__).parent
OTHER: Final = "other"
"""The trade whose lines suit any shop."""

Lines = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Kind:
    """Lines for those of a trade's products whose name ends in one of the words (갓 내린 for coffee, not for cake)."""

    words: tuple[str, ...]
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trade:
    """What one trade says, and where it is at home. ``scene``: key of the one that its ads are usually set in;
    ``lines``: headlines under ``any``, a tone, a season, or ``without_product``;
    ``polite`` and ``formal``: sentences of captions (해요, 합니다)."""

    key: str
    scene: str
    tags: tuple[str, ...]
    lines: Lines
    kinds: tuple[Kind, ...]
    sublines: tuple[str, ...]
    polite: tuple[str, ...]
    formal: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class House:
    """What holds for every trade. ``calls``: the last sentence of a caption by tone; ``forbidden``: words by reason."""

    lines: Lines
    seasons: Lines
    calls: Lines
    formal_tones: tuple[str, ...]
    forbidden: Lines


@dataclass(frozen=True, slots=True)
class Channel:
    """Where a caption is posted: the formats whose pictures go there, and what the platform takes at most."""

    key: str
    formats: tuple[str, ...]
    most: int
    text: str
    unit: Literal["characters", "bytes"] = "characters"
    """``bytes``: of cp949, the encoding that carriers and malls count in."""

    def measure(self, text: str) -> int:
        return len(text.encode("cp949", "replace")) if self.unit == "bytes" else len(text)


@cache
def trades() -> Mapping[str, Trade]:
    """Every trade by its key."""
    return {file.stem: _trade(file) for file in sorted((HERE / "trades").glob("*.toml"))}


def trade(key: str) -> Trade:
    """The trade of that key, or the one that suits any shop."""
    return trades().get(key) or trades()[OTHER]


@cache
def house() -> House:
    read = _read(HERE / "house.toml")
    return House(
        lines=_lines(read["lines"]),
        seasons=_lines(read["seasons"]),
        calls=_lines(read["calls"]),
        formal_tones=tuple(read["speech"]["formal"]),
        forbidden=_lines(read["forbidden"]),
    )


@cache
def channels() -> tuple[Channel, ...]:
    entries = _read(HERE / "channels.toml")["channel"]
    return tuple(Channel(**{**entry, "formats": tuple(entry["formats"])}) for entry in entries)


def _trade(file: Path) -> Trade:
    read = _read(file)
    small = read["small"]
    return Trade(
        key=file.stem,
        scene=read["scene"],
        tags=tuple(read["tags"]),
        lines=_lines(read["lines"]),
        kinds=tuple(
            Kind(tuple(kind["words"]), tuple(kind["lines"])) for kind in read.get("kinds", {}).values()
        ),
        sublines=tuple(small["sublines"]),
        polite=tuple(small["polite"]),
        formal=tuple(small["formal"]),
    )


def _lines(table: Mapping[str, list[str]]) -> Lines:
    return {name: tuple(lines) for name, lines in table.items()}


def _read(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))

"""Headlines broken for a room, where a test needs no layout."""

from __future__ import annotations

from generation.types import Size
from generation.typography.lines import FittedText, break_lines, largest_type


def set_in(room: Size, text: str, font: str) -> FittedText:
    """The breaking that gives the largest type."""
    settings = [largest_type(lines, font, room) for lines in break_lines(text, font)]
    return max(settings, key=lambda setting: setting.font_size_px)

"""What a channel covers of a frame, and the rooms that an ad's words wish for in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generation.export.formats import safe_area
from generation.types import CompositionMode, Size

if TYPE_CHECKING:
    from generation.ad import AdBrief


@dataclass(frozen=True, slots=True)
class Rooms:
    """Pixels of the frame's height, by the names that ``BackgroundBrief`` has for them."""

    covered_top: int = 0
    covered_bottom: int = 0
    headline_room: int = 0
    small_lines: int = 0


def rooms_for(brief: AdBrief, size: Size) -> Rooms:
    """What the channel covers, and what the words wish for: where the channel covers the foot, and under a headline
    there, the price is the headline's; a headline behind the product has all small lines below it."""
    from generation.compose import Details, price_joins_headline, wished_foot, wished_room

    safe = safe_area(brief.format, size) if brief.format and not brief.test_mode else None
    covered = (safe.y, size.height - safe.bottom) if safe is not None else (0, 0)
    if not (brief.text and brief.font):
        return Rooms(*covered)
    details = Details(brief.subline, brief.price_before, brief.price_now)
    behind = brief.mode is CompositionMode.BEHIND
    together = not behind and price_joins_headline(size, brief.position, safe)
    headline_room = wished_room(brief.text, brief.font, details, size, together)
    return Rooms(*covered, headline_room, 0 if together else wished_foot(details, brief.font, size, behind))

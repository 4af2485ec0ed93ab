"""What a frame has to hold: product, headline and small lines, and where they stand to each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from generation.types import Size, TextPosition

MARGIN = 0.06
"""Empty border kept around the product, as a share of the frame's shorter side."""
BESIDE_ASPECT, CENTRE_ASPECT, STRIP_ASPECT = 1.5, 0.75, 2.6
"""From these width-to-height ratios on the headline stands beside the product: when its place is free or at the top,
when it is at half height, always."""
TALL_ASPECT = 0.7
"""A frame narrower than this is a tall one."""
BELOW_ROOM, BELOW_MOST = 0.22, 0.42
"""Least and largest share of the frame's height left for a headline below the product."""


@dataclass(frozen=True, slots=True)
class Request:
    """What the frame has to hold. ``headline`` is ``None`` when no room is to be kept for one."""

    size: Size
    headline: TextPosition | None
    covered_top: int = 0
    covered_bottom: int = 0
    """Pixels at the frame's top and bottom that the channel's own buttons cover."""
    headline_room: int = 0
    """Pixels of height that a headline above or below the product should have at least."""
    small_lines: int = 0
    """Pixels of height that small lines below the product should have."""
    behind: bool = False
    """Whether the headline passes behind the product."""

    def shrunk(self, size: Size) -> Request:
        """The same for a smaller frame of that size, of the same aspect."""
        factor = size.width / self.size.width
        top, bottom, room, lines = (
            round(pixels * factor)
            for pixels in (self.covered_top, self.covered_bottom, self.headline_room, self.small_lines)
        )
        return Request(size, self.headline, top, bottom, room, lines, self.behind)

    @property
    def aspect(self) -> float:
        return self.size.width / self.size.height

    @property
    def tall(self) -> bool:
        """Whether the frame is a tall one."""
        return self.aspect < TALL_ASPECT

    @property
    def beside(self) -> bool:
        """Whether the headline stands next to the product, not above or below it."""
        if self.headline is None or self.behind:
            return False
        from_aspect = {TextPosition.CENTER: CENTRE_ASPECT, TextPosition.BOTTOM: STRIP_ASPECT}
        return self.aspect >= from_aspect.get(self.headline, BESIDE_ASPECT)

    @property
    def below(self) -> bool:
        return self.headline is TextPosition.BOTTOM and not self.beside

    @property
    def under(self) -> bool:
        """Whether the product stands under its headline in a frame that is about square."""
        above = self.headline in (TextPosition.AUTO, TextPosition.TOP) and not self.beside
        return above and TALL_ASPECT <= self.aspect <= 1

    @property
    def over(self) -> bool:
        """Whether the product stands under a headline at half height."""
        return self.headline is TextPosition.CENTER and not self.beside

    @property
    def below_room(self) -> float:
        """The share of the height kept below the product for its headline."""
        if not self.below:
            return 0.0
        wished = (self.headline_room + 2 * self.margin) / self.size.height
        return float(np.clip(wished, BELOW_ROOM, BELOW_MOST)) + self.covered_bottom / self.size.height

    @property
    def foot_room(self) -> float:
        """The share of the height kept below the product for small lines, or for the headline too."""
        if not self.small_lines:
            return self.below_room
        lines = min(self.small_lines / self.size.height, BELOW_ROOM)
        return max(self.below_room, lines + self.covered_bottom / self.size.height)

    @property
    def lowest(self) -> float:
        """The pixel row down to which the product may reach."""
        return self.size.height - max(self.margin, self.foot_room * self.size.height)

    @property
    def margin(self) -> float:
        """The empty border in pixels."""
        return MARGIN * min(self.size.width, self.size.height)

"""How large a headline will be in a channel's format, by the same typesetting that sets it.

Imported by the web process: Pillow only. The picture itself decides in the end where a headline has its room; what
is measured here is the room that a headline wishes for (``compose.placement.wished_room``), or has beside a product.
"""

from __future__ import annotations

from math import floor
from typing import Final

from generation.export.formats import format_for, frame_size, safe_area
from generation.types import DEFAULT_SIZE, Size
from generation.typography.lines import break_lines, ink_size

PHONE_WIDTH_PX: Final = 390
"""CSS pixels of a phone held upright, across which a feed shows a picture."""
READABLE_PX: Final = 18
"""CSS pixels of type from which a headline is read in passing; body text is 16."""
SIDE_MARGIN: Final = 0.055
ROOM_MOST: Final = 0.3
"""As in ``compose.placement``, which a web process can't import; a test holds them equal."""
BESIDE_FROM: Final = 1.3
BESIDE_WIDTH, BESIDE_HEIGHT = 0.46, 0.62
"""Of a wide frame: what a headline beside its product has."""
STRIP_FROM: Final = 2.6
STRIP_WIDTH, STRIP_HEIGHT = 0.42, 0.6
FILLED: Final = 0.84
"""Of that size: what the search for a calm place leaves of it, the median of 34 ads (0.64 to 1.23)."""
TRIAL_PX: Final = 100
"""The size at which the words are set to be measured: ink grows with type."""


def headline_room(key: str) -> Size:
    """The pixels that a headline may count on in the format (empty: the square of 1024)."""
    size = frame_size(key) if key else DEFAULT_SIZE
    free = safe_area(key, size) if key else None
    wideness = size.width / size.height
    if wideness >= STRIP_FROM:
        return Size(floor(STRIP_WIDTH * size.width), floor(STRIP_HEIGHT * size.height))
    if wideness >= BESIDE_FROM:
        return Size(floor(BESIDE_WIDTH * size.width), floor(BESIDE_HEIGHT * size.height))
    height = size.height if free is None else min(size.height, free.height)
    return Size(floor((1 - 2 * SIDE_MARGIN) * size.width), floor(ROOM_MOST * height))


def smallest_readable(key: str) -> float:
    """Type in pixels of the format below which nobody reads a headline on a phone; the channel's own limit where it
    has one, which says for which screen it is."""
    limit = format_for(key).type_min_px if key else 0
    size = frame_size(key) if key else DEFAULT_SIZE
    return limit or READABLE_PX * size.width / PHONE_WIDTH_PX


def type_size(text: str, font: str, key: str) -> float:
    """Pixels per em that the headline would have in the format, by the breaking that gives the largest type; 0 where
    there is nothing to set. Raises ``FontUnknown`` and ``FormatUnknown``."""
    room = headline_room(key)
    sizes = [0.0]
    for lines in break_lines(text, font):
        ink = ink_size(lines, font, TRIAL_PX)
        sizes.append(TRIAL_PX * min(room.width / max(ink.width, 1), room.height / max(ink.height, 1)))
    return FILLED * max(sizes)


def is_readable(text: str, font: str, key: str) -> bool:
    """Whether the headline is large enough in the format."""
    return not text.strip() or type_size(text, font, key) >= smallest_readable(key)


def readable_length(text: str, font: str, key: str) -> int:
    """How many characters of the text's start could be read in the format."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if is_readable(text[:middle], font, key):
            low = middle
        else:
            high = middle - 1
    return low

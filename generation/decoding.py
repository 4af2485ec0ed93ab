"""How many pictures are decoded side by side: a file of 200 KB can hold 80 megapixels, some 500 MB of memory."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class PixelBudget:
    """Lets pictures be decoded together until they have so many pixels; the next waits for its turn, first come first
    served, so that a large one is not put off by small ones for ever."""

    def __init__(self, pixels: int) -> None:
        self.pixels = pixels
        self._free = pixels
        self._turn = threading.Lock()
        self._freed = threading.Condition()

    @contextmanager
    def holding(self, pixels: int) -> Iterator[None]:
        """Wait until there is room for so many, at most the whole budget, and keep it."""
        share = min(pixels, self.pixels)
        with self._turn, self._freed:
            self._freed.wait_for(lambda: self._free >= share)
            self._free -= share
        try:
            yield
        finally:
            with self._freed:
                self._free += share
                self._freed.notify_all()

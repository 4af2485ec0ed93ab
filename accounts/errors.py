"""Why a change to a shop's team is refused."""

from __future__ import annotations


class TeamRefused(Exception):
    """``message`` is what people read, already in their language; ``field`` is where in a form it belongs."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field

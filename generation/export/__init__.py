"""What leaves the house: channel formats, files within their limits, the clean packshot."""

from __future__ import annotations

from generation.export.packshot import packshot

__all__ = ["packshot"]

"""Step 3: where the headline goes, and how it meets the picture."""

from __future__ import annotations

from generation.compose.blend import Composite, composite
from generation.compose.details import Details, add_details
from generation.compose.placement import HeadlinePlan, place_headline, plan_asset, plan_headline

__all__ = [
    "Composite",
    "Details",
    "HeadlinePlan",
    "add_details",
    "composite",
    "place_headline",
    "plan_asset",
    "plan_headline",
]

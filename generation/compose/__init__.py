"""Step 3: where the headline goes, and how it meets the picture."""

from __future__ import annotations

from generation.compose.blend import Composite, composite
from generation.compose.placement import HeadlinePlan, place_headline, plan_asset, plan_headline

__all__ = ["Composite", "HeadlinePlan", "composite", "place_headline", "plan_asset", "plan_headline"]

"""Step 3: where the headline goes, and how it meets the picture."""

from __future__ import annotations

from generation.compose.ai_label import Labelled, add_label, wording
from generation.compose.blend import Composite, composite
from generation.compose.block import Details
from generation.compose.details import HeadlineLook, add_details
from generation.compose.hiding import Hidden, hidden_ink, revealed
from generation.compose.logo import Signed, corner_kept, sign
from generation.compose.logo_setting import Treatment
from generation.compose.placement import (
    HeadlinePlan,
    place_headline,
    plan_asset,
    plan_headline,
    price_joins_headline,
    wished_foot,
    wished_room,
)
from generation.compose.tones import branded, inks_for

__all__ = [
    "Composite",
    "Details",
    "HeadlineLook",
    "HeadlinePlan",
    "Hidden",
    "Labelled",
    "Signed",
    "Treatment",
    "add_details",
    "add_label",
    "branded",
    "composite",
    "corner_kept",
    "hidden_ink",
    "inks_for",
    "place_headline",
    "plan_asset",
    "plan_headline",
    "price_joins_headline",
    "revealed",
    "sign",
    "wished_foot",
    "wished_room",
    "wording",
]

"""Seating against Cycles: the product's effect on the scene, as ``authoring/reference.py`` rendered it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from authoring.reference import reproduced

REFERENCES = sorted((Path(__file__).resolve().parents[2] / "data" / "references").glob("*.npz"))
LEAST, LEAST_MEDIAN = 0.60, 0.70
LARGEST, MOST = 150_000, 6
"""Bytes of one reference, and how many are kept."""


@pytest.mark.parametrize("path", REFERENCES, ids=lambda path: path.stem)
def test_it_reproduces_most_of_what_a_product_does_to_its_scene(path: Path) -> None:
    assert reproduced(path) >= LEAST


def test_it_reproduces_seven_tenths_of_it_in_the_middle() -> None:
    assert np.median([reproduced(path) for path in REFERENCES]) >= LEAST_MEDIAN


def test_it_keeps_its_references_few_and_small() -> None:
    assert 3 <= len(REFERENCES) <= MOST
    assert max(path.stat().st_size for path in REFERENCES) <= LARGEST

"""Fidelity sees a change of two steps, and only where it must look."""

from __future__ import annotations

import numpy as np

from generation.types import Coverage, Picture
from generation.verify import fidelity


def scene() -> tuple[Picture, Picture, Coverage]:
    rng = np.random.default_rng(1)
    final = rng.integers(0, 255, (120, 160, 3), dtype=np.uint8)
    product = np.zeros((120, 160, 4), np.uint8)
    product[30:90, 40:120, :3] = final[30:90, 40:120]
    product[30:90, 40:120, 3] = 255
    return final, product, np.zeros((120, 160), np.float32)


def test_it_finds_an_untouched_product_identical() -> None:
    result = fidelity(*scene())
    assert (result.max_difference, result.pixels) == (0, (60 - 4) * (80 - 4))


def test_it_catches_one_pixel_changed_by_two_steps() -> None:
    final, product, covered = scene()
    product[60, 80, :3] = 100
    final[60, 80] = (100, 102, 100)
    assert fidelity(final, product, covered).max_difference == 2


def test_it_does_not_wrap_around_at_the_ends_of_a_byte() -> None:
    final, product, covered = scene()
    product[60, 80, :3], final[60, 80] = 255, 0
    assert fidelity(final, product, covered).max_difference == 255


def test_it_ignores_what_the_headline_covers() -> None:
    final, product, covered = scene()
    final[50:60, 50:60] = 0
    product[50:60, 50:60, :3] = 255
    covered[50:60, 50:60] = 0.01
    result = fidelity(final, product, covered)
    assert result.max_difference == 0 and result.pixels == 56 * 76 - 100


def test_it_ignores_the_outline_and_the_scene() -> None:
    final, product, covered = scene()
    final[30:32] = 7
    final[:25] = 9
    product[30:32, :, :3] = 200
    assert fidelity(final, product, covered).max_difference == 0


def test_it_still_looks_at_a_product_that_touches_the_frame() -> None:
    final, product, covered = scene()
    product[..., :3], product[..., 3] = final, 255
    product[0, 0, :3] = final[0, 0] ^ 2
    assert fidelity(final, product, covered).max_difference == 2


def test_it_compares_nothing_without_a_solid_product() -> None:
    final, product, covered = scene()
    product[..., 3] = 254
    assert fidelity(final, product, covered).pixels == 0

from __future__ import annotations

import numpy as np
import pytest

from generation.studio.exposure import exposed, exposure_for
from generation.studio.materials import material
from generation.studio.reflections import floats

FACE = floats(np.full((40, 40, 3), 0.35))
WHOLE = floats(np.ones((40, 40)))


def exposure(ground: float | None) -> float:
    return exposure_for(FACE, WHOLE, material("chrome"), None if ground is None else (ground,) * 3)


def test_a_face_that_stands_off_already_keeps_its_exposure() -> None:
    assert exposure(None) == 1.0
    assert exposure(0.01) == 1.0


def test_it_is_darker_on_pale_ground_and_brighter_on_deep_ground() -> None:
    assert exposure(0.6) < 0.8
    assert exposure(0.22) > 1.1


def test_gold_is_shown_bright_on_a_ground_of_middle_tone_and_dark_on_a_pale_one() -> None:
    """In the studio's light, from its darkest reflections to its glints."""
    gold = material("gold")
    face = floats(np.linspace(0.1, 1.6, 1600).reshape(40, 40, 1) * np.array(gold.reflectance))
    middle, pale = (exposure_for(face, WHOLE, gold, (ground,) * 3) for ground in (0.42, 0.7))
    assert middle >= 1.0
    assert pale < 0.5


@pytest.mark.parametrize("ground", [0.02, 0.2, 0.5, 1.0])
def test_it_stays_within_the_materials_latitude(ground: float) -> None:
    low, high = material("chrome").latitude
    assert low - 1e-6 <= exposure(ground) <= high + 1e-6


def test_darker_it_keeps_its_glints_and_deepens_its_hue() -> None:
    gold = material("gold")
    glint, plain = floats([[5.0, 4.0, 2.0]]), floats([[0.6, 0.36, 0.10]])
    assert np.allclose(exposed(glint, 0.5, gold), glint)
    darker = exposed(plain, 0.5, gold)[0]
    assert darker[0] == pytest.approx(0.3, rel=0.01)
    assert darker[2] / darker[0] < 0.8 * plain[0, 2] / plain[0, 0]

"""Every scene, seen by each of its cameras, in the shape of every channel's format."""

from __future__ import annotations

import numpy as np
import pytest

from generation.export.formats import FORMATS
from generation.studio.background import make_background, sketch
from generation.studio.scenes import scenes
from generation.types import Camera, Picture, Size
from tests.generation.studio.shapes import brief

VIEWS = [(key, camera) for key, scene in scenes().items() for camera in scene.cameras]
LONGER_SIDE = 256
USUAL = {Camera.EYE: "bottle", Camera.ANGLE: "coffee", Camera.TOP: "pizza"}


def shapes() -> list[Size]:
    """The formats' frames, longer side 256 pixels, each shape once."""
    sizes = {size for channel in FORMATS.values() for size in channel.sizes}
    shrinks = {size: LONGER_SIDE / max(size.width, size.height) for size in sizes}
    scaled = {(round(size.width * k), round(size.height * k)) for size, k in shrinks.items()}
    return [Size(*shape) for shape in sorted(scaled)]


def quiet(sub_step: str, fraction: float, preview: Picture | None) -> None:
    """A report nobody reads."""


@pytest.mark.parametrize(("key", "camera"), VIEWS)
def test_it_renders_every_view_in_every_format(key: str, camera: Camera) -> None:
    for size in shapes():
        picture = sketch(brief(key, USUAL[camera], size=size, camera=camera))
        assert picture.shape == (size.height, size.width, 3)
        assert picture.std() > 8, f"{size} shows nothing"


@pytest.mark.parametrize(("key", "camera"), VIEWS)
def test_it_makes_every_view_the_same_again(key: str, camera: Camera) -> None:
    asked = brief(key, USUAL[camera], 256, camera=camera, seed=4)
    one, again = (make_background(asked, quiet) for _ in range(2))
    assert np.array_equal(one.picture, again.picture)
    assert one.product is not None
    kept = one.product[..., 3] == 255
    assert np.array_equal(one.picture[kept], one.product[kept][:, :3])

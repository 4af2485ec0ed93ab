from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from generation.engines import open_engine
from generation.errors import Cancelled, ProductNotFound, SceneUnknown
from generation.studio.engine import StudioEngine
from generation.types import Camera, EngineName, Picture, Size, TextPosition
from tests.generation.studio.shapes import brief, painted

SUB_STEPS = ["preview", "plate", "shadow", "bounce", "reflection", "finish"]


class Log:
    """Remembers what was reported; stops the work at one sub-step."""

    def __init__(self, stop_at: str | None = None) -> None:
        self.stop_at = stop_at
        self.reports: list[tuple[str, float, Picture | None]] = []

    def __call__(self, sub_step: str, fraction: float, preview: Picture | None) -> None:
        self.reports.append((sub_step, fraction, preview))
        if sub_step == self.stop_at:
            raise Cancelled


def test_it_is_opened_by_name_without_torch_or_opencv() -> None:
    code = (
        "import sys; from generation.engines import open_engine; from generation.types import EngineName; "
        "print(open_engine(EngineName.STUDIO).name, {'torch', 'cv2', 'onnxruntime'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "studio set()"


def test_it_reports_a_preview_first_and_every_sub_step_in_order() -> None:
    log = Log()
    made = open_engine(EngineName.STUDIO).make_background(brief(side=640), log)
    assert [sub_step for sub_step, _, _ in log.reports] == SUB_STEPS
    fractions = [fraction for _, fraction, _ in log.reports]
    assert fractions == sorted(fractions)
    assert 0 < fractions[0] < fractions[-1] < 1
    preview = log.reports[0][2]
    assert preview is not None
    assert preview.shape == (512, 512, 3)
    small = made.picture.reshape(320, 2, 320, 2, 3).mean(axis=(1, 3))
    shown = np.asarray(preview, np.float32)[:: 512 // 256, :: 512 // 256]
    assert np.abs(shown.mean(axis=(0, 1)) - small.mean(axis=(0, 1))).max() < 6


@pytest.mark.parametrize("sub_step", SUB_STEPS)
def test_it_stops_wherever_the_report_says_so(sub_step: str) -> None:
    log = Log(stop_at=sub_step)
    with pytest.raises(Cancelled):
        StudioEngine().make_background(brief(side=200), log)
    assert log.reports[-1][0] == sub_step


@pytest.mark.parametrize("size", [Size(320, 320), Size(270, 480), Size(600, 300), Size(830, 130)])
@pytest.mark.parametrize("position", list(TextPosition))
def test_it_tells_the_same_hints_with_and_without_a_picture(size: Size, position: TextPosition) -> None:
    asked = brief(size=size, text_position=position)
    made = StudioEngine().make_background(asked, Log())
    assert made.picture.shape == (size.height, size.width, 3)
    assert made.picture.dtype == np.uint8
    assert made.product is not None
    assert made.product.shape == (size.height, size.width, 4)
    told = StudioEngine().scene_hints(asked)
    assert told.headline_area == made.hints.headline_area
    assert told.key == made.hints.key
    assert told.environment is not None
    assert told.environment.dtype == np.float32


def test_it_gives_the_same_bytes_for_the_same_seed_and_other_grain_for_another() -> None:
    one, same, other = (StudioEngine().make_background(brief(seed=seed), Log()).picture for seed in (5, 5, 6))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
    assert np.abs(one.astype(int) - other).mean() < 3


def test_it_shows_the_scene_alone_when_there_is_no_product() -> None:
    made = StudioEngine().make_background(brief(name=None), Log())
    assert made.product is None
    assert made.picture.std() > 20


def test_it_takes_the_camera_asked_for_or_the_nearest_there_is() -> None:
    def picture(scene: str, camera: Camera) -> Picture:
        return StudioEngine().make_background(brief(scene, "bottle", 160, camera=camera), Log()).picture

    assert np.array_equal(picture("cafe-wood", Camera.AUTO), picture("cafe-wood", Camera.EYE))
    assert not np.array_equal(picture("cafe-wood", Camera.ANGLE), picture("cafe-wood", Camera.EYE))
    assert picture("pastel-podium", Camera.TOP).shape == (160, 160, 3)


def test_it_refuses_unknown_scenes_and_empty_cut_outs() -> None:
    with pytest.raises(SceneUnknown):
        StudioEngine().make_background(brief("moon"), Log())
    with pytest.raises(ProductNotFound):
        StudioEngine().make_background(brief(product=painted(np.zeros((50, 50), np.uint8))), Log())

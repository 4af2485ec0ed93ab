from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from generation import cutout, weights
from generation.cutout import isnet
from generation.errors import Cancelled, ProductNotFound, WeightsCorrupt, WeightsMissing
from generation.types import Picture
from tests.generation.cutout.test_edges import disc, seen

MEMORY_LIMIT_MB = 1600


def ignore(sub_step: str, fraction: float, preview: Picture | None) -> None:
    pass


@pytest.fixture
def coffee() -> Picture:
    return np.asarray(Image.open("static/img/samples/coffee.png").convert("RGB"))


@pytest.fixture
def red_disc() -> Picture:
    """A red disc on grey felt."""
    photo = seen((190, 40, 40), (120, 124, 122), disc(256, (128, 128), 62)).astype(np.int16)
    return np.clip(photo + np.random.default_rng(5).normal(0, 6, photo.shape), 0, 255).astype(np.uint8)


def test_isnet_cuts_the_coffee_out(coffee: Picture, isnet_weights: Path) -> None:
    reports: list[tuple[str, float]] = []
    found = cutout.cut_out(coffee, lambda step, fraction, preview: reports.append((step, fraction)))
    alpha = found.picture[..., 3]
    assert found.method == "isnet" and found.confidence > 0.8
    assert found.picture.shape == (400, 600, 4)
    assert alpha[130, 290] == 255 and alpha[250, 100] == 255 and alpha[90, 413] > 200  # cup, saucer, spoon
    assert alpha[:, :40].max() == 0 and alpha[:, 520:].max() == 0
    assert 0.35 < (alpha == 255).mean() < 0.5
    solid = alpha == 255
    assert np.array_equal(found.picture[solid][:, :3], coffee[solid])
    assert reports[0] == ("cutout", 0.0) and reports[-1] == ("cutout", 1.0)


def test_isnet_gives_the_same_cut_out_twice(red_disc: Picture, isnet_weights: Path) -> None:
    first = cutout.cut_out(red_disc, ignore, "isnet")
    assert np.array_equal(first.picture, cutout.cut_out(red_disc, ignore, "isnet").picture)


def test_warming_up_loads_the_network_once(isnet_weights: Path) -> None:
    isnet.open_session.cache_clear()
    cutout.warm_up()
    started = time.process_time()
    cutout.warm_up()
    assert time.process_time() - started < 0.05
    assert isnet.open_session.cache_info().currsize == 1


def test_without_weights_grabcut_does_it_and_says_so(red_disc: Picture, no_weights: Path) -> None:
    cutout.warm_up()
    found = cutout.cut_out(red_disc, ignore)
    truth = disc(256, (128, 128), 62) > 0.5
    ours = found.picture[..., 3] > 127
    assert found.method == "grabcut"
    assert 0 < found.confidence <= cutout.GRABCUT_TRUST
    assert (truth & ours).sum() / (truth | ours).sum() > 0.97
    assert np.array_equal(found.picture, cutout.cut_out(red_disc, ignore).picture)


def test_a_rough_cut_out_is_small_and_about_right(coffee: Picture) -> None:
    large = np.asarray(Image.fromarray(coffee).resize((1800, 1200)))
    rough = cutout.rough_cut_out(large)
    alpha = rough.picture[..., 3]
    assert rough.picture.shape == (341, 512, 4)
    assert alpha[111, 247] == 255 and alpha[:, :30].max() == 0 and alpha[:, 450:].max() == 0
    with pytest.raises(ProductNotFound):
        cutout.rough_cut_out(np.zeros((64, 64, 4), np.uint8))


def test_isnet_insisted_on_without_weights_is_an_error(red_disc: Picture, no_weights: Path) -> None:
    with pytest.raises(WeightsMissing):
        cutout.cut_out(red_disc, ignore, "isnet")


def test_weights_of_the_right_size_but_broken_are_told(
    red_disc: Picture, no_weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = no_weights / "isnet" / weights.MODEL_FILE
    broken.parent.mkdir(parents=True)
    broken.write_bytes(b"not a network")
    monkeypatch.setattr(weights, "isnet_path", lambda: broken)
    with pytest.raises(WeightsCorrupt) as caught:
        cutout.cut_out(red_disc, ignore)
    assert str(broken) in caught.value.detail and "fetch_models" in caught.value.detail


def test_a_photo_that_came_cut_out_keeps_its_alpha(red_disc: Picture) -> None:
    alpha = np.round(disc(256, (128, 128), 62) * 255).astype(np.uint8)
    alpha[128, 128] = 251
    found = cutout.cut_out(np.dstack([red_disc, alpha]), ignore)
    assert found.method == "alpha" and found.confidence == 1.0
    assert np.array_equal(found.picture[..., :3], red_disc)
    assert found.picture[128, 128, 3] == 255
    assert np.abs(found.picture[..., 3].astype(int) - alpha).max() <= 5


@pytest.mark.parametrize("value", [0, 90, 255])
def test_a_plain_surface_holds_no_product(value: int, no_weights: Path) -> None:
    with pytest.raises(ProductNotFound):
        cutout.cut_out(np.full((200, 300, 3), value, np.uint8), ignore)


def test_isnet_finds_no_product_on_a_plain_surface(isnet_weights: Path) -> None:
    with pytest.raises(ProductNotFound):
        cutout.cut_out(np.full((200, 300, 3), 128, np.uint8), ignore, "isnet")


def test_a_fully_transparent_photo_holds_no_product() -> None:
    with pytest.raises(ProductNotFound):
        cutout.cut_out(np.zeros((64, 64, 4), np.uint8), ignore)


def test_the_merchants_matte_is_taken_at_its_word(red_disc: Picture) -> None:
    matte = disc(256, (100, 128), 40)
    found = cutout.apply_matte(red_disc, matte)
    assert found.method == "brush" and found.confidence == 1.0
    assert np.abs(found.picture[..., 3].astype(float) - matte * 255).max() <= 5.5
    with pytest.raises(ProductNotFound):
        cutout.apply_matte(red_disc, np.zeros_like(matte))
    with pytest.raises(ValueError, match="matte"):
        cutout.apply_matte(red_disc, matte[:100])


def test_stopping_passes_through(red_disc: Picture, no_weights: Path) -> None:
    def stop(sub_step: str, fraction: float, preview: Picture | None) -> None:
        if fraction > 0.5:
            raise Cancelled

    with pytest.raises(Cancelled):
        cutout.cut_out(red_disc, stop)


def test_an_unknown_method_is_refused(red_disc: Picture) -> None:
    with pytest.raises(ValueError, match="magic"):
        cutout.cut_out(red_disc, ignore, "magic")


def test_isnet_stays_within_its_memory(coffee: Picture, isnet_weights: Path) -> None:
    import subprocess
    import sys

    # VmHWM is this process's own peak; ru_maxrss would begin with that of the process which started it.
    code = (
        "import re, numpy as np; from PIL import Image; from generation import cutout\n"
        "photo = np.asarray(Image.open('static/img/samples/coffee.png').convert('RGB').resize((4096, 2731)))\n"
        "cutout.cut_out(photo, lambda *report: None, 'isnet')\n"
        "print(int(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1]) // 1024)"
    )
    peak = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert int(peak.stdout) < MEMORY_LIMIT_MB

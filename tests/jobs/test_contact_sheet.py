"""``manage.py contact_sheet``: one labelled picture of every scene, product, style and headline."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from PIL import Image

from generation.types import Picture

SIDE = 96


def sheet(out: Path, photo: Path, *more: str) -> Picture:
    arguments = ["--photos", str(photo), "--scenes", "cafe-wood", "pastel-podium", "--side", str(SIDE)]
    call_command("contact_sheet", "--out", str(out), *arguments, *more)
    return np.asarray(Image.open(out).convert("RGB"))


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A product that came with its own matte, so that nothing has to be cut out."""
    picture = np.zeros((240, 160, 4), np.uint8)
    picture[30:220, 30:130] = (190, 40, 30, 255)
    path = tmp_path / "bottle.png"
    Image.fromarray(picture).save(path)
    return path


def test_it_draws_every_cell_once_with_labels(tmp_path: Path, photo: Path) -> None:
    made = sheet(tmp_path / "all.png", photo, "--styles", "plastic", "--headlines", "신메뉴", "반값")
    paper = made[0, 0]
    filled = (made != paper).any(axis=-1)
    assert made.shape[1] > 3 * SIDE and made.shape[0] > 2 * SIDE
    solid = filled.sum() / SIDE**2
    assert 4.0 <= solid < 4.8  # two scenes, two headlines, and the labels


def test_it_draws_the_same_bytes_again(tmp_path: Path, photo: Path) -> None:
    first, second = (sheet(tmp_path / f"{n}.png", photo, "--styles") for n in range(2))
    assert np.array_equal(first, second)


def test_it_tells_which_photo_is_missing(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"none\.jpg"):
        sheet(tmp_path / "sheet.png", tmp_path / "none.jpg")

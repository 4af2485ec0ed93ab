"""``manage.py generate --logo``."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from PIL import Image

from tests.jobs import factories

RED = (214, 40, 48)


def _files(folder: Path) -> tuple[Path, Path]:
    """A photo that brings its own matte, and a logo with wide margins."""
    picture = factories.product_picture(400, 400)
    alpha = np.where(picture[..., 1] < 100, 255, 0).astype(np.uint8)
    Image.fromarray(np.dstack([picture, alpha])).save(folder / "product.png")
    logo = Image.new("RGBA", (600, 400), (0, 0, 0, 0))
    logo.paste((*RED, 255), (200, 150, 400, 250))
    logo.save(folder / "logo.png")
    return folder / "product.png", folder / "logo.png"


def _made(folder: Path, *more: str) -> np.ndarray:
    photo, logo = _files(folder)
    out = folder / "ad.png"
    call_command(
        "generate",
        *(str(photo), "--text", "반값", "--scene", "white-sweep", "--seed", "3", "--out", str(out)),
        *("--logo", str(logo), *more),
        stdout=io.StringIO(),
        stderr=io.StringIO(),
    )
    return np.asarray(Image.open(out))


def test_it_lays_the_logo_into_the_corner_named(tmp_path: Path) -> None:
    corner = _made(tmp_path, "--logo-corner", "bottom-left")[-180:, :220]
    red = np.abs(corner.astype(int) - RED).max(axis=2) < 8
    rows, columns = np.nonzero(red)
    assert red.sum() > 5000
    width, height = columns.max() - columns.min() + 1, rows.max() - rows.min() + 1
    assert width <= 0.14 * 1024 and abs(width / height - 2) < 0.1


def test_it_says_what_is_wrong_with_a_logo(tmp_path: Path) -> None:
    photo, logo = _files(tmp_path)
    logo.write_bytes(b"<svg/>")
    with pytest.raises(CommandError, match="지원하지 않는"):
        call_command("generate", str(photo), "--out", str(tmp_path / "ad.png"), "--logo", str(logo))

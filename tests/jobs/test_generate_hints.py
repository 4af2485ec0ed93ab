"""``manage.py generate`` tells what could be put right in the words, and makes the ad all the same."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from django.core.management import call_command
from PIL import Image

from tests.jobs import factories


def test_hints_go_to_stderr_and_the_ad_is_made(tmp_path: Path) -> None:
    picture = factories.product_picture(400, 400)
    alpha = np.where(picture[..., 1] < 100, 255, 0).astype(np.uint8)
    Image.fromarray(np.dstack([picture, alpha])).save(tmp_path / "product.png")
    out, told = tmp_path / "ad.png", io.StringIO()
    call_command(
        "generate",
        *(str(tmp_path / "product.png"), "--text", "국내 최고, 놓치면 안되요", "--scene", "white-sweep"),
        *("--seed", "3", "--out", str(out)),
        stdout=io.StringIO(),
        stderr=told,
    )
    lines = told.getvalue().splitlines()
    assert any(line.startswith("[spelling] 되요:") and line.endswith("→ 돼요") for line in lines)
    assert any(line.startswith("[law] 국내 최고:") for line in lines)
    assert sum("법률 자문이 아니" in line for line in lines) == 1
    assert Image.open(out).size == (1024, 1024)

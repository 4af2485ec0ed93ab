from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from generation.errors import ReaderMissing
from generation.studio.asset import encoded
from generation.studio.flatwork import flat_color
from generation.studio.text3d import sculpt
from generation.types import HeadlineBrief, Size
from generation.typography.fonts import DEFAULT_FONT
from generation.verify.reading import Passage, Reading, jamo_distance, read, read_all
from tests.generation.typography.room import set_in

HEADLINES = (Path(__file__).parents[1] / "typography" / "headlines.txt").read_text("utf-8").splitlines()
ROOM = Size(560, 240)
LONGEST_S = 90.0


def set_flat(lines: tuple[str, ...], meant: tuple[str, ...] | None = None) -> Passage:
    """``lines`` in the flat style, to be read as ``meant``."""
    asset = sculpt(HeadlineBrief(lines, DEFAULT_FONT, "flat", ROOM), lambda *_: None)
    red, green, blue = (round(255 * float(part)) for part in encoded(flat_color(None, "")))
    return Passage(asset.picture, asset.ink, (red, green, blue), meant or lines)


def test_it_reads_nearly_all_of_200_headlines_back() -> None:
    assert len(HEADLINES) == 200 == len(set(HEADLINES))
    passages = [set_flat(set_in(ROOM, text, DEFAULT_FONT).lines) for text in HEADLINES]
    start = time.monotonic()
    readings = read_all(passages)
    assert time.monotonic() - start < LONGEST_S
    wrong = [
        (" ".join(p.lines), r.lines, r.distance)
        for p, r in zip(passages, readings, strict=True)
        if r.distance
    ]
    assert len(wrong) <= 5, wrong


@pytest.mark.parametrize(
    ("drawn", "meant"),
    [
        (("오늘만 반값", "새일"), ("오늘만 반값", "세일")),
        (("오늘만 반갑",), ("오늘만 반값",)),
        (("갓 구운 소금방",), ("갓 구운 소금빵",)),
        (("커피 1,800원",), ("커피 1,900원",)),
        (("SAIL 50%",), ("SALE 50%",)),
    ],
)
def test_a_misspelling_is_read_as_one(drawn: tuple[str, ...], meant: tuple[str, ...]) -> None:
    assert read(set_flat(drawn)).distance == 0
    assert read(set_flat(drawn, meant)).distance >= 1, "a second look must not excuse it"


def test_it_reads_from_a_finished_picture_too() -> None:
    asset = set_flat(("갓 구운 빵", "2,900원"))
    height, width = asset.picture.shape[:2]
    rng = np.random.default_rng(0)
    scene = np.linspace(60, 190, width)[None, :, None] + rng.normal(0, 6, (height, width, 3)) + [20, 0, -25]
    alpha = asset.picture[..., 3:] / 255
    picture = (asset.picture[..., :3] * alpha + scene * (1 - alpha)).clip(0, 255).astype(np.uint8)
    assert read(Passage(picture, asset.box, asset.fill, asset.lines)).distance == 0


def test_where_nothing_has_the_fill_colour_every_jamo_is_missing() -> None:
    passage = set_flat(("반값",))
    unseen = Passage(passage.picture, passage.box, (0, 200, 0), passage.lines)
    assert read(unseen) == Reading(("",), 6)


@pytest.mark.parametrize(
    ("first", "second", "distance"),
    [
        ("오늘만 반값!", "오늘만  반값", 0),
        ("반값", "반갑", 1),
        ("세일", "새일", 1),
        ("₩9,900", "9900", 0),
        ("Sale", "SALE", 0),
        ("Ｌ", "L", 0),
        ("가", "", 2),
    ],
)
def test_distance_counts_jamo_letters_and_digits(first: str, second: str, distance: int) -> None:
    assert jamo_distance(first, second) == jamo_distance(second, first) == distance


def test_without_tesseract_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ReaderMissing, match="tesseract-ocr tesseract-ocr-kor"):
        read(set_flat(("반값",)))


def test_without_the_korean_model_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "tesseract"
    program.write_text("#!/bin/sh\necho eng\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    with pytest.raises(ReaderMissing, match="tesseract-ocr-kor"):
        read(set_flat(("반값",)))

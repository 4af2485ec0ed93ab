"""A finished picture's headline read back by the real Tesseract: right words, wrong words, and no rash verdict."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from generation.studio.text3d import sculpt
from generation.types import Box, Headline, HeadlineBrief, Picture, Size
from generation.typography.fonts import DEFAULT_FONT
from generation.verify.readback import Lettering, ReadBack, Verdict, judged, read_back
from tests.generation.typography.room import set_in

ROOM = Size(560, 240)
WITHIN_S = 60.0
PLACE = (60, 40)
"""Left and top of the headline's ink in the frame."""


def scene() -> Picture:
    """A calm wall with some grain, darker to the right."""
    rng = np.random.default_rng(3)
    shade = np.linspace(190, 120, 720)[None, :, None] + rng.normal(0, 4, (360, 720, 3))
    return (shade + np.array([10, 0, -20])).clip(0, 255).astype(np.uint8)


def lettering_of(text: str, style: str) -> Headline:
    lines = set_in(ROOM, text, DEFAULT_FONT).lines
    return sculpt(HeadlineBrief(lines, DEFAULT_FONT, style, ROOM), lambda *_: None)


def ad_of(headline: Headline) -> tuple[Picture, Picture, Box]:
    """The finished picture, its scene, and where the headline's ink lies."""
    behind, ink = scene(), headline.ink
    left, top = PLACE[0] - ink.x, PLACE[1] - ink.y
    height, width = headline.picture.shape[:2]
    frame = np.zeros((*behind.shape[:2], 4), np.float32)
    rows, columns = slice(max(top, 0), top + height), slice(max(left, 0), left + width)
    part = headline.picture[max(-top, 0) :, max(-left, 0) :].astype(np.float32)
    target = frame[rows, columns]
    target[:] = part[: target.shape[0], : target.shape[1]]
    alpha = frame[..., 3:] / 255
    final = (frame[..., :3] * alpha + behind * (1 - alpha)).clip(0, 255).astype(np.uint8)
    return final, behind, Box(*PLACE, ink.width, ink.height)


def read(drawn: str, meant: str, style: str) -> ReadBack:
    headline = lettering_of(drawn, style)
    final, behind, box = ad_of(headline)
    return read_back(final, behind, headline.picture, Lettering(box, meant, DEFAULT_FONT), WITHIN_S)


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("오늘만 반값", "flat"),
        ("갓 구운 소금빵", "gold"),
        ("첫 구매 5,000원 할인", "plastic"),
        ("SALE 50%", "foil"),
    ],
)
def test_a_picture_that_says_its_words_is_verified(text: str, style: str) -> None:
    assert read(text, text, style).verdict is Verdict.YES


@pytest.mark.parametrize(
    ("drawn", "meant", "style", "read_as"),
    [
        ("오늘만 반갑", "오늘만 반값", "flat", "오늘만 반갑"),
        ("마감 새일", "마감 세일", "plastic", "마감 새일"),
        ("커피 1,800원", "커피 1,900원", "gold", "커피 1,800원"),
    ],
)
def test_a_picture_with_other_words_is_told_with_what_it_says(
    drawn: str, meant: str, style: str, read_as: str
) -> None:
    found = read(drawn, meant, style)
    assert found.verdict is Verdict.NO
    assert found.words.replace("\n", " ").replace(".", ",") == read_as


def test_lettering_that_is_not_in_the_picture_is_not_verified() -> None:
    headline = lettering_of("오늘만 반값", "flat")
    _, behind, box = ad_of(headline)
    lettering = Lettering(box, "오늘만 반값", DEFAULT_FONT)
    assert read_back(behind, behind, headline.picture, lettering, WITHIN_S).verdict is not Verdict.YES


def test_without_tesseract_or_time_it_is_unknown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    headline = lettering_of("오늘만 반값", "flat")
    final, behind, box = ad_of(headline)
    lettering = Lettering(box, "오늘만 반값", DEFAULT_FONT)
    assert read_back(final, behind, headline.picture, lettering, 0.0) == ReadBack(Verdict.UNKNOWN)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert read_back(final, behind, headline.picture, lettering, WITHIN_S) == ReadBack(Verdict.UNKNOWN)


PLAIN = ["오늘만", "반값"]


@pytest.mark.parametrize(
    ("plain", "ways", "verdict", "words"),
    [
        (PLAIN, [["오늘만", "반값"], ["오늘민", ""], ["", ""]], "yes", "오늘만\n반값"),
        (PLAIN, [["오늘민", "반값"], ["오늘만", ""], ["", ""]], "yes", "오늘만\n반값"),
        (PLAIN, [["오늘만", "반갑"], ["오늘만", "반갑"], ["오늘만", "반갑!"]], "no", "오늘만\n반갑"),
        (PLAIN, [["오늘만", "반갑"], ["오늘만", "빈갑"], ["오늘만", "반갑"]], "unknown", "오늘만\n반갑"),
        (PLAIN, [["오늘만", ""], ["오늘만", ""], ["오늘만", ""]], "unknown", "오늘만\n"),
        (["오늘만", "빈값"], [["오늘만", "반갑"]] * 3, "unknown", "오늘만\n반갑"),
    ],
)
def test_it_accuses_only_where_plain_type_is_read_right_and_all_ways_agree(
    plain: list[str], ways: list[list[str]], verdict: str, words: str
) -> None:
    assert judged(["오늘만", "반값"], plain, ways) == ReadBack(Verdict(verdict), words)


def test_what_plain_type_is_misread_as_is_no_proof() -> None:
    found = judged(["풉절"], ["품절"], [["품절"]] * 3)
    assert found.verdict is Verdict.UNKNOWN

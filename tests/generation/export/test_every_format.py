"""One ad in every channel's format: each at its own shape, within its limits, the words where they may be."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from generation.ad import AdBrief, StepResult
from generation.engines import open_engine
from generation.errors import ProductNotFound
from generation.export.every_format import every_format
from generation.export.formats import FORMATS, safe_area
from generation.pipeline import make_ad
from generation.types import EngineName, OnProgress, Picture, Progress, Size, Step
from tests.generation.compose.pictures import FONT
from tests.generation.studio.shapes import product

BRIEF = AdBrief(
    text="오늘만 반값",
    font=FONT,
    scene="cafe-wood",
    style="flat",
    subline="매일 아침 볶는 원두",
    price_before="12,000원",
    price_now="6,000원",
    seed=7,
)
ENGINE = open_engine(EngineName.STUDIO)
ADS = [key for key, fmt in FORMATS.items() if not fmt.packshot]
SMALL_AREA = 256 * 256


def unseen(_: Progress) -> None:
    pass


def untold(_: str) -> OnProgress:
    return unseen


def small(key: str) -> Size:
    """The format's shape at about 256 px."""
    size = FORMATS[key].default
    scale = (SMALL_AREA / (size.width * size.height)) ** 0.5
    return Size(round(size.width * scale), round(size.height * scale))


def made_small(key: str, **changes: object) -> tuple[Picture, list[StepResult]]:
    steps: list[StepResult] = []
    brief = replace(BRIEF, format=key, frame=small(key), **changes)  # type: ignore[arg-type]
    made = make_ad(brief, ENGINE, product=product("bottle"), on_progress=unseen, on_step=steps.append)
    assert made.final is not None
    return made.final, steps


@pytest.mark.parametrize("key", ADS)
def test_it_composes_each_format_at_its_own_shape(key: str) -> None:
    final, steps = made_small(key)
    size = small(key)
    assert final.shape == (size.height, size.width, 3)
    assert [each.step for each in steps] == list(Step)
    background = steps[0].picture
    assert steps[0].layer is not None
    product_alpha = steps[0].layer[..., 3]
    changed = np.abs(final.astype(int) - background).max(axis=-1) > 60
    assert changed.any() and not changed[product_alpha == 255].any()


def test_it_keeps_words_off_what_a_storys_buttons_cover() -> None:
    final, steps = made_small("instagram-story")
    safe = safe_area("instagram-story", small("instagram-story"))
    changed = (np.abs(final.astype(int) - steps[0].picture).max(axis=-1) > 60).any(axis=1)
    rows = np.flatnonzero(changed)
    assert rows[0] >= safe.y and rows[-1] < safe.bottom


@pytest.mark.parametrize("key", ["coupang", "kakao-store"])
def test_it_gives_shops_the_product_on_pure_white(key: str) -> None:
    final, steps = made_small(key)
    assert [each.step for each in steps] == [Step.BACKGROUND, Step.COMPOSITE]
    border = np.concatenate([final[:4].reshape(-1, 3), final[:, :4].reshape(-1, 3)])
    assert (border == 255).all()
    rows, columns = np.nonzero((final < 250).any(axis=-1))
    longer = max(rows[-1] - rows[0], columns.max() - columns.min()) + 1
    assert longer >= 0.85 * min(final.shape[:2])


def test_it_makes_no_packshot_without_a_product() -> None:
    brief = replace(BRIEF, format="coupang")
    with pytest.raises(ProductNotFound):
        make_ad(brief, ENGINE, product=None, on_progress=unseen, on_step=lambda _: None)


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    keys = ["kakao-display", "mms", "naver-timeboard", "coupang", "meta-link"]
    return dict(every_format(BRIEF, ENGINE, product("bottle"), keys, untold))


def test_it_writes_every_file_within_its_channels_limits(files: dict[str, bytes]) -> None:
    for key, file in files.items():
        fmt, image = FORMATS[key], Image.open(BytesIO(file))
        assert image.size == (fmt.default.width, fmt.default.height), key
        assert image.mode == "RGB", key
        assert image.format == ("PNG" if fmt.extension == "png" else "JPEG"), key
        assert fmt.max_bytes is None or len(file) <= fmt.max_bytes, key
    assert Image.open(BytesIO(files["mms"])).format == "JPEG"


def test_it_uses_the_room_a_limit_gives(files: dict[str, bytes]) -> None:
    """A tight limit is met by a search for the best quality, not by a low one."""
    limit = FORMATS["mms"].max_bytes
    assert limit is not None and len(files["mms"]) > 0.5 * limit


def test_it_sculpts_a_headline_once_for_formats_that_can_share_it(monkeypatch: pytest.MonkeyPatch) -> None:
    sculpted: list[Size] = []
    sculpt = ENGINE.sculpt_headline
    monkeypatch.setattr(
        type(ENGINE),
        "sculpt_headline",
        lambda _, brief, report: (sculpted.append(brief.box), sculpt(brief, report))[1],
    )
    brief = replace(BRIEF, text="신메뉴", subline="", price_before="", price_now="")
    keys = ["kakao-display", "kakao-message", "meta-link"]
    order = [key for key, _ in every_format(brief, ENGINE, product("bottle"), keys, untold)]
    assert len(sculpted) < len(keys)
    areas = [FORMATS[key].default.width * FORMATS[key].default.height for key in order]
    assert all(one >= other for one, other in pairwise(areas))

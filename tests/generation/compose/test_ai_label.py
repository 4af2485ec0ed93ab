"""The visible label: true, small, off product and words, in the safe zone, read on any ground, repeatable."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from generation.ad import AdBrief, AdResult, StepPictures, StepResult
from generation.compose import Labelled, add_label, wording
from generation.export.formats import FORMATS, safe_area
from generation.pipeline import make_ad
from generation.provenance import SourceType
from generation.studio.engine import StudioEngine
from generation.types import Box, Cutout, Logo, Picture, Size, Step
from generation.verify import fidelity
from tests.generation.compose.pictures import FONT, backdrop, seated
from tests.generation.compose.test_logo import emblem, flat, nothing
from tests.jobs.factories import product_picture

TEXT = "AI 생성 배경"
READABLE = 4.5
"""WCAG 2.2, 1.4.3: small text."""
SEEN_AT_PX, SMALLEST_SEEN_PX = 320, 7.5


def labelled(frame: Picture, product: Picture | None = None, safe: Box | None = None) -> Labelled:
    return add_label(frame, product, nothing(frame), TEXT, safe)


def test_it_says_what_is_true_of_the_picture() -> None:
    assert wording(SourceType.AI) == "AI 생성 이미지"
    assert wording(SourceType.AI_COMPOSITE) == TEXT
    assert wording(SourceType.COMPOSITE) == "AI 활용 이미지"  # a painted headline before a studio's scene


def _contrast(made: Labelled) -> float:
    """WCAG contrast between the type (its brightest pixels) and the pill under it (its darkest)."""
    assert made.box is not None
    box = made.box
    inside = made.picture[box.y : box.bottom, box.x : box.right][
        made.covered[box.y : box.bottom, box.x : box.right] > 0.99
    ]
    srgb = inside / 255.0
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    light = linear @ np.array([0.2126, 0.7152, 0.0722])
    dark, bright = np.percentile(light, (50, 99.5))
    return float((bright + 0.05) / (dark + 0.05))


@pytest.mark.parametrize("tone", [0, 40, 90, 128, 170, 210, 255, (255, 240, 60), (200, 40, 40)])
def test_it_reads_on_light_and_on_dark(tone: int | tuple[int, int, int]) -> None:
    assert _contrast(labelled(flat(tone, 1080, 1080))) >= READABLE


def test_it_reads_on_restless_ground() -> None:
    frame = np.random.default_rng(5).integers(0, 255, (540, 540, 3), np.uint8)
    assert _contrast(labelled(frame)) >= READABLE


@pytest.mark.parametrize("key", [key for key, fmt in FORMATS.items() if not fmt.packshot])
def test_in_every_format_it_is_small_readable_and_in_the_safe_zone(key: str) -> None:
    size = FORMATS[key].default
    frame, safe = backdrop(size.width, size.height), safe_area(key, size)
    made = labelled(frame, safe=safe)
    assert made.box is not None
    rows, columns = np.nonzero(made.covered > 0)
    assert rows.min() >= safe.y and rows.max() < safe.bottom
    assert columns.min() >= safe.x and columns.max() < safe.right
    assert made.box.width * made.box.height < 0.03 * size.width * size.height
    type_px = made.box.height / 1.8
    shown = type_px * SEEN_AT_PX / size.width if size.width < 3 * size.height else type_px
    assert shown >= min(SMALLEST_SEEN_PX, type_px) and type_px >= FORMATS[key].type_min_px * 0.95


@pytest.mark.parametrize(
    "product", [Box(20, 160, 300, 330), Box(0, 300, 512, 212), Box(0, 0, 512, 380), Box(150, 100, 362, 412)]
)
def test_it_never_touches_the_product_or_the_words(product: Box) -> None:
    frame, layer = seated(backdrop(), product)
    covered = nothing(frame)
    covered[20:60, 100:450] = 1.0
    made = add_label(frame, layer, covered, TEXT, None)
    assert made.box is not None
    assert np.array_equal(made.picture[layer[..., 3] > 0], frame[layer[..., 3] > 0])
    assert made.covered[covered > 0].max() == 0.0
    assert fidelity(made.picture, layer, made.covered).max_difference == 0


def test_where_there_is_no_room_the_picture_stays_as_it_is() -> None:
    frame, layer = seated(backdrop(), Box(5, 5, 502, 502))
    made = labelled(frame, layer)
    assert made.box is None and np.array_equal(made.picture, frame) and made.covered.max() == 0.0


def _ad(step1_source: SourceType, **brief: object) -> tuple[AdResult, StepResult]:
    """An ad before a finished background that comes from there."""
    picture = product_picture(400, 400)
    product = Cutout(
        np.dstack([picture, np.where(picture[..., 1] < 100, 255, 0).astype(np.uint8)]), "brush", 1.0
    )
    wanted = AdBrief(text="반값", font=FONT, scene="pastel-podium", seed=3, frame=Size(512, 512), **brief)  # type: ignore[arg-type]
    steps: list[StepResult] = []
    engine = StudioEngine()
    begun = replace(wanted, stop=Step.BACKGROUND)
    make_ad(begun, engine, product=product, on_progress=lambda _: None, on_step=steps.append)
    ready = StepPictures(step1=steps[0].picture, layer=steps[0].layer, step1_source=step1_source)
    made = make_ad(
        wanted, engine, product=product, ready=ready, on_progress=lambda _: None, on_step=steps.append
    )
    return made, steps[-1]


def test_only_an_ad_that_a_model_painted_in_is_labelled() -> None:
    asked = {source: _ad(source, ai_label=True) for source in (SourceType.AI_COMPOSITE, SourceType.COMPOSITE)}
    plain, _ = _ad(SourceType.AI_COMPOSITE)
    painted, step = asked[SourceType.AI_COMPOSITE]
    studio, _ = asked[SourceType.COMPOSITE]
    assert plain.final is not None and painted.final is not None and studio.final is not None
    assert np.array_equal(studio.final, plain.final)
    assert not np.array_equal(painted.final, plain.final)
    assert painted.product_difference == 0 and not painted.label_left_out
    assert (painted.source, studio.source) == (SourceType.AI_COMPOSITE, SourceType.COMPOSITE)
    assert step.source is SourceType.AI_COMPOSITE
    again, _ = _ad(SourceType.AI_COMPOSITE, ai_label=True)
    assert again.final is not None and np.array_equal(again.final, painted.final)


def test_it_leaves_the_logo_s_corner_to_the_logo() -> None:
    made, _ = _ad(SourceType.AI_COMPOSITE, ai_label=True, logo=Logo(emblem()))
    bare, _ = _ad(SourceType.AI_COMPOSITE, logo=Logo(emblem()))
    assert made.final is not None and bare.final is not None
    rows, columns = np.nonzero((made.final != bare.final).any(axis=2))
    assert len(rows) and not made.label_left_out and not made.logo_left_out
    assert rows.max() - rows.min() < 40 and columns.max() - columns.min() < 140

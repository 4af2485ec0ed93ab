"""Where pictures come from: told in every kind of file, by IPTC's terms, and no more than is known."""

from __future__ import annotations

import io
import tomllib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from generation import intake
from generation.export.files import encode
from generation.export.formats import FORMATS
from generation.provenance import VERSION, SourceType, declared, of_ad, of_background, of_headline, xmp
from generation.types import EngineName
from tests.generation.export.test_files import detailed_picture
from tests.labels import XMP, properties, source_type

AI, AI_COMPOSITE, COMPOSITE = SourceType.AI, SourceType.AI_COMPOSITE, SourceType.COMPOSITE
DRAWN, UNKNOWN = SourceType.DIGITAL_CREATION, SourceType.UNKNOWN
PICTURE = np.full((40, 60, 3), 128, np.uint8)


@pytest.mark.parametrize("source", list(SourceType), ids=lambda s: s or "unknown")
def test_a_file_says_where_its_picture_comes_from_and_an_unknown_origin_claims_nothing(
    source: SourceType,
) -> None:
    for file in (intake.encode_png(PICTURE, xmp=xmp(source)), intake.encode_jpeg(PICTURE, 90, xmp(source))):
        assert source_type(file) == (source.value or None)
        assert properties(file)[f"{XMP}CreatorTool"] == f"AdStudio {VERSION}"


@pytest.mark.parametrize("key", list(FORMATS))
def test_every_channel_s_file_says_it_at_whatever_quality_fits(key: str) -> None:
    fmt = FORMATS[key]
    file = encode(detailed_picture(fmt.default), fmt, xmp(AI_COMPOSITE))
    assert source_type(file) == "compositeWithTrainedAlgorithmicMedia"
    assert fmt.max_bytes is None or len(file) <= fmt.max_bytes
    with Image.open(io.BytesIO(file)) as image:
        assert image.info["icc_profile"] and not image.getexif()


def test_what_is_said_costs_little_and_never_changes() -> None:
    fmt = FORMATS["kakao-display"]
    picture = detailed_picture(fmt.default)
    first, again = (encode(picture, fmt, xmp(AI)) for _ in range(2))
    assert first == again
    assert len(xmp(AI_COMPOSITE)) < 700


def test_the_version_is_the_project_s() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
    assert project["project"]["version"] == VERSION


def test_an_engine_s_background_is_what_it_is() -> None:
    assert of_background(EngineName.STUDIO, has_product=True) is COMPOSITE
    assert of_background(EngineName.STUDIO, has_product=False) is DRAWN
    assert of_background(EngineName.DIFFUSION, has_product=True) is AI_COMPOSITE
    assert of_background(EngineName.DIFFUSION, has_product=False) is AI
    assert of_headline("sculpted") is DRAWN
    assert of_headline("painted") is AI_COMPOSITE


@pytest.mark.parametrize(
    ("background", "headline", "refined", "ad"),
    [
        (COMPOSITE, DRAWN, False, COMPOSITE),
        (DRAWN, DRAWN, False, DRAWN),
        (AI_COMPOSITE, DRAWN, False, AI_COMPOSITE),
        (AI, DRAWN, False, AI),
        (AI, AI_COMPOSITE, False, AI),
        (COMPOSITE, AI_COMPOSITE, False, AI_COMPOSITE),
        (DRAWN, AI_COMPOSITE, False, AI_COMPOSITE),
        (COMPOSITE, DRAWN, True, AI_COMPOSITE),
        (UNKNOWN, DRAWN, False, UNKNOWN),
        (UNKNOWN, AI_COMPOSITE, False, AI_COMPOSITE),
        (COMPOSITE, UNKNOWN, False, UNKNOWN),
        (AI_COMPOSITE, UNKNOWN, False, AI_COMPOSITE),
    ],
)
def test_an_ad_is_as_generative_as_its_most_generative_part(
    background: SourceType, headline: SourceType, refined: bool, ad: SourceType
) -> None:
    assert of_ad(background, headline, refined=refined) is ad


def test_of_a_supplied_picture_only_that_it_is_ai_is_believed() -> None:
    told = {source: intake.encode_png(PICTURE, xmp=xmp(source)) for source in SourceType}
    assert {source: declared(file) for source, file in told.items()} == {
        **dict.fromkeys(SourceType, UNKNOWN),
        AI: AI,
        AI_COMPOSITE: AI_COMPOSITE,
    }
    synthetic = xmp(COMPOSITE).replace(b"/composite<", b"/compositeSynthetic<")
    assert declared(intake.encode_jpeg(PICTURE, 90, synthetic)) is AI_COMPOSITE
    assert declared(intake.encode_jpeg(PICTURE, 90)) is UNKNOWN
    assert declared(intake.encode_png(PICTURE, xmp=b"<not><well formed")) is UNKNOWN

"""The shop's logo: small, in a corner, off product and words, in the safe zone, seen on any ground, repeatable."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw

from generation import intake
from generation.ad import AdBrief, AdResult
from generation.compose import HeadlineLook, Treatment, corner_kept, plan_headline, sign
from generation.compose.details import add_details
from generation.compose.logo import ENLARGE_MOST, TALLEST, WIDEST
from generation.compose.logo_setting import WANTED_CONTRAST
from generation.export.every_format import every_format
from generation.export.formats import FORMATS, safe_area
from generation.pipeline import make_ad
from generation.studio.engine import StudioEngine
from generation.types import Box, CompositionMode, Cutout, Logo, LogoCorner, Picture, Size, Step, TextPosition
from generation.typography.glyphs import raster
from generation.verify import fidelity
from tests.generation.compose.pictures import FONT, backdrop, seated
from tests.generation.compose.test_details import FULL
from tests.jobs.factories import product_picture

CORNERS = [corner for corner in LogoCorner if corner not in (LogoCorner.NONE, LogoCorner.AUTO)]
PRODUCT = Box(180, 200, 150, 200)


def wordmark(color: tuple[int, int, int] = (40, 30, 26)) -> Picture:
    drawn = raster(("봄날커피",), FONT, 90, 90, (0, 0, 0, 0))
    layer = np.empty((*drawn.coverage.shape, 4), np.uint8)
    layer[..., :3], layer[..., 3] = color, drawn.coverage * 255
    ink = drawn.ink
    return np.ascontiguousarray(layer[ink.y : ink.bottom, ink.x : ink.right])


def emblem(outer: tuple[int, int, int] = (20, 90, 70)) -> Picture:
    image = Image.new("RGBA", (400, 400), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    pen.ellipse((0, 0, 399, 399), fill=(*outer, 255))
    pen.ellipse((90, 90, 310, 310), fill=(245, 235, 210, 255))
    return np.asarray(image)


def two_colors() -> Picture:
    """Thin marks in white and in black: on no ground are both seen."""
    image = Image.new("RGBA", (400, 200), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    for x in range(10, 390, 40):
        pen.rectangle((x, 10, x + 12, 190), fill=(255, 255, 255, 255) if x % 80 == 10 else (0, 0, 0, 255))
    return np.asarray(image)


def nothing(frame: Picture) -> np.ndarray:
    return np.zeros(frame.shape[:2], np.float32)


def flat(tone: int | tuple[int, int, int], width: int = 512, height: int = 512) -> Picture:
    return np.full((height, width, 3), tone, np.uint8)


@pytest.mark.parametrize("corner", CORNERS)
def test_it_lies_in_the_corner_asked_for(corner: LogoCorner) -> None:
    frame, product = seated(backdrop(), PRODUCT)
    made = sign(frame, product, nothing(frame), Logo(wordmark(), corner), None)
    assert made.box is not None
    rows, columns = np.nonzero(made.covered > 0.5)
    row, column = corner.value.split("-")
    assert (rows.max() < 80) if row == "top" else (rows.min() > 432)
    assert (columns.max() < 150) if column == "left" else (columns.min() > 362)


@pytest.mark.parametrize("size", [(512, 512), (540, 960), (600, 314), (830, 130)])
@pytest.mark.parametrize("art", [wordmark(), emblem(), np.rot90(wordmark())], ids=["wide", "round", "tall"])
def test_it_is_small_whatever_its_shape_and_the_frame_s(size: tuple[int, int], art: Picture) -> None:
    frame = backdrop(*size)
    made = sign(frame, None, nothing(frame), Logo(np.ascontiguousarray(art)), None)
    assert made.box is not None
    assert made.box.width <= WIDEST * size[0]
    assert made.box.height <= TALLEST * np.sqrt(size[0] * size[1]) + 1
    aspect, own = made.box.width / made.box.height, art.shape[1] / art.shape[0]
    assert abs(aspect - own) < 0.12 * own


def test_a_tiny_logo_is_not_blown_up() -> None:
    frame = backdrop(1200, 1200)
    small = np.full((12, 64, 4), 255, np.uint8)
    made = sign(frame, None, nothing(frame), Logo(small), None)
    assert made.box is not None and made.box.width <= ENLARGE_MOST * 64


@pytest.mark.parametrize("art", [wordmark(), emblem(), two_colors()], ids=["wordmark", "sign", "plate"])
@pytest.mark.parametrize("corner", [LogoCorner.AUTO, *CORNERS])
def test_it_never_touches_a_pixel_of_the_product_nor_the_words(art: Picture, corner: LogoCorner) -> None:
    frame, product = seated(backdrop(), Box(20, 160, 300, 330))
    covered = nothing(frame)
    covered[40:120, 60:450] = 1.0
    made = sign(frame, product, covered, Logo(art, corner), None)
    assert made.box is not None
    assert np.array_equal(made.picture[product[..., 3] > 0], frame[product[..., 3] > 0])
    assert made.covered[product[..., 3] > 0].max() == 0.0
    assert made.covered[covered > 0].max() == 0.0
    assert fidelity(made.picture, product, made.covered).max_difference == 0


def test_a_corner_that_is_taken_gives_way_to_the_one_beside_it() -> None:
    frame, product = seated(backdrop(), Box(0, 0, 260, 300))
    made = sign(frame, product, nothing(frame), Logo(wordmark(), LogoCorner.TOP_LEFT), None)
    assert made.box is not None and made.box.x > 300 and made.box.y < 80


def test_it_finds_room_elsewhere_where_no_corner_is_free() -> None:
    frame = backdrop()
    covered = nothing(frame)
    covered[:120] = covered[-120:] = 1.0
    made = sign(frame, None, covered, Logo(wordmark()), None)
    assert made.box is not None and 120 < made.box.y < 390
    assert made.box.x < 60 or made.box.right > 450


def test_it_is_left_out_where_there_is_no_room_at_all() -> None:
    frame, product = seated(backdrop(), Box(10, 10, 492, 492))
    made = sign(frame, product, nothing(frame), Logo(wordmark()), None)
    assert made.box is None and made.covered.max() == 0.0
    assert np.array_equal(made.picture, frame)


def test_it_takes_the_calmest_corner() -> None:
    frame = np.random.default_rng(3).integers(0, 255, (512, 512, 3), np.uint8)
    frame = np.asarray(Image.fromarray(frame).resize((64, 64)).resize((512, 512), Image.Resampling.NEAREST))
    frame = frame.copy()
    frame[:200, 300:] = 230
    made = sign(frame, None, nothing(frame), Logo(wordmark()), None)
    assert made.box is not None and made.box.y < 100 and made.box.x > 350


@pytest.mark.parametrize("key", list(FORMATS))
def test_it_stays_in_every_channel_s_safe_zone(key: str) -> None:
    size = Size(FORMATS[key].default.width // 2, FORMATS[key].default.height // 2)
    frame, safe = backdrop(size.width, size.height), safe_area(key, size)
    for corner in CORNERS:
        made = sign(frame, None, nothing(frame), Logo(emblem(), corner), safe)
        rows, columns = np.nonzero(made.covered > 0)
        assert rows.min() >= safe.y and rows.max() < safe.bottom
        assert columns.min() >= safe.x and columns.max() < safe.right


def _contrast(made: Picture, covered: np.ndarray, box: Box) -> float:
    """WCAG contrast of the letters' median against the ground's."""
    light = ((made[box.y : box.bottom, box.x : box.right] / 255.0) ** 2.2) @ np.array(
        [0.2126, 0.7152, 0.0722]
    )
    part = covered[box.y : box.bottom, box.x : box.right]
    a, b = float(np.median(light[part > 0.97])), float(np.median(light[part < 0.02]))
    return (max(a, b) + 0.05) / (min(a, b) + 0.05)


@pytest.mark.parametrize("tone", [10, 60, 100, 128, 170, 210, 250])
@pytest.mark.parametrize("ink", [(40, 30, 26), (255, 255, 255), (214, 40, 48), (128, 128, 128)])
def test_a_logo_of_one_colour_reads_on_any_ground(tone: int, ink: tuple[int, int, int]) -> None:
    frame = flat(tone)
    made = sign(frame, None, nothing(frame), Logo(wordmark(ink), LogoCorner.TOP_LEFT), None)
    assert made.box is not None and made.treatment in (Treatment.AS_IT_IS, Treatment.ONE_COLOR)
    assert _contrast(made.picture, made.covered, made.box) >= WANTED_CONTRAST


def test_its_own_colours_stay_where_they_show() -> None:
    frame = flat(245)
    made = sign(frame, None, nothing(frame), Logo(wordmark((214, 40, 48)), LogoCorner.TOP_LEFT), None)
    assert made.treatment is Treatment.AS_IT_IS
    assert np.abs(made.picture[made.covered > 0.99].astype(int) - (214, 40, 48)).max() <= 3


def test_a_logo_of_several_colours_gets_a_plate_where_it_would_be_lost() -> None:
    for frame in (flat(118), flat((200, 40, 40)), backdrop()):
        made = sign(frame, None, nothing(frame), Logo(two_colors(), LogoCorner.TOP_LEFT), None)
        assert made.treatment is Treatment.PLATE
        assert made.box is not None and made.box.width <= WIDEST * 512


def test_a_sign_with_a_ground_of_its_own_is_left_alone() -> None:
    frame = flat((20, 90, 70))
    made = sign(frame, None, nothing(frame), Logo(emblem()), None)
    assert made.treatment is Treatment.TILE


def test_an_opaque_logo_is_a_tile_with_round_corners() -> None:
    art = np.full((200, 300, 4), 255, np.uint8)
    art[60:140, 60:240, :3] = (190, 30, 40)
    made = sign(flat(90), None, nothing(flat(90)), Logo(art, LogoCorner.TOP_LEFT), None)
    assert made.treatment is Treatment.TILE and made.box is not None
    assert made.covered[made.box.y, made.box.x] < 0.1
    assert made.covered[made.box.y + made.box.height // 2, made.box.x] > 0.9


def test_the_same_input_gives_the_same_bytes() -> None:
    frame, product = seated(backdrop(), PRODUCT)
    first, second = (sign(frame, product, nothing(frame), Logo(two_colors()), None) for _ in range(2))
    assert first.picture.tobytes() == second.picture.tobytes()
    assert first.covered.tobytes() == second.covered.tobytes()


@pytest.mark.parametrize("mode", [CompositionMode.OVERLAY, CompositionMode.BEHIND])
@pytest.mark.parametrize("corner", CORNERS)
def test_words_leave_the_corner_that_was_asked_for(corner: LogoCorner, mode: CompositionMode) -> None:
    frame, product = seated(backdrop(), PRODUCT)
    logo = Logo(emblem(), corner)
    kept = corner_kept(Size(512, 512), product, logo, None)
    assert kept is not None
    for position in TextPosition:
        plan = plan_headline(frame, product, "오늘만 반값", FONT, position, mode, None, None, FULL, kept)
        head = plan.box
        apart = head.x >= kept.right or head.right <= kept.x or head.y >= kept.bottom or head.bottom <= kept.y
        assert apart
        look = HeadlineLook(head, plan.em_px)
        _, covered = add_details(frame, product, look, FULL, FONT, None, kept)
        assert covered[kept.y : kept.bottom, kept.x : kept.right].max() == 0.0


def test_no_corner_is_kept_where_the_product_is_or_none_was_named() -> None:
    _, product = seated(backdrop(), Box(0, 0, 260, 300))
    assert corner_kept(Size(512, 512), product, Logo(emblem(), LogoCorner.TOP_LEFT), None) is None
    assert corner_kept(Size(512, 512), None, Logo(emblem(), LogoCorner.AUTO), None) is None


def _ad(brief: AdBrief) -> AdResult:
    picture = product_picture(400, 400)
    alpha = np.where(picture[..., 1] < 100, 255, 0).astype(np.uint8)
    product = Cutout(np.dstack([picture, alpha]), "brush", 1.0)
    return make_ad(brief, StudioEngine(), product=product, on_progress=lambda _: None, on_step=lambda _: None)


BRIEF = {"scene": "pastel-podium", "font": FONT, "seed": 3, "test_mode": True}


@pytest.mark.parametrize("text", ["반값", ""])
def test_an_ad_has_its_logo_with_words_and_without(text: str) -> None:
    plain, signed = (
        _ad(AdBrief(text=text, logo=logo, **BRIEF))  # type: ignore[arg-type]
        for logo in (None, Logo(wordmark(), LogoCorner.BOTTOM_RIGHT))
    )
    again = _ad(AdBrief(text=text, logo=Logo(wordmark(), LogoCorner.BOTTOM_RIGHT), **BRIEF))  # type: ignore[arg-type]
    assert plain.final is not None and signed.final is not None and again.final is not None
    changed = np.argwhere((plain.final != signed.final).any(axis=2))
    assert len(changed) and changed.min() > 150
    assert signed.product_difference == 0 and not signed.logo_left_out
    assert signed.final.tobytes() == again.final.tobytes()


def test_a_picture_that_stops_before_the_end_has_none() -> None:
    made = _ad(AdBrief(text="반값", logo=Logo(wordmark()), stop=Step.BACKGROUND, **BRIEF))  # type: ignore[arg-type]
    assert made.final is None and not made.logo_left_out


def test_a_packshot_takes_no_logo() -> None:
    picture = product_picture(400, 400)
    alpha = np.where(picture[..., 1] < 100, 255, 0).astype(np.uint8)
    product = Cutout(np.dstack([picture, alpha]), "brush", 1.0)
    files = [
        list(
            every_format(
                AdBrief(scene="pastel-podium", font=FONT, seed=3, logo=logo),
                StudioEngine(),
                product,
                ["kakao-store"],
                lambda _: lambda _: None,
            )
        )
        for logo in (None, Logo(wordmark()))
    ]
    assert files[0] == files[1]


def _file(picture: Picture, kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.fromarray(picture).save(out, kind)
    return out.getvalue()


def test_a_logo_s_file_becomes_small_and_loses_its_margin() -> None:
    art = np.zeros((1500, 2500, 4), np.uint8)
    art[300:1200, 200:2300] = (200, 30, 40, 255)
    clean = intake.clean_logo(_file(art))
    assert clean.shape == (round(1024 * 900 / 2100), 1024, 4)
    white = np.full((400, 800, 3), 255, np.uint8)
    white[150:250, 300:500] = (20, 20, 90)
    clean = intake.clean_logo(_file(white, "JPEG"))
    assert clean.shape[2] == 4 and 200 <= clean.shape[1] <= 240 and 100 <= clean.shape[0] <= 140


def test_a_photo_as_a_logo_keeps_its_edges() -> None:
    photo = np.random.default_rng(1).integers(0, 255, (90, 120, 3), np.uint8)
    assert intake.clean_logo(_file(photo)).shape == (90, 120, 4)

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from generation.compose.layers import SHADOW_ALPHA
from generation.errors import Cancelled, GlyphMissing, HeadlineTooLong
from generation.pictures import INK_ALPHA
from generation.studio.reflections import floats
from generation.studio.setting import set_type
from generation.studio.styles import styles
from generation.studio.text3d import painter, sculpt, sculpture
from generation.types import Coverage, HeadlineBrief, KeyLight, Picture, SceneHints, Size
from generation.typography.fonts import DEFAULT_FONT, FONTS_DIR, fonts, missing_characters
from generation.typography.glyphs import raster
from generation.typography.lines import leading

LEAST_OVERLAP = 0.98


def quiet(sub_step: str, fraction: float, preview: Picture | None) -> None:
    pass


def brief(style: str = "gold", *lines: str, **fields: object) -> HeadlineBrief:
    values: dict[str, object] = {"font": DEFAULT_FONT, "box": Size(600, 200), **fields}
    return HeadlineBrief(lines=lines or ("오늘만 반값",), style=style, **values)  # type: ignore[arg-type]


def overlap(front: Coverage, reference: Coverage) -> float:
    """Best intersection over union of two shapes of the same scale, moved onto each other by whole pixels."""
    first, second = (np.pad((each > 0.5).astype(np.uint8), 4) for each in (front, reference))
    x, y, width, height = cv2.boundingRect(second)
    wanted = second[y - 4 : y + height + 4, x - 4 : x + width + 4]
    left, top, _, _ = cv2.boundingRect(first)
    best = 0.0
    for down in range(-3, 4):
        for right in range(-3, 4):
            y0, x0 = top + down - 4, left + right - 4
            moved = first[max(y0, 0) :, max(x0, 0) :][: wanted.shape[0], : wanted.shape[1]]
            if moved.shape == wanted.shape:
                best = max(best, float((moved & wanted).sum() / (moved | wanted).sum()))
    return best


def drawn_by_the_font(line: str, path: str, size_px: int) -> Coverage:
    """One line as Pillow draws it, straight from the font file."""
    font = ImageFont.truetype(str(FONTS_DIR / path), size_px, layout_engine=ImageFont.Layout.BASIC)
    left, top, right, bottom = (round(side) for side in font.getbbox(line, anchor="ls"))
    canvas = Image.new("L", (right - left + 8, bottom - top + 8))
    ImageDraw.Draw(canvas).text((4 - left, 4 - top), line, fill=255, font=font, anchor="ls")
    return np.asarray(canvas, np.float32) / np.float32(255)


SAMPLES = (
    ("오늘만", "반값 50%"),
    ("값싼 슌 빵 ₩9,900",),
    ("밟고 훑는", "SALE & 굿즈", "1+1 꿀딸기"),
    ("값",),
)


@pytest.mark.parametrize("font", range(len(fonts())))
@pytest.mark.parametrize("style", styles())
def test_before_effects_every_style_is_the_fonts_own_shape(style: str, font: int) -> None:
    path, lines = fonts()[font].path, SAMPLES[(font + list(styles()).index(style)) % len(SAMPLES)]
    drawable = tuple(line for line in lines if not missing_characters(path, line)) or ("반값",)
    asked = brief(style, *drawable, font=path, box=Size(520, 260))
    setting = set_type(asked, painter(asked)[0])
    for line, (top, bottom) in zip(drawable, setting.bands, strict=True):
        own = setting.mask[top - 2 : bottom + 2]
        assert overlap(own, drawn_by_the_font(line, path, round(setting.em))) >= LEAST_OVERLAP


@pytest.mark.parametrize("style", styles())
def test_the_finished_lettering_is_all_there(style: str) -> None:
    made = sculpture(brief(style, "값싼 빵", "₩9,900", box=Size(700, 400)), quiet)
    magnified = floats(
        cv2.resize(made.front, (made.carved.width, made.carved.height), interpolation=cv2.INTER_CUBIC)
    )
    size = made.em_px
    wanted = raster(("값싼 빵", "₩9,900"), DEFAULT_FONT, size, leading(size), (9, 9, 9, 9)).coverage
    assert overlap(magnified, wanted) >= LEAST_OVERLAP
    alpha = made.headline.picture[..., 3]
    assert (alpha[made.front > 0.99] >= INK_ALPHA).mean() > (0.85 if style == "ink" else 0.995)
    if style in ("flat", "ink", "neon"):  # the others add walls or an outline
        assert overlap((alpha >= INK_ALPHA).astype(np.float32), made.front) > (
            0.85 if style == "ink" else 0.96
        )


@pytest.mark.parametrize("style", styles())
@pytest.mark.parametrize("light", [None, (0.7, 0.2, -0.68)])
def test_nothing_is_clipped_and_the_ink_fills_the_box(
    style: str, light: tuple[float, float, float] | None
) -> None:
    key = KeyLight(light, (3.0, 2.6, 2.0)) if light else None
    made = sculpt(brief(style, hints=SceneHints(key=key)), quiet)
    alpha = made.picture[..., 3]
    assert made.picture.dtype == np.uint8 and made.picture.shape[2] == 4
    for border in (alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1]):
        assert border.max() == 0
    assert 570 <= made.ink.width <= 602 and made.ink.height <= 202
    assert alpha[made.ink.y : made.ink.bottom, made.ink.x : made.ink.right].max() == 255


@pytest.mark.parametrize("style", styles())
def test_the_same_brief_gives_the_same_bytes(style: str) -> None:
    first, second = sculpt(brief(style, seed=7), quiet), sculpt(brief(style, seed=7), quiet)
    assert first.picture.tobytes() == second.picture.tobytes() and first.ink == second.ink


def test_the_seed_changes_the_foils_pleats() -> None:
    assert (
        sculpt(brief("foil", seed=1), quiet).picture.tobytes()
        != sculpt(brief("foil", seed=2), quiet).picture.tobytes()
    )


def test_a_small_box_still_gives_an_asset_of_512_pixels() -> None:
    assert max(sculpt(brief("gold", box=Size(150, 60)), quiet).picture.shape) >= 512


def test_the_shadow_falls_away_from_the_light() -> None:
    def shadow_middle(x: float) -> float:
        made = sculpt(brief("gold", hints=SceneHints(key=KeyLight((x, 0.6, 0.5), (1.0, 1.0, 1.0)))), quiet)
        alpha = made.picture[made.ink.bottom + 4 :, :, 3].astype(np.float64).sum(axis=0)
        return float((alpha * np.arange(alpha.size)).sum() / alpha.sum()) - made.ink.x

    assert shadow_middle(-0.6) > shadow_middle(0.6) + 5


def test_the_scene_colours_the_metal_by_a_share_only() -> None:
    blue = np.zeros((64, 128, 3), np.float32)
    blue[..., 2] = 1.0
    plain, tinted = (
        sculpt(brief("gold", hints=SceneHints(environment=env)), quiet).picture for env in (None, blue)
    )
    solid = plain[..., 3] == 255
    red, blue_mean = tinted[solid][:, 0].mean(), tinted[solid][:, 2].mean()
    assert not np.array_equal(plain, tinted)
    assert red > blue_mean + 40, "gold stays gold"


@pytest.mark.parametrize("style", [key for key in styles() if painter(brief(key))[0].depth])
def test_letters_stand_out_from_their_own_walls(style: str) -> None:
    made = sculpture(brief(style), quiet)
    rgb = made.headline.picture[..., :3].astype(np.float32) @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    front = made.front > 0.99
    wall = (made.headline.picture[..., 3] == 255) & (made.front < 0.01)
    assert rgb[front].mean() > rgb[wall].mean() * 1.25


def test_it_reports_and_lets_a_stop_pass() -> None:
    seen: list[tuple[str, float]] = []
    sculpt(brief(), lambda name, fraction, _: seen.append((name, fraction)))
    assert [name for name, _ in seen][:3] == ["glyphs", "sculpting", "shading"]
    assert [fraction for _, fraction in seen] == sorted(fraction for _, fraction in seen)

    def stop(sub_step: str, fraction: float, preview: Picture | None) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        sculpt(brief(), stop)


def test_it_refuses_what_it_cannot_set() -> None:
    with pytest.raises(GlyphMissing) as caught:
        sculpt(brief("gold", "커피 ☕"), quiet)
    assert caught.value.context["characters"] == "☕"
    with pytest.raises(HeadlineTooLong):
        sculpt(brief("gold", "아주" * 80), quiet)


BRIGHT, DARK = (0.85, 0.85, 0.83), (0.01, 0.01, 0.012)


@pytest.mark.parametrize("style", ["flat", "ink"])
def test_plain_lettering_is_dark_on_light_ground_and_light_on_dark(style: str) -> None:
    def brightness(ground: tuple[float, float, float]) -> float:
        made = sculpture(brief(style, ground=ground), quiet)
        return float(made.headline.picture[..., :3][made.front > 0.99].mean())

    assert brightness(BRIGHT) < 80
    assert brightness(DARK) > 200


def test_neon_by_day_is_mounted_on_acrylic_cut_to_the_letters_contour() -> None:
    lines = ("초코 라떼", "할인 중")
    day, night = (
        sculpture(brief("neon", *lines, box=Size(500, 230), ground=ground), quiet)
        for ground in (BRIGHT, DARK)
    )
    assert day.headline.ink == night.headline.ink, "the plate is no lettering"
    alpha = day.headline.picture[..., 3]
    letters = (day.front > 0.5).astype(np.uint8)
    away = cv2.distanceTransform(1 - letters, cv2.DIST_L2, 5)
    assert alpha[away > 2].max() < SHADOW_ALPHA * 255, "nothing beside the letters counts as lettering"
    em = day.headline.ink.height / 2.2
    close, clear = (away > 2) & (away < 0.05 * em), away > 0.35 * em
    assert alpha[close].mean() > 170
    ink = day.headline.ink
    inside_box = np.zeros_like(clear)
    inside_box[ink.y : ink.bottom, ink.x : ink.right] = True
    assert (clear & inside_box).sum() > 500 and alpha[clear & inside_box].mean() < 60, (
        "no panel between words"
    )
    dark = day.headline.picture[..., :3][close].mean()
    assert dark < 110


GROUNDS = {"white": 1.0, "pale": 0.67, "wood": 0.28, "grey": 0.215, "walnut": 0.10, "night": 0.01}


def face_contrast(made: Coverage, picture: Picture, ground: float) -> float:
    """WCAG contrast of the median of the glyphs' face against the ground's luminance."""
    shown = (picture[..., :3][made > 0.95] / 255.0) ** 2.2 @ np.array([0.2126, 0.7152, 0.0722])
    face = float(np.median(shown))
    return (max(face, ground) + 0.05) / (min(face, ground) + 0.05)


@pytest.mark.parametrize(
    "style", [key for key in styles() if painter(brief(key))[0].depth and key != "marquee"]
)
def test_the_face_itself_stands_off_from_every_ground(style: str) -> None:
    reached = {}
    for name, level in GROUNDS.items():
        made = sculpture(brief(style, box=Size(320, 120), ground=(level,) * 3), quiet)
        reached[name] = face_contrast(made.front, made.headline.picture, level)
    # A strong colour tells itself from grey by its hue as well.
    least = 1.35 if style in ("foil", "plastic") else 1.6
    assert min(reached.values()) >= least, reached
    assert reached["white"] >= 2.0 and reached["night"] >= 3.5, reached


@pytest.mark.parametrize("style", ["neon", "marquee"])
def test_the_glow_fades_out_before_the_asset_ends(style: str) -> None:
    alpha = sculpt(brief(style), quiet).picture[..., 3].astype(int)
    for side in (alpha[:14], alpha[-14:], alpha[:, :14].T, alpha[:, -14:].T):
        assert np.abs(np.diff(side, axis=0)).max() <= 6, "no visible edge"


@pytest.mark.parametrize("style", [key for key in styles() if key not in ("flat", "ink", "neon")])
def test_the_light_comes_from_the_scenes_key(style: str) -> None:
    left, right = (
        sculpt(brief(style, hints=SceneHints(key=KeyLight((x, 0.6, 0.5), (1.0, 1.0, 1.0)))), quiet).picture
        for x in (-0.7, 0.7)
    )
    assert left.shape != right.shape or np.abs(left.astype(int) - right.astype(int)).mean() > 0.3


def test_a_paper_headlines_lowest_sheet_looks_out_as_an_even_rim_only() -> None:
    """Between the lines too: nowhere is it wider than its step."""
    made = sculpture(brief("paper", "갓 구운", "아침"), quiet)
    picture = made.headline.picture.astype(int)
    blue = (picture[..., 3] > 250) & (picture[..., 2] > picture[..., 0] + 12)
    assert blue.any()
    width = 2 * cv2.distanceTransform(blue.astype(np.uint8), cv2.DIST_L2, 5).max()
    em = made.em_px * made.headline.picture.shape[1] / made.carved.width
    assert width < 0.09 * em


def test_a_bulb_letters_tin_stays_dark_by_day() -> None:
    by_day, by_night = (
        sculpt(brief("marquee", ground=(tone, tone, tone)), quiet).picture for tone in (0.35, 0.01)
    )

    def tin(picture: Picture) -> float:
        """The darker half of the letters: what lies between the bulbs."""
        lettering = picture[picture[..., 3] > 250][:, :3].astype(float)
        return float(np.percentile(lettering.mean(axis=1), 30))

    assert tin(by_day) < 0.85 * tin(by_night)


@pytest.mark.parametrize(
    ("style", "least"), [("gold", 1.6), ("rose-gold", 1.65), ("foil-gold", 1.85), ("ice", 1.9)]
)
def test_a_face_stands_off_from_pale_ground_by_itself(style: str, least: float) -> None:
    """Without any halo: the contrast (WCAG 2.2) of all but the lightest two fifths of the face."""
    ground = 0.55
    made = sculpture(brief(style, ground=(ground,) * 3), quiet)
    face = made.headline.picture[..., :3][made.front > 0.95].astype(float) / 255
    light = (face**2.2) @ (0.2126, 0.7152, 0.0722)
    assert (ground + 0.05) / (np.percentile(light, 60) + 0.05) >= least


@pytest.mark.parametrize(("ground", "lighter"), [(0.02, True), (0.17, True), (0.32, False), (0.53, False)])
def test_bulb_letters_are_clearly_lighter_or_darker_than_their_ground(ground: float, lighter: bool) -> None:
    """Tin and bulbs together, as they run into each other in a small picture."""
    picture = sculpt(brief("marquee", ground=(ground,) * 3), quiet).picture
    lettering = picture[..., :3][picture[..., 3] > 250].astype(float) / 255
    light = float(((lettering**2.2) @ (0.2126, 0.7152, 0.0722)).mean())
    contrast = (light + 0.05) / (ground + 0.05)
    assert contrast >= 1.5 if lighter else contrast <= 1 / 1.3

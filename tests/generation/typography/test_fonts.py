from __future__ import annotations

import subprocess
import sys

import pytest

from generation.errors import FontUnknown, GlyphMissing
from generation.typography import fonts

KS_X_1001 = "".join(
    bytes([row, cell]).decode("euc_kr") for row in range(0xB0, 0xC9) for cell in range(0xA1, 0xFF)
)
EVERYDAY = "ABCXYZabcxyz0123456789₩%!?~+-.,"
MOST_FONT_BYTES = 15 * 1024 * 1024


@pytest.mark.parametrize("path", [each.path for each in fonts.fonts()])
def test_it_draws_every_everyday_character_in_every_font(path: str) -> None:
    assert fonts.missing_characters(path, KS_X_1001 + EVERYDAY) == ""


def test_it_offers_eight_families_each_with_its_licence() -> None:
    assert len({each.family for each in fonts.fonts()}) >= 8
    assert {"heavy_gothic", "rounded", "myeongjo", "brush", "pen", "display"} <= {
        each.category for each in fonts.fonts()
    }
    for each in fonts.fonts():
        licence = (fonts.font_file(each.path).parent / "OFL.txt").read_text(encoding="utf-8")
        assert "SIL OPEN FONT LICENSE Version 1.1" in licence and licence.startswith("Copyright")


def test_it_catalogues_every_font_file_and_stays_small() -> None:
    files = {str(each.relative_to(fonts.FONTS_DIR)) for each in fonts.FONTS_DIR.glob("*/*.[ot]tf")}
    assert files == {each.path for each in fonts.fonts()}
    assert (
        sum(each.stat().st_size for each in fonts.FONTS_DIR.rglob("*") if each.is_file()) <= MOST_FONT_BYTES
    )


def test_it_has_the_font_that_the_design_names() -> None:
    assert fonts.font("NanumSquare/NanumSquareB.ttf").weight == 700
    assert fonts.default_font() in fonts.fonts()


@pytest.mark.parametrize(
    "path",
    ["", "../fonts/NanumSquare/NanumSquareB.ttf", "/etc/passwd", "NanumSquare/OFL.txt", "catalogue.json"],
)
def test_it_opens_only_catalogued_paths(path: str) -> None:
    with pytest.raises(FontUnknown):
        fonts.font_file(path)


def test_it_names_the_characters_a_font_lacks_each_once() -> None:
    assert fonts.missing_characters(fonts.DEFAULT_FONT, "😀반값😀 ☕") == "😀☕"
    with pytest.raises(GlyphMissing) as caught:
        fonts.check_glyphs(fonts.DEFAULT_FONT, "커피 ☕ 반값 😀")
    assert caught.value.context == {"characters": "☕ 😀", "font": fonts.default_font().name_ko}


def test_it_counts_a_mapped_but_empty_glyph_as_missing() -> None:
    assert fonts.missing_characters("NanumSquare/NanumSquareB.ttf", "펲시") == "펲"


def test_it_reads_decomposed_hangul_as_whole_syllables() -> None:
    assert fonts.missing_characters(fonts.DEFAULT_FONT, "\u1112\u1161\u11ab\u1100\u116e\u11a8") == ""


def test_the_web_side_loads_without_the_studio_engine() -> None:
    code = (
        "import sys, generation.typography.fonts, generation.typography.lines, generation.studio.styles;"
        "sys.exit('cv2' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=30).returncode == 0

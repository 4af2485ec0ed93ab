"""The format table against the channels' documented values."""

from __future__ import annotations

import subprocess
import sys

import pytest

from generation.errors import FormatUnknown
from generation.export.formats import FORMATS, format_for, frame_size, safe_area
from generation.types import Box, Size

DOCUMENTED = {
    "instagram-square": ([(1080, 1080), (1440, 1440)], None),
    "instagram-portrait": ([(1080, 1350)], None),
    "instagram-story": ([(1080, 1920)], None),
    "meta-link": ([(1200, 628)], None),
    "smartstore": ([(1000, 1000)], 20_000_000),
    "coupang": ([(1000, 1000)], 5_000_000),
    "gmarket": ([(1000, 1000)], 2_000_000),
    "11st": ([(1000, 1000)], 3_000_000),
    "kakao-store": ([(750, 750), (750, 1000)], 10_000_000),
    "kakao-display": ([(1200, 600)], 500_000),
    "kakao-message": ([(720, 720), (800, 600)], 500_000),
    "mms": ([(1280, 720)], 300_000),
    "naver-timeboard": ([(1660, 260)], 200_000),
}


def test_it_holds_exactly_the_documented_sizes_and_limits() -> None:
    held = {k: ([(s.width, s.height) for s in f.sizes], f.max_bytes) for k, f in FORMATS.items()}
    assert held == DOCUMENTED


def test_it_sends_the_packshot_to_shops_and_the_ad_everywhere_else() -> None:
    shops = {key for key, fmt in FORMATS.items() if fmt.packshot}
    assert shops == {"smartstore", "coupang", "gmarket", "11st", "kakao-store"}


def test_it_takes_only_jpeg_for_mms_and_large_type_for_the_time_board() -> None:
    assert [key for key, fmt in FORMATS.items() if fmt.jpeg_only] == ["mms"]
    assert FORMATS["naver-timeboard"].type_min_px == 28
    assert FORMATS["mms"].extension == "jpg"
    assert FORMATS["instagram-square"].extension == "png"


def test_it_keeps_the_story_clear_of_the_interface() -> None:
    assert safe_area("instagram-story", Size(1080, 1920)) == Box(0, 270, 1080, 1920 - 270 - 384)
    assert safe_area("meta-link", Size(1200, 628)) == Box(0, 0, 1200, 628)


def test_it_scales_the_safe_zone_and_never_makes_it_larger() -> None:
    area = safe_area("instagram-story", Size(540, 961))
    assert area.y >= 270 / 1920 * 961 and area.bottom <= 961 * (1 - 384 / 1920)


def test_it_tells_the_default_size() -> None:
    assert frame_size("mms") == Size(1280, 720)
    assert format_for("kakao-display").aspect == 2.0


def test_it_refuses_an_unknown_key() -> None:
    with pytest.raises(FormatUnknown):
        format_for("myspace")


def test_it_imports_without_any_imaging_engine() -> None:
    code = (
        "import sys, generation.export.formats as f;"
        "print(sorted({'cv2', 'torch', 'onnxruntime'} & set(sys.modules)), len(f.FORMATS))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "[] 13"

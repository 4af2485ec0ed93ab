"""Channel formats as typed data: sizes, file limits, safe zones. No imaging library is imported here.

Limits are counted in units of 1000 bytes, so a file within one is within it however a platform counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Final

from generation.errors import FormatUnknown
from generation.types import Box, Size

KB: Final = 1000
MB: Final = 1000 * KB


@dataclass(frozen=True, slots=True)
class SafeMargins:
    """What a platform's own interface covers, as fractions of the frame's height or width."""

    top: float = 0.0
    right: float = 0.0
    bottom: float = 0.0
    left: float = 0.0


@dataclass(frozen=True, slots=True)
class Format:
    """One channel's picture. ``sizes`` are those we draw, the default first; ``smallest`` and ``largest``
    bound what the platform itself accepts, where it says so. ``packshot``: the channel takes the clean
    product picture, not the ad. ``type_min_px``: the smallest lettering it allows, in pixels."""

    key: str
    channel: str
    sizes: tuple[Size, ...]
    max_bytes: int | None = None
    jpeg_only: bool = False
    safe: SafeMargins = SafeMargins()
    packshot: bool = False
    smallest: Size | None = None
    largest: Size | None = None
    type_min_px: int = 0

    @property
    def default(self) -> Size:
        return self.sizes[0]

    @property
    def aspect(self) -> float:
        """Width over height of the default size."""
        return self.default.width / self.default.height

    @property
    def extension(self) -> str:
        """``png`` where nothing limits the file, else ``jpg``."""
        return "png" if self.max_bytes is None and not self.jpeg_only else "jpg"

    @property
    def media_type(self) -> str:
        return "image/png" if self.extension == "png" else "image/jpeg"


STORY_SAFE: Final = SafeMargins(top=270 / 1920, bottom=384 / 1920)
"""Instagram lays its own buttons over these parts of a story."""

_ALL: Final = (
    Format("instagram-square", "Instagram feed 1:1", (Size(1080, 1080), Size(1440, 1440))),
    Format("instagram-portrait", "Instagram feed 4:5", (Size(1080, 1350),)),
    Format("instagram-story", "Story / Reels 9:16", (Size(1080, 1920),), safe=STORY_SAFE),
    Format("meta-link", "Facebook / Meta link ad 1.91:1", (Size(1200, 628),)),
    Format(
        "smartstore",
        "Naver SmartStore product",
        (Size(1000, 1000),),
        max_bytes=20 * MB,
        packshot=True,
        smallest=Size(600, 600),
    ),
    Format(
        "coupang",
        "Coupang product",
        (Size(1000, 1000),),
        max_bytes=5 * MB,
        packshot=True,
        smallest=Size(500, 500),
        largest=Size(5000, 5000),
    ),
    Format(
        "gmarket",
        "Gmarket / Auction",
        (Size(1000, 1000),),
        max_bytes=2 * MB,
        packshot=True,
        smallest=Size(600, 600),
    ),
    Format("11st", "11번가", (Size(1000, 1000),), max_bytes=3 * MB, packshot=True, smallest=Size(600, 600)),
    Format(
        "kakao-store",
        "KakaoTalk Store",
        (Size(750, 750), Size(750, 1000)),
        max_bytes=10 * MB,
        packshot=True,
    ),
    Format("kakao-display", "Kakao display ad 2:1", (Size(1200, 600),), max_bytes=500 * KB),
    Format("kakao-message", "친구톡", (Size(720, 720), Size(800, 600)), max_bytes=500 * KB),
    Format("mms", "MMS", (Size(1280, 720),), max_bytes=300 * KB, jpeg_only=True),
    Format("naver-timeboard", "Naver time board", (Size(1660, 260),), max_bytes=200 * KB, type_min_px=28),
)

FORMATS: Final[dict[str, Format]] = {fmt.key: fmt for fmt in _ALL}


def format_for(key: str) -> Format:
    """The format of that key. Raises ``FormatUnknown``."""
    try:
        return FORMATS[key]
    except KeyError:
        raise FormatUnknown(f"no format {key!r}", format=key) from None


def frame_size(key: str) -> Size:
    """The default size of a format, in pixels. Raises ``FormatUnknown``."""
    return format_for(key).default


def safe_area(key: str, size: Size) -> Box:
    """The part of a frame of ``size`` that the channel's interface leaves free. Raises ``FormatUnknown``."""
    safe = format_for(key).safe
    left, top = _pixels(safe.left, size.width), _pixels(safe.top, size.height)
    right, bottom = _pixels(safe.right, size.width), _pixels(safe.bottom, size.height)
    return Box(left, top, size.width - left - right, size.height - top - bottom)


def _pixels(fraction: float, length: int) -> int:
    return ceil(round(fraction * length, 6))

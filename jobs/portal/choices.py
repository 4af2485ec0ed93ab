"""What the merchant chooses from, with names in the reader's language. Read from the catalogues of ``generation``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from generation.export.formats import FORMATS
from generation.studio.scenes import scenes
from generation.studio.styles import styles
from generation.types import DEFAULT_SIZE, CompositionMode, TextPosition
from generation.typography.fonts import fonts

STYLE_PICTURES = Path("img/styles")


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose: the value sent, the name read, its picture if it has one, and a word more."""

    value: str
    name: str
    picture: str = ""
    hint: str = ""


def _named(korean: str, english: str) -> str:
    return english if get_language() == "en" else korean


def scene_choices() -> list[Choice]:
    """``auto`` first: the prompt decides."""
    found = [
        Choice(
            key,
            _named(scene.name_ko, scene.name_en),
            reverse("jobs:scene-thumbnail", args=[key]),
        )
        for key, scene in scenes().items()
    ]
    return [Choice("", _("자동"), hint=_("분위기에 맞춰 골라요")), *found]


def style_choices() -> list[Choice]:
    found = [
        Choice(key, _named(style.name_ko, style.name_en), _style_picture(key))
        for key, style in styles().items()
    ]
    return [Choice("", _("자동"), hint=_("배경에 어울리게")), *found]


def _style_picture(key: str) -> str:
    file = STYLE_PICTURES / f"{key}.webp"
    return static(file.as_posix()) if (settings.BASE_DIR / "static" / file).exists() else ""


def font_choices() -> list[Choice]:
    found = [Choice(str(font.path), _named(font.name_ko, font.name_en)) for font in fonts()]
    return [Choice("", _("자동")), *found]


def position_choices() -> list[Choice]:
    return [
        Choice(TextPosition.AUTO, _("자동")),
        Choice(TextPosition.TOP, _("위")),
        Choice(TextPosition.CENTER, _("가운데")),
        Choice(TextPosition.BOTTOM, _("아래")),
    ]


def mode_choices() -> list[Choice]:
    return [
        Choice(CompositionMode.OVERLAY, _("위에 얹기"), hint=_("문구가 가장 또렷해요")),
        Choice(CompositionMode.BLEND, _("어우러지게"), hint=_("장면의 빛을 받아요")),
        Choice(CompositionMode.BEHIND, _("제품 뒤로"), hint=_("제품이 문구 앞에 서요")),
    ]


def _channel_names() -> dict[str, str]:
    return {
        "instagram-square": _("인스타그램 정사각"),
        "instagram-portrait": _("인스타그램 세로"),
        "instagram-story": _("스토리·릴스"),
        "meta-link": _("페이스북 링크 광고"),
        "kakao-display": _("카카오 디스플레이"),
        "kakao-message": _("카카오 친구톡"),
        "mms": _("문자(MMS)"),
        "naver-timeboard": _("네이버 타임보드"),
        "smartstore": _("스마트스토어"),
        "coupang": _("쿠팡"),
        "gmarket": _("G마켓·옥션"),
        "11st": _("11번가"),
        "kakao-store": _("카카오톡 스토어"),
    }


def preferred_first(keys: Iterable[str], preferred: Sequence[str]) -> list[str]:
    """The shop's own choice of channels first, in its order; the others as they stand."""
    known = list(keys)
    return [key for key in preferred if key in known] + [key for key in known if key not in preferred]


def format_choices(preferred: Sequence[str] = ()) -> list[Choice]:
    """The square default, then every channel that takes an ad, ``preferred`` ones first; a packshot channel takes no
    headline."""
    square = Choice("", _("정사각"), hint=f"{DEFAULT_SIZE.width}×{DEFAULT_SIZE.height}")
    ads = (key for key, entry in FORMATS.items() if not entry.packshot)
    return [square, *channel_choices(preferred_first(ads, preferred))]


def channel_choices(keys: Iterable[str]) -> list[Choice]:
    """Those channels by name, with their sizes."""
    names = _channel_names()
    found = ((key, FORMATS[key]) for key in keys)
    return [
        Choice(key, names.get(key, entry.channel), hint=f"{entry.default.width}×{entry.default.height}")
        for key, entry in found
    ]


def as_pairs(choices: Iterable[Choice]) -> list[tuple[str, str]]:
    """For a form's select: the name with its hint."""
    return [(c.value, f"{c.name} · {c.hint}" if c.hint else c.name) for c in choices]

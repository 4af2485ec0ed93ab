"""What the merchant chooses from, with names in the reader's language. Read from the catalogues of ``generation``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import Shop
from generation.export.formats import FORMATS, SafeMargins
from generation.prompts.copy.sheets import trade
from generation.seasons import seasons_on
from generation.studio.scenes import Scene, default_scene, scenes
from generation.studio.styles import TextStyle, styles, suited_style
from generation.types import DEFAULT_SIZE, CompositionMode, Size, TextPosition
from generation.typography.fonts import default_font, fonts
from jobs.messages import named

STYLE_PICTURES = Path("img/styles")


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose: the value sent, the name read, its picture if it has one, a word more, a badge on the
    picture, and what the page's script wants to know (``data``: its ``data-`` attributes)."""

    value: str
    name: str
    picture: str = ""
    hint: str = ""
    badge: str = ""
    data: tuple[tuple[str, str], ...] = ()

    @property
    def frame(self) -> dict[str, str]:
        """A format's ``width`` and ``height``, to draw its shape."""
        return dict(self.data)


def _searched(*texts: str) -> tuple[str, str]:
    """What a search finds an entry by: its names in both languages and its search words."""
    return ("words", " ".join(texts).lower())


def usual_scene(shop: Shop) -> Scene:
    """Where an ad of the shop's trade is set for which neither a scene nor a wish was given."""
    return scenes()[trade(shop.industry).scene]


def scene_choices(day: date | None = None, *, usual: Scene | None = None) -> list[Choice]:
    """``auto`` first, shown as ``usual``: the prompt decides. Then what fits the day's season, what fits always, and
    the rest."""
    near = seasons_on(day or timezone.localdate())
    badges = _season_names()

    def distance(scene: Scene) -> int:
        if scene.season in near:
            return near.index(scene.season)
        return len(near) + (scene.season is not None)

    found = [
        Choice(
            scene.key,
            named(scene.name_ko, scene.name_en),
            reverse("jobs:scene-thumbnail", args=[scene.key]),
            badge=badges[scene.season] if scene.season in near else "",
            data=(
                _searched(scene.name_ko, scene.name_en, *scene.words),
                ("ink", scene.headline_ink),
                _suited(scene),
            ),
        )
        for scene in sorted(scenes().values(), key=distance)
    ]
    usual = usual or default_scene()
    shown = (
        ("scene", reverse("jobs:scene-thumbnail", args=[usual.key])),
        ("ink", usual.headline_ink),
        _suited(usual),
    )
    return [Choice("", _("자동"), hint=_("업종과 분위기에 맞춰 골라요"), data=shown), *found]


def _suited(scene: Scene) -> tuple[str, str]:
    """The text style of an ad in this scene for which none is chosen, for the page's likeness."""
    return ("suits", suited_style(scene.key).key)


def _season_names() -> dict[str | None, str]:
    return {
        "spring": _("봄"),
        "summer": _("여름"),
        "autumn": _("가을"),
        "winter": _("겨울"),
        "seollal": _("설날"),
        "chuseok": _("추석"),
        "christmas": _("크리스마스"),
    }


def style_choices() -> list[Choice]:
    found = [
        Choice(
            key,
            named(style.name_ko, style.name_en),
            _style_picture(key),
            data=(_searched(style.name_ko, style.name_en, *style.words), *_look(style)),
        )
        for key, style in styles().items()
    ]
    return [Choice("", _("자동"), hint=_("배경에 어울리게")), *found]


def _look(style: TextStyle) -> tuple[tuple[str, str], ...]:
    """What the page's script draws a likeness of the style from."""
    return (("look", style.key), ("swatch", " ".join(style.swatch)))


def _style_picture(key: str) -> str:
    file = STYLE_PICTURES / f"{key}.webp"
    return static(file.as_posix()) if (settings.BASE_DIR / "static" / file).exists() else ""


def font_choices() -> list[Choice]:
    found = [Choice(str(font.path), named(font.name_ko, font.name_en)) for font in fonts()]
    return [Choice("", _("자동")), *found]


def usual_font(shop: Shop) -> str:
    """The font of a headline for which none is chosen."""
    return shop.default_font or default_font().path


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


def channel_names() -> dict[str, str]:
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


def format_choices() -> list[Choice]:
    """The square default, then every channel that takes an ad; a packshot channel takes no headline."""
    square = Choice("", _("정사각"), hint=_pixels(DEFAULT_SIZE), data=_frame(DEFAULT_SIZE, SafeMargins()))
    return [square, *channel_choices(key for key, entry in FORMATS.items() if not entry.packshot)]


def format_groups(preferred: Sequence[str] = ()) -> list[tuple[str, list[str]]]:
    """The formats of ads by who shows them, those that the shop prefers in a group of their own."""
    ads = [key for key in preferred if key in FORMATS and not FORMATS[key].packshot]
    groups = [(name, [key for key in keys if key not in ads]) for name, keys in _format_groups()]
    standard, *others = groups
    found = [standard, (_("자주 쓰는 규격"), ads), *others]
    return [(name, keys) for name, keys in found if keys]


def _format_groups() -> list[tuple[str, tuple[str, ...]]]:
    return [
        (pgettext("formats", "기본"), ("",)),
        (
            _("인스타그램·페이스북"),
            ("instagram-square", "instagram-portrait", "instagram-story", "meta-link"),
        ),
        (_("카카오톡"), ("kakao-display", "kakao-message")),
        (_("네이버·문자"), ("naver-timeboard", "mms")),
    ]


def channel_choices(keys: Iterable[str]) -> list[Choice]:
    """Those channels by name, with their sizes."""
    names = channel_names()
    found = ((key, FORMATS[key]) for key in keys)
    return [
        Choice(
            key,
            names.get(key, entry.channel),
            hint=_pixels(entry.default),
            data=_frame(entry.default, entry.safe),
        )
        for key, entry in found
    ]


def _pixels(size: Size) -> str:
    return f"{size.width}×{size.height}"


def _frame(size: Size, safe: SafeMargins) -> tuple[tuple[str, str], ...]:
    """A frame's shape, and what the channel covers of it as percents from top, right, bottom and left."""
    covered = " ".join(f"{100 * part:.2f}" for part in (safe.top, safe.right, safe.bottom, safe.left))
    return (("width", str(size.width)), ("height", str(size.height)), ("covered", covered))


def filter_choices() -> list[Choice]:
    """Which ads the gallery shows; ``jobs.gallery.FILTERS`` by name."""
    return [
        Choice("all", _("전체")),
        Choice("making", _("만드는 중")),
        Choice("done", _("완성")),
        Choice("failed", _("실패")),
        Choice("favourites", _("즐겨찾기")),
    ]


def as_pairs(choices: Iterable[Choice]) -> list[tuple[str, str]]:
    """For a form's select: the name with its hint."""
    return [(c.value, f"{c.name} · {c.hint}" if c.hint else c.name) for c in choices]

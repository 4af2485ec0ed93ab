"""A job's request as people read it: the fields that were set, with names from the catalogues."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs.params import AdParams
from jobs.portal import choices

LABELS: dict[str, Promise] = {
    "text_content": gettext_lazy("헤드라인"),
    "subline": gettext_lazy("작은 글씨"),
    "price_before": gettext_lazy("원래 가격"),
    "price_now": gettext_lazy("지금 가격"),
    "scene": gettext_lazy("배경 장면"),
    "bg_prompt": gettext_lazy("배경 설명"),
    "bg_negative_prompt": gettext_lazy("배경에 없어야 할 것"),
    "camera": gettext_lazy("카메라"),
    "match_light": gettext_lazy("제품 빛 맞추기"),
    "text_style": gettext_lazy("문구 스타일"),
    "logo": gettext_lazy("로고 자리"),
    "product": gettext_lazy("제품 이름"),
    "ai_label": gettext_lazy("AI 표시"),
    "text_model_prompt": gettext_lazy("문구 재질 설명"),
    "text_negative_prompt": gettext_lazy("문구에 없어야 할 것"),
    "font_name": gettext_lazy("글꼴"),
    "composition_mode": gettext_lazy("합성 방법"),
    "text_position": gettext_lazy("문구 자리"),
    "format": gettext_lazy("채널 규격"),
    "engine": gettext_lazy("요청한 엔진"),
    "start_step": gettext_lazy("시작 단계"),
    "stop_step": gettext_lazy("마지막 단계"),
    "test_mode": gettext_lazy("시험용"),
    "callback_url": gettext_lazy("콜백 주소"),
    "bg_model": gettext_lazy("배경 모델"),
    "bg_composition_prompt": gettext_lazy("배경 합성 설명"),
    "bg_composition_negative_prompt": gettext_lazy("배경 합성에 없어야 할 것"),
    "composition_prompt": gettext_lazy("합성 설명"),
    "composition_negative_prompt": gettext_lazy("합성에 없어야 할 것"),
    "composition_strength": gettext_lazy("합성 세기"),
    "composition_steps": gettext_lazy("합성 스텝 수"),
    "composition_guidance_scale": gettext_lazy("합성 가이던스"),
    "strength": gettext_lazy("세기"),
    "guidance_scale": gettext_lazy("가이던스"),
    "num_inference_steps": gettext_lazy("추론 스텝 수"),
    "auto_unload": gettext_lazy("끝나면 모델 내리기"),
}
"""In the order people read them. The seed stands with the job's facts."""

CATALOGUES: dict[str, Callable[[], Iterable[choices.Choice]]] = {
    "scene": choices.scene_choices,
    "text_style": choices.style_choices,
    "font_name": choices.font_choices,
    "composition_mode": choices.mode_choices,
    "text_position": choices.position_choices,
    "format": choices.format_choices,
}


@dataclass(frozen=True, slots=True)
class RequestRow:
    key: str
    label: str
    value: str
    name: str = ""
    """What the catalogue calls the value."""
    is_known: bool = True


def request_rows(request: dict[str, Any]) -> list[RequestRow]:
    """The fields that were set, known ones first; a key that this version does not know is shown and marked."""
    known = [key for key in LABELS if _is_set(request.get(key))]
    unnamed = [key for key in request if key not in LABELS and _is_set(request[key])]
    return [_row(key, request[key]) for key in (*known, *unnamed)]


def _row(key: str, value: Any) -> RequestRow:
    label = LABELS.get(key)
    return RequestRow(
        key=key,
        label=str(label) if label else key,
        value=_shown(value),
        name=_catalogue_name(key, value),
        is_known=key in AdParams.model_fields,
    )


def _is_set(value: Any) -> bool:
    return value not in (None, "", [], {})


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return _("예") if value else _("아니요")
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _catalogue_name(key: str, value: Any) -> str:
    if key not in CATALOGUES:
        return ""
    return next((choice.name for choice in CATALOGUES[key]() if choice.value == value), "")

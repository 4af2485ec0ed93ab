"""Requests that run as they stand: a test sends each of them.

``JOB`` and ``PHOTO`` stand for a finished job and a photo of the shop's own; a form's ``@photo.png`` for a file.
"""

from __future__ import annotations

from typing import Any, Final

JOB: Final = "550e8400-e29b-41d4-a716-446655440000"
PHOTO: Final = "6fa459ea-ee8a-4ca4-894e-db77e160355e"
FILE: Final = "@photo.png"
PARAMETERS: Final = {
    "job_id": JOB,
    "photo_id": PHOTO,
    "format": "instagram-story",
    "Idempotency-Key": "order-20261125-0001",
}
PICTURE: Final = (
    "iVBORw0KGgoAAAANSUhEUgAAAEAAAABAAQMAAACQp+OdAAAABlBMVEX6+vq+PChztz+QAAAAeElEQVR42sXQsQ2DUBRD0YNBCl0YgWxCNsqIfxRGoKR"
    "AkAIloaBKgyvr+tnF42rdZwSv2w6qbSuE0BMaOkJLS+hoDgdhoKKmoCr5zEcFgwP5mkB/Gv1nVhhPow3Kj9QYeAqFjTCyEiYWwsxMWJgIK+NeNzwO"
    "P7xEb5q2F+9MM1J5AAAAAElFTkSuQmCC"
)
"""A red disc on white, 64×64."""
TEXT_PICTURE: Final = (
    "iVBORw0KGgoAAAANSUhEUgAAAGAAAAAwAQMAAADU2O2MAAAABlBMVEUAAADcqjxac11/AAAAAXRSTlMAQObYZgAAABtJREFUeNpjYBjMgP8/FPxgYEI"
    "WH+UQzRlkAABwQgkwYu7DcgAAAABJRU5ErkJggg=="
)
"""A gold bar on transparency, 96×48."""
JSON: Final = "application/json"
FORM: Final = "multipart/form-data"

_SUBMISSIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "photo_and_headline": (
        "사진과 헤드라인",
        {
            "start_step": 1,
            "stop_step": None,
            "input_image": f"data:image/png;base64,{PICTURE}",
            "text_content": "Super Sale",
            "bg_prompt": "Wooden table in a cozy cafe, sunlight, realistic",
            "text_model_prompt": "3D render of Gold foil balloon text",
            "font_name": "NanumSquare/NanumSquareB.ttf",
            "composition_mode": "overlay",
            "text_position": "top",
        },
    ),
    "background_only": ("배경만: 사진도 문구도 없이", {"bg_prompt": "대리석 주방, 아침 햇살"}),
    "stop_after_background": (
        "배경까지만",
        {"input_image": PICTURE, "text_content": "오늘만 반값", "stop_step": 1},
    ),
    "from_text": (
        "3D 문구부터: 배경을 보내서",
        {"start_step": 2, "step1_image": PICTURE, "text_content": "마감 세일"},
    ),
    "from_composite": (
        "합성부터: 배경과 3D 문구를 보내서",
        {
            "start_step": 3,
            "step1_image": PICTURE,
            "step2_image": TEXT_PICTURE,
            "text_content": "마감 세일",
            "composition_mode": "blend",
        },
    ),
    "told_by_callback": (
        "시험용으로, 끝나면 알려 주기",
        {
            "text_content": "오늘만 반값",
            "test_mode": True,
            "callback_url": "https://shop.example.com/adstudio",
        },
    ),
}
_UPLOADED = ("먼저 올린 사진으로", {"photo_id": PHOTO, "text_content": "오늘만 반값", "scene": "cafe-wood"})

EXAMPLES: dict[str, dict[str, dict[str, tuple[str, Any]]]] = {
    "generate": {JSON: _SUBMISSIONS},
    "generate_upload": {
        JSON: {**_SUBMISSIONS, "uploaded_photo": _UPLOADED},
        FORM: {
            "file": ("파일로", {"file": FILE, "text_content": "오늘만 반값", "format": "instagram-story"}),
            "uploaded_photo": _UPLOADED,
            "step_files": (
                "배경을 파일로",
                {"start_step": 2, "step1_image": FILE, "text_content": "마감 세일", "test_mode": True},
            ),
        },
    },
    "job_rerun": {
        JSON: {
            "other_words": (
                "문구만 바꿔서",
                {"start_step": 2, "text_content": "마감 세일", "text_style": "gold"},
            ),
            "other_place": ("문구의 자리만 바꿔서", {"start_step": 3, "text_position": "bottom"}),
            "other_scene": ("다른 배경으로", {"scene": "beach"}),
        }
    },
    "photo_upload": {
        JSON: {"photo": ("사진", {"input_image": f"data:image/png;base64,{PICTURE}"})},
        FORM: {"file": ("파일", {"file": FILE})},
    },
    "matte_replace": {
        JSON: {"matte": ("누끼 PNG", {"matte": PICTURE})},
        FORM: {"file": ("파일", {"matte": FILE})},
        "image/png": {"file": ("본문이 PNG", FILE)},
    },
    "cutout_again": {
        JSON: {"other": ("다른 방법으로", {}), "grabcut": ("GrabCut으로", {"method": "grabcut"})}
    },
    "optimize_prompt": {
        JSON: {
            "korean": ("한국어로", {"prompt": "우드 테이블, 따뜻한 카페", "text_content": "오늘만 반값"}),
            "with_photo": ("사진을 보고", {"prompt": "여름 느낌으로 시원하게", "photo_id": PHOTO}),
        }
    },
    "check_words": {
        JSON: {
            "spelling": ("맞춤법", {"text_content": "오늘만 할인중, 놓치면 안되요"}),
            "law": (
                "광고 표현",
                {"text_content": "국내 최고 면역력 주스", "price_now": "6,000원", "industry": "cafe"},
            ),
        }
    },
    "suggest_copy": {JSON: {"bakery": ("빵집", {"product": "크루아상", "industry": "bakery"})}},
}
"""By operation and media type: a name, what it shows and the body."""


def openapi_examples(operation_id: str, media_type: str) -> dict[str, dict[str, Any]]:
    found = EXAMPLES.get(operation_id, {}).get(media_type, {})
    return {name: {"summary": summary, "value": value} for name, (summary, value) in found.items()}

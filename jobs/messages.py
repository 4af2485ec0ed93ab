"""Every sentence that a code stands for, in one place; English comes from the translation catalogue.

Each error names what to do next.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_noop as _

from adstudio.josa import with_josa

UNKNOWN = _("문제가 생겼어요. 잠시 뒤 다시 시도해 주세요.")

SENTENCES: dict[str, str] = {
    # where a job stands
    "job.queued": _("순서를 기다리고 있어요"),
    "job.started": _("작업을 시작했어요"),
    "job.completed": _("광고가 완성됐어요"),
    "job.stopped": _("작업을 중지했어요"),
    "job.failed": _("광고를 만들지 못했어요"),
    "job.waiting_for_update": _("새 버전의 작업기를 기다리고 있어요"),
    "job.retrying": _("다시 시도하고 있어요"),
    "step1_background": _("배경을 만드는 중"),
    "step2_text_asset": _("3D 문구를 만드는 중"),
    "step3_composite": _("광고를 합성하는 중"),
    "cutout": _("제품을 오려 내는 중"),
    # what the merchant should know
    "note.cutout_grabcut": _(
        "고급 누끼 모델이 없어 기본 방법(GrabCut)으로 오려 냈어요. 가장자리를 확인해 주세요."
    ),
    "note.cutout_unsure": _("제품의 가장자리가 분명하지 않아요. 누끼를 확인해 주세요."),
    "note.headline_sculpted": _("문구는 그려 내지 않고 3D로 조각했어요. 글자가 흐트러지지 않게 하려고요."),
    "note.headline_painted": _("문구의 재질을 그려 넣었어요. 글자 모양은 글꼴 그대로예요."),
    "note.logo_left_out": _(
        "로고를 넣을 빈자리가 없어 빼고 만들었어요. 문구를 줄이거나 다른 규격으로 만들어 보세요."
    ),
    "note.ai_label_left_out": _(
        "‘AI 생성’ 글자를 넣을 빈자리가 없어 빼고 만들었어요. 파일의 메타데이터에는 표시가 들어 있어요."
    ),
    "note.test_mode": _("시험용으로 작게 만든 그림이에요."),
    "prompt.by_rules": _("적어 주신 분위기에는 “{scene}” 배경과 “{style}” 문구가 어울려요."),
    "words.not_advice": _(
        "광고 표현 안내는 미리 살펴보시라는 도움말이고 법률 자문이 아니에요. "
        "판단은 가게가 하시고, 중요한 광고는 전문가에게 확인해 주세요."
    ),
    # refusals of requests
    "request.invalid": _("요청을 이해하지 못했어요. 값을 확인해 주세요."),
    "request.not_json": _("JSON이 아니거나 깨졌어요. 본문을 확인해 주세요."),
    "request.field_invalid": _("{field} 값이 올바르지 않아요: {reason}"),
    "request.too_large": _("요청이 48 MB를 넘어요. 사진을 줄여서 다시 보내 주세요."),
    "request.not_found": _("찾는 주소가 없어요. 주소를 확인해 주세요."),
    "request.method_not_allowed": _("이 주소는 그 HTTP 메서드를 받지 않아요. 문서를 확인해 주세요."),
    "auth.required": _("로그인이 필요해요. 로그인하거나 API 토큰을 보내 주세요."),
    "auth.token_invalid": _("그런 API 토큰이 없어요. 토큰을 빠짐없이 보냈는지 확인해 주세요."),
    "token.expired": _("기한이 지난 API 토큰이에요. 포털의 API 페이지에서 새 토큰을 만들어 주세요."),
    "token.revoked": _("폐기된 API 토큰이에요. 포털의 API 페이지에서 새 토큰을 만들어 주세요."),
    "token.read_only": _("읽기만 되는 API 토큰이에요. 쓰기 권한이 있는 토큰을 만들어 보내 주세요."),
    "token.rate_limited": _(
        "이 API 토큰으로 1분에 보낼 수 있는 요청({limit}번)을 넘었어요. {seconds}초 뒤 다시 보내 주세요."
    ),
    "auth.csrf": _("보안 확인에 실패했어요. 페이지를 새로 고친 뒤 다시 시도해 주세요."),
    "auth.no_shop": _("소속된 가게가 없어요. 먼저 가게를 만들어 주세요."),
    "server.away": _("서버의 일부가 잠시 답하지 않아요. 잠시 뒤 다시 보내 주세요."),
    "server.error": _("서버에 문제가 생겼어요. 잠시 뒤 다시 시도해 주세요."),
    "job.not_found": _("그런 작업이 없어요. 작업 목록을 확인해 주세요."),
    "job.running": _("만드는 중인 작업은 지울 수 없어요. 먼저 중지해 주세요."),
    "job.not_finished": _("아직 끝나지 않은 작업이에요. 끝난 뒤 다시 시도해 주세요."),
    "photo.not_found": _("그런 사진이 없어요. 사진을 다시 올려 주세요."),
    "photo.in_use": _("이 사진으로 만드는 중인 광고가 있어요. 광고가 끝난 뒤 지워 주세요."),
    "photo.gone": _("이 광고의 사진은 지워졌어요. 사진을 다시 올려 새 광고를 만들어 주세요."),
    "data_export.worker_lost": _(
        "작업기가 세 번 멈춰 자료를 모으지 못했어요. 다시 모으기를 눌러 주세요. 그래도 안 되면 문의해 주세요."
    ),
    "shop.gone": _("그사이 지워진 가게예요. 다른 가게로 로그인하거나 새 토큰을 보내 주세요."),
    "account.shops_changed": _("그사이 가게의 주인이 바뀌었어요. 아래를 다시 확인해 주세요."),
    "media.not_found": _("그런 그림이 없어요. 작업을 다시 확인해 주세요."),
    "queue.full": _("지금 대기 중인 작업이 많아요. 잠시 뒤 다시 시도해 주세요."),
    "photo.too_many": _(
        "오늘 올릴 수 있는 사진({limit}장)을 모두 올렸어요. 이미 올린 사진으로 만들거나 내일 다시 올려 주세요."
    ),
    "shop.over_quota": _("오늘 만들 수 있는 광고({limit}개)를 모두 썼어요. 내일 다시 시도해 주세요."),
    "shop.quota_short": _(
        "배경 {wanted}가지를 한꺼번에 만들려면 광고 {wanted}개가 필요한데, 오늘은 {left}개만 더 만들 수 있어요. "
        "내일 다시 시도해 주세요."
    ),
    "share.no_picture": _("완성된 광고만 공유할 수 있어요. 광고를 끝까지 만든 뒤 다시 시도해 주세요."),
    "share.not_found": _("그런 링크가 없어요. 주소를 다시 확인해 주세요."),
    "share.over": _("이 링크는 이제 볼 수 없어요. 보내 준 가게에 새 링크를 부탁해 주세요."),
    "request.not_base64": _("{field} 값이 base64가 아니에요. base64 또는 data URL로 보내 주세요."),
    "request.not_an_object": _("본문은 JSON 객체여야 해요. 문서를 확인해 주세요."),
    "request.too_many": _("요청이 너무 잦아요. 잠시 뒤 다시 시도해 주세요."),
    "idempotency.other_request": _(
        "같은 Idempotency-Key로 다른 요청을 보냈어요. 새 요청에는 새 키를 보내 주세요."
    ),
    "idempotency.job_deleted": _(
        "이 Idempotency-Key의 작업은 지워졌어요. 다시 만들려면 새 키를 보내 주세요."
    ),
    "callback.url_invalid": _(
        "callback_url이 올바르지 않아요. http:// 또는 https://로 시작하는 주소를 보내 주세요."
    ),
    "callback.port_refused": _(
        "callback_url의 포트는 쓸 수 없어요. 80, 443이나 8443 같은 웹 서버의 포트를 보내 주세요."
    ),
    "callback.url_private": _("callback_url은 인터넷에서 닿는 주소여야 해요. 공인 주소를 보내 주세요."),
    "content.refused": _("광고에 쓸 수 없는 내용이 있어요: {reason} 고쳐서 다시 시도해 주세요."),
    "content.photo_refused": _("광고에 쓸 수 없는 사진이에요. 다른 사진으로 바꿔 주세요."),
    "content.picture_refused": _(
        "완성된 그림에 보여 드릴 수 없는 내용이 있어요. 문구나 분위기를 바꿔 다시 만들어 주세요."
    ),
    # why content is refused: inside content.refused
    "reason.listed_word": _("‘{word}’."),
    "reason.content.sexual": _("선정적인 내용."),
    "reason.content.hate": _("혐오 표현."),
    "reason.content.harassment": _("괴롭히거나 위협하는 내용."),
    "reason.content.violence": _("폭력적인 내용."),
    "reason.content.self-harm": _("자해에 관한 내용."),
    "reason.content.illicit": _("불법 행위에 관한 내용."),
    "reason.content.other": _("다른 사람에게 해가 될 수 있는 내용."),
    # why a value is refused: inside request.field_invalid
    "reason.missing": _("필요한 값이에요."),
    "reason.not_a_choice": _("쓸 수 있는 값: {allowed}"),
    "reason.out_of_range": _("{low}부터 {high}까지 쓸 수 있어요."),
    "reason.too_long": _("{limit}자까지 쓸 수 있어요."),
    "reason.not_a_number": _("숫자여야 해요."),
    "reason.not_whole": _("정수여야 해요."),
    "reason.not_a_switch": _("true 또는 false여야 해요."),
    "reason.not_text": _("문자열이어야 해요."),
    "reason.not_an_object": _("JSON 객체여야 해요."),
    "reason.not_a_cursor": _("앞 쪽의 next 값을 그대로 보내 주세요."),
    "reason.not_a_key": _("공백 없는 ASCII 글자 255자까지 쓸 수 있어요."),
    "reason.steps_out_of_order": _("start_step({start_step})보다 앞설 수 없어요."),
    "reason.one_photo": _("photo_path, photo_base64, photo_id 가운데 하나만 보내 주세요."),
    "reason.not_absolute": _("절대 경로여야 해요. /로 시작하는 경로를 보내 주세요."),
    "reason.not_a_png": _(".png로 끝나는 파일 이름이어야 해요."),
    # language models' tools (jobs.mcp)
    "mcp.shop_unknown": _("가게 {shop:이/가} 없어요. 서버를 시작한 --shop 값을 확인해 주세요."),
    "mcp.tool_unknown": _("그런 도구가 없어요. 쓸 수 있는 값: {allowed}"),
    "mcp.not_running": _("AdStudio가 실행 중이 아니에요. make run으로 시작한 뒤 다시 시도해 주세요."),
    "file.not_readable": _("{path} 파일을 읽을 수 없어요. 이 컴퓨터에 있는 사진 파일의 경로를 보내 주세요."),
    "file.exists": _("{path} 파일이 이미 있어요. 없는 파일 이름을 보내 주세요."),
    "file.not_writable": _("{path} 파일을 쓸 수 없어요. 쓸 수 있는 폴더의 경로를 보내 주세요."),
    # the photo
    "photo.unreadable": _("사진을 읽을 수 없어요. 파일이 깨졌다면 다시 저장해서 올려 주세요."),
    "photo.empty": _("빈 파일이에요. 사진을 다시 골라 주세요."),
    "photo.too_small": _("사진이 너무 작아요. 짧은 변이 32 화소 이상인 사진을 올려 주세요."),
    "photo.too_large": _("사진이 너무 커요. 32 MB, 8천만 화소 이하로 줄여 주세요."),
    "photo.format_unsupported": _(
        "지원하지 않는 파일이에요. JPEG, PNG, WebP, HEIC, AVIF 사진을 올려 주세요."
    ),
    "photo.no_product": _("사진에서 제품을 찾지 못했어요. 제품이 크게 나온 사진으로 바꿔 주세요."),
    "photo.no_other_method": _("이 사진은 다른 방법으로 오려 낼 수 없어요. 매트를 직접 올려 주세요."),
    "photo.matte_invalid": _("누끼 그림의 크기나 형식이 달라요. 사진과 같은 크기의 PNG를 올려 주세요."),
    "photo.nothing_kept": _("남은 제품이 거의 없어요. 되돌리거나 살리기 붓으로 제품을 칠해 주세요."),
    # the shop's logo
    "logo.missing": _("가게에 로고가 없어요. 브랜드에서 로고를 올리거나 logo를 none으로 보내 주세요."),
    "logo.unreadable": _("로고를 읽을 수 없어요. 다시 저장해서 올려 주세요."),
    "logo.empty": _("로고가 비어 있어요. 그림이 보이는 파일을 올려 주세요."),
    "logo.too_small": _("로고가 너무 작아요. 긴 변이 64 화소 이상인 그림을 올려 주세요."),
    "logo.too_large": _("로고가 너무 커요. 5 MB 이하로 줄여 주세요."),
    "logo.format_unsupported": _(
        "지원하지 않는 로고 파일이에요. PNG, JPEG, WebP, HEIC로 저장해서 올려 주세요."
    ),
    # the words and choices
    "text.glyph_missing": _(
        "고른 글꼴에 없는 글자가 있어요: {characters}. 지우거나 다른 글꼴을 골라 주세요."
    ),
    "text.too_long": _("문구가 너무 길어요. 줄이거나 줄을 나눠 주세요."),
    "font.unknown": _("그런 글꼴이 없어요. 쓸 수 있는 값: {allowed}"),
    "scene.unknown": _("그런 배경이 없어요. 쓸 수 있는 값: {allowed}"),
    "style.unknown": _("그런 문구 스타일이 없어요. 쓸 수 있는 값: {allowed}"),
    "format.unknown": _("그런 규격이 없어요. 쓸 수 있는 값: {allowed}"),
    "step.image_missing": _("이 단계부터 시작하려면 앞 단계의 그림({field})이 필요해요. 함께 보내 주세요."),
    "step.text_missing": _("문구 단계부터 시작하려면 문구가 필요해요. text_content를 적어 주세요."),
    "export.file_too_large": _("이 규격의 용량 제한에 맞출 수 없어요. 다른 규격을 골라 주세요."),
    "export.no_final_picture": _("완성 그림이 없는 작업이에요. 광고를 끝까지 만든 뒤 다시 시도해 주세요."),
    "export.no_photo": _("제품 사진이 없어 이 규격으로 그릴 수 없어요. 사진으로 새 광고를 만들어 주세요."),
    "export.foreign_background": _(
        "직접 보낸 배경으로 만든 광고라 다른 규격으로 다시 짤 수 없어요. 이 규격으로 새 광고를 만들어 주세요."
    ),
    # ours
    "export.worker_lost": _("작업기가 세 번 멈춰 그리지 못했어요. 1분 뒤 다시 시도하거나 문의해 주세요."),
    "engine.unavailable": _("GPU 작업기가 지금 없어요. 잠시 뒤 다시 시도하거나 스튜디오 엔진을 골라 주세요."),
    "engine.out_of_memory": _("메모리가 부족해 만들지 못했어요. 잠시 뒤 다시 시도해 주세요."),
    "engine.weights_missing": _("모델 파일이 없어요. 운영자는 manage.py fetch_models를 실행해 주세요."),
    "engine.weights_corrupt": _(
        "모델 파일이 깨졌어요. 운영자는 manage.py fetch_models를 다시 실행해 주세요."
    ),
    "signing.failed": _(
        "완성한 그림에 서명하지 못했어요. 운영자는 C2PA 인증서와 시각 서버를 확인하고, 그 뒤에 다시 시도해 주세요."
    ),
    "verify.reader_missing": _(
        "문구를 되읽을 Tesseract가 없어요. 운영자는 tesseract-ocr와 tesseract-ocr-kor를 설치해 주세요."
    ),
    "generation.failed": _("그림을 만드는 중 문제가 생겼어요. 다시 시도해 주세요."),
    "photo.worker_lost": _(
        "작업기가 세 번 멈춰 누끼를 따지 못했어요. 다른 사진을 올리거나 직접 칠해 주세요."
    ),
    "job.worker_lost": _(
        "작업기가 세 번 멈춰 만들지 못했어요. 한 번 더 시도하고, 또 멈추면 사진을 바꾸거나 문의해 주세요."
    ),
    "storage.away": _("그림 저장소가 지금 답하지 않아요. 잠시 뒤 다시 시도해 주세요."),
    "job.storage_failed": _("그림을 저장하지 못했어요. 잠시 뒤 다시 시도해 주세요."),
    "job.request_too_new": _("이 작업은 새 버전에서 만들어졌어요. 배포가 끝난 뒤 다시 시도해 주세요."),
}


class _Word:
    """A value in a sentence; ``{shop:이/가}`` has the particle that fits it (``adstudio.josa``)."""

    def __init__(self, value: object) -> None:
        self.value = value

    def __format__(self, particle: str) -> str:
        return with_josa(self.value, particle) if particle else str(self.value)


class _Blank(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return ""


def readers_language() -> Literal["ko", "en"]:
    return "en" if get_language() == "en" else "ko"


def named(korean: str, english: str) -> str:
    """Of what our catalogues say in both languages, the reader's."""
    return english if readers_language() == "en" else korean


def sentence(code: str, context: Mapping[str, object] | None = None) -> str:
    """The sentence for a code in the reader's language; an unknown code gets a general one."""
    return gettext(SENTENCES.get(code, UNKNOWN)).format_map(
        _Blank({name: _Word(value) for name, value in (context or {}).items()})
    )

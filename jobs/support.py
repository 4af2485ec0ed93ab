"""What support does about a job: make it again from the right step, and what it can tell the shop."""

from __future__ import annotations

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from jobs import selectors
from jobs.errors import NotFound, Refused
from jobs.models import Artifact, Job
from jobs.params import FIRST_STEP, LAST_STEP
from jobs.services import Submission, job_rerun
from jobs.versions import request_of

ADVICE: dict[str, str] = {
    "photo.unreadable": _(
        "파일이 깨졌습니다. 휴대폰 앨범에서 다시 저장하거나 화면을 캡처한 사진을 올리도록 안내해 주세요."
    ),
    "photo.empty": _("올리는 도중 끊긴 파일입니다. 와이파이에서 다시 올리도록 안내해 주세요."),
    "photo.too_small": _("메신저가 줄인 사진일 때가 많습니다. 휴대폰의 원본 사진을 올리도록 안내해 주세요."),
    "photo.too_large": _("휴대폰 앨범에서 크기를 줄여 저장한 사진을 올리도록 안내해 주세요."),
    "photo.format_unsupported": _("RAW나 PDF는 받지 않습니다. JPEG나 PNG로 저장해 올리도록 안내해 주세요."),
    "content.picture_refused": _(
        "OpenAI가 완성된 그림을 거절했습니다. 콘텐츠 확인 목록에 이유가 있습니다. 문구와 사진을 함께 살펴 주세요."
    ),
    "photo.no_product": _(
        "제품이 화면의 절반쯤을 차지하고 배경과 색이 다른 사진을 권해 주세요. 다른 누끼 방법이나 매트 올리기도 됩니다."
    ),
    "photo.no_other_method": _("이 서버에는 누끼 방법이 하나뿐입니다. 매트를 직접 올리도록 안내해 주세요."),
    "photo.matte_invalid": _("매트가 사진과 크기가 다릅니다. 사진을 다시 올려 새 매트를 만들면 됩니다."),
    "photo.gone": _("가게가 사진을 지웠습니다. 사진을 다시 올려 새 광고를 만들도록 안내해 주세요."),
    "text.glyph_missing": _(
        "고른 글꼴에 그 글자가 없습니다. 이모지나 한자를 빼거나 글꼴을 자동으로 두면 됩니다."
    ),
    "text.too_long": _("헤드라인은 열두 글자 안팎이 가장 잘 보입니다. 나머지는 작은 문구로 옮기면 됩니다."),
    "font.unknown": _("글꼴이 목록에서 빠졌습니다. 글꼴을 자동으로 두고 다시 만들면 됩니다."),
    "scene.unknown": _("배경이 목록에서 빠졌습니다. 배경을 자동으로 두고 다시 만들면 됩니다."),
    "style.unknown": _("문구 스타일이 목록에서 빠졌습니다. 자동으로 두고 다시 만들면 됩니다."),
    "format.unknown": _("규격이 목록에서 빠졌습니다. 다른 규격을 고르면 됩니다."),
    "step.image_missing": _("앞 단계의 그림이 없습니다. 처음부터 다시 만들면 됩니다."),
    "export.file_too_large": _(
        "채널의 용량 제한에 맞지 않습니다. 무늬가 적은 배경으로 만들면 파일이 작아집니다."
    ),
    "export.no_final_picture": _("완성되지 않은 광고입니다. 먼저 다시 만들기로 끝까지 만들어 주세요."),
    "export.no_photo": _("제품 사진이 지워졌습니다. 사진을 다시 올려 새 광고를 만들도록 안내해 주세요."),
    "export.foreign_background": _(
        "직접 보낸 배경은 다른 비율로 짤 수 없습니다. 그 규격으로 새로 만들면 됩니다."
    ),
    "export.worker_lost": _(
        "우리 쪽 문제입니다. 작업기 페이지를 보고, 1분 뒤 내려받기를 다시 누르도록 안내해 주세요."
    ),
    "engine.unavailable": _(
        "GPU 작업기가 없습니다. 스튜디오 엔진을 쓰거나 기다리도록 안내하고 작업기를 살펴 주세요."
    ),
    "engine.out_of_memory": _(
        "우리 쪽 문제입니다. 다시 만들기를 누르고, 되풀이되면 작업기의 메모리를 살펴 주세요."
    ),
    "engine.weights_missing": _(
        "우리 쪽 문제입니다. 모델 파일을 받은 뒤(manage.py fetch_models) 다시 만들어 주세요."
    ),
    "engine.weights_corrupt": _(
        "우리 쪽 문제입니다. 모델 파일을 다시 받은 뒤(manage.py fetch_models) 다시 만들어 주세요."
    ),
    "verify.reader_missing": _("우리 쪽 문제입니다. 서버에 Tesseract를 설치한 뒤 다시 만들어 주세요."),
    "generation.failed": _(
        "우리 쪽 문제입니다. 한 번 다시 만들고, 되풀이되면 작업 번호로 로그를 찾아 주세요."
    ),
    "job.worker_lost": _(
        "작업기가 세 번 멈췄습니다. 사진이나 문구가 원인일 수 있으니 다른 사진으로 한 번 만들어 보도록 안내해 주세요."
    ),
    "photo.worker_lost": _(
        "이 사진이 작업기를 멈추게 합니다. 다른 사진으로 만들도록 안내하고, 사진 번호를 개발자에게 전해 주세요."
    ),
    "signing.failed": _(
        "C2PA 인증서, 열쇠, 시각 서버를 확인하고 작업기를 다시 시작해 주세요. 까닭은 작업기의 로그에 있습니다."
    ),
    "job.storage_failed": _("우리 쪽 문제입니다. 저장 공간을 살핀 뒤 다시 만들어 주세요."),
}
"""By error code: what helps the shop, and what is for us to do."""

NO_ADVICE = _("오류 코드와 작업 번호를 개발자에게 전해 주세요.")


def advice(code: str) -> str:
    """What support can tell the shop about this error, in the reader's language."""
    return gettext(ADVICE.get(code, NO_ADVICE))


def step_to_retry_from(job: Job) -> int:
    """Where a job that did not end well broke off, after the last picture it left; a whole ad is made anew."""
    first = int(request_of(job).get("start_step") or FIRST_STEP)
    kept = selectors.pictures(job)
    if job.status == Job.Status.COMPLETED or not request_of(job).get("text_content"):
        return first
    if Artifact.Kind.STEP1 not in kept:
        return first
    after = LAST_STEP if Artifact.Kind.STEP2 in kept else FIRST_STEP + 1
    last = int(request_of(job).get("stop_step") or LAST_STEP)
    return max(first, min(after, last))


def job_carry_on(*, job: Job) -> Submission:
    """A new job of the same person from the step where this one broke off. Raises ``Refused``.

    The row of a job that is over stays as it is.
    """
    if job.deleted_at is not None:
        raise NotFound
    if not job.is_terminal:
        raise Refused("job.not_finished", status=409)
    changes = {"stop_step": request_of(job)["stop_step"]} if request_of(job).get("stop_step") else {}
    return job_rerun(job=job, start_step=step_to_retry_from(job), changes=changes, user=job.created_by)

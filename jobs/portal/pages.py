"""What the portal's templates show of a job, who may see it, and the scenes' pictures."""

from __future__ import annotations

import gzip
from datetime import timedelta
from functools import cached_property, lru_cache
from typing import Any, cast
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.access import in_shop as in_shop
from accounts.access import shop_of_request as shop_of_request
from generation.errors import FontUnknown, SceneUnknown
from generation.export.formats import FORMATS
from generation.provenance import SourceType
from generation.studio.scenes import scenes, thumbnail_path
from generation.types import DEFAULT_SIZE, Size
from generation.typography.fonts import font_file
from jobs import events, exports, selectors
from jobs.errors import NotFound
from jobs.media import artifact_url, download_name, photo_url
from jobs.messages import named
from jobs.models import Artifact, Job
from jobs.portal import choices
from jobs.portal.ad_forms import LayoutForm, layout_of
from jobs.portal.forms import HeadlineForm, initial_from
from jobs.portal.in_app import in_app_browser, keeps_downloads_as_files
from jobs.portal.posting import Post
from jobs.portal.remedies import WORDS_FOLD, Remedy, remedy_for
from jobs.sharing import share_links_of, share_token
from jobs.versions import request_of
from jobs.words.copywriting import picture_alt

SCENE_PICTURE_SECONDS = 24 * 3600
FONT_SECONDS = 30 * 24 * 3600
PACKSHOT = "smartstore"
SHAPES = {"wide": 1.05, "square": 0.95, "portrait": 0.7}
"""Shapes of pictures by their least width over height; what is narrower is ``tall``."""
SAID_IN_MINUTES = 90
"""Seconds from which on a time is told in minutes."""
READ_SOON = timedelta(minutes=5)
"""A headline that waits longer to be read is not waited for on the page."""
STEP_ORDER = [step.value for step in Job.CurrentStep]


def job_or_404(request: HttpRequest, job_id: UUID | str) -> Job:
    """The shop's own, and not being deleted."""
    try:
        return selectors.job_get(shop=shop_of_request(request), job_id=job_id)
    except NotFound as error:
        raise Http404 from error


class JobPage:
    """A job as templates read it: its row, its steps and what can be done with it."""

    def __init__(self, job: Job) -> None:
        self.job = job

    @cached_property
    def row(self) -> dict[str, Any]:
        """The same row that sockets send."""
        return events.job_row(self.job)

    @property
    def is_active(self) -> bool:
        return not self.job.is_terminal

    @property
    def title(self) -> str:
        return self.job.title or _("문구 없는 광고")

    @property
    def alt_text(self) -> str:
        return picture_alt(self.job)

    @property
    def size(self) -> Size:
        """Pixels of the picture to come, so that its place is kept."""
        entry = FORMATS.get(request_of(self.job).get("format", ""))
        return entry.default if entry else DEFAULT_SIZE

    @property
    def shape(self) -> str:
        """What the page lays the picture out by: ``tall`` (9:16), ``portrait`` (4:5), ``square`` or ``wide``."""
        ratio = self.size.width / self.size.height
        return next((name for name, least in SHAPES.items() if ratio >= least), "tall")

    @property
    def final_url(self) -> str | None:
        return cast("str | None", self.row["urls"].get("final_result"))

    @property
    def shown_url(self) -> str | None:
        """The best picture there is so far."""
        urls = self.row["urls"]
        kinds = ("final_result", "step1_result", *(("preview",) if self.is_active else ()))
        return next((urls[kind] for kind in kinds if kind in urls), None)

    @property
    def photo_url(self) -> str | None:
        """The product photo, which keeps the place of a picture that is not there yet."""
        return photo_url(self.job.photo) if self.job.photo else None

    @property
    def steps(self) -> list[dict[str, str]]:
        """The three steps, each ``done``, ``now`` or ``next``."""
        return [
            {"key": step.value, "name": str(step.label), "state": self._state_of(index)}
            for index, step in enumerate(Job.CurrentStep)
        ]

    def _state_of(self, index: int) -> str:
        current = STEP_ORDER.index(self.job.current_step)
        if self.job.status == Job.Status.COMPLETED or index < current:
            return "done"
        return "now" if self.job.status == Job.Status.RUNNING and index == current else "next"

    @property
    def step_pictures(self) -> list[dict[str, str]]:
        urls = self.row["urls"]
        named = (("cutout", _("누끼")), ("step1_result", _("배경")), ("step2_result", _("3D 문구")))
        return [{"kind": kind, "name": name, "url": urls[kind]} for kind, name in named if kind in urls]

    @property
    def channels(self) -> list[dict[str, Any]]:
        """The finished picture in channels' formats: ads, then the shops' white product pictures."""
        groups = [(_("광고"), False), (_("쇼핑몰 (흰 배경 제품 사진)"), True)]
        keys = choices.preferred_first(exports.formats_for(self.job), self.job.shop.default_formats)
        found = [
            {
                "name": name,
                "choices": choices.channel_choices(key for key in keys if FORMATS[key].packshot is packshot),
            }
            for name, packshot in groups
        ]
        return [group for group in found if group["choices"]]

    @property
    def text_check(self) -> str:
        """What reading the picture's headline found: ``yes``, ``no``, ``unknown``, ``waiting`` while that can be any
        moment, or empty."""
        job = self.job
        if job.text_verified not in (Job.TextVerified.WAITING, Job.TextVerified.READING):
            return job.text_verified
        soon = job.finished_at is not None and timezone.now() - job.finished_at < READ_SOON
        return Job.TextVerified.WAITING.value if soon else ""

    @property
    def text_read(self) -> str:
        return " / ".join(self.job.text_read.splitlines())

    @property
    def words_address(self) -> str:
        """Where words, style and font are changed."""
        return WORDS_FOLD if self.can_change_words else f"{reverse('jobs:new')}?from={self.job.pk}"

    @property
    def can_change_words(self) -> bool:
        return self.job.is_terminal and "step1_result" in self.row["urls"]

    @property
    def can_change_layout(self) -> bool:
        return self.can_change_words and "step2_result" in self.row["urls"]

    @property
    def can_change_background(self) -> bool:
        """Whether other backgrounds can be made for it; one that came with a request is not ours to change."""
        has_source = self.job.photo_id is not None or request_of(self.job).get("start_step", 1) == 1
        return self.job.status == Job.Status.COMPLETED and has_source and not self.job.photo_gone

    @cached_property
    def source(self) -> SourceType:
        """Where the finished picture comes from."""
        return selectors.source_of(self.job, Artifact.Kind.FINAL)

    @property
    def origin(self) -> str:
        """The same in words; empty where nothing can be said."""
        if (
            self.source is SourceType.AI_COMPOSITE
            and selectors.source_of(self.job, Artifact.Kind.STEP1).is_ai
        ):
            return _("배경을 생성형 AI가 그린 광고예요. 내려받는 파일에도 그렇게 적혀 있어요(메타데이터).")
        if self.source is SourceType.AI_COMPOSITE:
            return _(
                "생성형 AI가 그린 부분이 있는 광고예요. 내려받는 파일에도 그렇게 적혀 있어요(메타데이터)."
            )
        if self.source is SourceType.AI:
            return _("생성형 AI가 그린 그림이에요. 내려받는 파일에도 그렇게 적혀 있어요(메타데이터).")
        if self.source is SourceType.COMPOSITE:
            return _("제품 사진을 합성한 그림이에요. 생성형 AI로 그린 부분은 없어요.")
        if self.source is SourceType.DIGITAL_CREATION:
            return _("사람이 만든 3D 장면으로 만든 그림이에요. 생성형 AI로 그린 부분은 없어요.")
        if self.job.foreign_background:
            return _("직접 보낸 그림으로 만들어 생성형 AI를 썼는지 알 수 없어요. 썼다면 알리고 올려 주세요.")
        return ""

    @property
    def can_compare(self) -> bool:
        return self.final_url is not None and self.photo_url is not None

    @property
    def packshot_url(self) -> str:
        """The clean product picture at the size that most shopping malls take, or empty where there is none."""
        offered = PACKSHOT in exports.formats_for(self.job)
        return f"/api/jobs/{self.job.pk}/export?format={PACKSHOT}" if offered else ""

    @property
    def file_name(self) -> str:
        return download_name(self.job)

    @property
    def scene_name(self) -> str:
        """The background's name, or the title where none was chosen by name."""
        scene = scenes().get(request_of(self.job).get("scene", ""))
        return named(scene.name_ko, scene.name_en) if scene else self.title

    @property
    def needs_remedy(self) -> bool:
        return self.job.status in (Job.Status.FAILED, Job.Status.STOPPED)

    @property
    def remedy(self) -> Remedy:
        return remedy_for(self.job, can_change_words=self.can_change_words)

    @property
    def nobody_works(self) -> bool:
        """Whether the job waits for a worker that is not there: then no time can be promised."""
        return self.job.status == Job.Status.PENDING and not selectors.live_workers(self.job.engine).exists()

    @property
    def remaining(self) -> str:
        """Its place in the queue and the time that is left, as ``job.js`` goes on telling them."""
        place = self.row["queue_position"]
        if place is None:
            return self._time_left or _("거의 다 됐어요")
        told = _("바로 다음 차례예요") if place == 1 else _("앞에 {n}개가 기다려요").format(n=place - 1)
        return told if self.nobody_works or not self._time_left else f"{told} · {self._time_left}"

    @property
    def _time_left(self) -> str:
        seconds = int(self.row["eta_seconds"] or 0)
        if seconds >= SAID_IN_MINUTES:
            return _("약 {n}분 남았어요").format(n=round(seconds / 60))
        return _("약 {n}초 남았어요").format(n=seconds) if seconds else ""

    @property
    def thumbs(self) -> list[Artifact]:
        """The stored small pictures, smallest first."""
        kept = selectors.pictures(self.job)
        return [kept[kind] for kind in (Artifact.Kind.THUMB, Artifact.Kind.PREVIEW) if kind in kept]

    @property
    def back_url(self) -> str:
        """What fills a square card behind a picture of another shape; empty where it fills the card itself."""
        return artifact_url(self.thumbs[0]) if self.thumbs and self.shape != "square" else ""

    @property
    def thumb_srcset(self) -> str:
        """Empty where there is but one small picture."""
        sizes = [f"{artifact_url(picture)} {picture.width}w" for picture in self.thumbs]
        return ", ".join(sizes) if len(sizes) > 1 else ""


def ad_context(
    request: HttpRequest,
    job: Job,
    *,
    rerun_form: HeadlineForm | None = None,
    layout_form: LayoutForm | None = None,
    post: Post | None = None,
) -> dict[str, Any]:
    """What the page of one ad is drawn from."""
    link = share_links_of(job).first()
    address = reverse("jobs:shared", args=[share_token(link)]) if link else ""
    return {
        "page": JobPage(job),
        "rerun_form": rerun_form or HeadlineForm(initial=initial_from(job)),
        "layout_form": layout_form or LayoutForm(initial=layout_of(job)),
        "share_link": link,
        "share_address": request.build_absolute_uri(address) if link else "",
        "in_app": in_app_browser(request),
        "post": post or Post(job),
        "is_long_press": keeps_downloads_as_files(request),
    }


@require_GET
@login_required
def scene_thumbnail(request: HttpRequest, key: str) -> HttpResponse:
    try:
        picture = thumbnail_path(key).read_bytes()
    except (SceneUnknown, FileNotFoundError) as error:
        raise Http404 from error
    response = HttpResponse(picture, content_type="image/webp")
    patch_cache_control(response, private=True, max_age=SCENE_PICTURE_SECONDS)
    return response


@require_GET
@login_required
def headline_font(request: HttpRequest, path: str) -> HttpResponse:
    """A catalogued font's whole file, which the new ad's page sets the headline in while it is typed.

    Whole, because most of these families reserve their names: a subset would have to be renamed.
    """
    try:
        packed = _packed_font(path)
    except FontUnknown as error:
        raise Http404 from error
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        response = HttpResponse(packed, content_type="font/ttf", headers={"Content-Encoding": "gzip"})
    else:
        response = HttpResponse(gzip.decompress(packed), content_type="font/ttf")
    response["Vary"] = "Accept-Encoding"
    patch_cache_control(response, private=True, max_age=FONT_SECONDS, immutable=True)
    return response


@lru_cache(maxsize=16)
def _packed_font(path: str) -> bytes:
    """Some 0.3 to 1 MB, a third of the file. Raises ``FontUnknown``."""
    return gzip.compress(font_file(path).read_bytes(), mtime=0)

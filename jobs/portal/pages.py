"""What the portal's templates show of a job, who may see it, and the scenes' pictures."""

from __future__ import annotations

from functools import cached_property
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.access import in_shop as in_shop
from accounts.access import shop_of_request as shop_of_request
from generation.errors import SceneUnknown
from generation.export.formats import FORMATS
from generation.studio.scenes import thumbnail_path
from generation.types import DEFAULT_SIZE, Size
from jobs import events, exports
from jobs.media import photo_url
from jobs.models import Job
from jobs.portal.choices import channel_choices, preferred_first

SCENE_PICTURE_SECONDS = 24 * 3600
STEP_ORDER = [step.value for step in Job.CurrentStep]


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
    def size(self) -> Size:
        """Pixels of the picture to come, so that its place is kept."""
        entry = FORMATS.get(self.job.request.get("format", ""))
        return entry.default if entry else DEFAULT_SIZE

    @property
    def ahead(self) -> int:
        """Jobs that wait before this one."""
        return max(0, (self.row["queue_position"] or 1) - 1)

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
        keys = preferred_first(exports.formats_for(self.job), self.job.shop.default_formats)
        found = [
            {
                "name": name,
                "choices": channel_choices(key for key in keys if FORMATS[key].packshot is packshot),
            }
            for name, packshot in groups
        ]
        return [group for group in found if group["choices"]]

    @property
    def can_change_words(self) -> bool:
        return self.job.is_terminal and "step1_result" in self.row["urls"]


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

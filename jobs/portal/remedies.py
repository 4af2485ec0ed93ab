"""What to do about an ad that was not made, or was stopped: the next step that mends it, by the error's code."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from jobs.models import Job
from jobs.versions import request_of

WORDS_FOLD = "#words"
"""Where the ad's own page changes the words."""


@dataclass(frozen=True, slots=True)
class Remedy:
    """One thing to press: a link, or (``is_post``) something done at once."""

    label: str
    address: str
    is_post: bool = False


def remedy_for(job: Job, *, can_change_words: bool) -> Remedy:
    """The merchant's to mend: the photo, the words, a choice. Ours: once more as it is."""
    family = job.error_code.partition(".")[0]
    anew = f"{reverse('jobs:new')}?from={job.pk}"
    if family == "photo":
        return Remedy(_("사진 바꾸기"), anew)
    if family in ("text", "font"):
        return Remedy(_("문구·글꼴 바꾸기"), WORDS_FOLD if can_change_words else anew)
    if family == "content":
        return Remedy(_("내용을 바꿔 다시 만들기"), anew)
    if family in ("scene", "style", "format", "step", "export"):
        return Remedy(_("다른 걸로 골라 다시 만들기"), anew)
    if job.photo_gone and request_of(job).get("start_step", 1) == 1:
        return Remedy(_("사진을 올려 다시 만들기"), anew)
    return Remedy(_("그대로 다시 시도"), reverse("jobs:retry", args=[job.pk]), is_post=True)

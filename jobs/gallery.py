"""The shop's ads as the gallery lists them: searched by words, filtered, page by page."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F, Q, QuerySet

from accounts.models import Shop
from generation.studio.scenes import scenes
from jobs import selectors
from jobs.cursors import cursor_of, older_than
from jobs.models import Job

PAGE = 24
MOST_WORDS = 6
FILTERS: dict[str, Q] = {
    "all": Q(),
    "making": Q(status__in=Job.ACTIVE),
    "done": Q(status=Job.Status.COMPLETED),
    "failed": Q(status__in=[Job.Status.FAILED, Job.Status.STOPPED]),
    "favourites": Q(favourite=True),
}
_LOST_THE_CHOICE = Q(variation_set__chosen__isnull=False, variation_set__chosen__deleted_at=None) & ~Q(
    variation_set__chosen=F("pk")
)
"""Backgrounds that were not chosen: they stay with their set and do not crowd the gallery."""


@dataclass(frozen=True, slots=True)
class GalleryPage:
    jobs: list[Job]
    next: str
    """The next page's cursor, empty on the last one."""


def gallery_page(*, shop: Shop, show: str = "all", words: str = "", cursor: str = "") -> GalleryPage:
    """Newest first. Raises ValueError for a cursor that is not ours."""
    found = gallery_jobs(shop=shop, show=show, words=words)
    if cursor:
        found = found.filter(older_than(cursor))
    page = list(found[: PAGE + 1])
    more = len(page) > PAGE
    page = page[:PAGE]
    return GalleryPage(page, cursor_of(page[-1]) if more else "")


def gallery_jobs(*, shop: Shop, show: str = "all", words: str = "") -> QuerySet[Job]:
    """Those that have every word somewhere: in the title, the headline, the prompt or the scene's name."""
    found = selectors.jobs_of(shop).filter(FILTERS.get(show, Q())).exclude(_LOST_THE_CHOICE)
    for word in words.split()[:MOST_WORDS]:
        found = found.filter(_has(word))
    return found


def _has(word: str) -> Q:
    return (
        Q(title__icontains=word)
        | Q(request__text_content__icontains=word)
        | Q(request__bg_prompt__icontains=word)
        | Q(request__scene__in=_scenes_named(word))
    )


def _scenes_named(word: str) -> list[str]:
    sought = word.casefold()
    return [
        key
        for key, scene in scenes().items()
        if any(sought in name.casefold() for name in (scene.name_ko, scene.name_en))
    ]

"""The same ad before other backgrounds, four at a time, side by side; one may be chosen.

The studio engine's picture of a scene depends on the scene alone, so there each variation gets a scene of its own,
those most like the present one first. The diffusion engine paints every seed anew, so there the seed differs.
"""

from __future__ import annotations

import secrets
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Shop, User
from generation.prompts.lexicon import scene_chosen
from generation.studio.scenes import Scene, default_scene, scenes
from jobs import selectors
from jobs.day_orders import orders_left_today
from jobs.errors import NotFound, Refused
from jobs.models import Engine, Job, VariationSet
from jobs.services import SEED_BITS, job_rerun
from jobs.versions import request_of

VARIATIONS = 4
MOOD_WEIGHT = 3
"""What a mood in common counts beside a search word in common."""


@transaction.atomic
def variations_begin(*, job: Job, user: User | None = None) -> VariationSet:
    """Order the four together, or raise ``Refused`` and order none."""
    left = orders_left_today(job.shop)
    if 0 < left < VARIATIONS:
        raise Refused(
            "shop.quota_short",
            status=429,
            retry_after=selectors.seconds_until_tomorrow(),
            left=left,
            wanted=VARIATIONS,
        )
    made = VariationSet.objects.create(shop=job.shop, source=job)
    for changes in _differences(job):
        variation = job_rerun(job=job, start_step=1, changes=changes, user=user).job
        Job.objects.filter(pk=variation.pk).update(variation_set=made, title=job.title)
    return made


def variation_set_get(*, shop: Shop, set_id: UUID) -> VariationSet:
    found = VariationSet.objects.select_related("source", "chosen").filter(shop=shop, pk=set_id).first()
    if found is None:
        raise NotFound
    return found


def variations_of(of: VariationSet) -> QuerySet[Job]:
    """The four, without those being deleted, with their pictures."""
    return of.jobs.filter(deleted_at=None).prefetch_related("artifacts").order_by("queued_at", "pk")


def variation_choose(*, of: VariationSet, job: Job) -> None:
    """This one it is: the gallery then shows it alone, the others stay with the set."""
    if job.variation_set_id != of.pk:
        raise NotFound
    if job.status != Job.Status.COMPLETED:
        raise Refused("job.not_finished", status=409)
    of.chosen = job
    of.save(update_fields=["chosen"])


def _differences(job: Job) -> list[dict[str, Any]]:
    seeds = [secrets.randbits(SEED_BITS) for _ in range(VARIATIONS)]
    if job.engine != Engine.STUDIO:
        return [{"seed": seed} for seed in seeds]
    return [
        {"seed": seed, "scene": key} for seed, key in zip(seeds, scenes_beside(job, VARIATIONS), strict=True)
    ]


def scenes_beside(job: Job, number: int) -> list[str]:
    """Scenes to see the ad in instead of its own: not tried from this ad before first, then the most alike."""
    own = scenes()[_scene_of(job)]
    tried = set(Job.objects.filter(variation_set__source=job).values_list("request__scene", flat=True))
    others = [scene for scene in scenes().values() if scene.key != own.key]
    others.sort(key=lambda scene: (scene.key in tried, -_likeness(own, scene)))
    return [scene.key for scene in others[:number]]


def _scene_of(job: Job) -> str:
    asked = request_of(job)
    own = scene_chosen(asked.get("scene", ""), asked.get("bg_prompt", ""))
    return own if own in scenes() else default_scene().key


def _likeness(one: Scene, other: Scene) -> int:
    """Words and moods in common; a feast day's scene is like nothing but another of its own season."""
    if other.season not in (None, one.season):
        return 0
    moods = set(one.mood.split(", ")) & set(other.mood.split(", "))
    return 1 + len(set(one.words) & set(other.words)) + MOOD_WEIGHT * len(moods)

"""Words for a shop's product and for its finished ads, in the shop's tone and for the day's season."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from accounts.models import Shop
from generation.prompts import copy
from generation.prompts.copy import Copy, CopyBrief, asking
from generation.prompts.copy.alt import alt_text
from generation.prompts.lexicon import scene_chosen
from generation.seasons import seasons_on
from generation.studio.scenes import Scene, scenes
from jobs.messages import named, readers_language
from jobs.models import Engine, Job, ModelUse
from jobs.versions import request_of
from jobs.words import ask_for


@dataclass(frozen=True, slots=True)
class AdWords:
    """What words are asked for; names are those of ``AdParams``. Without an ``industry`` the shop's own."""

    product: str
    industry: str = ""
    seed: int = 0
    text_content: str = ""
    subline: str = ""
    price_before: str = ""
    price_now: str = ""
    scene: str = ""
    """The background's Korean name."""


def copy_write(*, shop: Shop, ad: AdWords, day: date | None = None) -> Copy:
    """All that is said of a product: by the language model where it may be asked and answers, else from templates.
    ``day``: whose season it is, today's without one. Not to be called inside a transaction."""
    brief = _brief(shop, ad, day)
    templates = copy.write(brief)
    answer = ask_for(
        shop=shop,
        purpose=ModelUse.Purpose.COPY,
        instructions=asking.instructions(),
        wish=asking.wish(brief),
        schema=asking.CopyAnswer,
    )
    return templates if answer is None else asking.written(brief, answer, templates)


def copy_from_templates(*, shop: Shop, ad: AdWords, day: date | None = None) -> Copy:
    """The same without asking anyone: at once, and free."""
    return copy.write(_brief(shop, ad, day))


def words_of(job: Job, *, product: str = "", seed: int = 0) -> AdWords:
    """What a finished ad is posted with: its own words, and the product where the merchant named it."""
    asked = request_of(job)
    scene = scene_of(job)
    return AdWords(
        product=product or asked.get("product") or job.shop.name,
        seed=seed,
        text_content=asked.get("text_content", ""),
        subline=asked.get("subline", ""),
        price_before=asked.get("price_before", ""),
        price_now=asked.get("price_now", ""),
        scene=scene.name_ko if scene else "",
    )


def picture_alt(job: Job) -> str:
    """The ad as a screen reader tells it, in the reader's language."""
    scene = scene_of(job)
    ad = words_of(job)
    return alt_text(
        ad.product,
        scene="" if scene is None else named(scene.name_ko, scene.name_en),
        headline=ad.text_content,
        subline=ad.subline,
        price_before=ad.price_before,
        price_now=ad.price_now,
        language=readers_language(),
    )


def scene_of(job: Job) -> Scene | None:
    """The scene that the picture shows, where that is known: a background that came along or was painted is none."""
    if job.foreign_background or job.engine != Engine.STUDIO:
        return None
    asked = request_of(job)
    return scenes().get(scene_chosen(asked.get("scene", ""), asked.get("bg_prompt", "")))


def _brief(shop: Shop, ad: AdWords, day: date | None) -> CopyBrief:
    return CopyBrief(
        product=ad.product,
        industry=ad.industry or shop.industry,
        tone=shop.tone,
        seasons=seasons_on(day or timezone.localdate()),
        shop=shop.name,
        seed=ad.seed,
        headline=ad.text_content,
        subline=ad.subline,
        price_before=ad.price_before,
        price_now=ad.price_now,
        scene=ad.scene,
    )

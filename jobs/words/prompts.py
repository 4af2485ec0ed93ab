"""A shop's wish made into prompts: by the language model where it may be asked and answers, else by rules."""

from __future__ import annotations

from dataclasses import replace

from accounts.models import Shop
from generation.prompts import advice, rules
from generation.prompts.rules import OptimizedPrompt
from generation.studio.scenes import scene
from generation.studio.styles import style
from jobs.messages import named, readers_language, sentence
from jobs.models import ModelUse, Photo
from jobs.words import ask_for


def prompt_optimize(
    *, shop: Shop, prompt: str, headline: str = "", industry: str = "", photo: Photo | None = None
) -> OptimizedPrompt:
    """Prompts in English, and why so in the reader's language. ``photo``: looked at when the shop's owner agreed."""
    industry = industry or shop.industry
    advised = ask_for(
        shop=shop,
        purpose=ModelUse.Purpose.PROMPT,
        instructions=advice.instructions(readers_language()),
        wish=advice.wish(prompt, headline=headline, industry=industry),
        schema=advice.advice_schema(),
        photo=photo,
    )
    if advised is not None:
        return advice.optimized(advised)
    found = rules.optimize(prompt, headline=headline, industry=industry)
    return replace(found, why=_reason(found))


def _reason(found: OptimizedPrompt) -> str:
    of_scene, of_style = scene(found.scene), style(found.text_style)
    names = {
        "scene": named(of_scene.name_ko, of_scene.name_en),
        "style": named(of_style.name_ko, of_style.name_en),
    }
    return sentence("prompt.by_rules", names)

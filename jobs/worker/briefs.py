"""From a stored job to what ``generation`` is asked for. Only workers import this."""

from __future__ import annotations

from generation.ad import AdBrief
from generation.types import Logo, LogoCorner, Step, Tuning
from generation.typography.fonts import default_font
from jobs import selectors
from jobs.artifacts import picture_of
from jobs.models import Artifact, Job
from jobs.params import AdParams
from jobs.versions import request_of


def params_of(job: Job) -> AdParams:
    """The job's request as it was checked when it was submitted, with its seed."""
    return AdParams.model_validate({**request_of(job), "seed": job.seed})


def brief_of(job: Job) -> AdBrief:
    """The ad that the job asks for."""
    p = params_of(job)
    return AdBrief(
        text=p.text_content,
        font=p.font_name or default_font().path,
        scene=p.scene,
        style=p.text_style,
        prompt=p.bg_prompt,
        negative_prompt=p.bg_negative_prompt,
        text_prompt=p.text_model_prompt,
        text_negative_prompt=p.text_negative_prompt,
        subline=p.subline,
        price_before=p.price_before,
        price_now=p.price_now,
        mode=p.composition_mode,
        position=p.text_position,
        camera=p.camera,
        match_light=p.match_light,
        logo=_logo(job, p),
        brand_color=job.brand.get("color", ""),
        accent_color=job.brand.get("accent", ""),
        ai_label=p.ai_label,
        format=p.format,
        seed=job.seed,
        stop=list(Step)[p.stop_step - 1] if p.stop_step else Step.COMPOSITE,
        test_mode=p.test_mode,
        tuning=_tuning(p),
    )


def _logo(job: Job, p: AdParams) -> Logo | None:
    """The logo that was kept with the job when it was submitted."""
    kept = selectors.pictures(job).get(Artifact.Kind.LOGO)
    if p.logo is LogoCorner.NONE or kept is None:
        return None
    return Logo(picture_of(kept), p.logo)


def _tuning(p: AdParams) -> Tuning:
    return Tuning(
        bg_model=p.bg_model,
        steps=p.num_inference_steps,
        guidance=p.guidance_scale,
        strength=p.strength,
        bg_composition_prompt=p.bg_composition_prompt,
        bg_composition_negative_prompt=p.bg_composition_negative_prompt,
        composition_prompt=p.composition_prompt,
        composition_negative_prompt=p.composition_negative_prompt,
        composition_steps=p.composition_steps,
        composition_guidance=p.composition_guidance_scale,
        composition_strength=p.composition_strength,
    )

"""The three steps, in order: background, text asset, composite.

``make_ad`` is the whole of it. It knows no database, no queue and no request: a brief goes in, pictures come
out, step by step, so that whoever calls can store each one and start again from any of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from generation.ad import NOTHING_READY, AdBrief, AdResult, OnStep, StepPictures, StepResult
from generation.engines import Engine, Finisher
from generation.errors import ProductNotFound, StepImageMissing
from generation.export.formats import safe_area
from generation.pictures import ink_box, mean_color, size_of
from generation.prompts.lexicon import scene_chosen, style_for
from generation.provenance import SourceType, of_ad, of_background, of_headline
from generation.rooms import rooms_for
from generation.studio.styles import default_style
from generation.types import (
    BackgroundBrief,
    Box,
    CompositionMode,
    Coverage,
    Cutout,
    Headline,
    HeadlineBrief,
    OnProgress,
    Picture,
    Progress,
    Report,
    SceneHints,
    Size,
    Step,
)
from generation.typography.fonts import check_glyphs

if TYPE_CHECKING:
    from generation.compose import Details, HeadlinePlan


@dataclass
class _Run:
    """One ad being made: what the steps hand to each other. Without words the headline's source is as if there were
    none: typed words, or no words, change nothing."""

    brief: AdBrief
    engine: Engine
    product: Cutout | None
    on_progress: OnProgress
    on_step: OnStep
    ready: StepPictures
    step1: Picture | None = field(init=False)
    layer: Picture | None = field(init=False)
    step2: Picture | None = field(init=False)
    foreign: bool = field(init=False)
    size: Size = field(init=False)
    step1_source: SourceType = field(init=False)
    step2_source: SourceType = field(init=False)
    refined: bool = False
    _background_brief: BackgroundBrief = field(init=False)

    def __post_init__(self) -> None:
        ready = self.ready
        self.step1, self.layer, self.step2, self.foreign = (
            ready.step1,
            ready.layer,
            ready.step2,
            ready.foreign,
        )
        self.step1_source = ready.step1_source
        self.step2_source = SourceType.DIGITAL_CREATION if ready.step2 is None else ready.step2_source
        self.size = self.brief.size if self.step1 is None else size_of(self.step1)
        self._background_brief = background_brief(self.brief, self.size, self.product)

    def report(self, step: Step) -> Report:
        def report(sub_step: str, fraction: float, preview: Picture | None = None) -> None:
            self.on_progress(Progress(step, sub_step, min(max(fraction, 0.0), 1.0), preview))

        return report

    def make_packshot(self) -> None:
        """The clean picture that a shop's channel takes in the scene's stead."""
        from generation.export.packshot import packshot

        if self.product is None:
            raise ProductNotFound("a packshot needs a product")
        self.report(Step.BACKGROUND)("finish", 0.9, None)
        self.step1, self.step1_source = packshot(self.product, self.size), SourceType.COMPOSITE
        self.on_step(StepResult(Step.BACKGROUND, self.step1, source=self.step1_source))

    def make_background(self) -> None:
        made = self.engine.make_background(self._background_brief, self.report(Step.BACKGROUND))
        self.step1, self.layer = made.picture, made.product
        self.step1_source = of_background(self.engine.name, has_product=made.product is not None)
        self.on_step(StepResult(Step.BACKGROUND, made.picture, made.product, source=self.step1_source))

    def hints(self) -> SceneHints:
        """The scene's light and calm area; of a foreign picture, or without the product that was seated in it,
        nothing is known."""
        if self.foreign or (self.product is None) != (self.layer is None):
            return SceneHints()
        return self.engine.scene_hints(self._background_brief)

    def make_headline(self) -> None:
        assert self.step1 is not None
        hints = self.hints()
        plan = self._plan(hints, None)
        made = self.engine.sculpt_headline(
            HeadlineBrief(
                lines=plan.lines,
                font=self.brief.font,
                style=chosen_style(self.brief),
                box=Size(plan.box.width, plan.box.height),
                hints=hints,
                ground=mean_color(self.step1, plan.box),
                prompt=self.brief.text_prompt,
                negative_prompt=self.brief.text_negative_prompt,
                seed=self.brief.seed,
            ),
            self.report(Step.TEXT_ASSET),
        )
        self.step2, self.step2_source = made.picture, of_headline(made.origin)
        self.on_step(StepResult(Step.TEXT_ASSET, made.picture, origin=made.origin, source=self.step2_source))

    def compose(self) -> AdResult:
        from generation.compose import (
            Details,
            HeadlineLook,
            add_details,
            branded,
            composite,
            inks_for,
            place_headline,
            revealed,
        )

        assert self.step1 is not None and self.step2 is not None
        report = self.report(Step.COMPOSITE)
        hints = self.hints()
        headline = Headline(self.step2, ink_box(self.step2))
        report("placing", 0.2, None)
        plan = self._plan(hints, headline)
        box = place_headline(self.step1, self.layer, headline, plan.box)
        if self.brief.mode is CompositionMode.BEHIND and self.layer is not None:
            box = revealed(self.layer, headline, box, plan.lines, self.brief.font, self._safe())
        report("blending", 0.5, None)
        made = composite(self.step1, self.layer, headline, box, self.brief.mode, hints.key)
        picture, covered = made.picture, made.covered
        details = self._details()
        if details != Details():
            report("details", 0.7, None)
            inks, accent = inks_for(self.step2), self.brief.accent_color
            look = HeadlineLook(box, plan.em_px, branded(inks, accent) if accent else inks)
            picture, also_covered = add_details(
                picture, self.layer, look, details, self.brief.font, self._safe(), self._kept()
            )
            covered = np.maximum(covered, also_covered)
        return replace(self.signed(self._refined(picture, covered, report), covered), headline=box)

    def signed(self, picture: Picture, covered: Coverage) -> AdResult:
        """The end of an ad: the logo in its corner, the label in another, the product's pixels checked, the picture
        handed over."""
        from generation.compose import add_label, sign, wording
        from generation.verify.fidelity import fidelity

        logo, left_out, label_left_out = self.brief.logo, False, False
        if logo is not None:
            made = sign(picture, self.layer, covered, logo, self._safe())
            picture, covered, left_out = made.picture, np.maximum(covered, made.covered), made.box is None
        if self.brief.ai_label and self.source.is_ai:
            labelled = add_label(picture, self.layer, covered, wording(self.step1_source), self._safe())
            picture, covered = labelled.picture, np.maximum(covered, labelled.covered)
            label_left_out = labelled.box is None
        self.report(Step.COMPOSITE)("checking", 0.9, None)
        difference = fidelity(picture, self.layer, covered).max_difference if self.layer is not None else None
        self.on_step(StepResult(Step.COMPOSITE, picture, source=self.source))
        return AdResult(picture, difference, left_out, label_left_out, self.source)

    @property
    def source(self) -> SourceType:
        """Where the finished picture comes from."""
        return of_ad(self.step1_source, self.step2_source, refined=self.refined)

    def bare(self) -> AdResult:
        """Without words the background is the picture, with what was asked for in its corners."""
        assert self.step1 is not None
        if self.brief.logo is None and not self.brief.ai_label:
            return self.finish(self.step1[..., :3], 0 if self.layer is not None else None)
        return self.signed(self.step1[..., :3], np.zeros(self.step1.shape[:2], np.float32))

    def _plan(self, hints: SceneHints, headline: Headline | None) -> HeadlinePlan:
        """Where the words go; without words, where the supplied asset does."""
        from generation.compose import plan_asset, plan_headline

        assert self.step1 is not None
        brief = self.brief
        choices = (brief.position, brief.mode, hints.headline_area, self._safe())
        if brief.text or headline is None:
            return plan_headline(
                self.step1,
                self.layer,
                brief.text,
                brief.font,
                *choices,
                details=self._details(),
                kept=self._kept(),
            )
        ink = Size(headline.ink.width, headline.ink.height)
        return plan_asset(self.step1, self.layer, ink, *choices, kept=self._kept())

    def _kept(self) -> Box | None:
        """The corner that no words may take, because the logo was asked to be there."""
        from generation.compose import corner_kept

        logo = self.brief.logo
        return corner_kept(self.size, self.layer, logo, self._safe()) if logo is not None else None

    def _refined(self, picture: Picture, covered: Coverage, report: Report) -> Picture:
        """The whole picture gone over outside product and words, where that was asked for and the engine can."""
        tuning = self.brief.tuning
        if not tuning.composition_prompt or not isinstance(self.engine, Finisher):
            return picture
        product = np.float32(0) if self.layer is None else self.layer[..., 3] / np.float32(255)
        kept = np.maximum(covered, product)
        self.refined = True
        return self.engine.refine(picture, kept, tuning, self.brief.seed, report)

    def _details(self) -> Details:
        from generation.compose import Details

        return Details(self.brief.subline, self.brief.price_before, self.brief.price_now)

    def _safe(self) -> Box | None:
        """The part of the frame that its channel leaves free."""
        brief = self.brief
        return safe_area(brief.format, self.size) if brief.format and not brief.test_mode else None

    def finish(self, final: Picture, difference: int | None) -> AdResult:
        self.on_step(StepResult(Step.COMPOSITE, final, source=self.source))
        return AdResult(final, difference, source=self.source)


def make_ad(
    brief: AdBrief,
    engine: Engine,
    *,
    product: Cutout | None,
    ready: StepPictures = NOTHING_READY,
    on_progress: OnProgress,
    on_step: OnStep,
) -> AdResult:
    """Make one ad: background, text asset, composite, leaving out the steps whose pictures are ``ready``.

    ``product`` is what step 1 seats, or seated in ``ready.step1``. The frame is that picture's where there is one.
    For a channel that takes the clean packshot that is made instead, and the words are left out.
    Raises the errors of ``generation.errors``, and lets ``Cancelled`` from ``on_progress`` pass.
    """
    if ready.step2 is not None and ready.step1 is None:
        raise StepImageMissing(field="step1_image")
    check_glyphs(brief.font, brief.text)
    run = _Run(brief, engine, product, on_progress, on_step, ready)
    if run.step1 is None and brief.packshot:
        run.make_packshot()
    elif run.step1 is None:
        run.make_background()
    elif run.foreign and run.layer is None:
        run.layer = _product_in(run.step1, engine, run.report(Step.BACKGROUND))
    if brief.stop is Step.BACKGROUND:
        return AdResult(None)
    if brief.packshot and not run.foreign:
        assert run.step1 is not None
        return run.finish(run.step1[..., :3], None)
    if run.step2 is None:
        if not brief.text:
            return run.bare()
        run.make_headline()
    return AdResult(None) if brief.stop is Step.TEXT_ASSET else run.compose()


def background_brief(brief: AdBrief, size: Size, product: Cutout | None) -> BackgroundBrief:
    """What step 1 is asked for by an ad's brief."""
    rooms = rooms_for(brief, size)
    return BackgroundBrief(
        size=size,
        scene=scene_chosen(brief.scene, brief.prompt),
        product=product,
        camera=brief.camera,
        headline=bool(brief.text) and brief.stop is not Step.BACKGROUND,
        text_position=brief.position,
        prompt=brief.prompt,
        negative_prompt=brief.negative_prompt,
        seed=brief.seed,
        covered_top=rooms.covered_top,
        covered_bottom=rooms.covered_bottom,
        headline_room=rooms.headline_room,
        small_lines=rooms.small_lines,
        headline_behind=brief.mode is CompositionMode.BEHIND,
        tuning=brief.tuning,
        match_light=brief.match_light,
        brand_color=brief.brand_color,
    )


def chosen_style(brief: AdBrief) -> str:
    """The text style asked for, else the one the prompt speaks of, else the default."""
    return brief.style or style_for(brief.text_prompt) or default_style().key


def _product_in(picture: Picture, engine: Engine, report: Report) -> Picture | None:
    """The product's layer of a supplied picture, found by cutting it out again; None where nothing stands out."""
    try:
        return engine.cut_out(np.ascontiguousarray(picture[..., :3]), report).picture
    except ProductNotFound:
        return None

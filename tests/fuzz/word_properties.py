"""What holds of every text: prompts in plain English, headlines that fit or are refused, never anything in between."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from generation.errors import FontUnknown, GlyphMissing
from generation.prompts import copy, rules
from generation.prompts.copy.sheets import channels, trades
from generation.prompts.lexicon import scene_for, style_for
from generation.studio.scenes import scenes
from generation.studio.styles import styles
from generation.types import Size
from generation.typography.fonts import check_glyphs, fonts, missing_characters
from generation.typography.glyphs import raster
from generation.typography.lines import LARGEST_TYPE_PX, SMALLEST_TYPE_PX, break_lines, normalise
from jobs.params import MAX_HEADLINE, AdParams
from tests.fuzz.property import Property
from tests.fuzz.texts import long_texts, wild_texts
from tests.generation.typography.room import set_in

SECONDS = 5.0
BOXES = (Size(1024, 300), Size(300, 90), Size(33, 1200))
_FONTS = st.sampled_from([font.path for font in fonts()]) | wild_texts(2)
_TONES = st.sampled_from(["", "warm", "refined", "lively", "plain", "{p}"])
_TRADES = st.sampled_from(["", *trades(), "no such trade"])
_TEXTS = st.integers(0, 19).flatmap(lambda of_20: wild_texts() if of_20 else long_texts())


def prompt(case: tuple[str, str]) -> None:
    wish, headline = case
    found = rules.optimize(wish, headline=headline, industry=headline)
    for text in (found.bg_prompt, found.text_model_prompt, found.bg_negative_prompt):
        assert text.isascii()
        assert text.isprintable()
        assert 0 < len(text) <= rules.LONGEST_PROMPT
    assert found.scene in scenes()
    assert found.text_style in styles()
    assert scene_for(wish) in {None, *scenes()}
    assert style_for(wish) in {None, *styles()}


def suggestions(case: tuple[str, str, str]) -> None:
    """Each is a headline that a request takes as it is."""
    product, trade, tone = case
    asked = AdParams.model_validate({"text_content": product[:MAX_HEADLINE]}) if _is_text(product) else None
    if asked is None:
        return
    for headline in copy.suggest(asked.text_content, trade, tone):
        assert AdParams.model_validate({"text_content": headline}).text_content == headline
    for channel in channels():
        text = copy.write(copy.CopyBrief(product, trade, tone, shop=product)).captions[channel.key]
        assert 0 < channel.measure(text) <= channel.most


def _is_text(text: str) -> bool:
    """JSON's decoder lets halves of surrogate pairs through, the request's fields do not."""
    return not any("\ud800" <= c <= "\udfff" for c in text)


def setting(case: tuple[str, str, Size]) -> None:
    """A headline is set within its room with nothing lost; nothing visible gives no line."""
    text, font, box = case
    text = normalise(text[:MAX_HEADLINE])
    if not text:
        assert break_lines(text, font) == ()
        return
    try:
        fitted = set_in(box, text, font)
    except FontUnknown:
        return
    if fitted.font_size_px < SMALLEST_TYPE_PX:  # what layouts refuse
        return
    assert fitted.font_size_px <= LARGEST_TYPE_PX
    assert fitted.ink.width <= box.width
    assert fitted.ink.height <= box.height
    assert "".join("".join(fitted.lines).split()) == "".join(text.split())


def _names_what_lacks(refusal: GlyphMissing) -> None:
    assert refusal.context["characters"]


def lettering(case: tuple[str, str, Size]) -> None:
    """What has all its glyphs leaves marks; what lacks one is refused by name."""
    text, font, _ = case
    text = text[:16]
    try:
        missing = missing_characters(font, text)
        lines = tuple(line for line in normalise(text).split("\n") if line) or ("가",)
        drawn = raster(lines, font, 40, 46, (4, 4, 4, 4))
    except FontUnknown:
        return
    except GlyphMissing as refusal:
        _names_what_lacks(refusal)
        return
    assert drawn.coverage.dtype == np.float32
    assert 0 <= drawn.coverage.min() <= drawn.coverage.max() <= 1
    assert len(drawn.bands) == len(lines)
    if not missing:
        check_glyphs(font, text)


_HEADLINES = st.tuples(_TEXTS, _FONTS, st.sampled_from(BOXES))
PROPERTIES = (
    Property("prompt to English", st.tuples(_TEXTS, wild_texts(3)), prompt, SECONDS, share=9),
    Property("headline suggestions", st.tuples(_TEXTS, _TRADES, _TONES), suggestions, SECONDS, share=4),
    Property("headline set in lines", _HEADLINES, setting, SECONDS, share=8),
    Property("glyphs", _HEADLINES, lettering, SECONDS, share=4),
)

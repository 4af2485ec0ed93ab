"""Hints on words before an ad is made of them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from generation.words import Words
from jobs.api.schemas_words import WordsIn, WordsOut
from jobs.api.serving import caller
from jobs.words.hints import hint_row, notice_for, words_check

router = Router(tags=["backend"])


def words_of(asked: WordsIn) -> Words:
    return Words(
        headline=asked.text_content,
        subline=asked.subline,
        price_before=asked.price_before,
        price_now=asked.price_now,
        font=asked.font_name,
        format=asked.format,
        industry=asked.industry,
    )


@router.post("/check-words", response=WordsOut, summary="문구를 미리 살펴봅니다: 맞춤법, 길이, 광고 표현")
def check_words(request: HttpRequest, payload: WordsIn) -> dict[str, Any]:
    """Spelling and spacing, glyphs that the font lacks, size in the format, prices that disagree, and words that
    advertising law has something to say about. Hints only: nothing is refused because of them, nothing is stored."""
    hints = words_check(shop=caller(request).shop, words=words_of(payload))
    return {"hints": [hint_row(hint) for hint in hints], "notice": notice_for(hints) or None}

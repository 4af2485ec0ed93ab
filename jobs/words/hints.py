"""Hints on a shop's words before its ad is made, in the reader's language. Nothing of it is stored."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from accounts.models import Shop
from generation.errors import MerchantError
from generation.typography.fonts import default_font, font
from generation.words import Hint, Kind, Told, Words, check_words
from jobs.errors import Refused
from jobs.messages import named, sentence

FIELD_OF_ERROR = {"font.unknown": "font_name", "format.unknown": "format"}


def words_check(*, shop: Shop, words: Words) -> list[Hint]:
    """Hints on the words, in the shop's own font and industry where none is named. Raises ``Refused``."""
    asked = replace(
        words,
        font=words.font or shop.default_font or default_font().path,
        industry=words.industry or shop.industry,
    )
    try:
        return check_words(asked)
    except MerchantError as error:
        context: dict[str, Any] = dict(error.context)
        raise Refused(error.code, status=422, field=FIELD_OF_ERROR[error.code], **context) from error


def hint_row(hint: Hint) -> dict[str, Any]:
    """A hint as the API tells it."""
    return {
        "kind": hint.kind.value,
        "level": hint.level.value,
        "field": hint.field.value,
        "start": hint.start,
        "end": hint.end,
        "text": hint.text,
        "suggestions": list(hint.suggestions),
        "why": _told(hint.why),
        "rule": hint.rule or None,
        "law": _told(hint.law) or None,
        "safer": _told(hint.safer) or None,
        "fonts": [{"name": _font_name(path), "path": path} for path in hint.fonts],
    }


def notice_for(hints: list[Hint]) -> str:
    """What hints of the law are and are not; empty where there is none of them."""
    return sentence("words.not_advice") if any(hint.kind is Kind.LAW for hint in hints) else ""


def _told(text: Told) -> str:
    return named(text.ko, text.en)


def _font_name(path: str) -> str:
    found = font(path)
    return named(found.name_ko, found.name_en)

"""Whether the prices, and what the words say of them, agree."""

from __future__ import annotations

import re
from typing import Final

from generation.words.hints import Field, Hint, Kind, Level, Told, Words

AMOUNT: Final = re.compile(r"^₩?\s*(\d{1,3}(?:,\d{3})+|\d+)\s*원?$")
DOTTED: Final = re.compile(r"(\d{1,3})\.(\d{3})(?= ?원|$)")
PERCENT: Final = re.compile(
    r"(?<!최대 )(?<!최대)(?<!\d)(\d{1,2}) ?(?:%|퍼센트|프로) ?(?:할인|세일|OFF|off|DC|싸|저렴|↓)"
)
HALF: Final = re.compile(r"반값|절반 가격")
TOLERANCE: Final = 1.0
"""Percentage points that rounding a price may cost."""
NOT_LOWER = Told("지금 가격이 할인 전 가격보다 낮지 않아요.", "The price now is not below the former one.")
COMMA = Told("천 단위는 쉼표로 나눠요.", "Thousands are parted by a comma.")


def amount(price: str) -> int | None:
    """Won, where the text is an amount and nothing else."""
    found = AMOUNT.match(price.strip())
    return int(found.group(1).replace(",", "")) if found else None


def price_hints(words: Words) -> list[Hint]:
    """Hints on the price block, and on a discount in the words that the prices do not bear out."""
    hints = [hint for field, price in _prices(words).items() for hint in _dotted(field, price)]
    before, now = amount(words.price_before), amount(words.price_now)
    if not before or now is None:
        return hints
    if now >= before:
        return [*hints, _whole(Field.PRICE_NOW, words.price_now, NOT_LOWER)]
    return [*hints, *_contradicted(words, 100 * (1 - now / before))]


def _prices(words: Words) -> dict[Field, str]:
    return {Field.PRICE_BEFORE: words.price_before, Field.PRICE_NOW: words.price_now}


def _dotted(field: Field, price: str) -> list[Hint]:
    return [
        Hint(
            Kind.PRICE, Level.CHECK, field, found.start(), found.end(), found.group(), COMMA,
            (f"{found.group(1)},{found.group(2)}",),
        )
        for found in DOTTED.finditer(price)
    ]  # fmt: skip


def _contradicted(words: Words, saved: float) -> list[Hint]:
    """Where the words promise another discount than the prices give."""
    hints = []
    real = f"{saved:.0f}"
    why = Told(
        f"적은 가격으로는 {real}% 할인이에요. 문구와 가격 가운데 하나를 고쳐 주세요.",
        f"The prices make it {real}% off. Change the words or the prices.",
    )
    for field, text in words.texts.items():
        for found in (*PERCENT.finditer(text), *HALF.finditer(text)):
            said = float(found.group(1)) if found.re is PERCENT else 50.0
            if abs(said - saved) > TOLERANCE:
                better = (
                    found.group().replace(found.group(1), real, 1) if found.re is PERCENT else f"{real}% 할인"
                )
                hints.append(
                    Hint(
                        Kind.PRICE,
                        Level.CHECK,
                        field,
                        found.start(),
                        found.end(),
                        found.group(),
                        why,
                        (better,),
                    )
                )
    return hints


def _whole(field: Field, text: str, why: Told) -> Hint:
    return Hint(Kind.PRICE, Level.CHECK, field, 0, len(text), text, why)

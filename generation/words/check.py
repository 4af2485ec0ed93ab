"""All hints on an ad's words, in the order in which somebody would want to mend them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from generation.export.formats import format_for
from generation.typography.fonts import default_font, font, fonts, missing_characters
from generation.words.hints import Field, Hint, Kind, Level, Told, Words
from generation.words.law import law_hints
from generation.words.measure import is_readable, readable_length, smallest_readable, type_size
from generation.words.prices import price_hints
from generation.words.spelling import spelling_hints

FONTS_OFFERED: Final = 3


def check_words(words: Words) -> list[Hint]:
    """Hints on the words: glyphs, spelling, length, prices, law; what is only good to know comes last. Texts in NFC.
    Raises ``FontUnknown`` and ``FormatUnknown``."""
    path = words.font or default_font().path
    font(path)
    hints = [*_glyph_hints(words, path)]
    for field, text in words.texts.items():
        hints += spelling_hints(text, field)
    hints += [*_length_hints(words, path), *price_hints(words), *law_hints(words)]
    return sorted(hints, key=lambda hint: hint.level is Level.NOTE)


def fonts_for(text: str) -> list[str]:
    """Paths of the fonts that can write all of the text, in the catalogue's order."""
    return [each.path for each in fonts() if not missing_characters(each.path, text)]


def _glyph_hints(words: Words, path: str) -> list[Hint]:
    """Characters of headline or sub-line that the font lacks; the likest fonts that have them all."""
    hints = []
    for field, text in words.texts.items():
        missing = missing_characters(path, text)
        if not missing:
            continue
        able = fonts_for(text)
        start = text.index(missing[0])
        name = font(path)
        hints.append(
            Hint(
                kind=Kind.GLYPHS,
                level=Level.CHECK,
                field=field,
                start=start,
                end=start + 1,
                text=" ".join(missing),
                why=Told(
                    f"{name.name_ko} 글꼴에는 이 글자가 없어요. "
                    + (
                        "쓸 수 있는 글꼴로 바꿔 주세요."
                        if able
                        else "어느 글꼴에도 없으니 다른 글자로 적어 주세요."
                    ),
                    f"The font {name.name_en} lacks this. "
                    + ("Choose one that has it." if able else "No font has it; write it another way."),
                ),
                fonts=tuple(_likest(able, path)[:FONTS_OFFERED]),
            )
        )
    return hints


def _likest(paths: Sequence[str], to: str) -> list[str]:
    """The fonts of the same kind first, by weight; then the others in the catalogue's order."""
    wanted = font(to)
    return sorted(
        paths,
        key=lambda path: (font(path).category != wanted.category, abs(font(path).weight - wanted.weight)),
    )


def _length_hints(words: Words, path: str) -> list[Hint]:
    text = words.headline
    takes_words = not words.format or not format_for(words.format).packshot
    if not takes_words or missing_characters(path, text) or is_readable(text, path, words.format):
        return []
    share = round(100 * type_size(text, path, words.format) / smallest_readable(words.format))
    most = readable_length(text, path, words.format)
    return [
        Hint(
            kind=Kind.LENGTH,
            level=Level.CHECK,
            field=Field.HEADLINE,
            start=most,
            end=len(text),
            text=text[most:],
            why=Told(
                f"이 규격에서는 글자가 작아 잘 안 보여요 (읽기 좋은 크기의 {share}%). {most}자쯤으로 줄여 주세요.",
                f"Too small to be read in this format ({share}% of the size it needs). About {most} characters fit.",
            ),
        )
    ]

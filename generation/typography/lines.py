"""Breaking a headline into lines the way a Korean designer does, and finding the largest type for its room.

A line ends only between words (eojeol), never between a number and its unit or sign, and always where the
text holds a newline. Imported by the web process: Pillow only.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from generation.types import Size
from generation.typography.fonts import face, ink_bounds

MAX_LINES = 3
LEADING_RATIO = 1.16
"""Baseline to baseline over font size; Hangul fills its square, so tighter lines would touch."""
SMALLEST_TYPE_PX = 14
"""Hangul smaller than this can't be read on a phone."""
LARGEST_TYPE_PX = 2000
REFERENCE_SIZE_PX = 200

_SIGNS = "+＋\\-−–=×xX*/~～&:"
_INVISIBLE = ("Cc", "Cf", "Cs")
"""Unicode categories: control, format, surrogate."""
_CURRENCY = "₩￦$€¥£"
_UNIT = (
    r"(?:%|％|‰|℃|°C?|원|천|만|백|억|개월|개|시간|시|분|초|월|일|년|주년|주|박|명|인분|인|잔|병|캔|팩|판|장|권|송이|마리"
    r"|켤레|벌|대|회|번|배|호|평|세트|종|가지|층|차|위|등|점|세|살|봉지|봉|박스|그릇|조각|입|매|곡|곳|줄|알|통|포기|단"
    r"|kcal|kg|mg|g|ml|mL|l|L|cm|mm|km|m|GB|TB|MB|inch|pcs|p|P|k|K)"
)
_PARTICLE = (
    r"(?:에서|에|의|이상|이하|이|가|은|는|을|를|도|만|으로|로|까지|부터|간|당|씩|째|미만|동안|한정|마다|전|후|내|대"
    r"|원|권|입니다|이에요|예요)"
)
_MULTIPLIER = "[백천만억]"
_UNIT_WORD = re.compile(rf"^{_MULTIPLIER}*{_UNIT}?{_PARTICLE}{{0,2}}[^\w\s]*$")
_STARTS_AS_SIGN = re.compile(rf"^[%％‰℃°{_SIGNS}]")
_SIGN_WORD = re.compile(rf"^[{_SIGNS}{_CURRENCY}#]+$")
_ENDS_IN_NUMBER = re.compile(r"\d[)\]]?$")
_ENDS_IN_MULTIPLIER = re.compile(rf"\d[\d.,]*\s?{_MULTIPLIER}+$")
_STARTS_AS_NUMBER = re.compile(rf"^[{_CURRENCY}]?\s?\d")
_LEADS_A_NUMBER = re.compile(rf"(?:[{_CURRENCY}#]|^(?:오전|오후|약|총|단|최대|최소|제|No\.|만))$")
_PUNCTUATION_WORD = re.compile(r"^[^\w\s₩￦$€¥£#(\[「『“‘<]+$")


@dataclass(frozen=True, slots=True)
class FittedText:
    """A headline at its size: ``font_size_px`` per em, ``leading_px`` from baseline to baseline, ``ink`` the
    size of all its lettering together."""

    lines: tuple[str, ...]
    font_size_px: int
    leading_px: int
    ink: Size


def normalise(text: str) -> str:
    """NFC, newlines as ``\\n``, single spaces, nothing invisible, no empty lines."""
    text = unicodedata.normalize("NFC", text)
    text = re.sub(r"\r\n?|[\u2028\u2029\v\f\x85]", "\n", text)
    text = "".join(each for each in text if each in "\n\t" or unicodedata.category(each) not in _INVISIBLE)
    lines = (re.sub(r"[^\S\n]+", " ", line).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def unbreakable_parts(line: str) -> list[str]:
    """The pieces of one line that stay whole: words, with the numbers, units and signs they lean on."""
    parts: list[str] = []
    last_word = ""
    for word in line.split():
        if parts and _belong_together(parts[-1], last_word, word):
            parts[-1] = f"{parts[-1]} {word}"
        else:
            parts.append(word)
        last_word = word
    return parts


def _belong_together(part: str, last_word: str, word: str) -> bool:
    number_before = bool(_ENDS_IN_NUMBER.search(last_word))
    number_after = bool(_STARTS_AS_NUMBER.match(word))
    if number_before and (_UNIT_WORD.match(word) or _STARTS_AS_SIGN.match(word)):
        return True
    if _ENDS_IN_MULTIPLIER.search(part) and _UNIT_WORD.match(word):
        return True
    if number_after and (_LEADS_A_NUMBER.search(last_word) or _SIGN_WORD.match(last_word)):
        return True
    return bool(_PUNCTUATION_WORD.match(word))


def break_lines(text: str, font_path: str, max_lines: int = MAX_LINES) -> tuple[tuple[str, ...], ...]:
    """For every possible number of lines up to ``max_lines`` the breaking whose widest line is narrowest.

    Newlines in ``text`` always break, even beyond ``max_lines``. Empty text gives no candidates.
    """
    paragraphs = [unbreakable_parts(line) for line in normalise(text).split("\n") if line]
    parts = [part for paragraph in paragraphs for part in paragraph]
    if not parts:
        return ()
    forced: set[int] = set()
    for paragraph in paragraphs[:-1]:
        forced.add(len(paragraph) + max(forced, default=0))
    most = max(max_lines, len(paragraphs))
    best = _narrowest_breakings(
        _part_widths(parts, font_path), _part_widths([" "], font_path)[0], forced, most
    )
    return tuple(
        tuple(" ".join(parts[start:end]) for start, end in zip((0, *cuts), (*cuts, len(parts)), strict=True))
        for cuts in best
    )


def _part_widths(parts: list[str], font_path: str) -> list[float]:
    measured = face(font_path, REFERENCE_SIZE_PX)
    return [measured.getlength(part) for part in parts]


def _narrowest_breakings(
    widths: list[float], space: float, forced: set[int], most: int
) -> list[tuple[int, ...]]:
    """Cut positions for 1..most lines, by dynamic programming over (widest line, sum of squares)."""
    count = len(widths)
    row: dict[int, tuple[float, float, tuple[int, ...]]] = {0: (0.0, 0.0, ())}
    found: list[tuple[int, ...]] = []
    for _ in range(min(most, count)):
        following: dict[int, tuple[float, float, tuple[int, ...]]] = {}
        for start, (widest, squares, cuts) in row.items():
            width = -space
            for end in range(start + 1, count + 1):
                width += widths[end - 1] + space
                score = (max(widest, width), squares + width * width, (*cuts, end))
                if end not in following or score < following[end]:
                    following[end] = score
                if end in forced:
                    break
        row = following
        if count in row:
            found.append(row[count][2][:-1])
    return found


def largest_type(lines: tuple[str, ...], font_path: str, box: Size) -> FittedText:
    """``lines`` as they are, at the largest whole size whose ink fits ``box`` (at least 1 px per em)."""
    reference = ink_size(lines, font_path, REFERENCE_SIZE_PX)
    scale = min(box.width / max(reference.width, 1), box.height / max(reference.height, 1))
    size = min(int(REFERENCE_SIZE_PX * scale) + 2, LARGEST_TYPE_PX)
    while size > 1:
        ink = ink_size(lines, font_path, size)
        if ink.width <= box.width and ink.height <= box.height:
            break
        size -= 1
    return FittedText(lines, size, leading(size), ink_size(lines, font_path, size))


def leading(font_size_px: int) -> int:
    """Baseline to baseline in pixels."""
    return round(font_size_px * LEADING_RATIO)


def ink_size(lines: tuple[str, ...], font_path: str, font_size_px: int) -> Size:
    """Width and height of the marks that ``lines`` leave, each line centred, in pixels."""
    boxes = [ink_bounds(font_path, font_size_px, line) for line in lines]
    step = leading(font_size_px)
    top = min(box[1] + step * index for index, box in enumerate(boxes))
    bottom = max(box[3] + step * index for index, box in enumerate(boxes))
    return Size(max(box[2] - box[0] for box in boxes), bottom - top)

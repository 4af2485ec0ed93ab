"""Korean particles after words that nobody knew when the sentence was written: 커피를, 라떼를, Sale을, 3을.

A particle has one form after a closed syllable and another after an open one, and 으로 is 로 after ㄹ. Hangul tells by
its code, digits and single letters by how they are read. English words are read by the habits of Korean loan words
(외래어 표기법), which cannot be right for every word.
"""

from __future__ import annotations

import re
from enum import Enum


class Ending(Enum):
    OPEN = "open"
    RIEUL = "rieul"
    CLOSED = "closed"


FIRST_SYLLABLE, LAST_SYLLABLE = "가", "힣"
FINALS = 28
"""Finals of a syllable block, none among them."""
RIEUL_FINAL = 8
_DIGITS = dict(zip("0123456789", "CROCOOCRRO", strict=True))
"""영 일 이 삼 사 오 육 칠 팔 구, and 십 백 천 만 for a number that ends in zeros."""
_LETTERS = dict.fromkeys("abcdefghijkopqstuvwxyz", "O") | {"l": "R", "m": "C", "n": "C", "r": "R"}
"""에이 비 씨 디 …, but 엘 엠 엔 알."""
_KINDS = {"O": Ending.OPEN, "R": Ending.RIEUL, "C": Ending.CLOSED}
_UNITS = {"kg": "C", "g": "C", "mg": "C", "ml": "O", "l": "O", "cm": "O", "mm": "O", "m": "O"}
"""킬로그램, 그램, 밀리리터 …, after a number."""
_MEASURED = re.compile(rf"[0-9]\s?({'|'.join(_UNITS)})[^\w]*$", re.IGNORECASE)
_READABLE = re.compile(r"[가-힣ㄱ-ㅎㅏ-ㅣ]|[0-9]|[A-Za-z]+")
LONGEST_ABBREVIATION = 5
_ENDS_IN_L = re.compile(r"(l|[a-z]le)$")
_CLOSES = re.compile(
    r"([mn]|[aeiouy][mn]e|ng|(?<![aeiouy])[aeiou](?:p|t|k|c|ck)|ook)$"  # 홈, 라인, 스프링, 컵, 마켓, 팩, 북
)


def josa(word: str, particle: str) -> str:
    """The form of ``particle`` that stands after ``word``. It is written as both forms: ``을/를``, ``으로/로``.

    After a word that cannot be read aloud both forms stand: ``을(를)``.
    """
    closed, opened = particle.split("/")
    ending = ending_of(word)
    if ending is None:
        return f"{closed}({opened})"
    if ending is Ending.OPEN or (ending is Ending.RIEUL and closed == "으로"):
        return opened
    return closed


def ending_of(word: str) -> Ending | None:
    """How the word's last sound ends; None when nothing of it can be read. Quotes and emoji after it are silent."""
    if measured := _MEASURED.search(word):
        return _KINDS[_UNITS[measured[1].lower()]]
    readable = _READABLE.findall(word)
    if not readable:
        return None
    last: str = readable[-1]
    if FIRST_SYLLABLE <= last <= LAST_SYLLABLE:
        final = (ord(last) - ord(FIRST_SYLLABLE)) % FINALS
        return Ending.OPEN if final == 0 else Ending.RIEUL if final == RIEUL_FINAL else Ending.CLOSED
    if last.isdecimal():
        return _KINDS[_DIGITS[last]]
    if not last.isascii():
        return _of_jamo(last)
    return _of_latin(last)


def _of_jamo(letter: str) -> Ending:
    """A consonant is read by its name, which ends in it (기역, 리을 …); a vowel is open."""
    if letter == "ㄹ":
        return Ending.RIEUL
    return Ending.CLOSED if letter <= "ㅎ" else Ending.OPEN


def _of_latin(word: str) -> Ending:
    lower = word.lower()
    if len(word) == 1 or (word.isupper() and len(word) <= LONGEST_ABBREVIATION):
        return _KINDS[_LETTERS[lower[-1]]]
    if _ENDS_IN_L.search(lower):
        return Ending.RIEUL
    return Ending.CLOSED if _CLOSES.search(lower) else Ending.OPEN

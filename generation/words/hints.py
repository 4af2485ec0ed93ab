"""What a hint is, and what is looked at."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a hint is about."""

    SPELLING = "spelling"
    SPACING = "spacing"
    LOAN = "loan"
    PRICE = "price"
    LENGTH = "length"
    GLYPHS = "glyphs"
    LAW = "law"


class Level(StrEnum):
    """``check``: most probably to be changed; ``note``: good to know, often right as it is."""

    CHECK = "check"
    NOTE = "note"


class Field(StrEnum):
    """Which of the ad's words, by the names that requests have for them."""

    HEADLINE = "text_content"
    SUBLINE = "subline"
    PRICE_BEFORE = "price_before"
    PRICE_NOW = "price_now"


@dataclass(frozen=True, slots=True)
class Told:
    """One sentence in both languages."""

    ko: str
    en: str


NOTHING = Told("", "")


@dataclass(frozen=True, slots=True)
class Hint:
    """One thing to look at. ``start`` and ``end`` count characters (code points) of ``field``'s text; ``suggestions``
    stand for that part, best first; ``why`` is one sentence. A hint of the law has ``rule`` and ``law`` by name and
    ``safer``, another way of saying it; one of glyphs has the paths of ``fonts`` that can write the words."""

    kind: Kind
    level: Level
    field: Field
    start: int
    end: int
    text: str
    why: Told
    suggestions: tuple[str, ...] = ()
    rule: str = ""
    law: Told = NOTHING
    safer: Told = NOTHING
    fonts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Words:
    """An ad's words and what they have to suit: ``font`` is a path of the font catalogue, ``format`` a key of the
    channel formats or empty, ``industry`` a shop's or empty where nothing is known."""

    headline: str = ""
    subline: str = ""
    price_before: str = ""
    price_now: str = ""
    font: str = ""
    format: str = ""
    industry: str = ""

    @property
    def texts(self) -> dict[Field, str]:
        """The words that are read as language."""
        return {Field.HEADLINE: self.headline, Field.SUBLINE: self.subline}

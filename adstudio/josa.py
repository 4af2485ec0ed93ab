"""Particles in the portal's own sentences, where the reader's language may be another than Korean."""

from __future__ import annotations

from django.utils.translation import get_language

from generation.prompts.josa import josa


def with_josa(word: object, particle: str) -> str:
    """The word with its particle where the reader's language is Korean, else the word alone."""
    return f"{word}{particle_after(word, particle)}"


def particle_after(word: object, particle: str) -> str:
    """The particle alone, for a word that stands in quotes or in markup; nothing in other languages."""
    return josa(str(word), particle) if get_language() == "ko" else ""

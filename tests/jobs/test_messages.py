"""Every code has its sentence, in Korean and in English, and every error names what to do next."""

from __future__ import annotations

import string

import pytest
from django.utils.translation import override

from generation import errors
from jobs.messages import SENTENCES, sentence


def _codes(base: type[errors.GenerationError]) -> set[str]:
    return {base.code}.union(*(_codes(each) for each in base.__subclasses__()))


def test_every_error_of_the_pipeline_has_a_sentence() -> None:
    assert _codes(errors.GenerationError) - {errors.GenerationError.code} <= set(SENTENCES)


@pytest.mark.parametrize("code", SENTENCES)
def test_it_is_translated_with_the_same_placeholders(code: str) -> None:
    context = {name: name.upper() for _, name, _, _ in string.Formatter().parse(SENTENCES[code]) if name}
    with override("ko"):
        korean = sentence(code, context)
    with override("en"):
        english = sentence(code, context)
    assert english != korean
    assert not any("가" <= letter <= "힣" for letter in english)
    for value in context.values():
        assert value in korean
        assert value in english

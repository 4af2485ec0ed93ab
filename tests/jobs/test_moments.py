"""Days and times as the portal says them, in both languages."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.utils import translation
from django.utils.timezone import localtime

from jobs.templatetags.moments import day, moment

THIS_YEAR = localtime().year


@pytest.mark.parametrize(
    ("language", "year", "of_day", "of_moment"),
    [
        ("ko", THIS_YEAR, "6월 1일", "6월 1일 오전 8:54"),
        ("en", THIS_YEAR, "June 1", "June 1, 8:54 a.m."),
        ("ko", 2020, "2020년 6월 1일", "2020년 6월 1일 오전 8:54"),
        ("en", 2020, "June 1, 2020", "June 1, 2020, 8:54 a.m."),
    ],
    ids=["ko", "en", "ko long ago", "en long ago"],
)
def test_they_are_told_in_local_form_and_with_the_year_where_it_is_another(
    language: str, year: int, of_day: str, of_moment: str
) -> None:
    """The clock is Seoul's, nine hours on."""
    at = datetime(year, 5, 31, 23, 54, tzinfo=UTC)
    with translation.override(language):
        assert (day(at), moment(at)) == (of_day, of_moment)

"""Which seasons come first on a day, and that the scenes follow them."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import timezone

from generation import seasons
from generation.studio.scenes import scenes
from jobs.portal import choices


@pytest.mark.parametrize(
    ("day", "wanted"),
    [
        (date(2026, 11, 25), ("christmas", "winter")),
        (date(2026, 12, 25), ("christmas", "winter")),
        (date(2026, 12, 26), ("winter",)),
        (date(2027, 12, 20), ("christmas", "seollal", "winter")),  # Seollal on 27 January 2028
        (date(2027, 1, 10), ("seollal", "winter")),
        (date(2027, 2, 9), ("seollal", "winter")),  # the holiday's last day
        (date(2027, 2, 10), ("winter",)),
        (date(2027, 2, 16), ("spring",)),  # two weeks ahead of March
        (date(2027, 5, 18), ("summer",)),
        (date(2027, 8, 10), ("chuseok", "summer")),
        (date(2027, 9, 15), ("chuseok", "autumn")),
        (date(2027, 9, 18), ("autumn",)),
        (date(2027, 11, 14), ("autumn",)),
        (date(2028, 10, 5), ("chuseok", "autumn")),
    ],
)
def test_a_day_has_its_holidays_and_then_its_season(day: date, wanted: tuple[str, ...]) -> None:
    assert seasons.seasons_on(day) == wanted


def test_every_season_of_a_scene_comes_up_in_a_year() -> None:
    year = {name for ordinal in range(366) for name in seasons.seasons_on(date.fromordinal(739500 + ordinal))}
    assert {scene.season for scene in scenes().values()} - {None} <= year


def test_the_tables_of_the_lunar_holidays_reach_years_ahead() -> None:
    """When this fails, add years to them."""
    coming = range(timezone.localdate().year, timezone.localdate().year + 3)
    assert all(year in seasons.SEOLLAL and year in seasons.CHUSEOK for year in coming)


def test_scenes_of_the_season_come_first_and_those_of_others_last() -> None:
    offered = choices.scene_choices(date(2026, 11, 25))
    assert [choice.value for choice in offered[:3]] == ["", "christmas", "winter-snow"]
    assert [choice.badge for choice in offered[:4]] == ["", "크리스마스", "겨울", ""]
    known = scenes()
    others = [known[choice.value].season is not None for choice in offered[3:]]
    assert others == sorted(others) and True in others
    assert {choice.value for choice in offered} == {"", *known}
    assert choices.scene_choices(date(2027, 9, 10))[1].value == "chuseok"

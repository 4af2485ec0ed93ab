"""Which of the scenes' seasons a merchant advertises for on a day, in Korea."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

SEOLLAL: Final = {
    2026: date(2026, 2, 17),
    2027: date(2027, 2, 7),
    2028: date(2028, 1, 27),
    2029: date(2029, 2, 13),
    2030: date(2030, 2, 3),
    2031: date(2031, 1, 23),
    2032: date(2032, 2, 11),
    2033: date(2033, 1, 31),
    2034: date(2034, 2, 19),
    2035: date(2035, 2, 8),
    2036: date(2036, 1, 28),
    2037: date(2037, 2, 15),
    2038: date(2038, 2, 4),
    2039: date(2039, 1, 24),
    2040: date(2040, 2, 12),
}
"""The first day of the lunar year by Korea's own calendar (in 2027 and 2028 a day after China's)."""
CHUSEOK: Final = {
    2026: date(2026, 9, 25),
    2027: date(2027, 9, 15),
    2028: date(2028, 10, 3),
    2029: date(2029, 9, 22),
    2030: date(2030, 9, 12),
    2031: date(2031, 10, 1),
    2032: date(2032, 9, 19),
    2033: date(2033, 9, 8),
    2034: date(2034, 9, 27),
    2035: date(2035, 9, 16),
    2036: date(2036, 10, 4),
    2037: date(2037, 9, 24),
    2038: date(2038, 9, 13),
    2039: date(2039, 10, 2),
    2040: date(2040, 9, 21),
}
"""The fifteenth day of the eighth lunar month."""
BEFORE_A_HOLIDAY: Final = timedelta(days=40)
"""From when gifts are advertised for it."""
AFTER_A_HOLIDAY: Final = {
    "seollal": timedelta(days=2),
    "chuseok": timedelta(days=2),
    "christmas": timedelta(0),
}
"""How long it is kept: the two lunar holidays last three days."""
AHEAD: Final = timedelta(days=14)
"""Ads are made for the weeks to come, so a season begins early."""
_OF_MONTH: Final = (
    *("winter", "winter", "spring", "spring", "spring", "summer"),
    *("summer", "summer", "autumn", "autumn", "autumn", "winter"),
)


def seasons_on(day: date) -> tuple[str, ...]:
    """The seasons to offer on that day, the most pressing first: the holidays that come, then the time of year."""
    holidays = sorted((date_, name) for name, date_ in _holidays_of(day.year) if _is_near(name, date_, day))
    return (*(name for _date, name in holidays), _OF_MONTH[(day + AHEAD).month - 1])


def _holidays_of(year: int) -> list[tuple[str, date]]:
    """The year's and the next year's: late in December Seollal may be near."""
    found = [("christmas", date(year, 12, 25))]
    for each in (year, year + 1):
        found += [
            (name, table[each])
            for name, table in (("seollal", SEOLLAL), ("chuseok", CHUSEOK))
            if each in table
        ]
    return found


def _is_near(name: str, holiday: date, day: date) -> bool:
    return holiday - BEFORE_A_HOLIDAY <= day <= holiday + AFTER_A_HOLIDAY[name]

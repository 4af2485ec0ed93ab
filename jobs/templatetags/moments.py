"""Days and times as people say them: 11월 26일 오전 8:54, November 26, 8:54 a.m."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def day(value: datetime) -> str:
    """With its year where that is not this one."""
    at = localtime(value)
    is_this_year = at.year == localtime().year
    return date_format(at, "MONTH_DAY_FORMAT" if is_this_year else "DATE_FORMAT")


@register.filter
def moment(value: datetime) -> str:
    return _("{day} {time}").format(day=day(value), time=date_format(localtime(value), "TIME_FORMAT"))

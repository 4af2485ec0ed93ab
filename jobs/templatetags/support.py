"""What the admin's own templates show beside Django's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import template
from django.template.context import RequestContext

from jobs import operations
from jobs.admin.filters import is_capped
from jobs.admin.job_page import seconds_text

register = template.Library()
register.filter("is_capped", is_capped)


@register.filter
def seconds(value: object) -> str:
    """``4.2 s``, ``3 min 5 s``; nothing for what was not measured."""
    if isinstance(value, timedelta):
        return seconds_text(value.total_seconds())
    return seconds_text(value) if isinstance(value, int | float) else ""


@register.inclusion_tag("admin/overview.html", takes_context=True)
def overview(context: RequestContext) -> dict[str, Any]:
    """The index's figures, each only for those who may see the rows behind it."""
    user: Any = context.request.user
    sees_jobs = user.has_perm("jobs.view_job")
    sees_workers = user.has_perm("jobs.view_workerstate")
    return {
        "today": operations.today() if sees_jobs else None,
        "queues": operations.queues() if sees_jobs or sees_workers else [],
        "disk": operations.disk() if sees_workers else None,
        "sees_jobs": sees_jobs,
        "sees_workers": sees_workers,
    }

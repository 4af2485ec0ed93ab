"""The key of a form that orders: see ``jobs.portal.orders``."""

from __future__ import annotations

from uuid import uuid4

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from jobs.portal.orders import ORDER_FIELD

register = template.Library()


@register.simple_tag
def order_key() -> SafeString:
    """``autocomplete``: else Firefox fills the key of before into a page that was loaded anew."""
    return format_html('<input type="hidden" name="{}" value="{}" autocomplete="off">', ORDER_FIELD, uuid4())

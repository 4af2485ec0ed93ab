"""Product photos and their cut-outs."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from jobs.admin.filters import CappedPaginator
from jobs.admin.read_only import ReadOnlyAdmin
from jobs.media import matte_url, photo_url
from jobs.models import Photo

SHOWN_OTHERWISE = ("file", "matte", "shop")
"""Files have no public address: the pictures above are reached through a check."""


@admin.register(Photo)
class PhotoAdmin(ReadOnlyAdmin):
    list_display = (
        "__str__",
        "shop_name",
        "width",
        "height",
        "matte_state",
        "method",
        "confidence",
        "created_at",
    )
    list_filter = ("matte_state", "method")
    list_select_related = ("shop",)
    search_fields = ("id", "shop__name", "shop__slug", "sha256")
    paginator = CappedPaginator
    show_full_result_count = False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        told = [field.name for field in Photo._meta.fields if field.name not in SHOWN_OTHERWISE]
        return ["both", "shop_name", *told]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.get_fields(request, obj)

    @admin.display(description=_("가게"))
    def shop_name(self, photo: Photo) -> str:
        return photo.shop.name

    @admin.display(description=_("사진과 누끼"))
    def both(self, photo: Photo) -> SafeString:
        cut = matte_url(photo)
        return format_html(
            '<div class="pictures">{}{}</div>',
            _thumb(photo_url(photo), str(_("올린 사진"))),
            _thumb(cut, str(_("사진의 누끼"))) if cut else "",
        )


def _thumb(url: str, name: str) -> SafeString:
    return format_html(
        '<a class="picture" href="{}" target="_blank" rel="noopener"><img src="{}" alt="{}" loading="lazy"></a>',
        url,
        url,
        name,
    )

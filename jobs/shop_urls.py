"""The shop's own area, ``/shop/``: its brand here, its people in ``accounts``."""

from __future__ import annotations

from django.urls import include, path

from accounts.urls import team_urlpatterns
from jobs.portal import brand

urlpatterns = [
    path("", brand.brand, name="shop_brand"),
    path("logo/", brand.logo_upload, name="shop_logo_upload"),
    path("logo.png", brand.logo, name="shop_logo"),
    path("specimen.png", brand.specimen, name="shop_specimen"),
    path("", include(team_urlpatterns)),
]

"""Who answers which path: the API at its contract's paths, the portal, sign-in, media, the admin."""

from __future__ import annotations

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path
from django.utils.translation import gettext_lazy as _
from django_rq.urls import urlpatterns as queue_urls

from accounts.superusers import for_superusers
from adstudio.styleguide import styleguide
from jobs import media_views
from jobs.api import api
from jobs.metrics.views import metrics

# Operators sign in where merchants do, within the same limits. Before the admin's addresses are made below.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

handler500 = "adstudio.outages.server_error"

urlpatterns = [
    path("admin/queue/", include((for_superusers(queue_urls), "django_rq"))),
    path("admin/", admin.site.urls),
    path("accounts/", include("accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("shop/api/", include("accounts.token_urls")),
    path("shop/", include("jobs.shop_urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("media/photo/<uuid:photo_id>", media_views.photo, name="media-photo"),
    path("media/photo/<uuid:photo_id>/screen", media_views.photo_screen, name="media-photo-screen"),
    path("media/matte/<uuid:photo_id>", media_views.matte, name="media-matte"),
    path("media/matte/<uuid:photo_id>/screen", media_views.matte_screen, name="media-matte-screen"),
    path("media/<uuid:artifact_id>", media_views.artifact, name="media"),
    path("metrics", metrics, name="metrics"),
    path("styleguide/", styleguide, name="styleguide"),
    path("", api.urls),
    path("", include("jobs.urls")),
]

admin.site.site_header = "AdStudio"
admin.site.site_title = "AdStudio"
admin.site.index_title = _("운영")

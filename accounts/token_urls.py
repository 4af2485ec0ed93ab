"""The shop's page for its programs, under ``/shop/api/``."""

from __future__ import annotations

from django.urls import path

from accounts import token_views

urlpatterns = [
    path("", token_views.tokens, name="shop_api"),
    path("new/", token_views.new, name="shop_api_new"),
    path("<uuid:token_id>/revoke/", token_views.revoke, name="shop_api_revoke"),
    path("key/", token_views.key_show, name="shop_api_key"),
    path("key/renew/", token_views.key_renew, name="shop_api_key_renew"),
]

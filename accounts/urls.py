from __future__ import annotations

from django.urls import path

from accounts import views

urlpatterns = [
    path("shops/new/", views.shop_new, name="shop_new"),
    path("shops/switch/", views.shop_switch, name="shop_switch"),
    path("terms/", views.terms, name="terms"),
    path("privacy/", views.privacy, name="privacy"),
]

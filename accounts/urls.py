from __future__ import annotations

from django.urls import path

from accounts import team_views, views

team_urlpatterns = [
    path("team/", team_views.team, name="shop_team"),
    path("team/invitations/<uuid:invitation_id>/", team_views.invitation, name="shop_invitation"),
    path("team/<int:membership_id>/role/", team_views.role, name="shop_member_role"),
    path("team/<int:membership_id>/remove/", team_views.remove, name="shop_member_remove"),
    path("join/<str:secret>/", team_views.joining, name="shop_join"),
]
"""Under ``/shop/``, the shop's own area."""

urlpatterns = [
    path("shops/new/", views.shop_new, name="shop_new"),
    path("shops/switch/", views.shop_switch, name="shop_switch"),
    path("terms/", views.terms, name="terms"),
    path("privacy/", views.privacy, name="privacy"),
]

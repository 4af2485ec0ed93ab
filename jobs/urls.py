"""The portal's addresses."""

from __future__ import annotations

from django.urls import path

from jobs.portal import account, pages, views

app_name = "jobs"

urlpatterns = [
    path("", views.home, name="home"),
    path("ads/", views.gallery, name="gallery"),
    path("ads/new/", views.new_ad, name="new"),
    path("ads/scenes/<slug:key>.webp", pages.scene_thumbnail, name="scene-thumbnail"),
    path("ads/photos/", account.photos, name="photos"),
    path("ads/photos/<uuid:photo_id>/delete/", account.photo_remove, name="photo-delete"),
    path("accounts/data/", account.data, name="data"),
    path("accounts/data/openai/", account.photo_to_openai, name="photo-to-openai"),
    path("accounts/export/", account.export, name="data-export"),
    path("accounts/export/<uuid:part_id>/", account.export_part, name="data-export-part"),
    path("accounts/delete/", account.delete, name="account-delete"),
    path("ads/<uuid:job_id>/", views.job, name="job"),
    path("ads/<uuid:job_id>/card/", views.card, name="card"),
    path("ads/<uuid:job_id>/stop/", views.stop, name="stop"),
    path("ads/<uuid:job_id>/rerun/", views.rerun, name="rerun"),
    path("ads/<uuid:job_id>/delete/", views.delete, name="delete"),
    path("ads/<uuid:job_id>/download/", views.download, name="download"),
]

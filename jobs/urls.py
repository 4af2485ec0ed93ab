"""The portal's addresses."""

from __future__ import annotations

from django.urls import path

from jobs.portal import manifest, pages, views

app_name = "jobs"

urlpatterns = [
    path("", views.home, name="home"),
    path("manifest.webmanifest", manifest.manifest, name="manifest"),
    path("ads/", views.gallery, name="gallery"),
    path("ads/new/", views.new_ad, name="new"),
    path("ads/scenes/<slug:key>.webp", pages.scene_thumbnail, name="scene-thumbnail"),
    path("ads/<uuid:job_id>/", views.job, name="job"),
    path("ads/<uuid:job_id>/card/", views.card, name="card"),
    path("ads/<uuid:job_id>/stop/", views.stop, name="stop"),
    path("ads/<uuid:job_id>/rerun/", views.rerun, name="rerun"),
    path("ads/<uuid:job_id>/delete/", views.delete, name="delete"),
    path("ads/<uuid:job_id>/download/", views.download, name="download"),
]

"""The portal's addresses."""

from __future__ import annotations

from django.urls import path

from jobs.portal import account, after, manifest, pages, shared, views

app_name = "jobs"

urlpatterns = [
    path("", views.home, name="home"),
    path("manifest.webmanifest", manifest.manifest, name="manifest"),
    path("ads/", views.gallery, name="gallery"),
    path("ads/new/", views.new_ad, name="new"),
    path("ads/scenes/<slug:key>.webp", pages.scene_thumbnail, name="scene-thumbnail"),
    path("ads/fonts/<path:path>", pages.headline_font, name="font"),
    path("ads/photos/", account.photos, name="photos"),
    path("ads/photos/<uuid:photo_id>/delete/", account.photo_remove, name="photo-delete"),
    path("accounts/data/", account.data, name="data"),
    path("accounts/data/openai/", account.photo_to_openai, name="photo-to-openai"),
    path("accounts/export/", account.export, name="data-export"),
    path("accounts/export/<uuid:part_id>/", account.export_part, name="data-export-part"),
    path("accounts/delete/", account.delete, name="account-delete"),
    path("ads/<uuid:job_id>/", views.job, name="job"),
    path("ads/<uuid:job_id>/card/", views.card, name="card"),
    path("ads/<uuid:job_id>/text/", views.text_check, name="text-check"),
    path("ads/<uuid:job_id>/stop/", views.stop, name="stop"),
    path("ads/<uuid:job_id>/rerun/", views.rerun, name="rerun"),
    path("ads/<uuid:job_id>/layout/", after.layout, name="layout"),
    path("ads/<uuid:job_id>/retry/", after.retry, name="retry"),
    path("ads/<uuid:job_id>/variations/", after.variations, name="variations"),
    path("ads/<uuid:job_id>/variation/", after.variation, name="variation"),
    path("ads/<uuid:job_id>/choose/", after.choose, name="choose"),
    path("ads/sets/<uuid:set_id>/", after.variation_set, name="set"),
    path("ads/<uuid:job_id>/zip/", after.zip_all, name="zip"),
    path("ads/<uuid:job_id>/share/", after.share, name="share"),
    path("ads/<uuid:job_id>/unshare/", after.unshare, name="unshare"),
    path("ads/<uuid:job_id>/post/", after.post, name="post"),
    path("ads/<uuid:job_id>/favourite/", after.favourite, name="favourite"),
    path("ads/<uuid:job_id>/rename/", after.rename, name="rename"),
    path("ads/<uuid:job_id>/delete/", after.delete, name="delete"),
    path("ads/<uuid:job_id>/restore/", after.restore, name="restore"),
    path("ads/<uuid:job_id>/download/", views.download, name="download"),
    path("s/<str:token>/", shared.page, name="shared"),
    path("s/<str:token>/picture", shared.picture, name="shared-picture"),
]

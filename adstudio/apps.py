from __future__ import annotations

from django.apps import AppConfig


class AdStudioConfig(AppConfig):
    name = "adstudio"

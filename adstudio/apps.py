from __future__ import annotations

import logging

from django.apps import AppConfig
from django.conf import settings

from adstudio import checks

logger = logging.getLogger(__name__)


class AdStudioConfig(AppConfig):
    name = "adstudio"

    def ready(self) -> None:
        if checks.redis_is_open(settings.REDIS_URL):
            logger.warning(
                "REDIS_URL has no password and leads over the network: see manage.py check --deploy"
            )

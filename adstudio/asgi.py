"""The one web process: HTTP by Django, websockets by Channels."""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "adstudio.settings")
http_application = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402  (after Django is set up)
from channels.sessions import CookieMiddleware  # noqa: E402

from adstudio import requests  # noqa: E402
from adstudio.patience import PatienceMiddleware  # noqa: E402
from adstudio.websockets import LanguageMiddleware, OriginUnlessBearer, UnknownPath  # noqa: E402
from jobs.routing import websocket_urlpatterns  # noqa: E402

requests.install()
application = PatienceMiddleware(
    ProtocolTypeRouter(
        {
            "http": http_application,
            "websocket": OriginUnlessBearer(
                CookieMiddleware(
                    LanguageMiddleware(URLRouter(websocket_urlpatterns + UnknownPath.urlpatterns))
                )
            ),
        }
    )
)

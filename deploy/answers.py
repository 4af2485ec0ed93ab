"""The web container's health check: whether the web process answers, which takes it seconds while Postgres does not.

docker-compose.yml allows the host name.
"""

from __future__ import annotations

import http.client

connection = http.client.HTTPConnection("localhost", 8000, timeout=8)
connection.request("GET", "/health", headers={"X-Forwarded-Proto": "https"})
status = connection.getresponse().status
raise SystemExit(f"/health answered {status}" if status >= 400 else 0)

"""The settings as an installation for strangers has them, read in a process of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from adstudio.checks import redis_is_open
from tests.conftest import ROOT

PRODUCTION = {
    "DATABASE_URL": "postgresql://adstudio@localhost/adstudio",
    "REDIS_URL": "redis://localhost:6379/0",
    "ALLOWED_HOSTS": "ads.example.com",
    "SITE_URL": "https://ads.example.com",
    "SECRET_KEY": "0nly-f0r-this-test-Qm3vT8xLk2Zr9WcY5bHd7NfJ1sGp4aEuVtRyXw",
}
READ = (
    "import json, django; django.setup(); from django.conf import settings as s;"
    "print(json.dumps({n: getattr(s, n, None) for n in dir(s) if n.isupper()}, default=str))"
)


def run(code: str, **environ: str) -> subprocess.CompletedProcess[str]:
    unset = ("ADSTUDIO_DEMO", "ADSTUDIO_TEST", "ADSTUDIO_RUN_DIR", "DJANGO_ALLOW_ASYNC_UNSAFE")
    kept = {name: value for name, value in os.environ.items() if name not in unset}
    environ = {**kept, "DJANGO_SETTINGS_MODULE": "adstudio.settings", **PRODUCTION, **environ}
    how = code.split(" ") if code.startswith("manage.py") else ["-c", code]
    argv = [sys.executable, "-W", "ignore", *how]
    environ = {name: value for name, value in environ.items() if value}
    return subprocess.run(argv, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)


def settings_with(**environ: str) -> dict[str, Any]:
    done = run(READ, **environ)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_cookies_and_transport_are_closed() -> None:
    told = settings_with()
    wanted = {
        "DEBUG": False,
        "DEMO": False,
        "SESSION_COOKIE_SECURE": True,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "CSRF_COOKIE_SECURE": True,
        "CSRF_COOKIE_SAMESITE": "Lax",
        "SECURE_SSL_REDIRECT": True,
        "SECURE_HSTS_SECONDS": 31_536_000,
        "SECURE_HSTS_INCLUDE_SUBDOMAINS": True,
        "SECURE_CONTENT_TYPE_NOSNIFF": True,
        "SECURE_REFERRER_POLICY": "same-origin",
        "SECURE_CROSS_ORIGIN_OPENER_POLICY": "same-origin",
        "X_FRAME_OPTIONS": "DENY",
        "ALLOWED_HOSTS": ["ads.example.com"],
        "CSRF_TRUSTED_ORIGINS": [],
        "CALLBACKS_TO_PRIVATE": False,
        "SECURE_PROXY_SSL_HEADER": None,
    }
    assert {name: told[name] for name in wanted} == wanted
    policy = told["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]
    assert policy["script-src"] == ["'self'"]
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == ["'none'"]


def test_a_proxy_is_trusted_only_when_it_is_said() -> None:
    assert "ALLAUTH_TRUSTED_PROXY_COUNT" not in settings_with()
    told = settings_with(ADSTUDIO_TRUST_PROXY="1", ADSTUDIO_PROXY_COUNT="2")
    assert told["SECURE_PROXY_SSL_HEADER"] == ["HTTP_X_FORWARDED_PROTO", "https"]
    assert told["ALLAUTH_TRUSTED_PROXY_COUNT"] == 2


def test_with_mail_an_address_is_verified_before_anyone_gets_in() -> None:
    assert settings_with(EMAIL_HOST="mail.example.com")["ACCOUNT_EMAIL_VERIFICATION"] == "mandatory"


def test_it_does_not_start_without_a_key_or_with_half_of_the_servers() -> None:
    for missing in ("SECRET_KEY", "REDIS_URL"):
        done = run(READ, **{missing: ""})
        assert done.returncode != 0
        assert "ImproperlyConfigured" in done.stderr
        assert missing in done.stderr


@pytest.mark.parametrize(
    ("url", "is_open"),
    [
        ("redis://valkey:6379/0", True),
        ("redis://10.0.0.5/0", True),
        ("rediss://cache.example.com:6380/0", True),
        ("redis://:secret@valkey:6379/0", False),
        ("redis://user:secret@cache.example.com/0", False),
        ("redis://localhost:6379/0", False),
        ("redis://127.0.0.1/0", False),
        ("redis://[::1]:6379/0", False),
        ("unix:///run/adstudio/valkey.sock?db=0", False),
    ],
)
def test_it_knows_a_redis_that_anybody_may_write_to(url: str, is_open: bool) -> None:
    assert redis_is_open(url) is is_open


def test_the_deployment_check_refuses_an_open_redis_and_starting_warns() -> None:
    done = run("manage.py check --deploy --fail-level WARNING", REDIS_URL="redis://valkey:6379/0")
    assert done.returncode != 0
    assert "adstudio.E001" in done.stderr
    assert "REDIS_URL has no password" in run("manage.py version", REDIS_URL="redis://valkey:6379/0").stderr
    fine = run("manage.py check --deploy --fail-level WARNING")
    assert fine.returncode == 0, fine.stderr

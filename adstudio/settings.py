"""AdStudio's settings. Every one of them can be set from the environment; ``docs/settings.md`` lists them.

Without ``DATABASE_URL`` and ``REDIS_URL`` the servers embedded in the run folder are used (``adstudio.embedded``);
then a demo shop exists and cookies travel over plain HTTP. With them set, production rules hold.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import django_stubs_ext
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from adstudio import embedded
from adstudio.environment import env_bool, env_choice, env_int, env_list, env_prices, env_str, env_url
from adstudio.patience import PatientConnection
from adstudio.s3 import bucket_from_environment

django_stubs_ext.monkeypatch()  # so that Django's generic classes can be written with their types

BASE_DIR = Path(__file__).resolve().parent.parent
RUN_DIR = Path(env_str("ADSTUDIO_RUN_DIR") or BASE_DIR / "var").resolve()
MODELS_DIR = Path(env_str("ADSTUDIO_MODELS_DIR") or BASE_DIR / "models").resolve()
os.environ.setdefault("ADSTUDIO_MODELS_DIR", str(MODELS_DIR))

DATABASE_URL = env_url("DATABASE_URL", "DATABASE_PASSWORD")
REDIS_URL = env_url("REDIS_URL", "REDIS_PASSWORD")
EMBEDDED = not DATABASE_URL and not REDIS_URL
if bool(DATABASE_URL) != bool(REDIS_URL):
    raise ImproperlyConfigured("Set both DATABASE_URL and REDIS_URL, or neither to use the embedded servers.")
if EMBEDDED:
    _servers = embedded.addresses(RUN_DIR)
    DATABASE_URL, REDIS_URL = _servers.database_url, _servers.redis_url

S3 = bucket_from_environment()
"""Where pictures lie when ``S3_BUCKET`` is set: also ``S3_REGION``, ``S3_ENDPOINT_URL``, ``S3_PUBLIC_ENDPOINT_URL``
(the one that browsers reach), ``S3_PREFIX``, ``S3_ADDRESSING_STYLE`` (path or virtual), ``S3_ACCESS_KEY_ID`` and
``S3_SECRET_ACCESS_KEY``."""

DEMO = EMBEDDED or env_bool("ADSTUDIO_DEMO")
DEBUG = env_bool("DEBUG", False)
SECRET_KEY = env_str("SECRET_KEY") or (embedded.secret_key(RUN_DIR) if DEMO else "")
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "SECRET_KEY is not set. Make one: python -c 'import secrets; print(secrets.token_urlsafe(50))'"
    )

LAN = env_bool("ADSTUDIO_ALLOW_LAN")
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", "*" if LAN else "localhost,127.0.0.1,[::1]" if DEMO else "")
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS")
SITE_URL = env_str("SITE_URL", "http://localhost:8000").rstrip("/")

INSTALLED_APPS = [
    "daphne",
    "adstudio",
    "accounts",
    "jobs",
    "allauth",
    "accounts.apps.EmailAddressesConfig",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.kakao",
    "allauth.socialaccount.providers.naver",
    "channels",
    "django_htmx",
    "django_rq",
    "ninja",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "jobs.metrics.process.HttpMetricsMiddleware",
    "jobs.middleware.AllowanceHeadersMiddleware",
    "adstudio.middleware.OwnCacheMiddleware",
    "jobs.middleware.ApiErrorMiddleware",
    "adstudio.middleware.PlainAddressMiddleware",
    "adstudio.outages.OutageMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.CurrentShopMiddleware",
]

ROOT_URLCONF = "adstudio.urls"
ASGI_APPLICATION = "adstudio.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.context_processors.shop",
            ]
        },
    }
]

DATABASES = {
    "default": embedded.django_database(
        DATABASE_URL, transactions_pooled=env_bool("DATABASE_TRANSACTION_POOLING")
    )
}
"""``DATABASE_TRANSACTION_POOLING``: PgBouncer, in transaction mode, stands before Postgres."""
DATABASES["default"]["OPTIONS"]["pool"]["connection_class"] = PatientConnection
DATABASE_WAIT_SECONDS = env_int("DATABASE_WAIT_SECONDS", 8)
"""How long a request waits for one answer of Postgres before it is answered 503. Workers and commands wait on."""
if DATABASE_WAIT_SECONDS < 1:
    raise ImproperlyConfigured("DATABASE_WAIT_SECONDS must be at least 1: within 0 s nothing is answered.")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Accounts -------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/accounts/login/"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
"""Before an address is added: whoever finds a browser signed in could otherwise have the password reset to theirs."""
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[AdStudio] "
ACCOUNT_EMAIL_VERIFICATION = env_str(
    "ACCOUNT_EMAIL_VERIFICATION", "mandatory" if env_str("EMAIL_HOST") else "optional"
)
"""Mandatory, signing up answers the same for an address that has an account and for one that has none."""
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.forms.ShopSignupFields"
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "accounts.adapters.SocialAccountAdapter"
SOCIALACCOUNT_AUTO_SIGNUP = False
SOCIALACCOUNT_EMAIL_REQUIRED = False
SOCIALACCOUNT_PROVIDERS = {
    provider: {
        "APPS": [{"client_id": key, "secret": env_str(f"{provider.upper()}_CLIENT_SECRET"), "key": ""}]
    }
    for provider in ("kakao", "naver")
    if (key := env_str(f"{provider.upper()}_CLIENT_ID"))
}

# Sessions, cookies, transport -----------------------------------------------------------------------------
HTTPS = env_bool("ADSTUDIO_HTTPS", not DEMO)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = env_int("SECURE_HSTS_SECONDS", 31_536_000 if HTTPS else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
_SIGN_IN_HOSTS = {"kakao": "https://kauth.kakao.com", "naver": "https://nid.naver.com"}
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "blob:", *([S3.origin] if S3 else [])],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        # Browsers follow this through the redirect to a provider's sign-in page.
        "form-action": [SELF, *(_SIGN_IN_HOSTS[provider] for provider in SOCIALACCOUNT_PROVIDERS)],
    }
}
if env_bool("ADSTUDIO_TRUST_PROXY"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    ALLAUTH_TRUSTED_PROXY_COUNT = env_int("ADSTUDIO_PROXY_COUNT", 1)

# Languages and time ---------------------------------------------------------------------------------------
LANGUAGE_CODE = "ko"
LANGUAGES = [("ko", "한국어"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Seoul"
USE_TZ = True

# Files ----------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = RUN_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = RUN_DIR / "media"
_TESTING = env_bool("ADSTUDIO_TEST")
STORAGES: dict[str, Any] = {
    "default": S3.storage() if S3 else {"BACKEND": "adstudio.storage.WholeFileStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or _TESTING
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG or _TESTING
FILE_UPLOAD_PERMISSIONS = 0o640
DATA_UPLOAD_MAX_MEMORY_SIZE = 48 * 1024 * 1024
"""Bytes of one request's body."""
PHOTO_MAX_BYTES = 32 * 1024 * 1024
MEDIA_SIGNATURE_SECONDS = 300
"""How long a signed address of a picture holds, on S3 too."""

# Queue, channel layer, cache ------------------------------------------------------------------------------
# RQ never times a wake-up out: the worker's own watchdog does (jobs.worker.heartbeat).
RQ_QUEUES = {
    engine: {"URL": REDIS_URL, "DEFAULT_TIMEOUT": -1, "SERIALIZER": "rq.serializers.JSONSerializer"}
    for engine in ("studio", "diffusion")
}
RQ = {"COMMIT_MODE": "auto"}
"""Enqueue at once: ``jobs`` itself waits for the commit where it must."""
RQ_SHOW_ADMIN_LINK = False
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        # The layer waits for messages in blocking reads, which redis-py's own read timeout would cut short.
        "CONFIG": {
            "hosts": [{"address": REDIS_URL, "socket_timeout": None}],
            "capacity": 1000,
            "expiry": 60,
            "prefix": "adstudio",
        },
    }
}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"serializer": "adstudio.cache.JsonSerializer"},
        "VERSION": 2,  # the first one's values were pickles
    }
}

# Jobs -----------------------------------------------------------------------------------------------------
JOB_HEARTBEAT_SECONDS = 2.0
JOB_STALE_SECONDS = env_int("JOB_STALE_SECONDS", 15)
JOB_MAX_ATTEMPTS = 3
JOB_HARD_SECONDS = {
    "studio": env_int("JOB_HARD_SECONDS", 120),
    "diffusion": env_int("DIFFUSION_JOB_HARD_SECONDS", 900),
}
"""A job running longer is taken for hung: the watchdog ends its worker. A cold diffusion job reads 40 GB first."""
WORKER_MEMORY_LIMIT_MB = {
    "studio": env_int("WORKER_MEMORY_LIMIT_MB", 4096),
    "diffusion": env_int("DIFFUSION_MEMORY_LIMIT_MB", 65_536),
}
"""Host memory of a worker's process. A diffusion worker keeps evicted models there, and mapped files count too."""
QUEUE_LIMIT = env_int("QUEUE_LIMIT", 500)
"""Waiting jobs beyond this are answered 503 with Retry-After."""
SHOP_DAILY_JOBS = env_int("SHOP_DAILY_JOBS", 200)
KEEP_PHOTOS_DAYS = env_int("KEEP_PHOTOS_DAYS", 0)
KEEP_JOBS_DAYS = env_int("KEEP_JOBS_DAYS", 0)
"""Photos unused and ads finished for longer are taken away (``jobs.retention``); 0 keeps them."""
KEEP_DATA_EXPORTS_DAYS = 7

READ_BACK_SECONDS = env_int("READ_BACK_SECONDS", 20)
"""How long reading a finished ad's headline back may take a worker that has nothing else to do; 0 is never. Without
Tesseract and its Korean model nothing is read, and ads say so."""

API_TOKEN_RATE = env_int("API_TOKEN_RATE", 120)
"""Requests a minute of one API token; 0 is no limit. The admin sets another for a single token."""
SOCKET_RATE = env_int("SOCKET_RATE", 120)
"""Websockets that one person, or one API token, may open in a minute; 0 is no limit."""

CALLBACKS_TO_PRIVATE = env_bool("ADSTUDIO_CALLBACKS_TO_PRIVATE")
"""Whether a job's callback_url may lead into this network, for shops' programs on an intranet. Never where strangers
sign up: they could reach what only this host can."""


METRICS_TOKEN = env_str("METRICS_TOKEN")
"""What Prometheus sends as Bearer token to read ``/metrics``. Without it only a signed-in member of the staff may."""

# Language model -------------------------------------------------------------------------------------------
OPENAI_API_KEY = env_str("OPENAI_API_KEY")
"""Empty: nothing is ever asked, all words come from rules."""
OPENAI_BASE_URL = env_str("OPENAI_BASE_URL")
"""Of a server that speaks OpenAI's protocol; empty is OpenAI itself."""
OPENAI_MODEL = env_str("OPENAI_MODEL", "gpt-4o")
OPENAI_REQUEST_SECONDS = env_int("OPENAI_REQUEST_SECONDS", 8)
OPENAI_TOTAL_SECONDS = env_int("OPENAI_TOTAL_SECONDS", 15)
"""One request is given up and tried again after the first, at most twice; after the second the rules answer."""
OPENAI_MONTHLY_LIMIT = env_int("OPENAI_MONTHLY_LIMIT", 300)
"""Questions of one shop in a calendar month that the model answers; 0 is no limit. Beyond it the rules answer."""
OPENAI_PRICES = env_prices(
    "OPENAI_PRICES",
    "gpt-4o=2.50/1.25/10.00, gpt-4o-mini=0.15/0.075/0.60, gpt-4.1=2.00/0.50/8.00, gpt-4.1-mini=0.40/0.10/1.60",
)
"""OpenAI's list prices of 2025, in US dollars for a million tokens: read, read from its cache, written. What a model
costs that is not listed is told as unknown."""

MODERATION = env_choice("MODERATION", "auto", ("off", "local", "openai", "auto"))
"""Who looks at the content of ads: nobody, the local list of words, OpenAI, or OpenAI where there is a key and else the
list. Where OpenAI does not answer the list decides about words."""
MODERATION_MODEL = env_str("MODERATION_MODEL", "omni-moderation-latest")
MODERATION_SECONDS = env_int("MODERATION_SECONDS", 4)
if MODERATION == "openai" and not OPENAI_API_KEY:
    raise ImproperlyConfigured("MODERATION=openai needs OPENAI_API_KEY. Set it, or MODERATION=auto.")

C2PA_CERTIFICATE, C2PA_PRIVATE_KEY = env_str("C2PA_CERTIFICATE"), env_str("C2PA_PRIVATE_KEY")
"""Files (PEM) of the chain and the key that finished pictures are signed with (Content Credentials; needs
``requirements/c2pa.txt``). Workers alone read them. Unset, nothing is signed."""
if bool(C2PA_CERTIFICATE) != bool(C2PA_PRIVATE_KEY):
    raise ImproperlyConfigured(
        "Set both C2PA_CERTIFICATE and C2PA_PRIVATE_KEY, or neither: then nothing is signed."
    )
C2PA_ALGORITHM = env_str("C2PA_ALGORITHM", "es256")
"""As the key asks for it: es256, es384, es512, ps256, ps384, ps512 or ed25519."""
C2PA_TIMESTAMP_SERVER = env_str("C2PA_TIMESTAMP_SERVER")
"""Address of an RFC 3161 server; with it a signature still holds once its certificate has run out."""

# Mail -----------------------------------------------------------------------------------------------------
MAIL_TO_FILES = "django.core.mail.backends.filebased.EmailBackend"
if env_str("EMAIL_HOST"):
    EMAIL_HOST = env_str("EMAIL_HOST")
    EMAIL_PORT = env_int("EMAIL_PORT", 587)
    EMAIL_HOST_USER = env_str("EMAIL_HOST_USER")
    EMAIL_HOST_PASSWORD = env_str("EMAIL_HOST_PASSWORD")
    EMAIL_USE_TLS = env_bool("EMAIL_USE_TLS", True)
else:
    EMAIL_BACKEND = MAIL_TO_FILES
    EMAIL_FILE_PATH = RUN_DIR / "mail"
DEFAULT_FROM_EMAIL = env_str("DEFAULT_FROM_EMAIL", "AdStudio <no-reply@localhost>")

# Logs, signs of life --------------------------------------------------------------------------------------
LOG_FORMAT = env_choice("LOG_FORMAT", "line", ("line", "json"))
"""``line`` for people, ``json`` for a log store: each line an object with the job's and shop's ids."""
ALIVE_FILE = env_str("ADSTUDIO_ALIVE_FILE")
"""Touched every few seconds by a worker, and by ``reconcile_jobs --loop``, for a container's health check."""
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"about": {"()": "adstudio.logs.About"}},
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "format": "%(levelname)s %(name)s %(message)s",
            "rename_fields": {"levelname": "level", "name": "logger"},
            "timestamp": True,
            "json_ensure_ascii": False,
        },
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT, "filters": ["about"]}},
    "root": {"handlers": ["stderr"], "level": env_str("LOG_LEVEL", "INFO")},
    "loggers": {
        "daphne": {"level": "WARNING"},
        "django.channels.server": {"level": "WARNING"},
        "httpx2": {"level": "WARNING"},
    },
}

"""S3 from the environment: where the bucket is and how it is addressed. Read by the settings; asks nobody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from adstudio.environment import env_str

STYLES = ("path", "virtual")


@dataclass(frozen=True)
class Bucket:
    """``S3_BUCKET`` and what belongs to it. Without keys, credentials are looked for in the ways usual with AWS."""

    name: str
    endpoint_url: str
    public_endpoint_url: str
    region: str
    style: str
    prefix: str
    access_key: str
    secret_key: str

    @property
    def origin(self) -> str:
        """Scheme and host that presigned addresses have, for the pages' policy."""
        parts = urlsplit(self.public_endpoint_url or self.endpoint_url)
        host = f"{self.name}.{parts.netloc}" if self.style == "virtual" else parts.netloc
        return f"{parts.scheme}://{host}"

    def storage(self) -> dict[str, Any]:
        """Django's ``STORAGES`` entry."""
        options = {
            "bucket_name": self.name,
            "endpoint_url": self.endpoint_url,
            "public_endpoint_url": self.public_endpoint_url,
            "region_name": self.region,
            "addressing_style": self.style,
            "location": self.prefix,
        }
        if self.access_key:
            options |= {"access_key": self.access_key, "secret_key": self.secret_key}
        return {"BACKEND": "adstudio.object_storage.ObjectStorage", "OPTIONS": options}


def bucket_from_environment() -> Bucket | None:
    """The bucket, or None when pictures lie in ``MEDIA_ROOT``. Raises ``ImproperlyConfigured``."""
    name = env_str("S3_BUCKET")
    if not name:
        return None
    endpoint, region = env_str("S3_ENDPOINT_URL").rstrip("/"), env_str("S3_REGION")
    style = env_str("S3_ADDRESSING_STYLE") or ("path" if endpoint else "virtual")
    _check(name, endpoint, region, style)
    region = region or "us-east-1"  # what servers that know no regions call theirs
    return Bucket(
        name=name,
        # Told even on AWS: by itself boto3 presigns for the global address, which new buckets answer with a redirect.
        endpoint_url=endpoint or f"https://s3.{region}.amazonaws.com",
        public_endpoint_url=env_str("S3_PUBLIC_ENDPOINT_URL").rstrip("/"),
        region=region,
        style=style,
        prefix=env_str("S3_PREFIX").strip("/"),
        access_key=env_str("S3_ACCESS_KEY_ID"),
        secret_key=env_str("S3_SECRET_ACCESS_KEY"),
    )


def _check(name: str, endpoint: str, region: str, style: str) -> None:
    if not endpoint and not region:
        raise ImproperlyConfigured("S3_BUCKET needs S3_REGION (on AWS) or S3_ENDPOINT_URL (elsewhere).")
    if style not in STYLES:
        raise ImproperlyConfigured(f"S3_ADDRESSING_STYLE={style!r}: write {' or '.join(STYLES)}")
    if style == "virtual" and "." in name:
        raise ImproperlyConfigured(
            f"S3_BUCKET={name!r} has a dot, which no certificate covers as a host: set S3_ADDRESSING_STYLE=path"
        )
    for setting in ("S3_ENDPOINT_URL", "S3_PUBLIC_ENDPOINT_URL"):
        url = env_str(setting)
        if url and urlsplit(url).scheme not in ("http", "https"):
            raise ImproperlyConfigured(f"{setting}={url!r}: begin with https:// or http://")
    if bool(env_str("S3_ACCESS_KEY_ID")) != bool(env_str("S3_SECRET_ACCESS_KEY")):
        raise ImproperlyConfigured("Set both S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY, or neither.")

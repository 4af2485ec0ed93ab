"""The demo shop of an embedded run: two sign-ins and a first sample ad. Asking again changes nothing."""

from __future__ import annotations

import json
import os
import secrets
import time
from pathlib import Path

from django.conf import settings

from accounts.models import Shop, User
from accounts.services import consents_record, shop_create
from jobs import selectors
from jobs.media import artifact_url
from jobs.models import Artifact, Job
from jobs.params import AdParams
from jobs.photos import photo_create
from jobs.services import job_submit

DEMO_SLUG = "demo"
DEMO_EMAIL = "demo@adstudio.example"
ADMIN_EMAIL = "admin@adstudio.example"
SAMPLE_PHOTO = Path(settings.BASE_DIR) / "static" / "img" / "samples" / "coffee.png"
SAMPLE = {
    "text_content": "오늘만 반값",
    "scene": "cafe-wood",
    "text_style": "gold",
    "text_position": "top",
    "seed": 7,
}
PASSWORD_BYTES = 9
POLL_SECONDS = 0.3


def _credentials_file() -> Path:
    return Path(settings.RUN_DIR) / "demo.json"


def _write_credentials(values: dict[str, str]) -> None:
    path = _credentials_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(values, file, indent=2, ensure_ascii=False)
    path.chmod(0o600)


def _person(email: str, password: str, **fields: object) -> User:
    user = User.objects.filter(email=email).first()
    if user is None:
        user = User.objects.create_user(email, password, **fields)
        consents_record(user=user)
    elif not user.check_password(password):
        user.set_password(password)
        user.save(update_fields=["password"])
    return user


def ensure_demo(*, url: str) -> dict[str, str]:
    """Make what is missing of the demo and write ``demo.json`` (mode 600); returns its contents."""
    path = _credentials_file()
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    values = {
        "url": url,
        "email": DEMO_EMAIL,
        "password": known.get("password") or secrets.token_urlsafe(PASSWORD_BYTES),
        "admin_email": ADMIN_EMAIL,
        "admin_password": known.get("admin_password") or secrets.token_urlsafe(PASSWORD_BYTES),
    }
    owner = _person(values["email"], values["password"], name="데모 사장님")
    _person(values["admin_email"], values["admin_password"], name="운영자", is_staff=True, is_superuser=True)
    shop = Shop.objects.filter(slug=DEMO_SLUG).first()
    if shop is None:
        shop = shop_create(owner=owner, name="데모 카페", industry="cafe", slug=DEMO_SLUG)
        photo = photo_create(shop=shop, data=SAMPLE_PHOTO.read_bytes())
        job_submit(shop=shop, params=AdParams.model_validate(SAMPLE), user=owner, photo=photo)
    if known != values:
        _write_credentials(values)
    return values


def _place_of(picture: Artifact) -> str:
    """Where a person finds it: its file, or the portal's address of it when it lies in a bucket."""
    return picture.file.path if settings.S3 is None else f"{settings.SITE_URL}{artifact_url(picture)}"


def wait_for_sample(seconds: float) -> str | None:
    """The place of the demo shop's first ad once it is finished; None when it is not in time or failed."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        job = Job.objects.filter(shop__slug=DEMO_SLUG).order_by("queued_at").first()
        if job is not None and job.is_terminal:
            final = selectors.pictures(job).get(Artifact.Kind.FINAL)
            return _place_of(final) if final else None
        time.sleep(POLL_SECONDS)
    return None

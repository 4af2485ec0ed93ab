"""Rows for tests: people, shops, photos and jobs."""

from __future__ import annotations

import io
import itertools
from functools import cache
from typing import Any

import numpy as np
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from PIL import Image

from accounts.models import Membership, Shop, User
from accounts.services import member_add, shop_create
from generation import intake
from generation.types import Cutout
from jobs.models import Job, JobEvent, Photo
from jobs.params import AdParams
from jobs.photos import photo_create, photo_cutout_store

_numbers = itertools.count(1)
PASSWORD = "a-long-test-password"


@cache
def _hashed() -> str:
    """``PASSWORD`` as the service keeps it. Once for all people: it takes long on purpose, and few of them type it."""
    hasher = PBKDF2PasswordHasher()
    return hasher.encode(PASSWORD, hasher.salt())


def person(email: str | None = None) -> User:
    return User.objects.create(email=email or f"person{next(_numbers)}@example.com", password=_hashed())


def shop(name: str = "빵집", owner: User | None = None, **fields: Any) -> Shop:
    made = shop_create(owner=owner or person(), name=name, slug=f"shop-{next(_numbers)}")
    if fields:
        Shop.objects.filter(pk=made.pk).update(**fields)
        made.refresh_from_db()
    return made


def team_mate(of: Shop) -> User:
    user = person()
    member_add(shop=of, user=user, role=Membership.Role.STAFF)
    return user


def owner(of: Shop) -> User:
    return of.members.order_by("pk")[0]


def product_picture(width: int = 320, height: int = 320) -> np.ndarray:
    """A red disc, lit from one side, on white: anything can cut it out."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    inside = np.hypot(x - width / 2, y - height / 2) < min(width, height) * 0.33
    picture = np.full((height, width, 3), 245, np.uint8)
    shade = np.clip(200 - 0.3 * x, 60, 255).astype(np.uint8)
    picture[inside] = np.stack([shade, shade // 5, shade // 6], -1)[inside]
    return picture


def photo_bytes(width: int = 320, height: int = 320) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(product_picture(width, height)).save(buffer, "PNG")
    return buffer.getvalue()


def photo(of: Shop, *, cut: bool = True) -> Photo:
    """A photo of the shop; ``cut``: with its matte, so that no model is needed."""
    made = photo_create(shop=of, data=photo_bytes(320 + next(_numbers) % 200, 320))
    if cut:
        picture = intake.read_photo(made.file.read()).picture[..., :3]
        alpha = np.where(picture[..., 1] < 100, 255, 0).astype(np.uint8)
        photo_cutout_store(photo=made, cutout=Cutout(np.dstack([picture, alpha]), "brush", 1.0))
    return made


def job(of: Shop, *, engine: str = "studio", **request: Any) -> Job:
    """A waiting job, without going through the submission's checks or the queue."""
    params = AdParams.model_validate({"text_content": "오늘만 반값", **request})
    made = Job.objects.create(
        shop=of,
        title=params.text_content,
        request=params.model_dump(mode="json", exclude_unset=True),
        engine=engine,
        seed=1,
        current_step=Job.CurrentStep.BACKGROUND,
    )
    JobEvent.objects.create(job=made, sequence=0, to_status="pending", reason="submitted")
    return made

"""People, programs and pictures that every API test needs."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from PIL import Image, ImageDraw
from pytest_django import Settings

from accounts.models import Shop, User
from accounts.services import member_add, shop_create
from accounts.tokens import token_create
from jobs.models import Job

Call = Callable[..., Any]


@pytest.fixture(autouse=True)
def media_folder(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def owner(db: None) -> User:
    return User.objects.create_user("owner@example.com")


@pytest.fixture
def shop(owner: User) -> Shop:
    return shop_create(owner=owner, name="우리 카페", slug="cafe")


@pytest.fixture
def other_shop(db: None) -> Shop:
    return shop_create(owner=User.objects.create_user("stranger@example.com"), name="남의 가게", slug="other")


def signed_in(user: User, **options: Any) -> Client:
    client = Client(raise_request_exception=False, **options)
    client.force_login(user)
    return client


@pytest.fixture
def client(owner: User, shop: Shop) -> Client:
    """The owner's browser."""
    return signed_in(owner)


@pytest.fixture
def teammate(shop: Shop) -> Client:
    user = User.objects.create_user("mate@example.com")
    member_add(shop=shop, user=user)
    return signed_in(user)


@pytest.fixture
def stranger(other_shop: Shop) -> Client:
    return signed_in(User.objects.get(email="stranger@example.com"))


@pytest.fixture
def anonymous(db: None) -> Client:
    return Client(raise_request_exception=False)


@pytest.fixture
def program(shop: Shop) -> Client:
    """The shop's program, which has its token and no session."""
    _token, plain = token_create(shop=shop, name="test")
    return Client(raise_request_exception=False, headers={"Authorization": f"Bearer {plain}"})


def photo_bytes(kind: str = "JPEG", size: tuple[int, int] = (120, 90)) -> bytes:
    picture = Image.new("RGB", size, (200, 180, 160))
    ImageDraw.Draw(picture).ellipse((30, 20, 90, 70), fill=(120, 40, 20))
    buffer = io.BytesIO()
    picture.save(buffer, kind)
    return buffer.getvalue()


def base64_photo() -> str:
    return base64.b64encode(photo_bytes()).decode()


def post(client: Client, path: str, body: Any) -> Any:
    return client.post(path, json.dumps(body), content_type="application/json")


def assert_error(
    response: Any, status: int, code: str | None = None, field: str | None = None
) -> dict[str, Any]:
    """The one error shape, with a sentence; returns the error."""
    assert response.status_code == status, response.content[:500]
    assert response["Content-Type"].startswith("application/json")
    body = response.json()
    error: dict[str, Any] = body["error"]
    assert set(error) == {"code", "message", "field"}
    assert body["detail"] == error["message"] != ""
    if code is not None:
        assert error["code"] == code
    if field is not None:
        assert error["field"] == field
    return error


@pytest.fixture
def waiting(shop: Shop) -> Job:
    return Job.objects.create(
        shop=shop,
        engine="studio",
        seed=7,
        current_step="step1_background",
        request={"text_content": "오늘만 반값"},
    )

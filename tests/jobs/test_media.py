"""Who may see a picture: the shop's people, its programs, and whoever holds an unexpired signature."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.tokens import token_create
from jobs.artifacts import artifact_store
from jobs.media import artifact_url, matte_url, photo_url
from jobs.models import Artifact
from tests.jobs import factories

pytestmark = pytest.mark.django_db


def _artifact(shop: Any) -> Artifact:
    return artifact_store(
        job=factories.job(shop), kind="final_result", data=factories.photo_bytes(), size=(320, 320)
    )


def _browser(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_shops_people_see_it_and_strangers_do_not() -> None:
    shop = factories.shop()
    photo = factories.photo(shop)
    urls = [artifact_url(_artifact(shop)), photo_url(photo), matte_url(photo)]
    for url in urls:
        for user in (factories.owner(shop), factories.team_mate(shop)):
            answer = _browser(user).get(url)
            assert answer.status_code == 200
            assert answer["Content-Type"].startswith("image/")
            assert "private" in answer["Cache-Control"]
        assert _browser(factories.owner(factories.shop())).get(url).status_code == 404
        assert Client().get(url).status_code == 401


def test_a_token_decides_alone() -> None:
    shop = factories.shop()
    url = artifact_url(_artifact(shop))
    _, own = token_create(shop=shop, name="own")
    _, other = token_create(shop=factories.shop(), name="other")
    browser = _browser(factories.owner(shop))
    assert Client().get(url, headers={"Authorization": f"Bearer {own}"}).status_code == 200
    assert browser.get(url, headers={"Authorization": f"Bearer {other}"}).status_code == 404
    assert browser.get(url, headers={"Authorization": "Bearer wrong"}).status_code == 401


def test_a_signature_opens_its_own_picture_until_it_expires(settings: Any) -> None:
    shop = factories.shop()
    first, second = _artifact(shop), _artifact(shop)
    signed = artifact_url(first, signed=True)
    assert Client().get(signed).status_code == 200
    stolen = artifact_url(second) + "?" + signed.split("?")[1]
    assert Client().get(stolen).status_code == 401
    settings.MEDIA_SIGNATURE_SECONDS = -1
    assert Client().get(signed).status_code == 401

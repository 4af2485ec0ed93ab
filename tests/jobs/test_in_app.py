"""Browsers inside other apps, and iPhones: what the pages say where files are saved or chosen otherwise."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from django.test import Client

from accounts.models import Shop
from jobs.sharing import share_link_create, share_token
from tests.jobs import factories
from tests.jobs.finished import finished

pytestmark = pytest.mark.django_db

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
ANDROID = "Mozilla/5.0 (Linux; Android 14; SM-S921N) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0"
SAFARI = f"{IPHONE} Version/17.4 Mobile/15E148 Safari/604.1"
CHROME = (
    "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124 Mobile Safari/537.36"
)
APPS = {
    "kakao on android": (f"{ANDROID} Chrome/124 Mobile Safari/537.36 KAKAOTALK 10.8.2", "카카오톡"),
    "kakao on an iphone": (f"{IPHONE} Mobile/15E148 KAKAOTALK 10.7.5", "카카오톡"),
    "naver on android": (f"{ANDROID} Chrome/124 Mobile NAVER(inapp; search; 2000; 12.6.0)", "네이버 앱"),
    "naver on an iphone": (
        f"{IPHONE} Mobile/15E148 NAVER(inapp; search; 2000; 12.6.1; 14PRO)",
        "네이버 앱",
    ),
    "instagram on android": (f"{ANDROID} Chrome/124 Mobile Safari/537.36 Instagram 330.0.0", "인스타그램"),
    "instagram on an iphone": (f"{IPHONE} Mobile/15E148 Instagram 330.0.0.29.94", "인스타그램"),
}
LONG_PRESS = "그림을 길게 눌러 사진 앱에 저장할 수도 있어요"
SAVING = "안에서는 파일이 저장되지 않을 수 있어요"
CHOOSING = "안에서는 사진이 골라지지 않을 수 있어요"


@pytest.fixture
def shop() -> Shop:
    return factories.shop("봄날 커피")


@pytest.fixture
def pages(client: Client, shop: Shop) -> dict[str, str]:
    """The addresses of the ad, of its shared link and of a new ad; the client is the shop's owner."""
    job = finished(shop)
    client.force_login(factories.owner(shop))
    link = share_token(share_link_create(job=job))
    return {"ad": f"/ads/{job.pk}/", "shared": f"/s/{link}/", "new": "/ads/new/"}


def _read(client: Client, address: str, agent: str) -> str:
    return client.get(address, headers={"User-Agent": agent}).content.decode()


@pytest.mark.parametrize("app", APPS)
@pytest.mark.parametrize(
    ("page", "hint"), [("ad", SAVING), ("shared", SAVING), ("new", CHOOSING)], ids=["ad", "shared", "new"]
)
def test_inside_an_app_the_page_says_what_may_fail_and_the_way_out(
    client: Client, pages: dict[str, str], app: str, page: str, hint: str
) -> None:
    agent, name = APPS[app]
    text = _read(client, pages[page], agent)
    assert f"{name} {hint}" in text
    outside = "kakaotalk://web/openExternal?url=" + quote(f"http://testserver{pages[page]}", safe="")
    assert (outside in text) == (name == "카카오톡")
    assert ("화면의 메뉴에서 ‘다른 브라우저로 열기’" in text) == (name != "카카오톡")
    assert "blob:" not in text and LONG_PRESS not in text


@pytest.mark.parametrize("page", ["ad", "shared"])
def test_on_an_iphone_the_page_says_how_a_picture_gets_among_the_photos(
    client: Client, pages: dict[str, str], page: str
) -> None:
    text = _read(client, pages[page], SAFARI)
    assert LONG_PRESS in text and "in-app" not in text


@pytest.mark.parametrize("page", ["ad", "shared", "new"])
def test_elsewhere_nothing_is_said_of_apps(client: Client, pages: dict[str, str], page: str) -> None:
    text = _read(client, pages[page], CHROME)
    assert "in-app" not in text and LONG_PRESS not in text


@pytest.mark.parametrize(
    "agent",
    [CHROME, SAFARI, *(agent for agent, _name in APPS.values())],
    ids=["chrome", "safari", *APPS],
)
def test_a_photo_is_chosen_as_heic_and_taken_by_plain_fields_everywhere(
    client: Client, pages: dict[str, str], agent: str
) -> None:
    """No app's picker is asked for more than it knows: one file of any picture kind, iPhones' HEIC by its name."""
    text = _read(client, pages["new"], agent)
    assert '<input type="file" name="photo" accept="image/*,.heic,.heif,.avif"' in text
    assert '<input type="file" id="camera" accept="image/*" capture="environment"' in text
    assert "multiple" not in text

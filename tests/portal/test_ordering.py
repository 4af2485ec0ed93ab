"""A merchant who goes back to the form of an ad that was ordered, by the browser's own button, and presses again."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import expect

from jobs.models import Job
from jobs.portal.views import MADE_IN_SHOP
from tests.browsing import follow
from tests.portal.desk import Desk

AD = re.compile(r"/ads/[0-9a-f-]{36}/$")


def _order(desk: Desk) -> str:
    follow(desk.page, desk.page.get_by_role("button", name="광고 만들기"))
    expect(desk.page).to_have_url(AD)
    return desk.page.url


def _lose_answer(desk: Desk) -> None:
    """As where the job was stored and nothing after it: the session knows of no order, so the draft is still one."""
    cookie = next(
        each for each in desk.page.context.cookies() if each["name"] == settings.SESSION_COOKIE_NAME
    )
    session = SessionStore(cookie["value"])
    del session[MADE_IN_SHOP]
    session.save()


def _back(desk: Desk) -> str:
    desk.page.go_back(wait_until="load")
    desk.is_ready()
    return desk.value("order")


@pytest.mark.parametrize("desk", ["phone"], indirect=True)
def test_pressed_again_it_is_the_same_ad_and_with_other_words_another(desk: Desk) -> None:
    """Going back loads the page anew here, as where a telephone had no room to keep it."""
    desk.upload_cut_out()
    words = desk.page.get_by_label("문구", exact=True)
    words.fill("오늘만 반값")
    desk.draft_is_kept()
    key = desk.value("order")
    first = _order(desk)
    _lose_answer(desk)
    assert _back(desk) == key
    expect(words).to_have_value("오늘만 반값")
    assert _order(desk) == first
    expect(desk.page.get_by_text("똑같은 주문은 한 번만 받아요")).to_be_visible()
    assert _back(desk) == key
    desk.upload_cut_out()
    words.fill("내일도 반값")
    assert _order(desk) != first
    desk.page.goto("/ads/new/")
    desk.page.reload()
    desk.is_ready()
    assert desk.value("order") != key
    assert Job.objects.count() == 2

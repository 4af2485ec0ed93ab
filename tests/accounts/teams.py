"""What the tests of a shop's people share."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from accounts import team
from accounts.models import Invitation, Membership, Shop, User
from tests.jobs import factories

OWNER, STAFF = Membership.Role.OWNER, Membership.Role.STAFF
TEAM = "/shop/team/"


@pytest.fixture
def shop(db: None) -> Shop:
    return factories.shop("봄날 커피")


def membership_of(shop: Shop, user: User) -> Membership:
    return Membership.objects.get(shop=shop, user=user)


def invitation_of(shop: Shop, email: str = "", role: str = STAFF) -> tuple[Invitation, str]:
    return team.invitation_create(shop=shop, by=factories.owner(shop), email=email, role=role)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def link_of(answer: object) -> str:
    found = re.search(r'value="http://testserver(/shop/join/[\w-]+/)"', answer.content.decode())  # type: ignore[attr-defined]
    assert found
    return found[1]

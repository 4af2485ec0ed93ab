"""Who is behind many sockets' credentials, asked at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts.middleware import SESSION_SHOP
from accounts.models import ApiToken, User
from accounts.tokens import token_create, token_revoke
from accounts.viewers import Credential, viewers_of
from tests.jobs import factories

pytestmark = pytest.mark.django_db


def signed_in(user: User, **content: Any) -> Credential:
    browser = Client()
    browser.force_login(user)
    session = browser.session
    session.update(content)
    session.save()
    return Credential(session=str(session.session_key))


def test_a_person_sees_all_their_shops_the_chosen_one_first() -> None:
    user = factories.person()
    first, second = factories.shop(owner=user), factories.shop(owner=user)
    plain, chosen = signed_in(user), signed_in(user, **{SESSION_SHOP: second.pk})
    left = signed_in(user, **{SESSION_SHOP: factories.shop().pk})
    found = viewers_of([plain, chosen, left])
    assert found[plain].shops == found[left].shops == (first.pk, second.pk)
    assert found[chosen].shops == (second.pk, first.pk)
    assert len({viewer.name for viewer in found.values()}) == 1


def test_a_token_sees_its_shop_and_its_use_is_noted() -> None:
    shop = factories.shop()
    token, plain = token_create(shop=shop, name="board")
    assert viewers_of([Credential(token=plain)])[Credential(token=plain)].shops == (shop.pk,)
    token.refresh_from_db()
    assert token.last_used_at is not None


def test_nobody_is_behind_what_has_ended_or_never_was() -> None:
    shop = factories.shop()
    revoked, one = token_create(shop=shop, name="revoked")
    token_revoke(token=revoked)
    expired, other = token_create(shop=shop, name="expired", days=1)
    ApiToken.objects.filter(pk=expired.pk).update(expires_at=timezone.now())
    inactive, changed = factories.team_mate(shop), factories.team_mate(shop)
    run_out = signed_in(factories.team_mate(shop))
    Session.objects.filter(pk=run_out.session).update(expire_date=timezone.now() - timedelta(seconds=1))
    gone = [signed_in(inactive), signed_in(changed), run_out]
    User.objects.filter(pk=inactive.pk).update(is_active=False)
    changed.set_password("another-long-password")
    changed.save()
    anonymous = Client().session
    anonymous.create()
    never = [Credential(session=key) for key in ("", "x" * 32, "\x00" * 32, str(anonymous.session_key))]
    tokens = [Credential(token=text) for text in (one, other, "", "ads_nonsense", "\x00")]
    stays = signed_in(factories.owner(shop))
    assert list(viewers_of([*gone, *never, *tokens, stays])) == [stays]


def test_many_cost_as_many_questions_as_one(django_assert_max_num_queries: Any) -> None:
    shop = factories.shop()
    credentials = [Credential(token=token_create(shop=shop, name=str(number))[1]) for number in range(20)]
    credentials += [signed_in(factories.owner(shop)) for _ in range(20)]
    viewers_of(credentials)  # the tokens' use is noted once a minute
    with django_assert_max_num_queries(4):
        assert len(viewers_of(credentials)) == 40

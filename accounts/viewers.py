"""Whom a websocket's credential stands for, and whose jobs they may see. Asked for many sockets at once."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.middleware import SESSION_SHOP
from accounts.models import Membership, User
from accounts.tokens import tokens_open

SESSION_KEY_FORM = re.compile(r"[a-z0-9]{8,40}")
"""Anything else in the cookie is nobody's, and must not come into a question asked for others as well."""


@dataclass(frozen=True, slots=True)
class Credential:
    """A program's token or the key of a person's session; of the two only one is given."""

    token: str | None = None
    session: str = ""


@dataclass(frozen=True, slots=True)
class Viewer:
    name: str
    """The same for every credential of a person or a token."""
    shops: tuple[int, ...]
    """Whose jobs may be seen, the shop they are at work in first."""


def viewers_of(credentials: Collection[Credential]) -> dict[Credential, Viewer]:
    """Who is behind each; nobody is behind one that is left out. Some four questions, however many are asked about."""
    tokens = {each.token: each for each in credentials if each.token is not None}
    sessions = {
        each.session: each
        for each in credentials
        if each.token is None and SESSION_KEY_FORM.fullmatch(each.session)
    }
    found = {
        tokens[plain]: Viewer(f"token-{token.pk}", (token.shop_id,))
        for plain, token in tokens_open(tokens).items()
    }
    return found | {sessions[key]: viewer for key, viewer in _people(sessions).items()}


def _people(keys: Collection[str]) -> dict[str, Viewer]:
    """By the keys of sessions: not ended elsewhere, not run out, the person still let in and of the same password."""
    if not keys:
        return {}
    store = SessionStore()
    live = Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
    contents = {key: store.decode(data) for key, data in live.values_list("session_key", "session_data")}
    claimed = {key: data[SESSION_KEY] for key, data in contents.items() if SESSION_KEY in data}
    users = {str(user.pk): user for user in User.objects.filter(pk__in=claimed.values(), is_active=True)}
    shops: dict[int, list[int]] = {user.pk: [] for user in users.values()}
    for user_id, shop_id in (
        Membership.objects.filter(user_id__in=shops).order_by("pk").values_list("user_id", "shop_id")
    ):
        shops[user_id].append(shop_id)
    return {
        key: Viewer(f"user-{user.pk}", _shops(shops[user.pk], contents[key]))
        for key, claim in claimed.items()
        if (user := users.get(claim)) is not None and _is_theirs(contents[key], user)
    }


def _is_theirs(session: Mapping[str, Any], user: User) -> bool:
    """As ``django.contrib.auth.get_user`` checks it for a single request."""
    stored = session.get(HASH_SESSION_KEY, "")
    known_way = session.get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
    return known_way and constant_time_compare(stored, user.get_session_auth_hash())


def _shops(shops: list[int], session: Mapping[str, Any]) -> tuple[int, ...]:
    chosen = session.get(SESSION_SHOP)
    return tuple(sorted(shops, key=lambda shop: shop != chosen))

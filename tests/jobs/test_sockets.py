"""The websockets as a browser or a program meets them."""

from __future__ import annotations

import json
from contextlib import ExitStack
from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.conf import settings
from django.test import Client as Browser
from django.utils import timezone
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from accounts.models import ApiToken, Membership, User
from accounts.rates import opening_count
from accounts.team import member_remove
from accounts.tokens import token_create, token_revoke
from jobs import services, standings
from jobs.claims import claim_next
from jobs.deletion import job_remove
from jobs.events import send_progress
from jobs.params import AdParams
from tests.conftest import Stack
from tests.jobs import factories
from tests.jobs.conftest import Client


def _cookie(user: User) -> str:
    browser = Browser()
    browser.force_login(user)
    jar: SimpleCookie = browser.cookies
    return "; ".join(f"{name}={morsel.value}" for name, morsel in jar.items())


def _open(stack: Stack, path: str, **headers: str) -> ClientConnection:
    return connect(stack.url.replace("http", "ws") + path, additional_headers=headers)


def _close_code(socket: ClientConnection) -> int | None:
    with pytest.raises(ConnectionClosed) as closed:
        socket.recv(timeout=10)
    return closed.value.rcvd.code if closed.value.rcvd else None


def _next(socket: ClientConnection) -> dict[str, object]:
    message: dict[str, object] = json.loads(socket.recv(timeout=10))
    return message


@pytest.mark.parametrize("path", ["/ws/shop/", "/ws/jobs/{job}/"])
def test_it_closes_4401_for_nobody(stack: Stack, path: str) -> None:
    job = factories.job(factories.shop())
    with _open(stack, path.format(job=job.pk), Origin=stack.url) as socket:
        assert _close_code(socket) == 4401
    for nothing_that_counts in ({"Authorization": "Bearer wrong"}, {}):
        with _open(stack, path.format(job=job.pk), **nothing_that_counts) as socket:
            assert _close_code(socket) == 4401


def test_owner_and_team_mate_see_the_job_and_a_stranger_does_not(stack: Stack) -> None:
    shop = factories.shop()
    job = factories.job(shop)
    path = f"/ws/jobs/{job.pk}/"
    for user in (factories.owner(shop), factories.team_mate(shop)):
        with _open(stack, path, Cookie=_cookie(user), Origin=stack.url) as socket:
            snapshot = _next(socket)
            assert snapshot["type"] == "snapshot"
            assert snapshot["job"]["job_id"] == str(job.pk)  # type: ignore[index]
    stranger = factories.owner(factories.shop())
    with _open(stack, path, Cookie=_cookie(stranger), Origin=stack.url) as socket:
        assert _close_code(socket) == 4404


def test_a_job_being_deleted_is_no_such_job(stack: Stack) -> None:
    shop = factories.shop()
    job = services.job_stop(job=factories.job(shop))
    path, cookie = f"/ws/jobs/{job.pk}/", _cookie(factories.owner(shop))
    with _open(stack, path, Cookie=cookie, Origin=stack.url) as socket:
        assert _next(socket)["type"] == "snapshot"
        job_remove(job=job)
        socket.send(json.dumps({"type": "sync", "sequence": job.sequence}))
        assert _close_code(socket) == 4404
    with _open(stack, path, Cookie=cookie, Origin=stack.url) as socket:
        assert _close_code(socket) == 4404


def test_another_shops_token_finds_no_such_job(stack: Stack, client_shop: Client) -> None:
    job = factories.job(factories.shop())
    with _open(stack, f"/ws/jobs/{job.pk}/", **client_shop.headers) as socket:
        assert _close_code(socket) == 4404


def test_a_token_that_may_only_read_sees_its_shop(stack: Stack) -> None:
    shop = factories.shop()
    own, foreign = factories.job(shop), factories.job(factories.shop())
    _, plain = token_create(shop=shop, name="board", scope="read")
    header = {"Authorization": f"Bearer {plain}"}
    for path in (f"/ws/jobs/{own.pk}/", "/ws/shop/"):
        with _open(stack, path, **header) as socket:
            assert _next(socket)["type"] == "snapshot"
    with _open(stack, f"/ws/jobs/{foreign.pk}/", **header) as socket:
        assert _close_code(socket) == 4404


def test_a_token_that_has_ended_is_nobody_s(stack: Stack) -> None:
    shop = factories.shop()
    revoked, one = token_create(shop=shop, name="revoked")
    token_revoke(token=revoked)
    expired, other = token_create(shop=shop, name="expired", days=1)
    ApiToken.objects.filter(pk=expired.pk).update(expires_at=timezone.now())
    cookie = {"Cookie": _cookie(factories.owner(shop)), "Origin": stack.url}
    for plain in (one, other):
        with _open(stack, "/ws/shop/", Authorization=f"Bearer {plain}", **cookie) as socket:
            assert _close_code(socket) == 4401


def test_another_scheme_than_bearer_leaves_the_session_its_say(stack: Stack) -> None:
    shop = factories.shop()
    headers = {"Authorization": "Basic abc", "Cookie": _cookie(factories.owner(shop))}
    with _open(stack, "/ws/shop/", Origin=stack.url, **headers) as socket:
        assert _next(socket)["type"] == "snapshot"
    with pytest.raises(InvalidStatus), _open(stack, "/ws/shop/", Origin="https://evil.example", **headers):
        pass


def test_a_cookie_from_a_foreign_page_is_refused(stack: Stack) -> None:
    shop = factories.shop()
    cookie = _cookie(factories.owner(shop))
    for origin in ({"Origin": "https://evil.example"}, {}):
        with pytest.raises(InvalidStatus), _open(stack, "/ws/shop/", Cookie=cookie, **origin):
            pass


def test_the_shop_socket_tells_of_its_own_jobs_only(stack: Stack, client_shop: Client) -> None:
    own = factories.job(client_shop.shop)
    other = factories.job(factories.shop())
    with _open(stack, "/ws/shop/", **client_shop.headers) as socket:
        snapshot = _next(socket)
        assert [row["job_id"] for row in snapshot["jobs"]] == [str(own.pk)]  # type: ignore[union-attr]
        services.job_stop(job=other)
        services.job_stop(job=own)
        finished = _next(socket)
        assert (finished["type"], finished["job_id"], finished["status"]) == (
            "finished",
            str(own.pk),
            "stopped",
        )


def test_nonsense_from_a_client_is_passed_over(stack: Stack, client_shop: Client) -> None:
    """Nested without end, a number without end, no text at all: the socket goes on."""
    job = factories.job(client_shop.shop)
    with _open(stack, "/ws/shop/", **client_shop.headers) as socket:
        _next(socket)
        endless = '{"type": "sync", "sequence": ' + "9" * 6000 + "}"
        for nonsense in ("[" * 100_000, endless, "", b"\0\xff", "[]", '{"type": ["sync"]}'):
            socket.send(nonsense)
        socket.send(json.dumps({"type": "sync", "sequence": 2**70}))
        rows: Any = _next(socket)["jobs"]
        assert [row["job_id"] for row in rows] == [str(job.pk)]


def test_a_client_that_is_behind_gets_a_fresh_snapshot(stack: Stack, client_shop: Client) -> None:
    job = factories.job(client_shop.shop)
    with _open(stack, f"/ws/jobs/{job.pk}/", **client_shop.headers) as socket:
        assert _next(socket)["type"] == "snapshot"
        claim = claim_next(engine="studio", worker="w")
        assert claim is not None
        _next(socket)
        claim.progress(progress_percent=40)  # an event that got lost: nothing was sent
        socket.send(json.dumps({"type": "sync", "sequence": 1}))
        fresh = _next(socket)
        assert fresh["type"] == "snapshot"
        assert fresh["job"]["progress_percent"] == 40  # type: ignore[index]


def test_a_sync_finds_jobs_that_wait_or_are_gone_and_of_which_no_event_told(
    stack: Stack, client_shop: Client
) -> None:
    """A job that waits is at 0, so the sum of all sequences says nothing of it."""
    sync = json.dumps({"type": "sync", "sequence": 0})
    with _open(stack, "/ws/shop/", **client_shop.headers) as socket:
        assert _next(socket)["jobs"] == []
        job = services.job_submit(
            shop=client_shop.shop, params=AdParams.model_validate({"text_content": "오늘만 반값"})
        ).job
        socket.send(sync)
        rows: Any = _next(socket)["jobs"]
        assert [row["job_id"] for row in rows] == [str(job.pk)]
        socket.send(sync)  # it knows: nothing comes of this one
        services.job_delete(job=job)
        socket.send(sync)
        assert _next(socket)["jobs"] == []


def test_a_snapshot_of_too_many_leaves_out_the_last_in_the_queue(
    monkeypatch: pytest.MonkeyPatch, client_shop: Client
) -> None:
    monkeypatch.setattr(standings, "SNAPSHOT_LIMIT", 2)
    jobs = [factories.job(client_shop.shop) for _ in range(4)]
    claim = claim_next(engine="studio", worker="w")
    assert claim is not None and claim.job_id == jobs[0].pk
    [rows] = standings.rows_of_shops([(client_shop.shop.pk, "ko")]).values()
    assert [row["job_id"] for row in rows] == [str(jobs[1].pk), str(jobs[0].pk)]
    [known] = standings.sequences_of_shops([client_shop.shop.pk]).values()
    assert known == {row["job_id"]: row["sequence"] for row in rows}


def test_the_sentence_comes_in_the_readers_language(stack: Stack, client_shop: Client) -> None:
    job = factories.job(client_shop.shop)
    person = {"Cookie": _cookie(factories.owner(client_shop.shop)), "Origin": stack.url}
    for reader in (person, client_shop.headers):
        with _open(stack, f"/ws/jobs/{job.pk}/", **reader, **{"Accept-Language": "en"}) as socket:
            assert str(_next(socket)["job"]["message"]).isascii()  # type: ignore[index]
            send_progress(job)
            assert str(_next(socket)["message"]).isascii()


@pytest.mark.parametrize("path", ["/ws/shop/", "/ws/jobs/{job}/"])
def test_who_may_no_longer_see_it_is_shut_out_within_seconds(stack: Stack, path: str) -> None:
    """Also a socket that hears nothing and asks nothing. One that stays proves that not all were closed."""
    shop = factories.shop()
    path = path.format(job=factories.job(shop).pk)
    mate, other, third = (factories.team_mate(shop) for _ in range(3))
    factories.shop(owner=mate)  # they have another shop, which must not stand in for the one that was left
    token, plain = token_create(shop=shop, name="test")
    session = Browser()
    session.force_login(other)
    signed_in = f"{settings.SESSION_COOKIE_NAME}={session.session.session_key}"
    with ExitStack() as opened:

        def reader(**headers: str) -> ClientConnection:
            socket = opened.enter_context(_open(stack, path, **headers))
            assert _next(socket)["type"] == "snapshot"
            return socket

        stays, leaves, new_password = (
            reader(Cookie=_cookie(user), Origin=stack.url) for user in (factories.owner(shop), mate, third)
        )
        signs_out = reader(Cookie=signed_in, Origin=stack.url)
        by_token = reader(Authorization=f"Bearer {plain}")
        member_remove(membership=Membership.objects.get(shop=shop, user=mate))
        session.session.flush()
        third.set_password("another-long-password")
        third.save()
        token_revoke(token=token)
        assert _close_code(leaves) == 4404
        assert [_close_code(socket) for socket in (signs_out, new_password, by_token)] == [4401] * 3
        stays.send(json.dumps({"type": "sync", "sequence": -1}))
        assert _next(stays)["type"] == "snapshot"


def test_too_many_openings_in_a_minute_are_told_to_come_back_later(
    stack: Stack, client_shop: Client, settings: Any
) -> None:
    token = client_shop.shop.api_tokens.get()
    spent = [opening_count(f"token-{token.pk}") for _ in range(settings.SOCKET_RATE)]
    assert spent[-1] is not None and not spent[-1].is_exceeded
    with _open(stack, "/ws/shop/", **client_shop.headers) as socket:
        assert _close_code(socket) == 4429
    own = {"Cookie": _cookie(factories.owner(client_shop.shop)), "Origin": stack.url}
    with _open(stack, "/ws/shop/", **own) as socket:  # people count for themselves
        assert _next(socket)["type"] == "snapshot"

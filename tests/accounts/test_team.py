"""The shop's people: invitations, roles and their ends, for the owner, staff and strangers."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from smtplib import SMTPException
from threading import Barrier

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from accounts import team, team_views
from accounts.errors import TeamRefused
from accounts.models import Invitation, Membership, Shop
from accounts.selectors import owns, works_in
from tests.accounts.teams import OWNER, STAFF, TEAM, invitation_of, link_of, membership_of, signed_in
from tests.accounts.teams import shop as shop
from tests.jobs import factories

# Inviting ------------------------------------------------------------------------------------------------


def test_an_owner_invites_by_mail_and_sees_the_link_once(shop: Shop) -> None:
    client = signed_in(factories.owner(shop))
    answer = client.post(TEAM, {"email": "Mina@Example.com", "role": "staff"})
    link = link_of(answer)
    assert "Cache-Control" in answer and "no-store" in answer["Cache-Control"]
    [sent] = mail.outbox
    assert sent.to == ["mina@example.com"]
    assert "봄날 커피" in sent.subject
    assert f"http://testserver{link}" in sent.body
    made = Invitation.objects.get()
    assert (made.email, made.role, made.invited_by) == ("mina@example.com", "staff", factories.owner(shop))
    assert timedelta(days=6) < made.expires_at - timezone.now() <= timedelta(days=7)
    page = client.get(TEAM).content.decode()
    assert "mina@example.com" in page and "/shop/join/" not in page


def test_only_a_digest_of_the_link_is_stored(shop: Shop) -> None:
    made, secret = invitation_of(shop, "mina@example.com")
    assert secret not in str(Invitation.objects.filter(pk=made.pk).values())


def test_without_an_address_there_is_only_the_link(shop: Shop) -> None:
    answer = signed_in(factories.owner(shop)).post(TEAM, {"email": "", "role": "staff"})
    assert team.invitation_find(link_of(answer).split("/")[-2]) is not None
    assert mail.outbox == []


def test_without_a_mail_server_nobody_is_told_that_mail_was_sent(
    shop: Shop, settings: Settings, tmp_path: Path
) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = settings.MAIL_TO_FILES, tmp_path
    answer = signed_in(factories.owner(shop)).post(TEAM, {"email": "mina@example.com", "role": "staff"})
    assert "링크를 직접 보내 주세요" in answer.content.decode() and link_of(answer)
    assert len(list(tmp_path.iterdir())) == 1


def test_a_mail_that_cannot_be_sent_leaves_the_link(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise SMTPException

    monkeypatch.setattr(team_views, "send_mail", broken)
    answer = signed_in(factories.owner(shop)).post(TEAM, {"email": "mina@example.com", "role": "staff"})
    assert "메일을 보내지 못했어요" in answer.content.decode()
    link_of(answer)


def test_a_wrong_address_is_told_at_its_field_and_kept(shop: Shop) -> None:
    answer = signed_in(factories.owner(shop)).post(TEAM, {"email": "mina@", "role": "staff"})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"email"}
    assert 'value="mina@"' in answer.content.decode()


def test_inviting_tells_nothing_of_who_has_an_account(shop: Shop) -> None:
    factories.person("known@example.com")
    client = signed_in(factories.owner(shop))
    pages = []
    for address in ("known@example.com", "nobody@example.com"):
        answer = client.post(TEAM, {"email": address, "role": "staff"})
        page = answer.content.decode().replace(address, "ADDRESS")
        Invitation.objects.all().delete()
        varying = r"/shop/join/[\w-]+|[0-9a-f-]{36}|csrfmiddlewaretoken\" value=\"\w+|\d+/\d+ \d+:\d+"
        pages.append((answer.status_code, re.sub(varying, "", page)))
    assert pages[0] == pages[1]
    subjects = {re.sub(r"join/[\w-]+", "", sent.body) for sent in mail.outbox}
    assert len(subjects) == 1


def test_inviting_a_member_says_so(shop: Shop) -> None:
    mate = factories.team_mate(shop)
    answer = signed_in(factories.owner(shop)).post(TEAM, {"email": str(mate.email).upper(), "role": "staff"})
    assert "이미 함께 일하고 있는" in answer.context["form"].errors["email"][0]


def test_inviting_an_address_again_renews_its_invitation(shop: Shop) -> None:
    first, old = invitation_of(shop, "mina@example.com")
    second, new = invitation_of(shop, "MINA@example.com", OWNER)
    assert first.pk == second.pk
    assert second.role == OWNER
    assert team.invitation_find(old) is None
    assert team.invitation_find(new) == second


def test_a_shop_has_at_most_twenty_open_invitations(shop: Shop) -> None:
    for number in range(team.MOST_OPEN):
        invitation_of(shop, f"p{number}@example.com")
    answer = signed_in(factories.owner(shop)).post(TEAM, {"email": "more@example.com", "role": "staff"})
    assert answer.status_code == 422
    assert "20개" in answer.context["form"].non_field_errors()[0]
    assert Invitation.objects.count() == team.MOST_OPEN


def test_revoking_does_not_let_a_shop_mail_on_all_day(shop: Shop) -> None:
    for number in range(team.MOST_A_DAY):
        made, _ = invitation_of(shop, f"p{number}@example.com")
        team.invitation_revoke(invitation=made)
    with pytest.raises(TeamRefused, match="내일"):
        invitation_of(shop, "more@example.com")
    Invitation.objects.update(created_at=timezone.now() - timedelta(days=1, minutes=1))
    invitation_of(shop, "more@example.com")


def test_it_is_sent_again_a_few_times_each_with_a_new_link(shop: Shop) -> None:
    made, old = invitation_of(shop, "mina@example.com")
    client = signed_in(factories.owner(shop))
    path = reverse("shop_invitation", args=[made.pk])
    for _ in range(team.MOST_RENEWALS):
        link_of(client.post(path, {"do": "renew"}))
    assert len(mail.outbox) == team.MOST_RENEWALS
    assert team.invitation_find(old) is None
    answer = client.post(path, {"do": "renew"}, follow=True)
    assert "더 보낼 수 없어요" in answer.content.decode()
    assert len(mail.outbox) == team.MOST_RENEWALS


@pytest.mark.django_db(transaction=True)
def test_sent_again_by_two_at_once_it_is_counted_twice_and_one_link_opens_it() -> None:
    shop = factories.shop()
    made, _ = invitation_of(shop)
    seen_by_two = [Invitation.objects.get(pk=made.pk) for _ in range(2)]
    together = Barrier(2)

    def renew(invitation: Invitation) -> str:
        together.wait()
        try:
            return team.invitation_renew(invitation=invitation, by=factories.owner(shop))[1]
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        links = list(pool.map(renew, seen_by_two))
    made.refresh_from_db()
    assert made.renewals == 2
    assert [team.invitation_find(link) for link in links].count(None) == 1


def test_a_revoked_link_opens_nothing(shop: Shop) -> None:
    made, secret = invitation_of(shop)
    signed_in(factories.owner(shop)).post(reverse("shop_invitation", args=[made.pk]), {"do": "revoke"})
    visitor = signed_in(factories.person())
    assert visitor.get(f"/shop/join/{secret}/").status_code == 404
    assert visitor.post(f"/shop/join/{secret}/").status_code == 404
    assert Membership.objects.filter(shop=shop).count() == 1


# Roles and ends ------------------------------------------------------------------------------------------


def test_an_owner_makes_staff_an_owner_and_back(shop: Shop) -> None:
    client, mate = signed_in(factories.owner(shop)), factories.team_mate(shop)
    path = reverse("shop_member_role", args=[membership_of(shop, mate).pk])
    client.post(path, {"role": "owner"})
    assert owns(mate, shop)
    client.post(path, {"role": "staff"})
    assert not owns(mate, shop)
    client.post(path, {"role": "king"})
    assert membership_of(shop, mate).role == STAFF


def test_the_last_owner_can_neither_leave_nor_be_demoted(shop: Shop) -> None:
    owner = factories.owner(shop)
    factories.team_mate(shop)
    client, member = signed_in(owner), membership_of(shop, owner)
    for view, data in (("shop_member_role", {"role": "staff"}), ("shop_member_remove", {})):
        answer = client.post(reverse(view, args=[member.pk]), data, follow=True)
        assert "주인이 한 명은 있어야" in answer.content.decode()
    assert owns(owner, shop)


@pytest.mark.django_db(transaction=True)
def test_two_owners_leaving_at_once_leave_one_behind() -> None:
    shop = factories.shop()
    second = factories.team_mate(shop)
    team.member_role_change(membership=membership_of(shop, second), role=OWNER)

    def leave(member: Membership) -> bool:
        try:
            team.member_remove(membership=member)
        except TeamRefused:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(leave, list(shop.memberships.all()))) == [False, True]
    assert shop.memberships.filter(role=OWNER).count() == 1


def test_staff_leave_by_themselves(shop: Shop) -> None:
    mate = factories.team_mate(shop)
    client = signed_in(mate)
    client.post(reverse("shop_member_remove", args=[membership_of(shop, mate).pk]))
    assert not works_in(mate, shop.pk)
    assert client.get("/ads/")["Location"] == reverse("shop_new")


def test_a_removed_member_is_shut_out_with_their_next_request(shop: Shop) -> None:
    mate, job = factories.team_mate(shop), factories.job(shop)
    client = signed_in(mate)
    assert client.get(f"/ads/{job.pk}/").status_code == 200
    signed_in(factories.owner(shop)).post(reverse("shop_member_remove", args=[membership_of(shop, mate).pk]))
    assert client.get(f"/ads/{job.pk}/")["Location"] == reverse("shop_new")
    assert client.get(f"/api/jobs/{job.pk}").status_code == 403


@pytest.mark.parametrize("end", ["remove", "demote"])
def test_who_may_no_longer_invite_has_no_open_links_left(shop: Shop, end: str) -> None:
    second = factories.team_mate(shop)
    team.member_role_change(membership=membership_of(shop, second), role=OWNER)
    _, theirs = team.invitation_create(shop=shop, by=second, role=OWNER)
    _, other = invitation_of(shop)
    if end == "remove":
        team.member_remove(membership=membership_of(shop, second))
    else:
        team.member_role_change(membership=membership_of(shop, second), role=STAFF)
    assert team.invitation_find(theirs) is None
    assert team.invitation_find(other) is not None


# Who may what --------------------------------------------------------------------------------------------


def _attempts(shop: Shop) -> list[tuple[str, dict[str, str]]]:
    mate, made = factories.team_mate(shop), invitation_of(shop, "open@example.com")[0]
    return [
        (TEAM, {"email": "x@example.com", "role": "owner"}),
        (reverse("shop_invitation", args=[made.pk]), {"do": "revoke"}),
        (reverse("shop_invitation", args=[made.pk]), {"do": "renew"}),
        (reverse("shop_member_role", args=[membership_of(shop, mate).pk]), {"role": "owner"}),
        (reverse("shop_member_remove", args=[membership_of(shop, mate).pk]), {}),
        (reverse("shop_member_remove", args=[membership_of(shop, factories.owner(shop)).pk]), {}),
    ]


def _state(shop: Shop) -> tuple[object, ...]:
    people = list(shop.memberships.order_by("pk").values_list("user_id", "role"))
    return people, list(Invitation.objects.values_list("pk", "digest", "revoked_at"))


def test_staff_see_the_team_and_change_nothing(shop: Shop) -> None:
    attempts, client = _attempts(shop), signed_in(factories.team_mate(shop))
    page = client.get(TEAM).content.decode()
    assert str(factories.owner(shop).email) in page
    assert "open@example.com" not in page and 'name="role"' not in page
    before = _state(shop)
    for path, data in attempts:
        assert client.post(path, data).status_code == 403, path
    assert _state(shop) == before and mail.outbox == []


def test_a_stranger_finds_nothing(shop: Shop) -> None:
    attempts = _attempts(shop)
    other = factories.shop("남의 집")
    client = signed_in(factories.owner(other))
    before = _state(shop)
    for path, data in attempts[1:]:
        assert client.post(path, data).status_code == 404, path
    assert str(factories.owner(shop).email) not in client.get(TEAM).content.decode()
    assert _state(shop) == before


def test_nobody_is_sent_to_sign_in(shop: Shop, client: Client) -> None:
    for path, data in _attempts(shop):
        assert client.post(path, data)["Location"].startswith("/accounts/login/")
    assert client.get(TEAM)["Location"].startswith("/accounts/login/")


def test_changes_want_a_post_and_a_csrf_token(shop: Shop) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(factories.owner(shop))
    plain: Callable[..., object] = signed_in(factories.owner(shop)).get
    for path, data in _attempts(shop):
        assert strict.post(path, data).status_code == 403
        if path != TEAM:
            assert plain(path).status_code == 405  # type: ignore[attr-defined]


def test_the_pages_read_in_english(shop: Shop) -> None:
    Shop.objects.filter(pk=shop.pk).update(name="Spring")
    _, secret = invitation_of(shop)
    client = signed_in(factories.owner(shop))
    for path, who in ((TEAM, client), (f"/shop/join/{secret}/", Client()), ("/shop/", client)):
        page = who.get(path, headers={"Accept-Language": "en"}).content.decode().replace("한국어", "")
        assert not re.findall(r"[가-힣]+", page), path

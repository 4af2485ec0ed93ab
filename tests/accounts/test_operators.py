"""Staff who are no superusers: what they may do to people gives them no more power than they have."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.jobs import factories
from tests.jobs.admin import people

pytestmark = pytest.mark.django_db
KEEPER = ("accounts.view_user", "accounts.change_user", "accounts.add_user", "accounts.delete_user")
NO_SHOPS = {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}


@pytest.fixture
def keeper() -> Client:
    """Of the staff, with every permission on people."""
    return people.staff(
        *KEEPER, "auth.view_group", "auth.add_group", "auth.change_group", "auth.delete_group"
    )


@pytest.fixture
def other() -> User:
    return User.objects.create_user("other@example.com", factories.PASSWORD, is_staff=True)


def page_of(user: User) -> str:
    return reverse("admin:accounts_user_change", args=[user.pk])


def changed(client: Client, user: User, **fields: object) -> User:
    client.post(page_of(user), {"email": user.email, "is_active": "on", **NO_SHOPS, **fields})
    return User.objects.get(pk=user.pk)


def test_nobody_makes_themselves_or_a_merchant_an_operator(keeper: Client) -> None:
    everything = [permission.pk for permission in Permission.objects.all()]
    group = Group.objects.create(name="all")
    power = {"is_staff": "on", "is_superuser": "on", "user_permissions": everything, "groups": [group.pk]}
    for user in (User.objects.get(email="viewer@example.com"), factories.person()):
        before = (user.is_staff, user.user_permissions.count())
        after = changed(keeper, user, name="다른 이름", **power)
        assert after.name == "다른 이름"
        assert (after.is_staff, after.user_permissions.count()) == before
        assert not after.is_superuser and not after.groups.exists()


def test_another_operator_is_neither_changed_nor_given_a_password_nor_deleted(
    keeper: Client, other: User
) -> None:
    """Else they would sign in as that one."""
    for user in (other, User.objects.create_superuser("root@example.com", factories.PASSWORD)):
        assert changed(keeper, user, email="mine@example.com").email == user.email
        password = reverse("admin:auth_user_password_change", args=[user.pk])
        assert (
            keeper.post(password, {"password1": "mine-mine-mine", "password2": "mine-mine-mine"}).status_code
            == 403
        )
        keeper.post(reverse("admin:accounts_user_delete", args=[user.pk]), {"post": "yes"})
        chosen = {"action": "delete_selected", "_selected_action": [str(user.pk)], "post": "yes"}
        keeper.post(reverse("admin:accounts_user_changelist"), chosen)
        assert User.objects.get(pk=user.pk).check_password(factories.PASSWORD)


def test_a_merchant_is_still_theirs_to_look_after(keeper: Client) -> None:
    merchant = factories.person()
    password = reverse("admin:auth_user_password_change", args=[merchant.pk])
    keeper.post(
        password, {"password1": "a-new-long-one", "password2": "a-new-long-one", "usable_password": "true"}
    )
    merchant.refresh_from_db()
    assert merchant.check_password("a-new-long-one")
    keeper.post(reverse("admin:accounts_user_delete", args=[merchant.pk]), {"post": "yes"})
    assert not User.objects.filter(pk=merchant.pk).exists()


def test_no_group_is_made_or_changed_by_them(keeper: Client) -> None:
    group = Group.objects.create(name="support")
    assert keeper.get(reverse("admin:auth_group_add")).status_code == 403
    assert keeper.post(reverse("admin:auth_group_change", args=[group.pk]), {"name": "x"}).status_code == 403
    assert (
        keeper.post(reverse("admin:auth_group_delete", args=[group.pk]), {"post": "yes"}).status_code == 403
    )
    chosen = {"action": "delete_selected", "_selected_action": [str(group.pk)], "post": "yes"}
    keeper.post(reverse("admin:auth_group_changelist"), chosen)
    assert Group.objects.get().name == "support"


def test_a_person_they_add_has_no_power(keeper: Client) -> None:
    power = {"is_staff": "on", "is_superuser": "on"}
    password = {"password1": "a-new-long-one", "password2": "a-new-long-one"}
    keeper.post(reverse("admin:accounts_user_add"), {"email": "new@example.com", **password, **power})
    added = User.objects.get(email="new@example.com")
    assert not added.is_staff and not added.is_superuser


def test_a_superuser_hands_out_power(other: User) -> None:
    assert changed(people.superuser(), other, is_staff="on", is_superuser="on").is_superuser

"""A person leaves, and a shop with everything it owns goes. Rows first, in one transaction; files once it holds."""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.db import models, transaction
from django.db.models import Count, Q, QuerySet
from django.db.models.fields.files import FieldFile

from accounts.models import Invitation, Membership, Shop, User
from adstudio.files import delete_on_commit
from jobs.data_export import data_export_delete
from jobs.errors import Refused
from jobs.models import DataExport, Job, Photo

WAYS_TO_SHOP = ("shop", "job__shop")
"""How a row with a file belongs to its shop; the shop itself has files too."""


def shops_that_go(user: User) -> QuerySet[Shop]:
    """The shops whose only owner this person is."""
    owners = Count("memberships", filter=Q(memberships__role=Membership.Role.OWNER))
    owned = Membership.objects.filter(user=user, role=Membership.Role.OWNER).values("shop")
    return Shop.objects.filter(pk__in=owned).annotate(owners=owners).filter(owners=1).order_by("pk")


def shops_that_stay(user: User) -> QuerySet[Shop]:
    """The shops that somebody else owns too, or alone: they go on without this person."""
    return (
        Shop.objects.filter(memberships__user=user)
        .exclude(pk__in=shops_that_go(user).values("pk"))
        .order_by("pk")
    )


@transaction.atomic
def account_delete(*, user: User, shops: list[int]) -> None:
    """Remove the person and these shops: exactly the ones that they alone own, or ``Refused`` and nothing happens.

    Sessions are dead at once, since nobody is behind them; the shops' tokens go with their shops.
    """
    # Shops first, as whoever orders in one holds it before the row that names them; of two leaving owners one waits.
    owned = Membership.objects.filter(user=user, role=Membership.Role.OWNER).values("shop")
    list(Shop.objects.select_for_update().filter(pk__in=owned).order_by("pk"))
    User.objects.select_for_update().get(pk=user.pk)
    going = list(shops_that_go(user))
    if sorted(shops) != [shop.pk for shop in going]:
        raise Refused("account.shops_changed", status=409)
    for shop in going:
        shop_delete(shop=shop)
    for export in DataExport.objects.filter(user=user):
        data_export_delete(export=export)
    Invitation.objects.filter(accepted_by=user).delete()  # the address it was sent to is theirs
    User.objects.filter(pk=user.pk).delete()


@transaction.atomic
def shop_delete(*, shop: Shop) -> None:
    """Remove the shop with its photos, ads, tokens and their files. A worker at one of its ads finds its claim gone."""
    # Locked first: what is uploaded or stored from now on waits, and then finds no shop.
    Shop.objects.select_for_update().get(pk=shop.pk)
    for model in (Job, Photo):
        list(model.objects.select_for_update().filter(shop=shop).order_by("pk").values_list("pk"))
    for file in files_of(shop):
        delete_on_commit(file.storage, str(file.name))
    Shop.objects.filter(pk=shop.pk).delete()


def files_of(shop: Shop) -> Iterator[FieldFile]:
    for model, way in models_with_files().items():
        for row in model._base_manager.filter(**{way: shop.pk}):
            for column in model._meta.concrete_fields:
                if isinstance(column, models.FileField) and (file := getattr(row, column.name)):
                    yield file


def models_with_files() -> dict[type[models.Model], str]:
    """Every model that keeps files for a shop, and the way from its rows to the shop."""
    found: dict[type[models.Model], str] = {}
    for model in apps.get_models():
        names = {field.name for field in model._meta.concrete_fields}
        if not any(isinstance(field, models.FileField) for field in model._meta.concrete_fields):
            continue
        if model is Shop:
            found[model] = "pk"
        elif way := next((way for way in WAYS_TO_SHOP if way.split("__")[0] in names), ""):
            found[model] = way
    return found

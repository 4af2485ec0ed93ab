"""Every shop has a signing key of its own, also one that was there before keys were."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from accounts.models import Shop
from tests.jobs import factories

migration = import_module("accounts.migrations.0002_callback_secret")


@pytest.mark.django_db
def test_the_migration_gives_each_shop_a_key_of_its_own() -> None:
    for name in ("가", "나", "다"):
        factories.shop(name)
    Shop.objects.update(callback_secret="whsec_the_same_for_all")
    with connection.schema_editor() as editor:
        migration.a_secret_for_each(apps, editor)
    secrets = set(Shop.objects.values_list("callback_secret", flat=True))
    assert len(secrets) == 3
    assert all(secret.startswith("whsec_") and len(secret) == 50 for secret in secrets)

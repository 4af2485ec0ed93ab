"""Jobs from before ``foreign_background`` was kept are told apart as they were until then."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from jobs.models import Job
from tests.jobs import factories

pytestmark = pytest.mark.django_db
migration = import_module("jobs.migrations.0006_foreign_background")


def test_the_migration_follows_re_runs_to_where_the_background_was_made() -> None:
    shop = factories.shop()
    own = factories.job(shop)
    supplied = factories.job(shop, start_step=2)
    re_run, of_supplied = factories.job(shop, start_step=3), factories.job(shop, start_step=3)
    for job, parent in ((re_run, own), (of_supplied, supplied)):
        Job.objects.filter(pk=job.pk).update(parent=parent)
    with connection.schema_editor() as editor:
        migration.tell_foreign(apps, editor)
    foreign = set(Job.objects.filter(foreign_background=True).values_list("pk", flat=True))
    assert foreign == {supplied.pk, of_supplied.pk}

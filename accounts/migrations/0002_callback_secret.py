from __future__ import annotations

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

import accounts.models


def a_secret_for_each(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """The column's default is worked out once for all rows that are there."""
    for shop in apps.get_model("accounts", "Shop").objects.only("pk"):
        shop.callback_secret = accounts.models.new_callback_secret()
        shop.save(update_fields=["callback_secret"])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="shop",
            name="callback_secret",
            field=models.CharField(
                default=accounts.models.new_callback_secret,
                editable=False,
                max_length=60,
                verbose_name="콜백 서명 키",
            ),
        ),
        migrations.RunPython(a_secret_for_each, migrations.RunPython.noop),
    ]

"""What would have kept writers waiting inside 0014's transaction."""

from django.contrib.postgres.operations import AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("jobs", "0017_artifact_source"),
    ]

    operations = [
        ValidateConstraint(model_name="job", name="job_text_verified_known"),
        AddIndexConcurrently(
            model_name="job",
            index=models.Index(
                condition=models.Q(("text_verified__in", ["waiting", "reading"])),
                fields=["engine", "finished_at"],
                name="job_unread",
            ),
        ),
    ]

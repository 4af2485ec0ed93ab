from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_more_industries"),
    ]

    operations = [
        migrations.AddField(
            model_name="shop",
            name="ai_label",
            field=models.BooleanField(db_default=False, default=False, verbose_name="AI 표시"),
        ),
    ]

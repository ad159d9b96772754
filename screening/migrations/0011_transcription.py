"""Screenings that were transcribed from a paper form."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("screening", "0010_account_name")]

    operations = [
        migrations.CreateModel(
            name="Transcription",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("completed_by", models.CharField(max_length=200)),
                ("transcribed_at", models.DateTimeField()),
                ("edition_in_use", models.PositiveIntegerField()),
                (
                    "screening",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transcription",
                        to="screening.screening",
                    ),
                ),
            ],
        ),
    ]

"""Indexes for the safety figures: of the answers that matter, and editions by outcome."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("screening", "0014_sealed_audit"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="screening",
            name="screening_of_outcome",
        ),
        migrations.AddIndex(
            model_name="answer",
            index=models.Index(
                condition=models.Q(
                    ("status__in", ["flagged", "unresolved"]), ("code", "not_applicable"), _connector="OR"
                ),
                fields=["status", "link_id", "code", "screening"],
                name="answer_that_matters",
            ),
        ),
        migrations.AddIndex(
            model_name="screening",
            index=models.Index(fields=["outcome", "-screened_at", "-id", "edition"], name="screening_of_outcome"),
        ),
    ]

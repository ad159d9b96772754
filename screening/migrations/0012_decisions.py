"""Decisions of prescribers with their reasons, and the worklist of what waits for one."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("screening", "0011_transcription"),
    ]

    operations = [
        migrations.CreateModel(
            name="Decision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                (
                    "code",
                    models.CharField(
                        choices=[
                            ("prescribe", "prescribe"),
                            ("do-not-prescribe", "do-not-prescribe"),
                            ("defer", "defer"),
                            ("more-information", "more-information"),
                            ("refer", "refer"),
                        ],
                        max_length=20,
                    ),
                ),
                ("defer_until", models.DateField(null=True)),
                (
                    "dose_mg",
                    models.DecimalField(
                        decimal_places=3, max_digits=6, null=True, verbose_name="decided daily dose, mg"
                    ),
                ),
                ("product", models.CharField(blank=True, max_length=200)),
                ("asked_again", models.JSONField(default=list)),
                ("overrides", models.BooleanField(default=False)),
                ("content_hash", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                ("time_zone", models.CharField(max_length=64)),
                ("by_name", models.CharField(max_length=200)),
                ("role", models.CharField(max_length=40)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "screening",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="screening.screening",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DecisionReason",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField()),
                ("link_id", models.CharField(max_length=27)),
                ("code", models.CharField(max_length=40)),
                ("label", models.CharField(max_length=200)),
                ("text", models.TextField(blank=True)),
                (
                    "decision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reasons", to="screening.decision"
                    ),
                ),
            ],
            options={
                "ordering": ["position"],
            },
        ),
        migrations.CreateModel(
            name="WorklistEntry",
            fields=[
                (
                    "screening",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="worklist_entry",
                        serialize=False,
                        to="screening.screening",
                    ),
                ),
                ("screened_at", models.DateTimeField()),
                ("outcome", models.CharField(max_length=40)),
                ("due_on", models.DateField(null=True)),
                (
                    "superseded_decision",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="screening.decision",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(fields=["code", "screening"], name="decision_by_code"),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.UniqueConstraint(fields=("screening", "number"), name="one_decision_a_number"),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("code", "defer"), ("defer_until__isnull", False)),
                    models.Q(models.Q(("code", "defer"), _negated=True), ("defer_until", None)),
                    _connector="OR",
                ),
                name="only_a_deferral_has_a_date",
            ),
        ),
        migrations.AddConstraint(
            model_name="decisionreason",
            constraint=models.UniqueConstraint(fields=("decision", "link_id"), name="one_reason_a_rule"),
        ),
        migrations.AddIndex(
            model_name="worklistentry",
            index=models.Index(fields=["screened_at", "screening"], name="worklist_oldest_first"),
        ),
        migrations.AddIndex(
            model_name="worklistentry",
            index=models.Index(fields=["outcome", "screened_at", "screening"], name="worklist_by_outcome"),
        ),
        migrations.AddIndex(
            model_name="worklistentry",
            index=models.Index(
                condition=models.Q(("due_on__isnull", False)), fields=["due_on"], name="worklist_deferred"
            ),
        ),
        migrations.AddIndex(
            model_name="worklistentry",
            index=models.Index(
                condition=models.Q(("superseded_decision__isnull", False)),
                fields=["screened_at", "screening"],
                name="worklist_superseded",
            ),
        ),
    ]

"""A birth date of which a part is not known, and who began a form that another person sent."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Length


class PartialBirthDates(Exception):
    """Some birth dates have no day or month: no date can be made of them without guessing."""


def refuse_partial(apps, schema_editor):
    """The way back needs whole dates; it stops before anything is changed."""
    screenings = apps.get_model("screening", "Screening").objects.annotate(length=Length("birth_date"))
    if count := screenings.filter(length__lt=len("1961-04-12")).count():
        raise PartialBirthDates(f"{count} screenings hold a birth date of which a part is not known.")


class Migration(migrations.Migration):
    dependencies = [("screening", "0008_search_keys")]

    operations = [
        migrations.AlterField("screening", "birth_date", models.CharField(max_length=10)),
        migrations.RunPython(migrations.RunPython.noop, refuse_partial),
        migrations.AddField(
            "screening",
            "begun_by",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField("screening", "begun_by_name", models.CharField(blank=True, max_length=200)),
    ]

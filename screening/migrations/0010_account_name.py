"""Call a user an account, as the pages of administrators do. The database does not change."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("screening", "0009_birth_date_and_takeover")]

    operations = [migrations.AlterModelOptions(name="user", options={"verbose_name": "account"})]

"""Puts every current screening on the worklist: until this release no decision could be recorded."""

from django.db import migrations

FILL = """
INSERT INTO screening_worklistentry (screening_id, screened_at, outcome, due_on, superseded_decision_id)
SELECT id, screened_at, outcome, NULL, NULL FROM screening_screening
 WHERE NOT EXISTS (SELECT 1 FROM screening_screening AS later WHERE later.supersedes_id = screening_screening.uuid)
   AND NOT EXISTS (SELECT 1 FROM screening_void WHERE screening_void.screening_id = screening_screening.id)
"""


class Migration(migrations.Migration):
    dependencies = [("screening", "0012_decisions")]

    operations = [migrations.RunSQL(FILL, "DELETE FROM screening_worklistentry")]

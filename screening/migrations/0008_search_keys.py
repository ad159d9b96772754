"""Folds stored names and record numbers by the rules of this release, and adds the indexes of lists and searches.

The folding is a copy of ``screening.clinical.searching`` as of this release, not an import: a migration has to do the
same in every later release, when that module may look different or be gone. A later folding brings its own migration.
"""

import re
import unicodedata
from contextlib import contextmanager

from django.db import migrations, models

SCREENINGS = "screening_screening"
UPDATE = "UPDATE screening_screening SET patient_name_key = %s, record_number_key = %s WHERE id = %s"
BATCH = 2000


# The folding of this release ----------------------------------------------------------------------------------

_APOSTROPHES = frozenset("`’‘‛′ʹʻʼʽʾʿˈˊˋ՚׳ꞌ")
_DASHES = frozenset("\N{MINUS SIGN}\N{HYPHEN BULLET}\N{MODIFIER LETTER MINUS SIGN}")
_WITHOUT_DECOMPOSITION = {
    "æ": "ae",
    "œ": "oe",
    "þ": "th",
    "ð": "d",
    "ı": "i",
    "ȷ": "j",
    "ŋ": "n",
    "ĸ": "k",
    "ə": "e",
    "ɛ": "e",
    "ɔ": "o",
    "ʒ": "z",
    "ɣ": "g",
}
_LETTER_WITH_A_MARK = re.compile("LATIN SMALL LETTER ([A-Z]) WITH ")
_JOINED = str.maketrans("", "", "'·")


def folded(text):
    decomposed = unicodedata.normalize("NFKD", text.replace("´", "'")).casefold()
    plain = "".join(map(_plain, decomposed))
    return " ".join(unicodedata.normalize("NFC", plain).split())


def record_key(record_number):
    return folded(record_number).replace(" ", "")


def name_key(name):
    text = folded(name).translate(_JOINED)
    separated = "".join(each if unicodedata.category(each)[0] in "LMN" else " " for each in text)
    words = separated.encode("ascii", "backslashreplace").decode("ascii").split()
    return "".join(f" {word}" for word in words)


def _plain(character):
    if character in _APOSTROPHES:
        return "'"
    if character.isascii():
        return character
    category = unicodedata.category(character)
    if category == "Pd" or character in _DASHES:
        return "-"
    if category == "Nd":
        return str(unicodedata.decimal(character))
    combining_class = unicodedata.combining(character)
    if category == "Cf" or combining_class >= 200 or 10 <= combining_class <= 36:
        return ""
    if with_a_mark := _LETTER_WITH_A_MARK.match(unicodedata.name(character, "")):
        return with_a_mark[1].lower()
    return _WITHOUT_DECOMPOSITION.get(character, character)


# The folding of earlier releases ------------------------------------------------------------------------------


def folded_before(name):
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    bare = "".join(character for character in decomposed if not unicodedata.combining(character))
    return " ".join(bare.split())


def record_key_before(record_number):
    return " ".join(record_number.casefold().split())


# Writing the keys ---------------------------------------------------------------------------------------------


def fold_anew(apps, schema_editor):
    rewrite(apps, schema_editor, name_key, record_key, folded)


def fold_as_before(apps, schema_editor):
    rewrite(apps, schema_editor, folded_before, record_key_before, folded_before)


def rewrite(apps, schema_editor, of_name, of_number, of_local_name):
    """Rewrite the keys that differ, a batch at a time, all in the transaction of the migration."""
    with guards_lifted(schema_editor.connection):
        for batch in batches(apps.get_model("screening", "Screening"), schema_editor.connection.alias):
            keys = [(of_name(each.patient_name), of_number(each.record_number), each) for each in batch]
            changed = [
                (name, number, each.pk)
                for name, number, each in keys
                if (name, number) != (each.patient_name_key, each.record_number_key)
            ]
            with schema_editor.connection.cursor() as cursor:
                cursor.executemany(UPDATE, changed)
    rewrite_local_names(apps.get_model("screening", "LocalName"), schema_editor.connection.alias, of_local_name)


def batches(model, alias):
    fields = ("patient_name", "record_number", "patient_name_key", "record_number_key")
    rows, last = model.objects.using(alias).only(*fields).order_by("pk"), 0
    while batch := list(rows.filter(pk__gt=last)[:BATCH]):
        yield batch
        last = batch[-1].pk


def rewrite_local_names(model, alias, of_name):
    """Two names in use that now come out the same keep their keys; either may be retired."""
    rows = model.objects.using(alias)
    for each in rows.order_by("pk"):
        key = of_name(each.name)
        if key != each.key and (each.retired_at or not rows.filter(key=key, retired_at=None).exists()):
            rows.filter(pk=each.pk).update(key=key)


@contextmanager
def guards_lifted(connection):
    """Let this migration update screenings, which triggers refuse, and put the same triggers back.

    On both engines this is part of the transaction of the migration: nobody else ever sees the table without them, and
    when the migration fails they are there as before.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"ALTER TABLE {SCREENINGS} DISABLE TRIGGER USER")
            yield
            cursor.execute(f"ALTER TABLE {SCREENINGS} ENABLE TRIGGER USER")
            return
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [SCREENINGS])
        triggers = cursor.fetchall()
        for name, _ in triggers:
            cursor.execute(f"DROP TRIGGER {name}")
        yield
        for _, sql in triggers:
            cursor.execute(sql)


# The index ----------------------------------------------------------------------------------------------------


def create_index(apps, schema_editor):
    """Only PostgreSQL has trigrams, so the index is not in the model.

    Django's ``TrigramExtension`` cannot be undone on SQLite. Undone, the extension stays: others may use it.
    """
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        schema_editor.execute(
            f"CREATE INDEX screening_by_name ON {SCREENINGS} USING gin (patient_name_key gin_trgm_ops)"
        )


def drop_index(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX screening_by_name")


class Migration(migrations.Migration):
    """Undone, names and numbers are folded as in earlier releases; records stay as they are."""

    dependencies = [
        ("screening", "0007_lines_not_read"),
    ]

    operations = [
        migrations.RunPython(fold_anew, fold_as_before),
        migrations.RunPython(create_index, drop_index),
        migrations.RemoveIndex(model_name="screening", name="screening_by_outcome"),
        migrations.RemoveIndex(model_name="screening", name="screening_by_time"),
        migrations.AddIndex(
            model_name="screening",
            index=models.Index(fields=["-screened_at", "-id"], name="screening_newest_first"),
        ),
        migrations.AddIndex(
            model_name="screening",
            index=models.Index(fields=["outcome", "-screened_at", "-id"], name="screening_of_outcome"),
        ),
    ]

"""Actions on local names and stored lexicons."""

from __future__ import annotations

from datetime import datetime

from screening.accounts.models import User
from screening.accounts.permissions import Role
from screening.audit.actions import Action, record_event
from screening.clinical.medications import lexicon as lexicons
from screening.clinical.medications.lexicon import Lexicon
from screening.clinical.text.identifiers import folded
from screening.clinical.text.json_errors import content_hash
from screening.web.transactions import committed

from .models import LocalName, StoredLexicon


@committed()
def add_local_name(*, name: str, ingredient: str, note: str, by: User, role: Role, at: datetime) -> LocalName:
    """Add a local name; every later check of a medication list uses it.

    Raises:
        django.db.IntegrityError: the name is already in use.
    """
    added = LocalName.objects.create(
        name=name,
        key=folded(name),
        ingredient=ingredient,
        note=note,
        added_at=at,
        added_by=by,
        added_by_name=by.display_name,
    )
    record_event(Action.LOCAL_NAME_ADDED, by=by, role=role, subject=f"local name {added.pk}")
    return added


@committed()
def retire_local_name(local_name: LocalName, *, by: User, role: Role, at: datetime) -> None:
    """Retire a local name, so that later checks no longer use it. Does nothing if it is already retired."""
    in_use = LocalName.objects.filter(pk=local_name.pk, retired_at=None)
    if in_use.update(retired_at=at, retired_by=by, retired_by_name=by.display_name):
        record_event(Action.LOCAL_NAME_RETIRED, by=by, role=role, subject=f"local name {local_name.pk}")


def store_lexicon(lexicon: Lexicon | None) -> StoredLexicon | None:
    """Return the stored row of a lexicon and create it if it is new; None without a lexicon."""
    if lexicon is None:
        return None
    content = lexicons.to_json(lexicon)
    stored = StoredLexicon.objects.defer("content")  # long, and not needed here
    return stored.get_or_create(sha256=content_hash(content), defaults={"content": content})[0]

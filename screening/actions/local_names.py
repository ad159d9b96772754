"""Names by which medication lists are read here."""

from __future__ import annotations

from datetime import datetime

from screening import audit
from screening.audit import Action
from screening.clinical.searching import folded
from screening.commits import committed
from screening.models import LocalName, User
from screening.permissions import Role


@committed()
def add_local_name(*, name: str, ingredient: str, note: str, by: User, role: Role, at: datetime) -> LocalName:
    """Read lists by one more name from now on.

    Raises:
        django.db.IntegrityError: it is in use already.
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
    audit.put_on_record(Action.LOCAL_NAME_ADDED, by=by, role=role, subject=f"local name {added.pk}")
    return added


@committed()
def retire_local_name(local_name: LocalName, *, by: User, role: Role, at: datetime) -> None:
    """Read no further list by a name; one that is retired stays as it is."""
    in_use = LocalName.objects.filter(pk=local_name.pk, retired_at=None)
    if in_use.update(retired_at=at, retired_by=by, retired_by_name=by.display_name):
        audit.put_on_record(Action.LOCAL_NAME_RETIRED, by=by, role=role, subject=f"local name {local_name.pk}")

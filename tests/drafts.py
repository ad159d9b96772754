"""Drafts in each state, and the people who work on them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.models import Group

from screening.accounts.permissions import Role
from screening.drafts import actions
from screening.models import Edition, RuleSet, User
from tests.factories import UserFactory

DRAFT = "/draft/"
HYPERSENSITIVITY = "hypersensitivity"


def acting(person: User, role: Role = Role.EDITOR) -> dict[str, Any]:
    """Return ``by``, ``role`` and ``at`` for an action."""
    return {"by": person, "role": role, "at": datetime.now(UTC)}


def started(editor: User | None = None, **options: Any) -> RuleSet:
    """Return a draft started from the current edition."""
    edition = Edition.objects.current()
    assert edition is not None
    return actions.start_draft(edition, **acting(editor or UserFactory(role=Role.EDITOR)), **options)


def changed(editor: User | None = None, **texts: Any) -> RuleSet:
    """Return a draft with changed general texts."""
    editor = editor or UserFactory(role=Role.EDITOR)
    draft = started(editor)
    actions.change_texts(draft, texts or {"basis": "Another basis."}, revision=0, **acting(editor))
    draft.refresh_from_db()
    return draft


def proposed(editor: User | None = None, note: str = "Another basis", **texts: Any) -> RuleSet:
    """Return a draft that was changed and proposed."""
    editor = editor or UserFactory(role=Role.EDITOR)
    return actions.propose(changed(editor, **texts), change_note=note, **acting(editor))


def with_roles(*roles: Role) -> User:
    """Return a user with several roles."""
    person = UserFactory(role=roles[0])
    person.groups.add(*Group.objects.filter(name__in=[role.value for role in roles]))
    return person


def address(page: str = "") -> str:
    """Return the URL of a page of the open draft."""
    return f"{DRAFT}{page}"

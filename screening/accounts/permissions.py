"""Who may do what: one matrix of roles and permissions. Roles are groups; nobody may do anything without one.

Views ask by ``permission_required``, other code by ``user.has_perm``, templates by ``perms.screening.<name>``; the
authentication backend below answers from the matrix.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import F, Model
from django.http import HttpRequest

from .models import User

Person: TypeAlias = User | AnonymousUser


class Role(StrEnum):
    """A role, by the name of its group. Listed so that the role that acts comes before one that only may too."""

    PRESCRIBER = "prescriber"
    CLINICIAN = "clinician"
    EDITOR = "editor"
    APPROVER = "approver"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Permission(StrEnum):
    """Something that a view lets a person do, by its full name as Django asks for it."""

    SCREEN = "screening.screen"
    READ_SCREENINGS = "screening.read_screenings"
    CORRECT = "screening.correct"
    CORRECT_OTHERS = "screening.correct_others"
    READ_EDITIONS = "screening.read_editions"
    EDIT_LOCAL_NAMES = "screening.edit_local_names"
    READ_DRAFT = "screening.read_draft"
    READ_IMPACT = "screening.read_impact"
    EDIT_RULES = "screening.edit_rules"
    PUBLISH_RULES = "screening.publish_rules"
    REVIEW_RULES = "screening.review_rules"
    CALL_BACK = "screening.call_back"


_SCREENS = frozenset(
    {
        Permission.SCREEN,
        Permission.READ_SCREENINGS,
        Permission.CORRECT,
        Permission.READ_EDITIONS,
        Permission.REVIEW_RULES,
        Permission.READ_IMPACT,
        Permission.CALL_BACK,
    }
)
_SEES_DRAFT = frozenset({Permission.READ_EDITIONS, Permission.READ_DRAFT, Permission.READ_IMPACT})

MATRIX: dict[Role, frozenset[Permission]] = {
    Role.PRESCRIBER: _SCREENS | {Permission.CORRECT_OTHERS},
    Role.CLINICIAN: _SCREENS,
    Role.EDITOR: _SEES_DRAFT | {Permission.EDIT_RULES, Permission.EDIT_LOCAL_NAMES},
    Role.APPROVER: _SEES_DRAFT | {Permission.PUBLISH_RULES},
    Role.AUDITOR: frozenset({Permission.READ_SCREENINGS, Permission.READ_EDITIONS}),
    Role.ADMINISTRATOR: frozenset({Permission.READ_EDITIONS}),
}


def roles_of(person: Person) -> tuple[Role, ...]:
    """The roles of a person, in the order of ``Role``; none without signing in."""
    if not isinstance(person, User) or not person.is_active:
        return ()
    return tuple(filter(person.group_names.__contains__, Role))


def signed_in_user(request: HttpRequest) -> User:
    """The person who sent a request to a view that only those who are signed in reach.

    Raises:
        PermissionDenied: nobody is signed in.
    """
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def acting_role(person: Person, permission: Permission) -> Role | None:
    """The role in which a person does something, as records name it; None when they may not."""
    return next((role for role in roles_of(person) if permission in MATRIX[role]), None)


class AccountBackend(ModelBackend):
    """Signs in by user name and password, and answers from the matrix what a person may do.

    An account made by a demo works in a demo installation only.
    """

    def get_user(self, user_id: int) -> User | None:
        """The person of a session with the names of their groups, in one query: every request begins with it."""
        rows = list(User.objects.filter(pk=user_id).annotate(group_name=F("groups__name")))
        if not rows or not self.user_can_authenticate(rows[0]):
            return None
        person = rows[0]
        person.group_names = frozenset(row.group_name for row in rows if row.group_name)
        return person

    def user_can_authenticate(self, user: User | None) -> bool:  # type: ignore[override]
        """Active, and no leftover of a demo."""
        return super().user_can_authenticate(user) and (settings.DEMO or not getattr(user, "is_demo", False))

    def get_all_permissions(self, user_obj: Person, obj: Model | None = None) -> set[str]:
        """What the person's roles grant; as in Django's own backend nothing for one object."""
        if obj is not None:
            return set()
        return set().union(*(MATRIX[role] for role in roles_of(user_obj)))

"""Roles and permissions: one matrix. A role is a group; without a role a user has no permissions.

Views use ``permission_required``, other code ``user.has_perm``, templates ``perms.screening.<name>``. The
authentication backend below looks permissions up in the matrix.
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
from django.utils.translation import gettext, gettext_noop

from .models import User
from .roles import Role

Person: TypeAlias = User | AnonymousUser


class Permission(StrEnum):
    """A permission, by its full name in Django."""

    SCREEN = "screening.screen"
    READ_SCREENINGS = "screening.read_screenings"
    CORRECT = "screening.correct"
    CORRECT_OTHERS = "screening.correct_others"
    READ_WORKLIST = "screening.read_worklist"
    DECIDE = "screening.decide"
    READ_EDITIONS = "screening.read_editions"
    EDIT_LOCAL_NAMES = "screening.edit_local_names"
    READ_DRAFT = "screening.read_draft"
    READ_IMPACT = "screening.read_impact"
    EDIT_RULES = "screening.edit_rules"
    PUBLISH_RULES = "screening.publish_rules"
    REVIEW_RULES = "screening.review_rules"
    CALL_BACK = "screening.call_back"
    READ_AUDIT = "screening.read_audit"
    READ_SAFETY = "screening.read_safety"
    VIEW_USER = "screening.view_user"
    ADD_USER = "screening.add_user"
    CHANGE_USER = "screening.change_user"
    PURGE = "screening.purge"


PERMISSION_WORDS: dict[Permission, str] = {
    Permission.SCREEN: gettext_noop("record screenings"),
    Permission.READ_SCREENINGS: gettext_noop("read screenings"),
    Permission.CORRECT: gettext_noop("amend or void their own screenings"),
    Permission.CORRECT_OTHERS: gettext_noop("amend or void the screenings of others"),
    Permission.READ_WORKLIST: gettext_noop("read the worklist"),
    Permission.DECIDE: gettext_noop("decide whether LDN is prescribed"),
    Permission.READ_EDITIONS: gettext_noop("read rule editions"),
    Permission.EDIT_LOCAL_NAMES: gettext_noop("add local names of medicines"),
    Permission.READ_DRAFT: gettext_noop("read the draft of the rules"),
    Permission.READ_IMPACT: gettext_noop("see how many past results a draft would change"),
    Permission.EDIT_RULES: gettext_noop("change the rules and propose them"),
    Permission.PUBLISH_RULES: gettext_noop("publish proposed rules or send them back"),
    Permission.REVIEW_RULES: gettext_noop("confirm the review of rules"),
    Permission.CALL_BACK: gettext_noop("list the patients whose result a draft would change"),
    Permission.READ_AUDIT: gettext_noop("read the audit trail"),
    Permission.READ_SAFETY: gettext_noop("see the safety figures"),
    Permission.VIEW_USER: gettext_noop("see accounts"),
    Permission.ADD_USER: gettext_noop("add accounts"),
    Permission.CHANGE_USER: gettext_noop("change roles and disable accounts"),
    Permission.PURGE: gettext_noop("request and confirm purges of old screenings"),
}
"""What a permission allows, as the page of an account says it."""


_SCREENS = frozenset(
    {
        Permission.SCREEN,
        Permission.READ_SCREENINGS,
        Permission.CORRECT,
        Permission.READ_WORKLIST,
        Permission.READ_EDITIONS,
        Permission.REVIEW_RULES,
        Permission.READ_IMPACT,
        Permission.CALL_BACK,
    }
)
_SEES_DRAFT = frozenset({Permission.READ_EDITIONS, Permission.READ_DRAFT, Permission.READ_IMPACT})

MATRIX: dict[Role, frozenset[Permission]] = {
    Role.PRESCRIBER: _SCREENS | {Permission.CORRECT_OTHERS, Permission.DECIDE},
    Role.CLINICIAN: _SCREENS,
    Role.EDITOR: _SEES_DRAFT | {Permission.EDIT_RULES, Permission.EDIT_LOCAL_NAMES},
    Role.APPROVER: _SEES_DRAFT | {Permission.PUBLISH_RULES, Permission.READ_SAFETY},
    Role.AUDITOR: frozenset(
        {Permission.READ_SCREENINGS, Permission.READ_EDITIONS, Permission.READ_AUDIT, Permission.READ_SAFETY}
    ),
    Role.ADMINISTRATOR: frozenset(
        {
            Permission.READ_EDITIONS,
            Permission.VIEW_USER,
            Permission.ADD_USER,
            Permission.CHANGE_USER,
            Permission.PURGE,
        }
    ),
}


NEEDS_SECOND_FACTOR = frozenset({Role.EDITOR, Role.APPROVER, Role.AUDITOR, Role.ADMINISTRATOR})
"""Roles that need a second factor, because they change rules for every patient, read all records or give access."""


def role_sentence(role: Role) -> str:
    """Return what a role may do, in one sentence made from the matrix."""
    may = [gettext(PERMISSION_WORDS[permission]) for permission in Permission if permission in MATRIX[role]]
    sentence = gettext("{role}: may {permissions}.")
    return sentence.format(role=gettext(role).capitalize(), permissions=", ".join(may))


def roles_of(person: Person) -> tuple[Role, ...]:
    """Return the roles of a user in the order of ``Role``; empty for an anonymous or inactive user."""
    if not isinstance(person, User) or not person.is_active:
        return ()
    return tuple(filter(person.group_names.__contains__, Role))


def first_role(person: Person) -> Role | None:
    """Return the role to record for what needs no permission, such as signing in; None without a role."""
    return next(iter(roles_of(person)), None)


def signed_in_user(request: HttpRequest) -> User:
    """Return the user of a request.

    Raises:
        PermissionDenied: the user is anonymous.
    """
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def acting_role(person: Person, permission: Permission) -> Role | None:
    """Return the role in which a user acts, as stored on records; None without the permission."""
    return next((role for role in roles_of(person) if permission in MATRIX[role]), None)


def required_role(request: HttpRequest, permission: Permission) -> Role:
    """Return the role in which the signed-in person does something.

    Raises:
        PermissionDenied: none of their roles permits it.
    """
    role = acting_role(request.user, permission)
    if role is None:
        raise PermissionDenied
    return role


class AccountBackend(ModelBackend):
    """Authenticates by user name and password, and takes permissions from the matrix.

    An account created by a demonstration can sign in to a demonstration only.
    """

    def get_user(self, user_id: int) -> User | None:
        """Return the user with the names of their groups. One query, because every request runs it."""
        rows = list(User.objects.filter(pk=user_id).annotate(group_name=F("groups__name")))
        if not rows or not self.user_can_authenticate(rows[0]):
            return None
        person = rows[0]
        person.group_names = frozenset(row.group_name for row in rows if row.group_name)
        return person

    def user_can_authenticate(self, user: User | None) -> bool:  # type: ignore[override]
        """Return True for an active account that was not created by a demonstration, unless this is one.

        With local accounts turned off an account with a password cannot sign in, and its sessions are over.
        """
        if not super().user_can_authenticate(user) or (getattr(user, "is_demo", False) and not settings.DEMO):
            return False
        return settings.SINGLE_SIGN_ON.local_accounts or not (user and user.has_usable_password())

    def get_all_permissions(self, user_obj: Person, obj: Model | None = None) -> set[str]:
        """Return the permissions of the user's roles; none for a single object, as in Django's own backend."""
        if obj is not None:
            return set()
        return set().union(*(MATRIX[role] for role in roles_of(user_obj)))

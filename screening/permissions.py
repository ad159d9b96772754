"""Who may do what: one matrix of roles and permissions. Roles are groups; nobody may anything without one."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import TypeAlias

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from .models import Screening, User

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
    """Something that a view lets a person do."""

    SCREEN = "screen"
    READ_SCREENINGS = "read_screenings"
    CORRECT = "correct"
    CORRECT_OTHERS = "correct_others"
    READ_EDITIONS = "read_editions"
    EDIT_LOCAL_NAMES = "edit_local_names"
    READ_DRAFT = "read_draft"
    EDIT_RULES = "edit_rules"
    PUBLISH_RULES = "publish_rules"
    REVIEW_RULES = "review_rules"
    CALL_BACK = "call_back"


_SCREENS = frozenset(
    {
        Permission.SCREEN,
        Permission.READ_SCREENINGS,
        Permission.CORRECT,
        Permission.READ_EDITIONS,
        Permission.REVIEW_RULES,
        Permission.CALL_BACK,
    }
)
_SEES_DRAFT = frozenset({Permission.READ_EDITIONS, Permission.READ_DRAFT})

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
    return tuple(role for role in Role if role in person.group_names)


def signed_in(request: HttpRequest) -> User:
    """The person who sent a request to a view that only those who are signed in reach.

    Raises:
        PermissionDenied: nobody is signed in.
    """
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def may(person: Person, permission: Permission) -> bool:
    """True when one of the person's roles grants the permission."""
    return acting_role(person, permission) is not None


def may_correct(person: Person, screening: Screening) -> bool:
    """True for the one who screened, and for those who may correct what others recorded."""
    screened_it = screening.screened_by_id == person.pk
    return may(person, Permission.CORRECT) and (screened_it or may(person, Permission.CORRECT_OTHERS))


def acting_role(person: Person, permission: Permission) -> Role | None:
    """The role in which a person does something, as records name it; None when they may not."""
    return next((role for role in roles_of(person) if permission in MATRIX[role]), None)


View: TypeAlias = Callable[..., HttpResponse]


def requires(permission: Permission) -> Callable[[View], View]:
    """Refuse a view with 403 before anything is looked up, so that every id is refused alike."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            if not may(request.user, permission):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return decorate


class AccountBackend(ModelBackend):
    """Signs in by user name and password; an account made by a demo works in a demo installation only."""

    def user_can_authenticate(self, user: User | None) -> bool:  # type: ignore[override]
        """Active, and no leftover of a demo."""
        return super().user_can_authenticate(user) and (settings.DEMO or not getattr(user, "is_demo", False))

"""Accounts and their roles."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.models import Group

from screening.audit.actions import Action, record_event
from screening.web.transactions import committed

from .models import User
from .permissions import Role


@committed()
def make_roles() -> None:
    """Make the group of every role that has none yet."""
    for role in Role:
        Group.objects.get_or_create(name=role.value)


@committed()
def make_account(
    *,
    username: str,
    password: str,
    role: Role,
    first_name: str,
    last_name: str,
    also: Iterable[Role] = (),
    is_demo: bool = False,
) -> User:
    """Make an account with a role, and with others that the person has ``also``.

    Raises:
        django.db.IntegrityError: the user name is taken.
    """
    user = User(username=username, first_name=first_name, last_name=last_name, is_demo=is_demo)
    user.set_password(password)
    user.save()
    given = sorted({role.value, *(each.value for each in also)})
    user.groups.add(*Group.objects.filter(name__in=given))
    record_event(Action.ACCOUNT_MADE, by=None, subject=username, role_given=", ".join(given))
    return user


@committed()
def set_password(user: User, password: str) -> None:
    """Give an account a new password."""
    user.set_password(password)
    user.save(update_fields=["password"])

"""Create accounts and roles."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.models import Group

from screening.audit.actions import Action, record_event
from screening.web.transactions import committed

from .models import User
from .permissions import Role


@committed()
def create_roles() -> None:
    """Create the missing groups: one group per role."""
    for role in Role:
        Group.objects.get_or_create(name=role.value)


@committed()
def create_account(
    *,
    username: str,
    password: str,
    role: Role,
    first_name: str,
    last_name: str,
    other_roles: Iterable[Role] = (),
    is_demo: bool = False,
) -> User:
    """Create an account with one or more roles.

    Raises:
        django.db.IntegrityError: the user name is taken.
    """
    user = User(username=username, first_name=first_name, last_name=last_name, is_demo=is_demo)
    user.set_password(password)
    user.save()
    role_names = sorted({role.value, *(each.value for each in other_roles)})
    user.groups.add(*Group.objects.filter(name__in=role_names))
    record_event(Action.ACCOUNT_MADE, by=None, subject=username, role_given=", ".join(role_names))
    return user


@committed()
def set_password(user: User, password: str) -> None:
    """Set the password of an account."""
    user.set_password(password)
    user.save(update_fields=["password"])

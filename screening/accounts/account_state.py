"""What administrators change of an account, and which changes are refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from django.conf import settings
from django.db.models import QuerySet

from screening.web.fields import confirmation_of

from .models import User
from .permissions import Role

CHANGED_MEANWHILE = "changed_meanwhile"
OWN_ACCOUNT = "You cannot change your own roles or disable yourself. Ask another administrator."


class AccountState(NamedTuple):
    """The part of an account that administrators change."""

    first_name: str
    last_name: str
    roles: frozenset[Role]
    is_active: bool

    @classmethod
    def of(cls, account: User) -> AccountState:
        """Return the state of an account as it was loaded."""
        roles = frozenset(role for role in Role if role in account.group_names)
        return cls(account.first_name, account.last_name, roles, account.is_active)

    @property
    def version(self) -> str:
        """A signed value that identifies this state, for optimistic locking."""
        return confirmation_of(self.first_name, self.last_name, sorted(self.roles), self.is_active)

    @property
    def administers(self) -> bool:
        """True for an active administrator."""
        return self.is_active and Role.ADMINISTRATOR in self.roles


class Refusal(NamedTuple):
    """Why a change is refused; ``field`` is None if it is about the whole form."""

    field: str | None
    sentence: str
    code: str = "invalid"


def refusals(account: User, wanted: AccountState, *, by: User, seen: str) -> Iterator[Refusal]:
    """Yield why an account may not be changed by a person who saw its state with the version ``seen``."""
    current = AccountState.of(account)
    if seen != current.version:
        sentence = "This account was changed meanwhile. Nothing was saved. Open it again and make your change there."
        yield Refusal(None, sentence, CHANGED_MEANWHILE)
    elif not _administrators().filter(pk=by.pk).exists():
        yield Refusal(None, "Another administrator disabled you or took your role. Nothing was saved.")
    elif account.pk == by.pk and (wanted.roles, wanted.is_active) != (current.roles, current.is_active):
        yield Refusal(None, OWN_ACCOUNT)
    elif current.administers and not wanted.administers and not _administrators().exclude(pk=account.pk).exists():
        yield Refusal(
            "roles" if wanted.is_active else "is_active",
            "This is the last active administrator. Give another account the role first.",
        )


def _administrators() -> QuerySet[User]:
    """Return the administrators who can sign in: outside a demonstration its accounts cannot."""
    active = User.objects.filter(is_active=True, groups__name=Role.ADMINISTRATOR)
    return active if settings.DEMO else active.filter(is_demo=False)

"""What administrators change of an account, and which changes are refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.utils.translation import gettext, gettext_noop

from screening.web.fields import confirmation_of

from .models import User
from .permissions import Role

CHANGED_MEANWHILE = "changed_meanwhile"
OWN_ACCOUNT = gettext_noop("You cannot change your own roles or disable yourself. Ask another administrator.")


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


class Refusal(NamedTuple):
    """Why a change is refused."""

    sentence: str
    code: str = "invalid"


def refusals(account: User, wanted: AccountState, *, by: User, seen: str) -> Iterator[Refusal]:
    """Yield why an account may not be changed by a person who saw its state with the version ``seen``.

    An active administrator always remains: whoever makes a change is one, and cannot end their own access.
    """
    current = AccountState.of(account)
    if seen != current.version:
        sentence = gettext(
            "This account was changed meanwhile. Nothing was saved. Open it again and make your change there."
        )
        yield Refusal(sentence, CHANGED_MEANWHILE)
    elif account.pk == by.pk and (wanted.roles, wanted.is_active) != (current.roles, current.is_active):
        yield Refusal(gettext(OWN_ACCOUNT))
    elif wanted.roles != current.roles and roles_come_from_provider(account):
        yield Refusal(roles_are_elsewhere())


def signs_in_with_provider(account: User) -> bool:
    """Return True if the account signs in through the provider of single sign-on, so it has no password."""
    return bool(settings.SINGLE_SIGN_ON.issuer) and SocialAccount.objects.filter(user=account).exists()


def roles_come_from_provider(account: User) -> bool:
    """Return True if each sign-in sets the roles of the account, so that nobody can change them here."""
    return bool(settings.SINGLE_SIGN_ON.roles) and signs_in_with_provider(account)


def roles_are_elsewhere() -> str:
    """Return the sentence for somebody who changes roles that the provider gives."""
    sentence = gettext("The roles of this account come from {provider}. Change the person’s groups there.")
    return sentence.format(provider=settings.SINGLE_SIGN_ON.name)

"""How allauth stores a password."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter

from . import actions
from .models import User


class AccountAdapter(DefaultAccountAdapter):
    """Stores a password together with its audit event."""

    def set_password(self, user: User, password: str) -> None:
        """Set the password that the user typed on the page of a one-time link."""
        actions.set_own_password(user, password)

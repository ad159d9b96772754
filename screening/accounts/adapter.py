"""How allauth stores a password and refuses to sign somebody in."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from . import actions
from .models import User


class AccountAdapter(DefaultAccountAdapter):
    """Stores a password, and refuses too many sign-ins, together with an audit event."""

    def pre_authenticate(self, request: HttpRequest, **credentials: str) -> None:
        """Refuse to check a password after too many wrong ones.

        Raises:
            ValidationError: too many sign-ins were refused.
        """
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            actions.record_refused_sign_in(credentials.get("username", ""), reason="too many attempts")
            raise

    def set_password(self, user: User, password: str) -> None:
        """Set the password that the user typed on the page of a one-time link."""
        actions.set_own_password(user, password)

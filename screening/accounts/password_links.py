"""One-time links to set a password, on allauth's own page for it."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from allauth.account.utils import user_pk_to_url_str
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.http import HttpRequest

from .models import User
from .permissions import AccountBackend


class PasswordLinkTokens(PasswordResetTokenGenerator):
    """Tokens that are valid once, for ``PASSWORD_RESET_TIMEOUT`` seconds, while the account may sign in."""

    def check_token(self, user: AbstractBaseUser | None, token: str | None) -> bool:
        """Return True if the token is valid for the account."""
        return AccountBackend().user_can_authenticate(user) and super().check_token(user, token)  # type: ignore[arg-type]


def password_link(request: HttpRequest, account: User) -> str:
    """Return a link to set the password of an account. Never store it: whoever has it can sign in."""
    key = f"{user_pk_to_url_str(account)}-{PasswordLinkTokens().make_token(account)}"
    return str(get_adapter(request).get_reset_password_from_key_url(key))
